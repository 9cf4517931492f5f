//! A guest that is started once and goes on many times: it runs up to its first `sched_yield`, and from there each request gets a
//! copy of it, made by fork(2), in its own process and with its own environment.
//!
//! An interpreter that has imported what every test needs takes a hundred times as long to start as to copy.
//! A copy shares nothing with the others: its memory is copied when written to, and its directories and streams are opened again.
//! It does not know what the copies do.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, getpid, getppid, kill_process, pidfd_open, set_parent_process_death_signal,
};
use wasmtime::{Caller, Linker, Module};
use wasmtime_wasi::I32Exit;

use crate::arguments::{self, Command, Run};
use crate::guest::{self, Outcome};
use crate::guest_env::GuestEnv;
use runner_shared::failure::Failure;
use runner_shared::requests::{self, answer};

/// Runs the guest and serves requests until stdin ends. Gives the exit code: the guest's own if it never yields.
pub fn serve(module: Module, run: Run) -> Result<u8, Failure> {
    let world = GuestEnv::new(&run)?;
    let max_wasm_stack = run.max_wasm_stack;
    let ended = guest::on_guest_thread(max_wasm_stack, move || {
        let runtime = guest::runtime()?;
        let _entered = runtime.enter();
        let body = || guest::start(&module, world, |linker| fork_at_first_yield(linker, run));
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).unwrap_or_else(|_| Err(panicked()));
        // In a copy, this is the only thread, and its return value is not used.
        if IS_COPY.load(Ordering::Relaxed) {
            leave(ended);
        }
        ended
    })?;
    match ended.recv() {
        Ok(ended) => ended.map(|outcome| crate::report(&outcome, &[])),
        Err(_) => Err(panicked()),
    }
}

fn panicked() -> Failure {
    Failure::host("the runner itself panicked", "report the message above as a defect")
}

/// This process is a copy.
static IS_COPY: AtomicBool = AtomicBool::new(false);

/// Ends a copy. Nothing is unwound: the threads that it would wait for exist in the original only.
fn leave(ended: Result<Outcome, Failure>) -> ! {
    let code = match ended {
        Ok(outcome) => crate::report(&outcome, &[]),
        Err(failure) => {
            crate::say(&failure.to_string());
            runner_shared::failure::HOST_FAILED
        }
    };
    #[expect(unsafe_code, reason = "std's exit would run the exit handlers of the original")]
    // SAFETY: `_exit` has no preconditions.
    unsafe {
        libc::_exit(code.into())
    }
}

fn fork_at_first_yield(linker: &mut Linker<GuestEnv>, run: Run) -> wasmtime::Result<()> {
    let has_yielded = AtomicBool::new(false);
    let on_yield = move |mut caller: Caller<'_, GuestEnv>| -> wasmtime::Result<i32> {
        if !has_yielded.swap(true, Ordering::Relaxed) {
            match serve_requests(&run) {
                Ok(Some(world)) => *caller.data_mut() = world,
                Ok(None) => return Err(I32Exit(0).into()),
                Err(failure) => {
                    crate::say(&failure.to_string());
                    return Err(I32Exit(runner_shared::failure::HOST_FAILED.into()).into());
                }
            }
        }
        // `__WASI_ERRNO_SUCCESS`
        Ok(0)
    };
    linker.func_wrap("wasi_snapshot_preview1", "sched_yield", on_yield)?;
    Ok(())
}

/// Answers requests until there are no more: `None`. Returns in each copy as well, with the copy's world.
fn serve_requests(template: &Run) -> Result<Option<GuestEnv>, Failure> {
    answer("ready")?;
    loop {
        let Some(request) = requests::next()? else { return Ok(None) };
        let request = Request::new(request, template)?;
        match fork()? {
            None => return request.become_the_copy().map(Some),
            Some(child) => answer(&wait(child, request.run.timeout)?)?,
        }
    }
}

/// What a copy is made for.
struct Request {
    output: PathBuf,
    run: Run,
}

