//! `cargo xtask ci`: everything that a change must pass before it is built for real, as CI runs it and as you can at home.
//!
//! These are a developer's own tools, called as a developer calls them, in the developer's environment: xshell does that,
//! and `sys`, whose children start from nothing, does not.

use anyhow::Result;
use xshell::{Shell, cmd};

use super::Failed;
use crate::app::App;

/// What is run, in this order: the quick checks first.
const CHECKS: [&[&str]; 7] = [
    &["fmt", "--check"],
    &["clippy", "--all-targets", "--", "--deny", "warnings"],
    &["xtask", "recipe", "check"],
    &["xtask", "lock", "--check"],
    &["xtask", "patch", "check", "--fetch"],
    &["test"],
    &["test", "--package", "host-runner", "--profile", "runner"],
];

/// Runs all checks, and then says which failed.
pub fn run(app: &App) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(&app.checkout);
    let mut failed = Vec::new();
    for arguments in CHECKS {
        app.cancel.check()?;
        let line = format!("cargo {}", arguments.join(" "));
        app.ui.note(&line);
        if cmd!(shell, "cargo {arguments...}").quiet().run().is_err() {
            failed.push(line);
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failed { report: format!("these checks failed:\n  {}", failed.join("\n  ")), code: 1 }.into())
}
