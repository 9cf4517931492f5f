//! Runs one file in a new process.

use std::time::Duration;

use camino::Utf8Path;

use super::{TesterError, io};
use crate::cancel::Cancel;
use crate::progress::Silent;
use crate::regrtest::classify::Ending;
use crate::sys::{self, Command, Failure};

/// How a process ended, and its output.
pub struct Ended {
    pub ending: Ending,
    pub output: String,
}

/// Runs a command with a file as its standard input, or an empty one; `log` is overwritten.
pub fn run(
    command: Command,
    input: Option<&Utf8Path>,
    limit: Duration,
    log: &Utf8Path,
    cancel: &Cancel,
) -> Result<Ended, TesterError> {
    run_at_most(command, input, limit, u64::MAX, log, cancel)
}

/// The same for a command that is stopped when it has written more than `flood` bytes, which its output then does not have.
pub fn run_at_most(
    command: Command,
    input: Option<&Utf8Path>,
    limit: Duration,
    flood: u64,
    log: &Utf8Path,
    cancel: &Cancel,
) -> Result<Ended, TesterError> {
    let command = Command { timeout: Some(limit), ..command };
    clear(log)?;
    let result = sys::run_at_most(&command, input, flood, log, None, cancel, &Silent);
    let ending = match result {
        Ok(_) => Ending::Exited(0),
        Err(error) => match error.kind {
            Failure::Cancelled => return Err(TesterError::Cancelled),
            Failure::Status(code) => Ending::Exited(code),
            Failure::Signal(signal) => Ending::Signalled(signal),
            Failure::TimedOut(limit) => Ending::TimedOut(limit),
            Failure::TooMuchOutput(limit) => Ending::Flooded(limit),
            _ => Ending::RunnerFailed(error.to_string()),
        },
    };
    Ok(Ended { ending, output: without_frame(&read(log)?) })
}

/// Removes the log of a previous run.
pub fn clear(log: &Utf8Path) -> Result<(), TesterError> {
    match fs_err::remove_file(log) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io("removing", log)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The contents of a log, which may not be UTF-8; empty if there is none.
pub fn read(log: &Utf8Path) -> Result<String, TesterError> {
    match fs_err::read(log) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(io("reading", log)(error)),
    }
}

/// Removes the lines that `sys` adds at the start and the end of a log.
fn without_frame(log: &str) -> String {
    let lines: Vec<&str> = log.split_inclusive('\n').collect();
    let begin = lines.iter().position(|line| line.starts_with("$ ")).map_or(0, |line| line + 1);
    let end = lines.iter().rposition(|line| line.starts_with("# ")).unwrap_or(lines.len()).max(begin);
    lines[begin..end].concat()
}

#[cfg(test)]
mod tests {
    use super::without_frame;

    #[test]
    fn the_frame_of_a_log_is_not_output() {
        assert_eq!(
            without_frame("# directory: /\n# environment: A=1\n$ python x\none\n# two\n# done\n"),
            "one\n# two\n"
        );
        assert_eq!(without_frame("$ python\n# done\n"), "");
        assert_eq!(without_frame(""), "");
    }
}
