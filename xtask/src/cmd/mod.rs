//! One file per verb. A verb turns its arguments into a plan, lets the engine run it, and says what came of it.

mod bench;
mod build;
mod clean;
mod doctor;
mod explain;
mod failure;
mod fetch;
mod info;
mod inputs;
mod lock;
mod maintenance;
mod output;
mod patch;
mod path;
mod plan;
mod python;
mod recipe;
mod request;
mod run;
mod runner;
mod serve;
mod session;
mod test;

use anyhow::Result;
use clap::CommandFactory as _;

use crate::app::App;
use crate::cli::{Cli, Shell, Verb};

pub use failure::{Failed, exit_code, usage, words};

/// Does what the verb says; gives the exit code where that is not simply 0.
pub fn dispatch(app: &App, verb: &Verb) -> Result<u8> {
    match verb {
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
        Verb::Lock(arguments) => lock::run(app, arguments),
        Verb::Patch(arguments) => patch::run(app, arguments),
        Verb::Doctor(arguments) => doctor::run(app, arguments),
        Verb::Clean(arguments) => clean::run(app, arguments),
        Verb::Bench(arguments) => bench::run(app, arguments),
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
