//! What a runner prints itself, beside the output of its guest.

use std::io::Write as _;
use std::process::ExitCode;

use crate::failure::Failure;

/// Prints an answer to stdout, after which the program succeeds.
pub fn print(text: &str) -> Result<ExitCode, Failure> {
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(|error| Failure::host(format!("cannot write to stdout: {error}"), "give it an open stdout"))?;
    Ok(ExitCode::SUCCESS)
}
