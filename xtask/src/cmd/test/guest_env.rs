//! The environment of the tests: the Python under test, its files, and the arguments for regrtest.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::Test;
use crate::cmd::python::{Python, guest, with_tests};
use crate::cmd::session::Session;
use crate::cmd::usage;
use crate::plan::StageId;
use crate::provider::runner::ReadyRunner;
use crate::recipe::runner::{Ability, Directory, Guest};
use crate::stage::prepare_tests::{DRIVER, DRIVER_FOLDER, TESTS};
use crate::sys;
use crate::tester::ReadOnlyState;

/// The default seed for `random`, so that runs are repeatable.
const SEED: u32 = 1;

/// The Python under test, and its runner.
pub struct GuestEnv {
    pub runner: ReadyRunner,
    pub guest: Guest,
    pub module: Utf8PathBuf,
    pub resources: String,
    pub seed: u32,
    regrtest: Vec<String>,
    /// regrtest's arguments for the user's own test files.
    testdir: Vec<String>,
    file_timeout: u64,
}

/// The guest path of the user's own test files.
const OWN_TESTS: &str = "/testdir";

/// The directory for temporary files of each guest.
const GUEST_TEMPORARY: &str = "/tmp";

impl GuestEnv {
    pub fn new(session: &Session<'_>, arguments: &Test, runner: ReadyRunner) -> Result<Self> {
        let recipe = &session.recipe;
        let tests = session.result(StageId::PrepareTests)?.join(TESTS);
        let own = arguments.testdir.as_deref().map(|folder| own_tests(session, folder, &runner)).transpose()?;
        let testdir = own.iter().flat_map(|own| ["--testdir".to_owned(), own.guest.clone()]).collect();
        let python = match arguments.from_build {
            true if recipe.family.has_one_runner() => {
                let host = &recipe.host;
                return Err(usage(format!(
                    "{host} does not support --from-build: its start files are part of the package"
                )));
            }
            true => build_tree(session, &tests)?,
            false => with_tests(session, &runner)?,
        };
        let mut words = recipe.regrtest.python_arguments.clone();
        // By path: `-m` would use two more stack frames, which tests of recursion need.
        words.push(format!("{}/{DRIVER}", python.driver_folder));
        let mut guest = guest(session, &runner, &python)?;
        guest.directories.extend(own);
        guest.arguments = words;
        let resources = arguments.resources.clone().unwrap_or_else(|| recipe.regrtest.resources.clone());
        let mut regrtest = recipe.regrtest.arguments.clone();
        if arguments.from_build {
            // In a build directory, regrtest would use that directory, which is read-only.
            regrtest.extend(["--tempdir", GUEST_TEMPORARY].map(str::to_owned));
        }
        Ok(Self {
            runner,
            guest,
            module: python.module,
            resources,
            seed: arguments.randomize.unwrap_or(SEED),
            regrtest,
            testdir,
            file_timeout: arguments.file_timeout.unwrap_or(recipe.regrtest.file_timeout),
        })
    }

    /// regrtest's arguments, without the file.
    pub fn regrtest_arguments(&self, arguments: &Test) -> Vec<String> {
        let mut words = [self.regrtest.as_slice(), &self.testdir].concat();
        let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
        if !self.resources.is_empty() {
            option("-u", self.resources.clone());
        }
        option("--timeout", self.file_timeout.to_string());
        option("--randseed", self.seed.to_string());
        for pattern in &arguments.patterns {
            option("--match", pattern.clone());
        }
        words
    }

    /// regrtest's arguments to list files or cases.
    pub fn list_arguments(&self, what: &str, files: &[String]) -> Vec<String> {
        [std::slice::from_ref(&what.to_owned()), &self.testdir, files].concat()
    }

    /// The resources by name, as regrtest takes them: `all,-cpu`.
    pub fn resource_names(&self) -> BTreeSet<String> {
        self.resources.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// Whether the runner would allow tests to write to results in the store.
    pub fn needs_copies(&self) -> bool {
        !self.runner.sees_the_machine() && !self.runner.runner.recipe.can(Ability::ReadOnlyDirectory)
    }

    /// The guest, with copies of its read-only directories in `folder`.
    pub fn guest_with_copies(&self, folder: &Utf8Path) -> Result<Guest> {
        let mut guest = self.guest.clone();
        for (number, directory) in guest.directories.iter_mut().filter(|directory| directory.read_only).enumerate() {
            let copy = folder.join(number.to_string());
            sys::fs::copy_tree(&directory.host, &copy, &|_| true)?;
            *directory = Directory::writable(copy, directory.guest.clone());
        }
        Ok(guest)
    }

    /// The directories that are results in the store.
    fn results(&self) -> impl Iterator<Item = &Directory> {
        let ours = |directory: &&Directory| directory.read_only && !self.testdir.contains(&directory.guest);
        self.guest.directories.iter().filter(ours)
    }

    /// The state of the directories that tests must not change.
    pub fn state(&self) -> Result<ReadOnlyState> {
        let folders: Vec<&Utf8Path> = self.results().map(|directory| directory.host.as_path()).collect();
        Ok(ReadOnlyState::of(&folders, self.runner.sees_the_machine())?)
    }

    /// Fails if a test changed one of these directories.
    pub fn check_unchanged(&self, before: &ReadOnlyState) -> Result<()> {
        match before.changed(&self.state()?) {
            None => Ok(()),
            Some(folder) => bail!(
                "the tests changed {folder}, which is a result in the store\n\
                 hint: run `cargo xtask doctor --store` to remove damaged results; {} should have prevented the write",
                self.runner.title()
            ),
        }
    }
}

/// The directory of the user's own test files.
fn own_tests(session: &Session<'_>, folder: &Utf8Path, runner: &ReadyRunner) -> Result<Directory> {
    let folder = session.app.current_folder()?.join(folder);
    if !folder.is_dir() {
        return Err(usage(format!(
            "no such directory: {folder}\nhint: --testdir needs a directory with files `test_*.py`"
        )));
    }
    let seen = if runner.sees_the_machine() { folder.to_string() } else { OWN_TESTS.to_owned() };
    Ok(Directory::read_only(folder, seen))
}

/// The build directory and the source, at the paths that configure knows.
fn build_tree(session: &Session<'_>, tests: &Utf8Path) -> Result<Python> {
    let build = session.result(StageId::MakeHost)?.join("build");
    let source = session.result(StageId::PrepareSource)?.join("source");
    let data = fs_err::read_to_string(build.join("pybuilddir.txt"))?;
    Ok(Python {
        module: build.join("python.wasm"),
        argv0: "/build/build/python.wasm".to_owned(),
        directories: vec![
            Directory::read_only(build, "/build/build"),
            Directory::read_only(source, "/build/source"),
            Directory::read_only(tests.join(DRIVER_FOLDER), "/driver"),
        ],
        environment: BTreeMap::from([("PYTHONPATH".to_owned(), format!("/build/build/{}", data.trim()))]),
        driver_folder: "/driver".to_owned(),
    })
}
