//! A child process that handles requests: one line in, one line out.

use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::process::Child;

use camino::Utf8Path;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};

use super::command::Command;
use super::failure::Failure;
use super::leash::Leash;
use super::run::spawn;
use crate::cancel::Cancel;

/// How often cancellation is checked while waiting for a response.
const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// The child. It and its descendants end when this value is dropped, on the thread that started it.
pub struct Server {
    child: Child,
    _leash: Leash,
    requests: PipeWriter,
    responses: PipeReader,
    /// Output that is not a whole line yet.
    received: Vec<u8>,
}

impl Server {
    /// Starts the command. Its standard error is appended to `log`.
    pub fn start(command: &Command, log: &Utf8Path) -> Result<Self, Failure> {
        let log = fs_err::OpenOptions::new().create(true).append(true).open(log).map_err(Failure::Log)?;
        let (stdin, requests) = io::pipe().map_err(Failure::Spawn)?;
        let (responses, stdout) = io::pipe().map_err(Failure::Spawn)?;
        let (child, leash) = spawn(command, None, stdin.into(), stdout.into(), log.into_file().into())?;
        Ok(Self { child, _leash: leash, requests, responses, received: Vec::new() })
    }

    /// Sends a line, without line feed, and waits for the response. [`Failure::Status`] or [`Failure::Signal`] if the child has ended.
    pub fn request(&mut self, line: &str, cancel: &Cancel) -> Result<String, Failure> {
        match self.requests.write_all(format!("{line}\n").as_bytes()) {
            Ok(()) => self.read_line(cancel),
            Err(_) => Err(self.why_it_ended()),
        }
    }

    /// Waits for a line.
    pub fn read_line(&mut self, cancel: &Cancel) -> Result<String, Failure> {
        loop {
            if let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
                let rest = self.received.split_off(end + 1);
                let line = std::mem::replace(&mut self.received, rest);
                return Ok(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            cancel.check().map_err(|_| Failure::Cancelled)?;
            match poll(&mut [PollFd::new(&self.responses, PollFlags::IN)], Some(&TICK)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => continue,
                Ok(_) => {}
                Err(error) => return Err(Failure::Spawn(error.into())),
            }
            let mut buffer = [0; 4096];
            match self.responses.read(&mut buffer).map_err(Failure::Spawn)? {
                0 => return Err(self.why_it_ended()),
                length => self.received.extend_from_slice(&buffer[..length]),
            }
        }
    }

    fn why_it_ended(&mut self) -> Failure {
        use std::os::unix::process::ExitStatusExt as _;
        // A child that closed its pipes but still runs is useless, too.
        self.end();
        match self.child.wait() {
            Ok(status) => match status.code() {
                Some(code) => Failure::Status(code),
                None => Failure::Signal(status.signal().unwrap_or_default()),
            },
            Err(error) => Failure::Spawn(error),
        }
    }

    fn end(&mut self) {
        // It may have ended already; until it is waited for, its process ID cannot be reused.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
        let _ = self.child.wait();
    }
}
