//! What can go wrong on the host's side, and the exit code that says so.
//!
//! A guest that traps or runs out of time is not a failure of the runner: see [`crate::guest::Outcome`].

use std::process::ExitCode;

/// The exit code that says that the host failed, and not the guest.
pub const HOST_FAILED: u8 = 125;

/// An error of the command line or of the host.
#[derive(Debug)]
pub enum Failure {
    /// The command line cannot be understood: exit code 2.
    Usage(String),
    /// Something on the host is missing or refuses: exit code 125.
    Host { message: String, hint: String },
}

impl Failure {
    /// A failure of the host: what failed and on which object, and what to do next.
    pub fn host(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Failure::Host { message: message.into(), hint: hint.into() }
    }

    pub fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Usage(_) => ExitCode::from(2),
            Failure::Host { .. } => ExitCode::from(HOST_FAILED),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Usage(message) => write!(out, "error: {message}\nhint: `host-runner --help` shows the options"),
            Failure::Host { message, hint } => write!(out, "error: {message}\nhint: {hint}"),
        }
    }
}
