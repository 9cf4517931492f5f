//! Runs a Python for browsers in a headless Chromium: one worker per run, driven from the command line.
//!
//! This is what `cargo xtask run`, `test` and `info` start for hosts that are browsers.
//! It is no browser test framework: it knows one page, its own (`harness/`), and no more of the package than `loadPython`.

mod arguments;
mod browser;
mod devtools;
mod directories;
mod guest;
mod page;
mod profile;
mod requests;
mod server;

use std::io::Write as _;
use std::process::ExitCode;

use arguments::{Command, USAGE};
use runner_shared::output::print;

fn main() -> ExitCode {
    let result = arguments::parse(std::env::args_os().skip(1)).and_then(|command| match command {
        Command::Run(run) => guest::run(&run).map(ExitCode::from),
        Command::Server(run) => requests::serve(&run).map(|()| ExitCode::SUCCESS),
        Command::Version => print(&format!("browser-runner {}\n", env!("CARGO_PKG_VERSION"))),
        Command::Help => print(USAGE),
    });
    result.unwrap_or_else(|failure| {
        say(&failure.to_string());
        failure.exit_code()
    })
}

/// Writes a message to stderr. If that fails, there is nowhere to report it.
fn say(message: &str) {
    let _ = std::io::stderr().write_all(in_our_name(message).as_bytes());
}

/// A message as it stands among the output of others.
fn in_our_name(message: &str) -> String {
    format!("browser-runner: {}\n", message.trim_end())
}
