//! `ci check`: what every change must pass before it is built for real.

use anyhow::{Result, bail};

use crate::context::Context;

/// The quick checks first. The host runner embeds an engine, so its tests use the profile that `build` compiles it with.
const CHECKS: [&str; 7] = [
    "fmt --all --check",
    "clippy --locked --workspace --exclude host-runner --all-targets -- --deny warnings",
    "xtask recipe check",
    "xtask lock --check",
    "xtask patch check --fetch",
    "test --locked --workspace --exclude host-runner",
    "test --locked --package host-runner --profile runner",
];

/// Runs all of them, and then lists those that failed.
pub fn run(context: &Context) -> Result<()> {
    let mut failed = Vec::new();
    for arguments in CHECKS {
        let call = context.call(context.shell.cmd("cargo").args(arguments.split(' '))).show();
        let line = call.line().to_owned();
        match call.run()?.code {
            0 => context.checks.pass(line),
            _ => failed.push(line),
        }
    }
    if !failed.is_empty() {
        bail!("these checks failed:\n  {}", failed.join("\n  "));
    }
    Ok(())
}
