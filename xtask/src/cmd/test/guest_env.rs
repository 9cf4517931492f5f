//! The environment of the tests: the Python under test, its files, and the arguments for regrtest.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::Test;
use crate::cmd::python::{Python, with_tests};
use crate::cmd::runner;
use crate::cmd::session::Session;
use crate::cmd::usage;
use crate::plan::StageId;
use crate::provider::runner::ReadyRunner;
use crate::recipe::runner::{Ability, Directory, Guest};
use crate::stage::prepare_tests::{DRIVER, DRIVER_FOLDER, TESTS};
use crate::sys;

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

/// The state of the directories that tests must not change.
#[derive(PartialEq, Eq)]
pub struct Fingerprint(BTreeMap<Utf8PathBuf, String>);

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
        let guest = Guest {
            argv0: python.argv0,
            directories: python.directories.into_iter().chain(own).collect(),
            environment: python.environment,
            arguments: words,
            stack_size: recipe.runner.stack_size,
            cache: Some(session.store.file(runner.cache_folder())),
            ..Guest::new(runner::module(session, &runner, &python.module)?)
        };
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

    /// test_zipfile writes optimized bytecode to the library if it can. It is not used, and no result contains any.
    fn remove_optimized_bytecode(&self) -> Result<()> {
        for directory in self.results() {
            for entry in sys::fs::list_tree(&directory.host)? {
                let name = entry.path.file_name().unwrap_or_default();
                if name.ends_with(".opt-1.pyc") || name.ends_with(".opt-2.pyc") {
                    fs_err::remove_file(directory.host.join(&entry.path))?;
                }
            }
        }
        Ok(())
    }

    /// The state of the directories that tests must not change, after removing optimized bytecode, also of a killed run.
    pub fn fingerprint(&self) -> Result<Fingerprint> {
        if self.runner.sees_the_machine() {
            self.remove_optimized_bytecode()?;
        }
        let mut folders = BTreeMap::new();
        for directory in self.results() {
            folders.insert(directory.host.clone(), sys::fs::hash_listing(&directory.host)?.to_string());
        }
        Ok(Fingerprint(folders))
    }

    /// Fails if a test changed one of these directories.
    pub fn check_unchanged(&self, before: &Fingerprint) -> Result<()> {
        let after = self.fingerprint()?;
        let changed = before.0.iter().find(|(folder, state)| after.0.get(*folder) != Some(*state));
        match changed {
            None => Ok(()),
            Some((folder, _)) => bail!(
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
