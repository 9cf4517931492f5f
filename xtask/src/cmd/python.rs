//! The Python that runs: the package as people get it, or with CPython's tests in its library.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::Utf8PathBuf;

use super::runner;
use super::session::Session;
use crate::plan::StageId;
use crate::plan::select::Range;
use crate::provider::runner::ReadyRunner;
use crate::recipe::runner::{Directory, Guest};
use crate::stage::package::PACKAGE;
use crate::stage::prepare_tests::{PREFIX, TESTS, library};

/// Where guests have the package.
pub const PACKAGE_IN_GUESTS: &str = "/usr/local";

/// A Python, with everything that a runner needs to run it.
pub struct Python {
    pub module: Utf8PathBuf,
    pub argv0: String,
    /// Read-only directories, and where guests with their own file system see them.
    pub directories: Vec<Directory>,
    pub environment: BTreeMap<String, String>,
    /// Where it finds the driver of its tests.
    pub driver_folder: String,
}

/// The folder for installed packages of a package in a guest.
pub fn site_packages(session: &Session<'_>) -> String {
    format!("{PACKAGE_IN_GUESTS}/lib/python{}/site-packages", session.recipe.python.minor)
}

/// A run of it, without arguments and without a directory to write to.
pub fn guest(session: &Session<'_>, runner: &ReadyRunner, python: &Python) -> Result<Guest> {
    Ok(Guest {
        argv0: python.argv0.clone(),
        directories: python.directories.clone(),
        environment: python.environment.clone(),
        stack_size: session.recipe.runner.stack_size,
        cache: Some(session.store.file(runner.cache_folder())),
        ..Guest::new(runner::module(session, runner, &python.module)?)
    })
}

/// The package as it is: the one in the store, not the copy in `dist/`, which people may change.
pub fn without_tests(session: &Session<'_>, runner: &ReadyRunner) -> Result<Python> {
    let package = session.result(StageId::Package)?.join(PACKAGE);
    let minor = session.recipe.python.minor;
    Ok(Python {
        module: package.join("python.wasm"),
        argv0: format!("{PACKAGE_IN_GUESTS}/bin/python{minor}"),
        directories: in_guest(package, runner),
        environment: BTreeMap::new(),
        driver_folder: String::new(),
    })
}

/// The package, for guests that have a world of their own and do not bring it.
fn in_guest(package: Utf8PathBuf, runner: &ReadyRunner) -> Vec<Directory> {
    if runner.brings_package() { Vec::new() } else { vec![Directory::read_only(package, PACKAGE_IN_GUESTS)] }
}

/// Puts the tests beside a package that is there.
pub fn prepare(session: &Session<'_>) -> Result<()> {
    session.result(StageId::Package)?;
    session.run(Range { from: None, until: Some(StageId::PrepareTests) }, false)
}

/// The package, with the tests in its library. They were prepared.
pub fn with_tests(session: &Session<'_>, runner: &ReadyRunner) -> Result<Python> {
    let minor = session.recipe.python.minor;
    let package = session.result(StageId::Package)?.join(PACKAGE);
    let tests = session.result(StageId::PrepareTests)?.join(TESTS);
    let with_tests = tests.join(library(&minor));
    let module = package.join("python.wasm");
    if runner.sees_the_machine() {
        let bin = package.join("bin");
        let environment = [
            ("PYTHONHOME", tests.join(PREFIX).into_string()),
            // Tests start what they find there, if they find it, and this machine's programs are not what is tested.
            ("PATH", bin.to_string()),
        ];
        return Ok(Python {
            module,
            argv0: bin.join(format!("python{minor}")).into_string(),
            directories: [&package, &tests].map(|folder| Directory::read_only(folder, folder.as_str())).into(),
            environment: environment.map(|(name, value)| (name.to_owned(), value)).into(),
            driver_folder: with_tests.into_string(),
        });
    }
    let library = format!("{PACKAGE_IN_GUESTS}/lib/python{minor}");
    let mut directories = in_guest(package, runner);
    directories.push(Directory::read_only(with_tests, library.clone()));
    Ok(Python {
        module,
        argv0: format!("{PACKAGE_IN_GUESTS}/bin/python{minor}"),
        directories,
        environment: BTreeMap::new(),
        driver_folder: library,
    })
}
