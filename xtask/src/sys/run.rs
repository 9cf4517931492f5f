//! Runs commands: long ones with a log, short ones with captured output, and interactive ones on the terminal.
//!
//! Children start with an empty environment and do not outlive xtask.

use std::io::{self, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use fs_err::File;

use super::command::{Command, quote};
use super::failure::{CommandError, Failure};
use super::leash::{Leash, leash};
use super::lines::Lines;
use super::locate::locate;
use super::signals;
use super::supervise::{supervise, wait_at_most};
use crate::cancel::Cancel;
use crate::progress::Progress;

/// A command that succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished {
    /// The time from start to end.
    pub duration: Duration,
}

/// The output of a short command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// The default time limit of [`output`].
const OUTPUT_TIMEOUT: Duration = Duration::from_secs(60);

/// The maximum size of captured output.
const LONGEST_OUTPUT: u64 = 16 * 1024 * 1024;

/// Runs a command with its output (both streams, in their order) appended to `log` and reported to `progress` line by line.
///
/// With a `jobserver` it waits for a token and holds it while the child runs: all children together never run more jobs than there are tokens.
/// The child, GNU make for instance, finds the jobserver in `MAKEFLAGS` and needs no `--jobs`.
/// This replaces the command's own `MAKEFLAGS`. A script that uses small file descriptors, as autoconf's do, may close those of the jobserver: it must not run a parallel make.
///
/// Blocks until the child has ended, and ends what remains of its process group. The directory of the log must exist.
pub fn run(
    command: &Command,
    log: &Utf8Path,
    jobserver: Option<&jobserver::Client>,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Finished, CommandError> {
    run_at_most(command, None, u64::MAX, log, jobserver, cancel, progress)
}

/// The same, with a file as the child's standard input, which is empty otherwise.
/// The child is stopped when it has written more than `most` bytes, and the log ends before those.
pub fn run_at_most(
    command: &Command,
    input: Option<&Utf8Path>,
    most: u64,
    log: &Utf8Path,
    jobserver: Option<&jobserver::Client>,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Finished, CommandError> {
    let mut lines = Lines::default();
    let mut started = Instant::now();
    let mut written = 0;
    let mut attempt = || {
        let mut log = open_log(log, command).map_err(Failure::Log)?;
        let stdin = match input {
            Some(path) => fs_err::File::open(path).map_err(Failure::Spawn)?.into_parts().0.into(),
            None => Stdio::null(),
        };
        let _token = jobserver.map(|jobserver| wait_for_token(jobserver, cancel)).transpose()?;
        started = Instant::now();
        let mut on_line = |line: &str| progress.line(line);
        let result = in_one_stream(command, stdin, jobserver, cancel, &mut |bytes| {
            written += bytes.len() as u64;
            if written > most {
                return Err(Failure::TooMuchOutput(most));
            }
            log.write_all(bytes).map_err(Failure::Log)?;
            lines.push(bytes, &mut on_line);
            Ok(())
        });
        lines.finish(&mut on_line);
        let ending = result.as_ref().map_or_else(|failure| failure.message(command), |()| "done".to_owned());
        // The first failure counts.
        result.and(writeln!(log, "# {ending}").map_err(Failure::Log))
    };
    match attempt() {
        Ok(()) => Ok(Finished { duration: started.elapsed() }),
        Err(kind) => Err(error(kind, command, lines, Some(log), started)),
    }
}

/// Captures the output of a short command, such as `cc --version`, with a default time limit of 60 seconds.
pub fn output(command: &Command, cancel: &Cancel) -> Result<Captured, CommandError> {
    let started = Instant::now();
    let mut lines = Lines::default();
    let mut captured = [Vec::new(), Vec::new()];
    let mut attempt = || {
        let (stdout, stdout_end) = io::pipe().map_err(Failure::Spawn)?;
        let (stderr, stderr_end) = io::pipe().map_err(Failure::Spawn)?;
        let (mut child, _leash) = spawn(command, None, Stdio::null(), stdout_end.into(), stderr_end.into())?;
        let timeout = command.timeout.unwrap_or(OUTPUT_TIMEOUT);
        let status = supervise(&mut child, vec![stdout, stderr], Some(timeout), cancel, &mut |stream, bytes| {
            lines.push(bytes, &mut |_| ());
            captured[stream].extend_from_slice(bytes);
            if captured[stream].len() as u64 > LONGEST_OUTPUT {
                Err(Failure::TooMuchOutput(LONGEST_OUTPUT))
            } else {
                Ok(())
            }
        })?;
        lines.finish(&mut |_| ());
        succeeded(status)
    };
    match attempt() {
        Ok(()) => {
            let [stdout, stderr] = captured;
            Ok(Captured { stdout, stderr })
        }
        Err(kind) => Err(error(kind, command, lines, None, started)),
    }
}

/// Runs a command on this terminal, including standard input, and returns its exit status: 128 + N if signal N killed it.
///
/// Only the child receives Ctrl-C.
pub fn interactive(command: &Command) -> Result<i32, CommandError> {
    let started = Instant::now();
    let attempt = || {
        let mut child = prepare(command)?;
        let _lent = signals::lend_terminal().map_err(Failure::Spawn)?;
        let mut child = child.spawn().map_err(why_not_started)?;
        match command.timeout {
            Some(limit) => wait_at_most(&mut child, limit),
            None => child.wait().map_err(Failure::Spawn),
        }
    };
    let status = attempt().map_err(|kind| error(kind, command, Lines::default(), None, started))?;
    Ok(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default()))
}

fn error(kind: Failure, command: &Command, lines: Lines, log: Option<&Utf8Path>, started: Instant) -> CommandError {
    let command = Box::new(command.clone());
    CommandError { kind, command, tail: lines.into_tail(), log: log.map(Utf8Path::to_owned), took: started.elapsed() }
}

fn in_one_stream(
    command: &Command,
    stdin: Stdio,
    jobserver: Option<&jobserver::Client>,
    cancel: &Cancel,
    sink: &mut dyn FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    cancel.check().map_err(|_| Failure::Cancelled)?;
    let (reader, writer) = io::pipe().map_err(Failure::Spawn)?;
    let stderr = writer.try_clone().map_err(Failure::Spawn)?;
    let (mut child, _leash) = spawn(command, jobserver, stdin, writer.into(), stderr.into())?;
    succeeded(supervise(&mut child, vec![reader], command.timeout, cancel, &mut |_, bytes| sink(bytes))?)
}

pub(super) fn spawn(
    command: &Command,
    jobserver: Option<&jobserver::Client>,
    stdin: Stdio,
    stdout: Stdio,
    stderr: Stdio,
) -> Result<(Child, Leash), Failure> {
    let mut child = prepare(command)?;
    child.stdin(stdin).stdout(stdout).stderr(stderr);
    let leash = leash(&mut child);
    if let Some(jobserver) = jobserver {
        jobserver.configure_make(&mut child);
    }
    // A program that was just unpacked is busy until children that other threads forked at that time have called exec.
    let mut attempts = 20;
    loop {
        match child.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && attempts > 0 => {
                attempts -= 1;
                thread::sleep(Duration::from_millis(10));
            }
            result => return result.map(|child| (child, leash)).map_err(why_not_started),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that starts processes")]
fn prepare(command: &Command) -> Result<std::process::Command, Failure> {
    let mut child = std::process::Command::new(locate(command)?);
    child.arg0(&command.program).args(&command.args).current_dir(&command.directory);
    child.env_clear().envs(&command.environment);
    Ok(child)
}

/// The file and the directory existed a moment ago, so "no such file" means the interpreter.
fn why_not_started(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::NotFound => Failure::MissingInterpreter { interpreter: None },
        io::ErrorKind::PermissionDenied => Failure::NotExecutable,
        _ => Failure::Spawn(error),
    }
}

fn succeeded(status: ExitStatus) -> Result<(), Failure> {
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(()),
        (Some(code), _) => Err(Failure::Status(code)),
        (None, signal) => Err(Failure::Signal(signal.unwrap_or_default())),
    }
}

fn open_log(log: &Utf8Path, command: &Command) -> io::Result<File> {
    let mut file = fs_err::OpenOptions::new().create(true).append(true).open(log)?;
    let mut header = format!("# directory: {}\n", command.directory);
    for (name, value) in &command.environment {
        header += &format!("# environment: {}\n", quote(&format!("{name}={value}")));
    }
    header += &format!("$ {command}\n");
    file.write_all(header.as_bytes())?;
    Ok(file)
}

fn wait_for_token(jobserver: &jobserver::Client, cancel: &Cancel) -> Result<jobserver::Acquired, Failure> {
    let (sender, tokens) = mpsc::channel();
    // Waiting for a token can only be interrupted in a separate thread, which ends with `helper`.
    let send = move |token| {
        let _ = sender.send(token);
    };
    let helper = jobserver.clone().into_helper_thread(send).map_err(Failure::Spawn)?;
    helper.request_token();
    loop {
        match tokens.recv_timeout(Duration::from_millis(50)) {
            Ok(token) => return token.map_err(Failure::Spawn),
            Err(RecvTimeoutError::Timeout) => cancel.check().map_err(|_| Failure::Cancelled)?,
            Err(RecvTimeoutError::Disconnected) => return Err(Failure::Spawn(io::ErrorKind::BrokenPipe.into())),
        }
    }
}
