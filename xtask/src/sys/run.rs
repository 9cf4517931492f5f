//! Runs commands: long ones into a log, short questions into memory, and the one that gets the terminal.
//!
//! Children start from an empty environment and do not outlive us. What went wrong is returned as data; the report is made elsewhere.

use std::fmt;
use std::io::{self, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err::File;

use super::command::{Command, quote};
use super::fs::explain_io;
use super::leash::{Leash, leash};
use super::lines::Lines;
use super::locate::locate;
use super::signals;
use super::supervise::supervise;
use crate::cancel::Cancel;
use crate::progress::Progress;

/// A command that ended with status 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished {
    /// From the child's start to its end.
    pub duration: Duration,
}

/// What a short command said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// A command that did not end with status 0. `Display` is one line; the rest is for the report.
#[derive(Debug)]
pub struct CommandError {
    pub kind: Failure,
    pub command: Box<Command>,
    /// The last lines of its output, at most 40, oldest first.
    pub tail: Vec<String>,
    /// Where all of its output is.
    pub log: Option<Utf8PathBuf>,
    /// From the child's start to its end.
    pub took: Duration,
}

/// How a command failed.
#[derive(Debug)]
pub enum Failure {
    /// There is no such file, or no such name in `PATH`.
    NotFound,
    /// The file may not be executed.
    NotExecutable,
    /// The `#!` line names a file that does not exist; without a name: the dynamic loader that the program asks for does not.
    MissingInterpreter {
        interpreter: Option<Utf8PathBuf>,
    },
    /// A program for another machine than this one.
    WrongMachine,
    /// Neither a program nor a script with a `#!` line.
    NotAProgram,
    DirectoryMissing,
    /// The system would not start or watch it.
    Spawn(io::Error),
    /// It ended with this exit status.
    Status(i32),
    /// This signal killed it, and it was not ours.
    Signal(i32),
    /// It was stopped after so long.
    TimedOut(Duration),
    /// It was stopped, or not even started, because the run was interrupted.
    Cancelled,
    /// The log cannot be written, and so it was stopped.
    Log(io::Error),
    /// It said more than so many bytes, and so it was stopped.
    TooMuchOutput(usize),
}

/// How long a short question may take if the command does not say.
const QUESTION_TIMEOUT: Duration = Duration::from_secs(60);

/// How many bytes an answer may have.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;

