//! How a command can fail, and the messages about it.

use std::fmt;
use std::io;
use std::time::Duration;

use camino::Utf8PathBuf;

use super::command::Command;
use super::fs::explain_io;

/// A command that failed. `Display` is one line; the other fields are for the report.
#[derive(Debug)]
pub struct CommandError {
    pub kind: Failure,
    pub command: Box<Command>,
    /// The last lines of output, at most 40.
    pub tail: Vec<String>,
    /// The log with all of its output.
    pub log: Option<Utf8PathBuf>,
    /// The time from start to end.
    pub took: Duration,
}

/// How a command failed.
#[derive(Debug)]
pub enum Failure {
    /// The file does not exist, or is not in `PATH`.
    NotFound,
    /// The file may not be executed.
    NotExecutable,
    /// The interpreter of the `#!` line does not exist, or without a name, the dynamic loader of the program.
    MissingInterpreter {
        interpreter: Option<Utf8PathBuf>,
    },
    /// A program for another machine than this one.
    WrongMachine,
    /// Neither a program nor a script with a `#!` line.
    NotAProgram,
    DirectoryMissing,
    /// The system could not start or watch it.
    Spawn(io::Error),
    /// It ended with this exit status.
    Status(i32),
    /// A signal killed it, not sent by xtask.
    Signal(i32),
    /// It was stopped at its time limit.
    TimedOut(Duration),
    /// It was stopped or not started, because the run was interrupted.
    Cancelled,
    /// It was stopped because the log could not be written.
    Log(io::Error),
    /// It was stopped because it printed more than this many bytes.
    TooMuchOutput(u64),
}

impl CommandError {
    /// The last lines of output, indented, to append to a message.
    pub fn last_lines(&self) -> String {
        self.tail.iter().rev().take(5).rev().map(|line| format!("\n  {line}")).collect()
    }

    /// A hint, if the kind of failure suggests one.
    pub fn hint(&self) -> Option<String> {
        match &self.kind {
            Failure::NotFound if !self.command.program.as_str().contains('/') => {
                Some(format!("install `{}`; `cargo xtask doctor` lists all required programs", self.command.program))
            }
            Failure::NotExecutable => Some(format!(
                "run `chmod +x {}`; if it is executable, its file system may be mounted with `noexec`",
                self.command.program
            )),
            Failure::MissingInterpreter { interpreter: None } => {
                Some("the program was built for another C library; use a toolchain for this system".into())
            }
            Failure::WrongMachine => Some(format!("use one that was built for {}", super::machine::build_machine())),
            Failure::Signal(9) => Some("the machine may have run out of memory: try fewer jobs (`--jobs`)".into()),
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
        f.write_str(&self.kind.message(&self.command))
    }
}

// The message includes the cause.
impl std::error::Error for CommandError {}

impl Failure {
    /// One line with the name of the program.
    pub fn message(&self, command: &Command) -> String {
        let program = &command.program;
        match self {
            Self::NotFound if program.as_str().contains('/') => {
                format!("cannot run `{program}`: no such file")
            }
            Self::NotFound => format!("cannot run `{program}`: not found in `PATH`"),
            Self::NotExecutable => format!("cannot run `{program}`: the file is not executable"),
            Self::MissingInterpreter { interpreter: Some(interpreter) } => {
                format!("cannot run `{program}`: its interpreter `{interpreter}` does not exist")
            }
            Self::MissingInterpreter { interpreter: None } => {
                format!("cannot run `{program}`: its dynamic loader does not exist")
            }
            Self::WrongMachine => format!("cannot run `{program}`: it was built for another machine"),
            Self::NotAProgram => {
                format!("cannot run `{program}`: it is neither a program nor a script with a `#!` line")
            }
            Self::DirectoryMissing => {
                format!("cannot run `{program}` in `{}`: no such directory", command.directory)
            }
            Self::Spawn(error) => format!("cannot run `{program}`: {error}"),
            Self::Status(code) => format!("`{program}` failed with exit status {code}"),
            Self::Signal(signal) => {
                let name = signal_hook::low_level::signal_name(*signal).map(|name| format!(" ({name})"));
                format!("`{program}` was killed by signal {signal}{}", name.unwrap_or_default())
            }
            Self::TimedOut(limit) => format!("`{program}` was stopped at its time limit of {limit:?}"),
            Self::Cancelled => format!("`{program}` was interrupted"),
            Self::Log(error) => format!("`{program}` was stopped because its log cannot be written: {error}"),
            Self::TooMuchOutput(limit) => format!("`{program}` was stopped because it printed more than {limit} bytes"),
        }
    }
}
