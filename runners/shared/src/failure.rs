//! The errors of a runner, and the exit codes for them.
//!
//! A guest that traps or runs out of time is not a failure of the runner.

use std::fmt;
use std::process::ExitCode;

/// The exit code for a failure of the host, as opposed to the guest.
pub const HOST_FAILED: u8 = 125;

/// An error in the command line or on the host.
#[derive(Debug)]
pub enum Failure {
    /// The command line is wrong: exit code 2.
    Usage(String),
    /// Something on the host is missing or fails: exit code 125.
    Host { message: String, hint: String },
}

impl Failure {
    /// A failure of the host: what failed and on which object, and what to do about it.
    pub fn host(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Host { message: message.into(), hint: hint.into() }
    }

    /// A wrong command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// The exit code of the program.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Host { .. } => ExitCode::from(HOST_FAILED),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) => write!(f, "error: {message}\nhint: `--help` lists the options"),
            Self::Host { message, hint } => write!(f, "error: {message}\nhint: {hint}"),
        }
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(error.to_string())
    }
}
