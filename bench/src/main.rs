//! `cargo xtask bench`: measures CPython's own tools, or another distribution of Python, beside this xtask on the same machine.
//!
//! It prints the figures and keeps nothing; docs/bench.md says what they mean.
//! It is a separate program, so that only its users compile it; `cargo xtask bench` compiles and starts it.

mod build;
mod cli;
mod figures;
mod first_build;
mod machine;
mod report;
mod round_runner;
mod run;
mod script;
mod subject;
mod test;
mod xtask_build;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;
use xtask::app::App;
use xtask::cancel::Cancelled;
use xtask::cli::Format;
use xtask::cmd::{self, Failed};
use xtask::sys::{self, CommandError};

use cli::{Cli, Verb};

/// As the first argument: be `xtask` itself, with the arguments that follow.
/// So the measured code is the code of this program, in a separate process.
const AS_XTASK: &str = "xtask";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).peekable();
    if arguments.next_if(|first| first == AS_XTASK).is_some() {
        return cmd::main(xtask::cli::Cli::parse_from([AS_XTASK.into()].into_iter().chain(arguments)));
    }
    let cli = Cli::parse();
    cmd::start(&cli.output, |app| measure(app, &cli.verb).map(|()| 0))
}

fn measure(app: &App, verb: &Verb) -> Result<()> {
    match verb {
        Verb::FirstBuild(arguments) => first_build::run(app, arguments),
        Verb::Build { options, rounds } => build::run(app, options, rounds.get()),
        Verb::Test(arguments) => test::run(app, arguments),
        Verb::Run(arguments) => run::run(app, arguments),
    }
}

/// Prints a report in the format that was asked for.
fn print_report(app: &App, text: impl FnOnce() -> String, json: impl FnOnce() -> String) {
    app.ui.data(&match app.format {
        Format::Text => text(),
        Format::Json => json(),
    });
}

/// The error for a command of either side that failed. The scratch folder is kept, so that it can be inspected.
/// `reported` is the error message that the command itself gave; if it is empty, the last lines of its output are shown.
fn failed(what: &str, error: &CommandError, reported: &str) -> anyhow::Error {
    if matches!(error.kind, sys::Failure::Cancelled) {
        return Cancelled.into();
    }
    let command = &error.command;
    let mut report = format!("{what} failed: {error}\n\ncommand:\n  {command}\nfolder:\n  {}\n", command.directory);
    if reported.is_empty() {
        report += &format!("last lines of its output:\n  {}", error.tail.join("\n  "));
    } else {
        report += &format!("its error:\n  {}", reported.replace('\n', "\n  "));
    }
    if let Some(log) = &error.log {
        report += &format!("\nwhole output: {log}");
    }
    Failed { report, code: 1 }.into()
}
