//! The directory with the results of a run, and the durations that are kept for the next one.
//!
//! ```text
//! dist/test-results/NAME/    results.json    junit.xml    logs/FILE.log
//! ```

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use camino::Utf8PathBuf;

use super::differences::ALL;
use super::guest_env::GuestEnv;
use super::judge::Judge;
use crate::app::App;
use crate::cli::Test;
use crate::cmd::session::Session;
use crate::digest::Sha256;
use crate::provider::runner::ReadyRunner;
use crate::regrtest::FileResult;
use crate::store::Store;
use crate::suite::judge::Mismatch;
use crate::suite::junit::junit;
use crate::suite::results::{Results, Run, Runner};
use crate::sys;

/// The directory for the results of one Python on one runner.
pub struct ResultsDir {
    pub folder: Utf8PathBuf,
    pub logs: Utf8PathBuf,
    /// The name of the workspace in the store.
    pub workspace: String,
    /// The file in the store with the duration of each test file.
    seconds: String,
}

impl ResultsDir {
    pub fn open(app: &App, session: &Session<'_>, arguments: &Test, runner: &ReadyRunner) -> Result<Self> {
        let mut name = session.recipe.package_name();
        if arguments.from_build {
            name += "-build-tree";
        }
        if arguments.testdir.is_some() {
            name += "-testdir";
        }
        if runner.runner.name != session.recipe.family.usual_runner() {
            name = format!("{name}-{}", runner.runner.name);
        }
        let folder = match &arguments.results {
            Some(folder) if arguments.runner.as_deref() == Some(ALL) => {
                app.current_folder()?.join(folder).join(&runner.runner.name)
            }
            Some(folder) => app.current_folder()?.join(folder),
            None => app.dist_folder()?.join("test-results").join(&name),
        };
        let logs = folder.join("logs");
        fs_err::create_dir_all(&logs)?;
        Ok(Self { folder, logs, workspace: format!("test-{name}"), seconds: format!("test-seconds-{name}.json") })
    }

    /// Any directory, for merged results.
    pub fn at(folder: Utf8PathBuf) -> Result<Self> {
        let logs = folder.join("logs");
        fs_err::create_dir_all(&folder)?;
        Ok(Self { folder, logs, workspace: String::new(), seconds: String::new() })
    }

    /// Describes the run for results.json.
    pub fn describe(&self, session: &Session<'_>, arguments: &Test, guest_env: &GuestEnv) -> Result<Run> {
        let recipe = &session.recipe;
        let module = fs_err::File::open(&guest_env.module)?;
        let (wasm_sha256, _) = Sha256::of_reader(module).with_context(|| format!("reading {}", guest_env.module))?;
        let version = guest_env.runner.version.as_ref().map(ToString::to_string);
        Ok(Run {
            tool: concat!("xtask ", env!("CARGO_PKG_VERSION")).to_owned(),
            python: recipe.python,
            host: recipe.host.clone(),
            triple: recipe.triple.clone(),
            profile: recipe.profile.clone(),
            toolchain: recipe.toolchain.title(),
            wasm_sha256,
            runner: Runner { name: guest_env.runner.runner.name.clone(), version: version.unwrap_or_default() },
            resources: guest_env.resource_names(),
            seed: guest_env.seed,
            patterns: arguments.patterns.clone(),
            selection: arguments.tests.clone(),
        })
    }

    /// Writes results.json and junit.xml.
    pub fn write(&self, results: &Results, mismatches: &[Mismatch], judge: &Judge) -> Result<()> {
        let known = |file: &str, case: Option<&str>| judge.known(file, case);
        sys::fs::write_atomic(&self.results(), results.print().as_bytes())?;
        sys::fs::write_atomic(&self.junit(), junit(results, mismatches, &known).as_bytes())?;
        Ok(())
    }

    pub fn results(&self) -> Utf8PathBuf {
        self.folder.join("results.json")
    }

    pub fn junit(&self) -> Utf8PathBuf {
        self.folder.join("junit.xml")
    }

    /// The results of the previous run. An unreadable document counts as none: this run replaces it.
    pub fn last(&self) -> Result<Option<Results>> {
        let path = self.results();
        match fs_err::read_to_string(&path) {
            Ok(text) => Ok(Results::read(path.as_str(), &text).ok()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The files with unexpected results in the previous run.
    pub fn failed_last_time(&self, judge: &Judge) -> Result<BTreeSet<String>> {
        let path = self.results();
        let text = fs_err::read_to_string(&path)
            .context("--rerun-failed needs the results of a previous run\nhint: run the tests once without it")?;
        let last = Results::read(path.as_str(), &text)?;
        let unexpected = |file: &&FileResult| !judge.mismatches_of(file).is_empty();
        Ok(last.files.iter().filter(unexpected).map(|file| file.name.clone()).collect())
    }

    pub fn previous_seconds(&self, store: &Store) -> BTreeMap<String, f64> {
        store.read_json(&self.seconds).unwrap_or_default()
    }

    pub fn save_seconds(&self, store: &Store, results: &[FileResult]) -> Result<()> {
        let mut seconds = self.previous_seconds(store);
        seconds.extend(results.iter().map(|result| (result.name.clone(), result.seconds)));
        Ok(store.write_json(&self.seconds, &seconds)?)
    }
}