impl Request {
    fn new(request: requests::Request, template: &Run) -> Result<Self, Failure> {
        let words = ["run".into()].into_iter().chain(request.options).chain([template.module.clone().into()]);
        match arguments::parse(words)? {
            Command::Run(run) => {
                Ok(Self { output: request.output, run: Run { arguments: template.arguments.clone(), ..run } })
            }
            _ => Err(requests::malformed()),
        }
    }

    /// Leaves what was the original's behind.
    fn become_the_copy(&self) -> Result<GuestEnv, Failure> {
        IS_COPY.store(true, Ordering::Relaxed);
        let no_stream = |error: io::Error| {
            Failure::host(
                format!("cannot write to `{}`: {error}", self.output.display()),
                "name a file that you may write",
            )
        };
        let output = OpenOptions::new().create(true).append(true).open(&self.output).map_err(no_stream)?;
        let empty = File::open("/dev/null").map_err(no_stream)?;
        rustix::stdio::dup2_stdin(&empty).map_err(|error| no_stream(error.into()))?;
        rustix::stdio::dup2_stdout(&output).map_err(|error| no_stream(error.into()))?;
        rustix::stdio::dup2_stderr(&output).map_err(|error| no_stream(error.into()))?;
        // The threads of the original's runtime are not here.
        let runtime = Box::leak(Box::new(guest::runtime()?));
        std::mem::forget(runtime.enter());
        GuestEnv::new(&self.run)
    }
}

/// Makes a copy of this process: `None` in the copy, its number in the original.
fn fork() -> Result<Option<Pid>, Failure> {
    let original = getpid();
    #[expect(unsafe_code, reason = "there is no safe way to copy a process")]
    // SAFETY: of the other threads, one waits for this one and one for timers that are not used: neither holds a lock that the copy needs, and
    // glibc puts its own in order.
    let child = unsafe { libc::fork() };
    match child {
        0 => {
            let died = set_parent_process_death_signal(Some(Signal::KILL));
            if died.is_err() || getppid() != Some(original) {
                #[expect(unsafe_code, reason = "std's exit would run the exit handlers of the original")]
                // SAFETY: `_exit` has no preconditions.
                unsafe {
                    libc::_exit(runner_shared::failure::HOST_FAILED.into())
                }
            }
            Ok(None)
        }
        child => Pid::from_raw(child).filter(|_| child > 0).map(Some).ok_or_else(|| {
            let error = io::Error::last_os_error();
            Failure::host(format!("cannot copy the process: {error}"), "allow this user more processes or memory")
        }),
    }
}

/// Waits for a copy's end, or for the end of its time, and says which it was.
fn wait(child: Pid, limit: Option<Duration>) -> Result<String, Failure> {
    let cannot =
        |error: io::Error| Failure::host(format!("cannot watch a copy: {error}"), "this needs Linux 5.3 or newer");
    let process = pidfd_open(child, PidfdFlags::empty()).map_err(|error| cannot(error.into()))?;
    let began = Instant::now();
    let mut timed_out = false;
    loop {
        let left = limit.map(|limit| limit.saturating_sub(began.elapsed())).filter(|_| !timed_out);
        let left = left.map(|left| Timespec::try_from(left).unwrap_or(Timespec { tv_sec: i64::MAX, tv_nsec: 0 }));
        match poll(&mut [PollFd::new(&process, PollFlags::IN)], left.as_ref()) {
            Ok(0) => {
                timed_out = true;
                // It may have ended just now.
                let _ = kill_process(child, Signal::KILL);
            }
            Ok(_) => break,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(cannot(error.into())),
        }
    }
    let mut status = 0;
    #[expect(unsafe_code, reason = "nothing else reports the processor time of one child")]
    // SAFETY: both pointers are to live values of the right types; all-zero bytes are a valid `rusage`.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        if libc::wait4(child.as_raw_pid(), &mut status, 0, &mut usage) < 0 {
            return Err(cannot(io::Error::last_os_error()));
        }
        usage
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let used = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    Ok(if timed_out {
        format!("timed-out {used:.3}")
    } else if libc::WIFEXITED(status) {
        format!("exited {} {used:.3}", libc::WEXITSTATUS(status))
    } else {
        format!("signalled {} {used:.3}", libc::WTERMSIG(status))
    })
}