/// Runs a command with its output (both streams, in their order) appended to `log` and told to `progress` line by line.
///
/// With a `jobserver` it waits for a token, which it holds for the child while that runs: a child is one job, and all children together never do more jobs than there are tokens.
/// The child, GNU make for instance, finds the jobserver in `MAKEFLAGS` and needs no `--jobs`.
/// That replaces a `MAKEFLAGS` of the command. A script that uses small file descriptor numbers itself, as autoconf's do, may close the jobserver's: it must not run a parallel make.
///
/// Blocks until the child has ended; what it leaves behind in its process group ends with it. The log's folder must exist.
pub fn run(
    command: &Command,
    log: &Utf8Path,
    jobserver: Option<&jobserver::Client>,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Finished, CommandError> {
    let mut lines = Lines::default();
    let mut started = Instant::now();
    let mut attempt = || {
        let mut log = open_log(log, command).map_err(Failure::Log)?;
        let _token = jobserver.map(|jobserver| wait_for_token(jobserver, cancel)).transpose()?;
        started = Instant::now();
        let mut hear = |line: &str| progress.line(line);
        let result = in_one_stream(command, jobserver, cancel, &mut |bytes| {
            log.write_all(bytes).map_err(Failure::Log)?;
            lines.push(bytes, &mut hear);
            Ok(())
        });
        lines.finish(&mut hear);
        let ending = result.as_ref().map_or_else(|failure| failure.in_words(command), |()| "done".to_owned());
        // The first failure counts.
        result.and(writeln!(log, "# {ending}").map_err(Failure::Log))
    };
    match attempt() {
        Ok(()) => Ok(Finished { duration: started.elapsed() }),
        Err(kind) => Err(error(kind, command, lines, Some(log), started)),
    }
}

/// Runs a command that answers a short question, such as `cc --version`, and takes at most 60 seconds unless it says otherwise.
pub fn output(command: &Command, cancel: &Cancel) -> Result<Captured, CommandError> {
    let started = Instant::now();
    let mut lines = Lines::default();
    let mut captured = [Vec::new(), Vec::new()];
    let mut attempt = || {
        let (stdout, stdout_end) = io::pipe().map_err(Failure::Spawn)?;
        let (stderr, stderr_end) = io::pipe().map_err(Failure::Spawn)?;
        let (mut child, _leash) = spawn(command, None, Stdio::null(), stdout_end.into(), stderr_end.into())?;
        let timeout = command.timeout.unwrap_or(QUESTION_TIMEOUT);
        let status = supervise(&mut child, vec![stdout, stderr], Some(timeout), cancel, &mut |stream, bytes| {
            lines.push(bytes, &mut |_| ());
            captured[stream].extend_from_slice(bytes);
            if captured[stream].len() > LONGEST_ANSWER { Err(Failure::TooMuchOutput(LONGEST_ANSWER)) } else { Ok(()) }
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

/// Runs a command on our terminal, standard input included, and gives its exit status: 128 + N if signal N killed it.
///
/// Ctrl-C is the child's alone. There is no timeout.
pub fn interactive(command: &Command) -> Result<i32, CommandError> {
    let started = Instant::now();
    let attempt = || {
        let mut child = prepare(command)?;
        let _lent = signals::lend_terminal().map_err(Failure::Spawn)?;
        child.status().map_err(why_not_started)
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
    jobserver: Option<&jobserver::Client>,
    cancel: &Cancel,
    sink: &mut dyn FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    cancel.check().map_err(|_| Failure::Cancelled)?;
    let (reader, writer) = io::pipe().map_err(Failure::Spawn)?;
    let stderr = writer.try_clone().map_err(Failure::Spawn)?;
    let (mut child, _leash) = spawn(command, jobserver, Stdio::null(), writer.into(), stderr.into())?;
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
    // A program that was just unpacked is busy while a child that another thread started at that time has not come to its exec.
    let mut patience = 20;
    loop {
        match child.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && patience > 0 => {
                patience -= 1;
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

/// The file and the directory were there a moment ago, so that "no such file" must mean the interpreter.
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
    // A token can only be waited for in vain in a thread of its own, which ends with `helper`.
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

impl CommandError {
    /// The last lines that it printed, each on a line of its own below whatever tells of the error.
    pub fn last_lines(&self) -> String {
        self.tail.iter().rev().take(5).rev().map(|line| format!("\n  {line}")).collect()
    }

    /// What to do about it, if that is known from the kind alone.
    pub fn hint(&self) -> Option<String> {
        match &self.kind {
            Failure::NotFound if !self.command.program.as_str().contains('/') => {
                Some(format!("install `{}`; `cargo xtask doctor` lists what is needed", self.command.program))
            }
            Failure::NotExecutable => Some(format!(
                "make it executable (`chmod +x {}`); if it is, its file system may be mounted with `noexec`",
                self.command.program
            )),
            Failure::MissingInterpreter { interpreter: None } => Some(
                "the program was made for another C library; take a toolchain that was made for this system".into(),
            ),
            Failure::WrongMachine => Some(format!("take one that was made for {}", super::machine::build_machine())),
            Failure::Signal(9) => Some("perhaps the memory was used up: try fewer jobs (`--jobs`)".into()),
            Failure::Log(error) => explain_io(error, self.log.as_deref()?),
            Failure::Spawn(error) => explain_io(error, &self.command.directory),
            Failure::NotFound
            | Failure::MissingInterpreter { .. }
            | Failure::NotAProgram
            | Failure::DirectoryMissing
            | Failure::Status(_)
            | Failure::Signal(_)
            | Failure::TimedOut(_)
            | Failure::Cancelled
            | Failure::TooMuchOutput(_) => None,
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind.in_words(&self.command))
    }
}

// The cause is part of the line already.
impl std::error::Error for CommandError {}

impl Failure {
    /// One line, which names the program.
    pub fn in_words(&self, command: &Command) -> String {
        let program = &command.program;
        match self {
            Self::NotFound if program.as_str().contains('/') => {
                format!("cannot run `{program}`: there is no such file")
            }
            Self::NotFound => format!("cannot run `{program}`: it is in no folder of `PATH`"),
            Self::NotExecutable => format!("cannot run `{program}`: the file is not executable"),
            Self::MissingInterpreter { interpreter: Some(interpreter) } => {
                format!("cannot run `{program}`: its interpreter `{interpreter}` does not exist")
            }
            Self::MissingInterpreter { interpreter: None } => {
                format!("cannot run `{program}`: the dynamic loader that it asks for does not exist")
            }
            Self::WrongMachine => format!("cannot run `{program}`: it was made for another machine"),
            Self::NotAProgram => format!("cannot run `{program}`: neither a program nor a script with a `#!` line"),
            Self::DirectoryMissing => {
                format!("cannot run `{program}` in `{}`: there is no such folder", command.directory)
            }
            Self::Spawn(error) => format!("cannot run `{program}`: {error}"),
            Self::Status(code) => format!("`{program}` failed with exit status {code}"),
            Self::Signal(signal) => {
                let name = signal_hook::low_level::signal_name(*signal).map(|name| format!(" ({name})"));
                format!("`{program}` was killed by signal {signal}{}", name.unwrap_or_default())
            }
            Self::TimedOut(limit) => format!("`{program}` was stopped after {limit:?}, its time limit"),
            Self::Cancelled => format!("`{program}` was interrupted"),
            Self::Log(error) => format!("`{program}` was stopped because its log cannot be written: {error}"),
            Self::TooMuchOutput(limit) => format!("`{program}` was stopped because it said more than {limit} bytes"),
        }
    }
}
