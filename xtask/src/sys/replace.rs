//! Becomes another program. Nothing of this process is left, so signals and the exit code are the program's own.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process;

/// Replaces this process by a program, in the user's folder and environment but for these variables. Returns only if that fails.
#[expect(clippy::disallowed_methods, reason = "sys starts processes, and this one is a program of the user's own")]
pub fn replace(program: &str, arguments: &[&str], without: &[&str]) -> io::Error {
    let mut command = process::Command::new(program);
    for name in without {
        command.env_remove(name);
    }
    command.args(arguments).exec()
}
