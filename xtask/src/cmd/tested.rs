//! The Python that is tested: the package as people get it, with CPython's tests in its library.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::Utf8PathBuf;

use super::session::Session;
use crate::plan::StageId;
use crate::provider::runner::ReadyRunner;
use crate::recipe::runner::Directory;
use crate::stage::package::PACKAGE;
use crate::stage::prepare_tests::{PREFIX, TESTS, library};

/// A Python, as a runner is told of it.
pub struct Python {
    pub module: Utf8PathBuf,
    pub argv0: String,
    /// What nobody may change; where guests have a world of their own, they see it at these places.
    pub directories: Vec<Directory>,
    pub environment: BTreeMap<String, String>,
    /// Where it finds the driver of its tests.
    pub driver_folder: String,
}

/// The package, with the tests in its library.
pub fn packaged(session: &Session<'_>, runner: &ReadyRunner) -> Result<Python> {
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
    let library = format!("/usr/local/lib/python{minor}");
    let mut directories = vec![Directory::read_only(with_tests, library.clone())];
    if !runner.brings_package() {
        directories.insert(0, Directory::read_only(package, "/usr/local"));
    }
    Ok(Python {
        module,
        argv0: format!("/usr/local/bin/python{minor}"),
        directories,
        environment: BTreeMap::new(),
        driver_folder: library,
    })
}
