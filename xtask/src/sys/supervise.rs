//! Supervises one child: reads its output, and stops it and its descendants at the time limit or when the run is cancelled.

use std::fs::{self, DirEntry};
use std::io::{PipeReader, Read as _};
use std::os::fd::OwnedFd;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, pidfd_open, pidfd_send_signal,
    waitid,
};

use super::failure::Failure;
use crate::cancel::Cancel;

/// How long children may take to end after SIGTERM, and how long remaining descendants may run after the child has ended.
const GRACE: Duration = Duration::from_secs(2);

/// How often cancellation is checked while there is no output.
const TICK: Duration = Duration::from_millis(50);

/// Receives output: the number of the pipe, and the bytes.
pub(super) type Sink<'a> = dyn FnMut(usize, &[u8]) -> Result<(), Failure> + 'a;

/// Passes all output from `readers` to `sink` until the child has ended, and returns its status.
///
/// The child must lead a process group. When this returns, no process of the group is left; if the child had to be stopped, no descendant outside of the group either.
/// An error of the sink stops the child like a cancellation.
pub(super) fn supervise(
    child: &mut Child,
    readers: Vec<PipeReader>,
    timeout: Option<Duration>,
    cancel: &Cancel,
    sink: &mut Sink<'_>,
) -> Result<ExitStatus, Failure> {
    let started = Instant::now();
    let leader = Pid::from_child(child);
    let mut pipes = Pipes { readers: readers.into_iter().map(Some).collect(), buffer: vec![0; 64 * 1024] };
    let mut strays = Vec::new();
    let mut stopped: Option<(Failure, Instant)> = None;
    // Doubles up to a tick: a child ends shortly after its last pipe is closed, and then there is nothing to poll.
    let mut nap = Duration::from_millis(1);

    while !has_ended(leader) {
        let pumped = pipes.pump(if pipes.is_open() { TICK } else { nap }, sink);
        if !pipes.is_open() {
            nap = (nap * 2).min(TICK);
        }
        match &mut stopped {
            None => {
                let late = || timeout.filter(|timeout| started.elapsed() >= *timeout).map(Failure::TimedOut);
                let cancelled = || cancel.is_cancelled().then_some(Failure::Cancelled);
                if let Some(failure) = pumped.err().or_else(cancelled).or_else(late) {
                    signal_all(leader, &mut strays, Signal::TERM);
                    stopped = Some((failure, Instant::now()));
                }
            }
            Some((_, asked)) if asked.elapsed() >= GRACE => signal_all(leader, &mut strays, Signal::KILL),
            Some(_) => {}
        }
    }

    // The child is not waited for yet, so that its process ID cannot be reused.
    let mut drained = pipes.drain(GRACE, sink);
    if stopped.is_some() {
        signal_all(leader, &mut strays, Signal::KILL);
    } else {
        // The group may be empty.
        let _ = kill_process_group(leader, Signal::KILL);
    }
    drained = drained.and(pipes.drain(TICK, sink));
    let status = child.wait().map_err(Failure::Spawn)?;
    match stopped {
        Some((failure, _)) => Err(failure),
        None => drained.map(|()| status),
    }
}

/// Waits for a child in this process's own group, and stops it and its descendants at the time limit.
pub(super) fn wait_at_most(child: &mut Child, limit: Duration) -> Result<ExitStatus, Failure> {
    let started = Instant::now();
    let leader = Pid::from_child(child);
    let mut strays = Vec::new();
    let mut stop = |signal| {
        // All descendants are strays: no group has the number of the child. A shell that ends first does not report how they end.
        find_strays(leader, &mut strays);
        let _ = kill_process(leader, signal);
        signal_strays(&strays, signal);
    };
    let mut asked: Option<Instant> = None;
    let mut nap = Duration::from_millis(1);
    while !has_ended(leader) {
        thread::sleep(nap);
        nap = (nap * 2).min(TICK);
        match asked {
            None if started.elapsed() >= limit => {
                stop(Signal::TERM);
                asked = Some(Instant::now());
            }
            Some(asked) if asked.elapsed() >= GRACE => stop(Signal::KILL),
            _ => {}
        }
    }
    if asked.is_some() {
        stop(Signal::KILL);
    }
    let status = child.wait().map_err(Failure::Spawn)?;
    if asked.is_some() { Err(Failure::TimedOut(limit)) } else { Ok(status) }
}

