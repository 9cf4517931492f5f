//! `cargo xtask info HOST`: what the new Python reports about itself, like `make pythoninfo`.

use anyhow::Result;

use super::python::{guest, prepare, with_tests};
use super::runner;
use super::session::{Network, Purpose, Session};
use crate::app::App;
use crate::cli::Info;
use crate::progress::Silent;
use crate::sys;

/// Prints it, and returns the program's exit code.
pub fn run(app: &App, arguments: &Info) -> Result<u8> {
    let session = Session::open_for(app, &arguments.options, Network::Offline, Purpose::Tests, None)?;
    prepare(&session)?;
    let runner = runner::choose(&session, arguments.runner.as_deref(), &[])?;
    let python = with_tests(&session, &runner)?;
    // pythoninfo creates files, some of them in the current folder.
    let temporary = session.store.lock(&format!("info-{}", session.recipe.package_name()), &app.cancel, &Silent)?;
    temporary.clear()?;
    fs_err::create_dir_all(temporary.path().join("tmp"))?;
    let mut guest = guest(&session, &runner, &python)?;
    guest.arguments = ["-m", "test.pythoninfo"].map(str::to_owned).into();
    runner.give_folder(&mut guest, temporary.path());
    let command = runner.command(&guest, temporary.path())?;
    let code = sys::interactive(&command)?;
    sys::fs::remove_tree(temporary.path())?;
    Ok(u8::try_from(code).unwrap_or(u8::MAX))
}
