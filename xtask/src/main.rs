//! The way in: the command line, the signals, and the exit code. `cmd` does the rest.

use std::process::ExitCode;

use clap::Parser as _;
use xtask::app::App;
use xtask::cancel::Cancel;
use xtask::cli::{Cli, Format};
use xtask::{cmd, sys, ui};

fn main() -> ExitCode {
    let cli = Cli::parse();
    // What is made must not depend on the user's umask.
    sys::machine::set_umask();
    let verbosity = match (cli.output.quiet, cli.output.verbose) {
        (true, _) => ui::Verbosity::Quiet,
        (_, true) => ui::Verbosity::Verbose,
        _ => ui::Verbosity::Normal,
    };
    let format = match cli.output.format {
        Format::Text => ui::Format::Text,
        Format::Json => ui::Format::Json,
    };
    let environment = |name: &str| std::env::var_os(name)?.into_string().ok();
    let settings = ui::Settings::from_environment(environment, ui::Terminals::detect(), format, verbosity);
    let cancel = Cancel::default();
    let ui = ui::Ui::new(settings);
    if let Err(error) = sys::signals::install(&cancel) {
        ui.warning(format!("Ctrl-C will end this run at once: {error}"));
    }
    let app = App::new(ui, cli.output.format, cancel);
    let code = match cmd::dispatch(&app, &cli.verb) {
        Ok(code) => code,
        Err(error) => {
            app.ui.error(cmd::words(&error));
            cmd::exit_code(&app, &error)
        }
    };
    match app.ui.finish() {
        Ok(()) => ExitCode::from(code),
        Err(_) => ExitCode::from(code.max(1)),
    }
}
