//! `cargo xtask run HOST -- ARGS`: runs the Python that was built, with the terminal and pipes of xtask itself.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;

use super::packages;
use super::python::{PACKAGE_IN_GUESTS, guest, prepare, site_packages, with_tests, without_tests};
use super::runner;
use super::session::{Network, Purpose, Session};
use super::{Failed, usage};
use crate::app::App;
use crate::cli::Run;
use crate::plan::StageId;
use crate::recipe::runner::{Ability, Directory, Guest};
use crate::sys;

/// The exit code after the time limit, as that of timeout(1) and of the host runner.
const TIMED_OUT: u8 = 124;

/// Runs the program and returns its exit code.
pub fn run(app: &App, arguments: &Run) -> Result<u8> {
    let tests = asks_for_tests(&arguments.arguments);
    let purpose = if tests { Purpose::Tests } else { Purpose::Package };
    let session = Session::open_for(app, &arguments.options, Network::Offline, purpose, None)?;
    if tests {
        prepare(&session)?;
    }
    session.result(StageId::Package)?;
    let here = app.current_folder()?;
    let given = arguments.dir.iter().map(|text| Directory::parse(text).map_err(usage)).collect::<Result<Vec<_>>>()?;
    let read_only = given.iter().any(|directory| directory.read_only);
    let needs: Vec<Ability> = read_only.then_some(Ability::ReadOnlyDirectory).into_iter().collect();
    let runner = runner::choose(&session, arguments.runner.as_deref(), &needs)?;
    if !given.is_empty() && runner.sees_the_machine() {
        let host = &session.recipe.host;
        return Err(usage(format!("--dir does not apply to {host}: its programs see the machine's own files")));
    }
    if let Some(reason) = needs.first().and_then(|need| runner.runner.recipe.cannot(*need)) {
        let name = &runner.runner.name;
        return Err(usage(format!("{name} does not support --dir …::ro: {reason}\nhint: omit `--runner`")));
    }
    let mut python = match tests {
        true => with_tests(&session, &runner)?,
        false => without_tests(&session, &runner)?,
    };
    let directories = &mut python.directories;
    let mut working_directory = None;
    if !runner.brings_package() {
        directories.push(Directory::writable(&here, "/"));
        if here != "/" {
            directories.push(Directory::writable(&here, here.as_str()));
        }
    } else if !PACKAGE_IN_GUESTS.starts_with(here.as_str()) {
        // Mounted below the package, it would hide the package's files.
        directories.push(Directory::read_only(&here, here.as_str()));
        working_directory = Some(here.to_string());
    }
    directories.extend(given);
    python.environment.extend(environment(app, &arguments.env)?);
    let limit = arguments.timeout.map(Duration::from_secs);
    // A runner that can, does not count the time in which it compiles or loads Python.
    let runner_counts = !runner.sees_the_machine() && runner.runner.recipe.can(Ability::Timeout);
    let mut guest = Guest {
        working_directory,
        arguments: arguments.arguments.clone(),
        timeout: limit.filter(|_| runner_counts),
        ..guest(&session, &runner, &python)?
    };
    if let Some(layer) = packages::layer(&session, &arguments.packages, arguments.options.locked)? {
        runner.give_packages(&mut guest, &layer.site_packages, &site_packages(&session));
    }
    let command = runner.command(&guest, &here).map_err(|error| usage(error.to_string()))?;
    let command = sys::Command { timeout: limit.filter(|_| !runner_counts), ..command };
    match sys::interactive(&command) {
        // Exit codes of processes fit.
        Ok(code) => Ok(u8::try_from(code).unwrap_or(u8::MAX)),
        Err(sys::CommandError { kind: sys::Failure::TimedOut(limit), .. }) => {
            let report = format!("Python did not end within {} s, the limit of `--timeout`", limit.as_secs());
            Err(Failed { report, code: TIMED_OUT }.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether the program is `-m test` or in that package, such as `-m test.pythoninfo`. Packages do not contain CPython's tests, so a directory with them is added.
fn asks_for_tests(arguments: &[String]) -> bool {
    let module = arguments.iter().skip_while(|word| *word != "-m").nth(1);
    module.is_some_and(|module| module == "test" || module.starts_with("test."))
}

/// `NAME=VALUE` sets a variable of the guest, `NAME` passes the user's on if it is set.
fn environment(app: &App, variables: &[String]) -> Result<BTreeMap<String, String>> {
    let mut environment = BTreeMap::new();
    for text in variables {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text.as_str(), app.variable(text)),
        };
        if name.is_empty() {
            return Err(usage(format!("invalid --env `{text}`\nhint: use NAME=VALUE or NAME")));
        }
        environment.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }
    Ok(environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_asked_for_by_their_module() {
        let asks = |words: &str| asks_for_tests(&words.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert!(asks("-m test test_os") && asks("-bb -m test.pythoninfo"));
        assert!(!asks("-m testing") && !asks("-m unittest test") && !asks("test -m") && !asks("-c test"));
    }
}
