//! `cargo xtask ci`: the steps of continuous integration, each a command that a person can run.
//!
//! `ci/matrix.toml` says which Pythons the steps build and test, and which steps CI runs.
//! The steps use xtask as its users do, from outside: they call its commands and look at what they print and leave.

mod call;
mod checks;
mod context;
mod matrix;
mod step;
mod summary;
mod tree;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};
use clap::Parser;
use xtask::cancel::{Cancel, Cancelled};
use xtask::sys;

use context::Context;
use matrix::Matrix;
use step::Step;
use summary::Summary;

/// Check a change as CI does. Without a step: `check`.
///
/// A step uses the store and packages of this checkout (or of XTASK_STORE and XTASK_DIST), and a temporary folder for its own files.
/// `all` and `nightly` start with an empty store in a temporary folder, which is removed afterwards.
#[derive(Parser)]
#[command(name = "cargo xtask ci", bin_name = "cargo xtask ci", max_term_width = 110, disable_version_flag = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Put the store, the packages and all other files into this folder, and keep it.
    #[arg(long, global = true, value_name = "DIR")]
    scratch: Option<Utf8PathBuf>,
    /// List the steps that `all` and `nightly` run.
    #[arg(long)]
    list: bool,
}

#[derive(clap::Subcommand)]
enum Command {
    #[command(flatten)]
    Step(Step),
    /// Run everything that a change must pass, from an empty store.
    All,
    /// Run what takes hours.
    Nightly,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let cancel = Cancel::default();
    if let Err(error) = sys::signals::install(&cancel) {
        eprintln!("warning: Ctrl-C will leave temporary files behind: {error}");
    }
    match run(cli, &cancel) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if cancel.is_cancelled() || error.is::<Cancelled>() => {
            eprintln!("error: interrupted");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli, cancel: &Cancel) -> Result<()> {
    let checkout = checkout();
    let matrix = Matrix::load(&checkout.join("ci/matrix.toml"))?;
    if cli.list {
        println!("all:\n  {}\nnightly:\n  {}", matrix.run.all.join("\n  "), matrix.run.nightly.join("\n  "));
        return Ok(());
    }
    let (steps, own_store) = match cli.command {
        None => (vec![("check".to_owned(), Step::Check)], false),
        Some(Command::Step(step)) => (vec![(step.name().to_owned(), step)], false),
        Some(Command::All) => (parse_steps(&matrix.run.all)?, true),
        Some(Command::Nightly) => (parse_steps(&matrix.run.nightly)?, true),
    };
    let mut context = Context::new(checkout.to_owned(), matrix, cli.scratch, own_store, cancel.clone())?;
    let mut summary = Summary::default();
    let result = steps.iter().try_for_each(|(name, step)| {
        let result = summary.measure(name, &mut context, |context| step.run(context));
        result.with_context(|| format!("`cargo xtask ci {name}` failed"))
    });
    summary.print(steps.iter().map(|(name, _)| name.as_str()));
    if result.is_err() && context.is_temporary {
        eprintln!("hint: with `--scratch DIR`, the files of a failed step are kept");
    }
    result.and(context.close())
}

/// Cargo says where this crate is.
fn checkout() -> &'static Utf8Path {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in a folder of the checkout")
}

/// Steps as the matrix lists them: what would follow `cargo xtask ci`.
fn parse_steps(lines: &[String]) -> Result<Vec<(String, Step)>> {
    let parse = |line: &String| {
        let cli = Cli::try_parse_from(["ci"].into_iter().chain(line.split(' ')))
            .with_context(|| format!("ci/matrix.toml lists the step `{line}`"))?;
        match cli.command {
            Some(Command::Step(step)) => Ok((line.clone(), step)),
            _ => anyhow::bail!("ci/matrix.toml lists `{line}`, which is not a step"),
        }
    };
    lines.iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn every_step_that_the_matrix_lists_exists() {
        let matrix = Matrix::load(&checkout().join("ci/matrix.toml")).unwrap();
        parse_steps(&matrix.run.all).unwrap();
        parse_steps(&matrix.run.nightly).unwrap();
        assert!(parse_steps(&["bild".to_owned()]).is_err());
        assert!(parse_steps(&["all".to_owned()]).is_err());
    }
}
