//! Runs the guest: its thread, its functions, and how it ended.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Runtime;
use wasmtime::{Linker, Module, Store};
use wasmtime_wasi::I32Exit;
use wasmtime_wasi::p1;

use crate::arguments::Run;
use crate::engine::NATIVE_STACK_MARGIN;
use crate::guest_env::GuestEnv;
use crate::read_only_dirs;
use runner_shared::failure::Failure;

/// Exit code for a guest that trapped: what a shell reports for SIGABRT, and what `wasmtime run` returns.
pub const TRAPPED: u8 = 134;
/// Exit code for a guest that ran out of time: what timeout(1) returns.
pub const TIMED_OUT: u8 = 124;

/// How a guest ended.
pub enum Outcome {
    /// It returned from `_start` or called `proc_exit`.
    Exited(u8),
    /// It did what it must not: the reason and the backtrace.
    Trapped(String),
    /// It was still running after `limit`.
    TimedOut { limit: Duration, processor_time: Duration },
}

/// Runs `module` to its end, or to the end of its time.
///
/// After [`Outcome::TimedOut`] the guest's thread is still running: the only thing left to do is to end the process.
/// This costs the guest nothing; a check inside the compiled code would cost it some percent at every loop and call.
pub fn run(module: &Module, run: &Run) -> Result<Outcome, Failure> {
    let world = GuestEnv::new(run)?;
    let module = module.clone();
    let receiver = on_guest_thread(run.max_wasm_stack, move || {
        let runtime = runtime()?;
        let _entered = runtime.enter();
        start(&module, world, |_| Ok(()))
    })?;
    let before = processor_time();
    let ended = match run.timeout {
        Some(limit) => receiver.recv_timeout(limit),
        None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
    };
    match (ended, run.timeout) {
        (Ok(ended), _) => ended,
        (Err(RecvTimeoutError::Timeout), Some(limit)) => {
            Ok(Outcome::TimedOut { limit, processor_time: processor_time().saturating_sub(before) })
        }
        (Err(_), _) => Err(Failure::host("the runner itself panicked", "report the message above as a defect")),
    }
}

/// Starts a thread with a stack that the guest can use as much of as it may.
pub fn on_guest_thread<T: Send + 'static>(
    max_wasm_stack: u32,
    body: impl FnOnce() -> T + Send + 'static,
) -> Result<Receiver<T>, Failure> {
    let (sender, receiver) = channel();
    std::thread::Builder::new()
        .name("guest".into())
        .stack_size(max_wasm_stack as usize + NATIVE_STACK_MARGIN)
        .spawn(move || sender.send(body()))
        .map_err(|error| {
            Failure::host(
                format!("cannot start a thread with a stack of {max_wasm_stack} bytes: {error}"),
                "choose a smaller `max-wasm-stack`, or allow this process more memory",
            )
        })?;
    Ok(receiver)
}

/// What wasmtime-wasi waits for stdin and for clocks with; its own would start one thread per processor.
pub fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().map_err(|error| {
        Failure::host(format!("cannot start a thread: {error}"), "allow this process more threads or memory")
    })
}

/// The body of the guest's thread, which must have entered a [`runtime`]. `adapt` may replace functions of the system.
pub fn start(
    module: &Module,
    world: GuestEnv,
    adapt: impl FnOnce(&mut Linker<GuestEnv>) -> wasmtime::Result<()>,
) -> Result<Outcome, Failure> {
    let mut linker = Linker::new(module.engine());
    let mut store = Store::new(module.engine(), world);
    // The guest's own memory bounds what one call can hand over; the default would fail writes above 128 MiB.
    store.set_hostcall_fuel(usize::MAX);
    let ready = p1::add_to_linker_sync(&mut linker, |world: &mut GuestEnv| &mut world.wasi)
        .and_then(|()| {
            // wasmtime-wasi's own traps for exit codes from 126 on.
            linker.allow_shadowing(true);
            linker.func_wrap("wasi_snapshot_preview1", "proc_exit", |code: i32| -> wasmtime::Result<()> {
                Err(I32Exit(code).into())
            })?;
            read_only_dirs::tell_what_is_missing(&mut linker)?;
            adapt(&mut linker)?;
            linker.instantiate_pre(module)
        })
        .map_err(not_a_command)?;
    if !matches!(module.get_export("_start"), Some(wasmtime::ExternType::Func(_))) {
        return Err(not_a_command(wasmtime::format_err!("it does not export a function `_start`")));
    }
    let ended = ready.instantiate(&mut store).and_then(|instance| {
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
        start.call(&mut store, ())
    });
    Ok(match ended {
        Ok(()) => Outcome::Exited(0),
        Err(error) => match error.downcast_ref::<I32Exit>() {
            // As POSIX does: the parent sees the low eight bits.
            Some(exit) => Outcome::Exited(exit.0 as u8),
            None => Outcome::Trapped(format!("{error:?}")),
        },
    })
}

fn not_a_command(error: wasmtime::Error) -> Failure {
    Failure::host(
        format!("the module is not a WASI preview 1 command: {error:#}"),
        "build it for `wasm32-wasip1` as a command, without imports other than `wasi_snapshot_preview1`",
    )
}

/// Processor time that this process has used, over all its threads.
fn processor_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap_or_default()
}
