//! `cargo xtask bench`: what CPython ships for the host, or what a peer does, and this xtask side by side, on one machine.
//!
//! It measures and shows; it judges nothing and keeps nothing. docs/bench.md says what the figures mean.

mod build;
mod figures;
mod machine;
mod report;
mod round_runner;
mod run;
mod script;
mod subject;
mod test;
mod xtask_build;

use anyhow::Result;

use super::Failed;
use crate::app::App;
use crate::cancel::Cancelled;
use crate::cli::{Bench, Format};
use crate::sys::{self, CommandError};

/// Measures, and prints what came of it.
pub fn run(app: &App, arguments: &Bench) -> Result<()> {
    match arguments {
        Bench::Build { options, rounds } => build::run(app, options, rounds.get()),
        Bench::Test(arguments) => test::run(app, arguments),
        Bench::Run(arguments) => run::run(app, arguments),
    }
}

/// Prints a report as the user wants it.
fn tell(app: &App, text: impl FnOnce() -> String, json: impl FnOnce() -> String) {
    app.ui.data(&match app.format {
        Format::Text => text(),
        Format::Json => json(),
    });
}

/// The report on a command of either side that failed. What it left stays where it is, to be looked at.
fn failed(what: &str, error: &CommandError, told: &str) -> anyhow::Error {
    if matches!(error.kind, sys::Failure::Cancelled) {
        return Cancelled.into();
    }
    let command = &error.command;
    let mut report = format!("{what} failed: {error}\n\ncommand:\n  {command}\nfolder:\n  {}\n", command.directory);
    if told.is_empty() {
        report += &format!("last lines of its output:\n  {}", error.tail.join("\n  "));
    } else {
        report += &format!("what it told:\n  {}", told.replace('\n', "\n  "));
    }
    if let Some(log) = &error.log {
        report += &format!("\nwhole output: {log}");
    }
    Failed { report, code: 1 }.into()
}
