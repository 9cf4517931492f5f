//! Watches one child from its start to its end: reads its output, and stops it and all that it started when time is up or the run was interrupted.

use std::fs::{self, DirEntry};
use std::io::{PipeReader, Read as _};
use std::os::fd::OwnedFd;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process_group, pidfd_open, pidfd_send_signal, waitid,
};

use super::run::Failure;
use crate::cancel::Cancel;

/// How long children may take to end after SIGTERM, and those whom a child left behind after its end.
const GRACE: Duration = Duration::from_secs(2);

/// How often the wish to stop is asked for while nothing comes in.
const TICK: Duration = Duration::from_millis(50);

/// Takes the output: the number of the pipe, and what came out of it.
pub(super) type Sink<'a> = dyn FnMut(usize, &[u8]) -> Result<(), Failure> + 'a;

/// Hands all that comes out of `readers` to `sink` until the child has ended, and gives its status.
///
/// The child must lead a process group. Nothing of the group is left when this returns, and no descendant that left the group when the child had to be stopped.
/// A failure of the sink stops the child as an interruption does.
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
    // Doubles up to a tick: a child ends a moment after its last pipe closes, and there is nothing to poll for then.
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

    // The child is not waited for yet, so that its number still names its group and nothing else.
    let mut drained = pipes.drain(GRACE, sink);
    if stopped.is_some() {
        signal_all(leader, &mut strays, Signal::KILL);
    } else {
        // There may be nobody left.
        let _ = kill_process_group(leader, Signal::KILL);
    }
    drained = drained.and(pipes.drain(TICK, sink));
    let status = child.wait().map_err(Failure::Spawn)?;
    match stopped {
        Some((failure, _)) => Err(failure),
        None => drained.map(|()| status),
    }
}

struct Pipes {
    readers: Vec<Option<PipeReader>>,
    buffer: Vec<u8>,
}

impl Pipes {
    fn is_open(&self) -> bool {
        self.readers.iter().any(Option::is_some)
    }

    /// Reads once from each pipe that has something, after waiting for that at most so long.
    fn pump(&mut self, wait: Duration, sink: &mut Sink<'_>) -> Result<(), Failure> {
        let timeout = Timespec::try_from(wait).expect("a tick or a grace period is a small number");
        let mut polled: Vec<_> = self.readers.iter().flatten().map(|pipe| PollFd::new(pipe, PollFlags::IN)).collect();
        // An interrupted poll finds nothing ready; the caller comes again.
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

    /// Reads until everybody has closed the pipes, but not longer than `limit`: a process that was left behind may hold them for ever.
    fn drain(&mut self, limit: Duration, sink: &mut Sink<'_>) -> Result<(), Failure> {
        let started = Instant::now();
        while self.is_open() && started.elapsed() < limit {
            self.pump(TICK, sink)?;
        }
        Ok(())
    }
}

/// Says whether the child has ended, and leaves it to be waited for.
fn has_ended(leader: Pid) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    !matches!(waitid(WaitId::Pid(leader), options), Ok(None))
}

/// Sends a signal to the leader's group and to its descendants in other groups: CPython's test workers, for one, lead groups of their own.
///
/// `strays` keeps those that were found before, because a process whose parent has ended cannot be found again.
fn signal_all(leader: Pid, strays: &mut Vec<OwnedFd>, signal: Signal) {
    strays.extend(strays_of(leader).into_iter().filter_map(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()));
    // Who has ended in the meantime cannot be reached, and need not be.
    let _ = kill_process_group(leader, signal);
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

/// What an entry of `/proc` says (`proc_pid_stat(5)`), if it is a process that still exists.
fn process(entry: DirEntry) -> Option<Process> {
    let pid = entry.file_name().to_str()?.parse().ok()?;
    let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
    // The name, in parentheses, may have anything in it; then come state, parent and group.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(1).map(str::parse);
    Some(Process { pid, parent: fields.next()?.ok()?, group: fields.next()?.ok()? })
}
