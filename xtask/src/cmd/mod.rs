//! One file per verb. A verb turns its arguments into a plan, lets the engine run it, and prints the result.

mod build;
mod bump;
mod clean;
mod configure_cache;
mod doctor;
mod explain;
mod fetch;
mod info;
pub mod inputs;
mod lock;
mod maintenance;
mod modules;
mod output;
mod packages;
mod patch;
mod path;
mod plan;
mod python;
mod recipe;
mod request;
mod run;
pub mod runner;
mod serve;
pub mod session;
mod status;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::CommandFactory as _;

use crate::app::App;
use crate::cli::{Cli, Format, OutputArgs, Shell, Verb};

use crate::failure::{exit_code, words};

pub use crate::failure::{Failed, usage};

/// Runs one command line of `cargo xtask`.
pub fn main(cli: Cli) -> ExitCode {
    start(&cli.output, |app| dispatch(app, &cli))
}

/// Runs a verb, which gives the exit code, and reports its error.
pub fn start(output: &OutputArgs, verb: impl FnOnce(&App) -> Result<u8>) -> ExitCode {
    let app = App::new(output);
    let code = match verb(&app) {
        Ok(code) => code,
        Err(error) => {
            app.ui.error(words(&error));
            exit_code(&app, &error)
        }
    };
    match app.ui.finish() {
        Ok(()) => ExitCode::from(code),
        Err(_) => ExitCode::from(code.max(1)),
    }
}

/// Runs the verb. The exit code of most verbs is 0.
fn dispatch(app: &App, cli: &Cli) -> Result<u8> {
    match &cli.verb {
        Verb::Build(arguments) => build::run(app, arguments),
        Verb::Run(arguments) => return run::run(app, arguments),
        Verb::Test(arguments) => return test::run(app, arguments),
        Verb::Info(arguments) => return info::run(app, arguments),
        Verb::Serve(arguments) => serve::run(app, arguments),
        Verb::Plan(arguments) => plan::run(app, arguments),
        Verb::Fetch(arguments) => fetch::run(app, arguments),
        Verb::Explain(arguments) => explain::run(app, arguments),
        Verb::Path(arguments) => path::run(app, arguments),
        Verb::Recipe(arguments) => recipe::run(app, arguments),
        Verb::Modules(arguments) => modules::run(app, arguments),
        Verb::Status(arguments) => status::run(app, arguments),
        Verb::Packages(what) => packages::run(app, what),
        Verb::Lock(arguments) => lock::run(app, arguments),
        Verb::Bump(arguments) => bump::run(app, arguments),
        Verb::Patch(arguments) => patch::run(app, arguments),
        Verb::Doctor(arguments) => doctor::run(app, arguments),
        Verb::Clean(arguments) => clean::run(app, arguments),
        Verb::Bench { arguments } => {
            maintenance::run(app, "bench", &[output_options(&cli.output), arguments.clone()].concat())
        }
        Verb::Ci { arguments } => maintenance::run(app, "ci", arguments),
        Verb::Completions { shell } => {
            let mut script = Vec::new();
            let shell = match shell {
                Shell::Bash => clap_complete::Shell::Bash,
                Shell::Zsh => clap_complete::Shell::Zsh,
                Shell::Fish => clap_complete::Shell::Fish,
            };
            let mut grammar = Cli::command().name("xtask").bin_name("xtask");
            clap_complete::generate(shell, &mut grammar, "xtask", &mut script);
            app.ui.data(&String::from_utf8_lossy(&script));
            Ok(())
        }
    }
    .map(|()| 0)
}

/// The output options as arguments again: the user may write them before the verb.
fn output_options(output: &OutputArgs) -> Vec<String> {
    let format: &[&str] = if output.format.format() == Format::Json { &["--format", "json"] } else { &[] };
    let verbosity = output.verbose.then_some("--verbose").or(output.quiet.then_some("--quiet"));
    format.iter().copied().chain(verbosity).map(str::to_owned).collect()
}
