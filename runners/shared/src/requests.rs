//! The protocol of `host-runner fork-server` and `browser-runner server`.
//!
//! The runner prints `ready`, reads requests from stdin, one per line, and answers each with one line.
//! A request is a file for the output, and options, each followed by a NUL.

use std::ffi::OsString;
use std::io::{self, BufRead as _, Write as _};
use std::path::PathBuf;

use crate::failure::Failure;

/// A request: what it asks for beyond the command line of the runner.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// The file that gets the output of the guest.
    pub output: PathBuf,
    /// As for `run`, without the module.
    pub options: Vec<OsString>,
}

impl Request {
    /// Reads one line.
    ///
    /// # Errors
    /// If it is not a request.
    pub fn parse(line: &[u8]) -> Result<Self, Failure> {
        let line = line.strip_suffix(b"\n").and_then(|line| str::from_utf8(line).ok()).ok_or_else(malformed)?;
        let mut words = line.split_terminator('\0');
        let output = words.next().ok_or_else(malformed)?.into();
        Ok(Self { output, options: words.map(Into::into).collect() })
    }
}

/// The error for a line that is not a request.
pub fn malformed() -> Failure {
    Failure::usage("a request is a file and options, each followed by a NUL, on one line")
}

/// Waits for the next request; `None` at the end of stdin.
///
/// Stdin is locked only meanwhile, so that a fork of this process inherits no lock.
/// A request that came early would be lost to a fork; the other side sends none before the last one was answered.
///
/// # Errors
/// If stdin cannot be read, or the line is not a request.
pub fn next() -> Result<Option<Request>, Failure> {
    let mut line = Vec::new();
    let length = io::stdin().lock().read_until(b'\n', &mut line);
    let length = length.map_err(|error| {
        Failure::host(format!("cannot read a request: {error}"), "write requests to the stdin of this")
    })?;
    if length == 0 { Ok(None) } else { Request::parse(&line).map(Some) }
}

/// Prints one line to stdout.
///
/// # Errors
/// If stdout cannot be written to.
pub fn answer(line: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout();
    let written = stdout.write_all(format!("{line}\n").as_bytes()).and_then(|()| stdout.flush());
    written.map_err(|error| Failure::host(format!("cannot write to stdout: {error}"), "read the answers from stdout"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_a_file_and_options() {
        let request = Request::parse(b"/log\0--dir\0/b::/c::ro\0\n").unwrap();
        assert_eq!(request.output.to_str(), Some("/log"));
        assert_eq!(request.options, ["--dir", "/b::/c::ro"]);
        for wrong in [b"\xff\n".as_slice(), b"/log\0", b"\n"] {
            assert!(Request::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