struct Pipes {
    readers: Vec<Option<PipeReader>>,
    buffer: Vec<u8>,
}

impl Pipes {
    fn is_open(&self) -> bool {
        self.readers.iter().any(Option::is_some)
    }

    /// Waits for output for at most `wait`, then reads once from each pipe that has some.
    fn pump(&mut self, wait: Duration, sink: &mut Sink<'_>) -> Result<(), Failure> {
        let timeout = Timespec::try_from(wait).expect("a tick or a grace period is a small number");
        let mut polled: Vec<_> = self.readers.iter().flatten().map(|pipe| PollFd::new(pipe, PollFlags::IN)).collect();
        // An interrupted poll finds nothing ready; the caller tries again.
        let _ = poll(&mut polled, Some(&timeout));
        let ready: Vec<bool> = polled.iter().map(|pipe| !pipe.revents().is_empty()).collect();

        let open = self.readers.iter_mut().enumerate().filter(|(_, reader)| reader.is_some());
        for ((number, slot), _) in open.zip(ready).filter(|(_, ready)| *ready) {
            let length = slot.as_mut().map_or(Ok(0), |reader| reader.read(&mut self.buffer)).unwrap_or(0);
            if length == 0 {
                *slot = None;
            } else {
                sink(number, &self.buffer[..length])?;
            }
        }
        Ok(())
    }

    /// Reads until all pipes are closed, but not longer than `limit`: a remaining process may keep them open.
    fn drain(&mut self, limit: Duration, sink: &mut Sink<'_>) -> Result<(), Failure> {
        let started = Instant::now();
        while self.is_open() && started.elapsed() < limit {
            self.pump(TICK, sink)?;
        }
        Ok(())
    }
}

/// Whether the child has ended; it still has to be waited for.
fn has_ended(leader: Pid) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    !matches!(waitid(WaitId::Pid(leader), options), Ok(None))
}

/// Sends a signal to the leader's group and to its descendants in other groups, such as CPython's test workers.
///
/// `strays` keeps the descendants that were found earlier: after the parent has ended, they cannot be found again.
fn signal_all(leader: Pid, strays: &mut Vec<OwnedFd>, signal: Signal) {
    find_strays(leader, strays);
    // Processes that have ended in the meantime are ignored.
    let _ = kill_process_group(leader, signal);
    signal_strays(strays, signal);
}

fn find_strays(leader: Pid, strays: &mut Vec<OwnedFd>) {
    strays.extend(strays_of(leader).into_iter().filter_map(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()));
}

fn signal_strays(strays: &[OwnedFd], signal: Signal) {
    for stray in strays {
        let _ = pidfd_send_signal(stray, signal);
    }
}

/// The descendants of a process that are not in the group it leads.
fn strays_of(leader: Pid) -> Vec<Pid> {
    let processes: Vec<Process> = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(process).collect();
    let leader = leader.as_raw_pid();
    let mut family = vec![Process { pid: leader, parent: 0, group: leader }];
    let mut next = 0;
    while let Some(parent) = family.get(next).map(|process| process.pid) {
        family.extend(processes.iter().filter(|process| process.parent == parent));
        next += 1;
    }
    family.into_iter().filter(|process| process.group != leader).filter_map(|stray| Pid::from_raw(stray.pid)).collect()
}

#[derive(Clone, Copy)]
struct Process {
    pid: i32,
    parent: i32,
    group: i32,
}

/// Parses an entry of `/proc` (`proc_pid_stat(5)`), if the process still exists.
fn process(entry: DirEntry) -> Option<Process> {
    let pid = entry.file_name().to_str()?.parse().ok()?;
    let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
    // The name, in parentheses, can contain any character; state, parent and group follow.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(1).map(str::parse);
    Some(Process { pid, parent: fields.next()?.ok()?, group: fields.next()?.ok()? })
}
