//! The expectations of a run: which file applies, what differs from it, and how it is updated.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use camino::Utf8PathBuf;

use crate::app::App;
use crate::cli::Test;
use crate::cmd::session::Session;
use crate::cmd::usage;
use crate::expectations::observed::short_name;
use crate::expectations::{Expectations, Expected, NewFailure, Reason, Reasons, Scope, write};
use crate::name::PythonVersion;
use crate::regrtest::FileResult;
use crate::suite::judge::{Mismatch, judge};
use crate::suite::results::{Results, Run};
use crate::suite::schedule::SHORT_FILE_SECONDS;
use crate::sys;

/// The expectations that a run is compared with.
pub struct Judge {
    /// The most specific expectations for this Python, profile and runner.
    pub expectations: Option<Expectations>,
    /// The name of the file for exactly this profile and runner.
    name: String,
    /// The base of a new file with that name.
    base: Option<Expectations>,
    python: PythonVersion,
    folder: Utf8PathBuf,
    /// Whether only some cases of each file run.
    cases_filtered: bool,
}

impl Judge {
    pub fn open(app: &App, session: &Session<'_>, arguments: &Test, runner: &str) -> Result<Self> {
        let recipe = &session.recipe;
        let tree = arguments.from_build.then_some("build-tree");
        let cases_filtered = arguments.bisect || !arguments.patterns.is_empty();
        let judge = Self::find(app, recipe.python, &recipe.host, &recipe.profile, tree, runner)?;
        // There are no expectations for the user's own test files: all are expected to pass.
        let expectations = judge.expectations.filter(|_| arguments.testdir.is_none());
        Ok(Self { cases_filtered, expectations, ..judge })
    }

    /// For merged results.
    pub fn for_run(app: &App, run: &Run) -> Result<Self> {
        let judge = Self::find(app, run.python, &run.host, &run.profile, None, &run.runner.name)?;
        Ok(Self { cases_filtered: !run.patterns.is_empty(), ..judge })
    }

    fn find(
        app: &App,
        python: PythonVersion,
        host: &str,
        profile: &str,
        tree: Option<&str>,
        runner: &str,
    ) -> Result<Self> {
        let mut all = app.expectations()?;
        let mut names = vec![format!("{}-{host}", python.minor)];
        // The host's usual runner needs no name; nor does one of a host that has vanished since.
        let usual = app.catalogue()?.hosts.get(host).is_none_or(|host| host.family().usual_runner() == runner);
        let runner = (!usual).then(|| runner.rsplit('/').next().unwrap_or(runner));
        for part in [(profile != "release").then_some(profile), tree, runner].into_iter().flatten() {
            names.push(format!("{}-{part}", names[names.len() - 1]));
        }
        let name = names.pop().expect("the list is not empty");
        let base = names.iter().rev().find_map(|name| all.get(name).cloned());
        let expectations = all.remove(&name).or_else(|| base.clone());
        Ok(Self {
            expectations,
            name,
            base,
            python,
            folder: app.checkout.join("recipes/expectations"),
            cases_filtered: false,
        })
    }

    /// The scope of the comparison.
    pub fn scope(&self, results: &Results, whole: bool) -> Scope {
        let files = results.files.iter().map(|file| file.name.clone()).collect();
        Scope { python: self.python, files: (!whole).then_some(files), cases_filtered: self.cases_filtered }
    }

    /// The mismatches of one file.
    pub fn mismatches_of(&self, result: &FileResult) -> Vec<Mismatch> {
        let scope = Scope {
            python: self.python,
            files: Some(BTreeSet::from([result.name.clone()])),
            cases_filtered: self.cases_filtered,
        };
        judge(std::slice::from_ref(result), self.expectations.as_ref(), &scope).mismatches
    }

    /// The reason for an expected failure.
    pub fn known(&self, file: &str, case: Option<&str>) -> Option<String> {
        let expected = self.expectations.as_ref()?.files.get(file)?;
        match case {
            None => expected.whole.as_ref().map(|(_, reason)| reason.text().to_owned()),
            Some(case) => match expected.case(short_name(file, case)) {
                Expected::Fail(reason) => Some(reason.text().to_owned()),
                Expected::Pass | Expected::Skip(_) => None,
            },
        }
    }

    /// The durations of files that the expectations record: the same on every machine. Files without one are short.
    pub fn committed_seconds(&self) -> BTreeMap<String, f64> {
        let files = self.expectations.iter().flat_map(|expectations| &expectations.files);
        files.map(|(name, file)| (name.clone(), file.seconds.map_or(SHORT_FILE_SECONDS, f64::from))).collect()
    }

    /// Records the results as the new expectations.
    pub fn accept(&self, app: &App, results: &Results, scope: &Scope, arguments: &Test) -> Result<()> {
        if results.shard.is_some() {
            return Err(usage(
                "--accept needs the results of a whole run\nhint: merge the shards with `cargo xtask test merge`",
            ));
        }
        let own = self.expectations.as_ref().filter(|expectations| expectations.name == self.name).cloned();
        let previous = own.unwrap_or_else(|| Expectations::new(&self.name, self.python, self.base.clone()));
        let reason = match &arguments.reason {
            Some(text) => {
                Some(Reason::new(text, arguments.issue.as_deref()).map_err(|error| usage(error.to_string()))?)
            }
            None => None,
        };
        let can_ask = reason.is_none() && app.ui.can_ask();
        let mut interactive = can_ask.then(|| Reasons::new(|question: &str| app.ui.ask(question, &app.cancel)));
        let mut reason_for = |failure: &NewFailure| {
            reason.clone().or_else(|| interactive.as_mut().and_then(|reasons| reasons.ask_for(failure)))
        };
        let text = write::write(&previous, &results.files, scope, &mut reason_for)?;
        let path = self.folder.join(format!("{}.toml", self.name));
        fs_err::create_dir_all(&self.folder)?;
        sys::fs::write_atomic(&path, text.as_bytes())?;
        app.ui.note(format!("updated {path}; review the diff"));
        Ok(())
    }
}
