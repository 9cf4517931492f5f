//! `cargo xtask run HOST -- ARGS`: the Python that was built, on this terminal, with this terminal's pipes.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;

use super::runner::{self, directory};
use super::session::{Asking, Session};
use super::usage;
use crate::app::App;
use crate::cli::Run;
use crate::plan::StageId;
use crate::recipe::runner::{Ability, Directory, Guest};
use crate::stage::package::PACKAGE;
use crate::sys;

/// Where guests have the package.
const PACKAGE_IN_GUESTS: &str = "/usr/local";

/// Runs the program and gives its exit code.
pub fn run(app: &App, arguments: &Run) -> Result<u8> {
    let session = Session::open(app, &arguments.what, Asking::Nobody)?;
    // The package in the store, not the copy in `dist/`, which people may change.
    let package = session.result(StageId::Package)?.join(PACKAGE);
    let here = app.current_folder()?;
    let runner = runner::obtain(&session, runner::wished(&session, arguments.runner.as_deref()))?;
    let what_is_not_there = [("--dir", !arguments.dir.is_empty()), ("--timeout", arguments.timeout.is_some())];
    if let Some((option, _)) = what_is_not_there.into_iter().find(|(_, given)| *given && runner.sees_the_machine()) {
        let host = &session.recipe.host;
        return Err(usage(format!(
            "{option} means nothing to {host}: it has the machine's own files and no time limit"
        )));
    }
    if let (Some(_), Some(reason)) = (arguments.timeout, runner.runner.recipe.cannot(Ability::Timeout)) {
        let name = &runner.runner.name;
        return Err(usage(format!("--timeout cannot be told to {name}: {reason}\nhint: leave out `--runner`")));
    }
    let mut directories = Vec::new();
    let mut working_directory = None;
    if !runner.brings_package() {
        directories = vec![Directory::read_only(&package, PACKAGE_IN_GUESTS), Directory::writable(&here, "/")];
        if here != "/" {
            directories.push(Directory::writable(&here, here.as_str()));
        }
    } else if !PACKAGE_IN_GUESTS.starts_with(here.as_str()) {
        // Elsewhere it would hide the package's own files.
        directories.push(Directory::read_only(&here, here.as_str()));
        working_directory = Some(here.to_string());
    }
    for text in &arguments.dir {
        directories.push(directory(text)?);
    }
    let guest = Guest {
        module: package.join("python.wasm"),
        argv0: format!("/usr/local/bin/python{}", session.recipe.python.minor),
        directories,
        appended_files: Vec::new(),
        working_directory,
        environment: environment(app, &arguments.env)?,
        arguments: arguments.arguments.clone(),
        max_wasm_stack: session.recipe.runner.max_wasm_stack,
        timeout: arguments.timeout.map(Duration::from_secs),
        cache: Some(session.store.file(runner.cache_folder())),
    };
    let command = runner.command(&guest, &here).map_err(|error| usage(error.to_string()))?;
    let code = sys::interactive(&command)?;
    // A process has no other codes; a larger one cannot come.
    Ok(u8::try_from(code).unwrap_or(u8::MAX))
}

/// `NAME=VALUE` sets a variable of the guest, `NAME` passes one on if it is set.
fn environment(app: &App, variables: &[String]) -> Result<BTreeMap<String, String>> {
    let mut environment = BTreeMap::new();
    for text in variables {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text.as_str(), app.variable(text)),
        };
        if name.is_empty() {
            return Err(usage(format!("`--env {text}` names no variable\nhint: it is NAME=VALUE or NAME")));
        }
        environment.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }
    Ok(environment)
}
