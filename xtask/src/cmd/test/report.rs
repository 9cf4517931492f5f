//! What was expected, and how the comparison is told.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use camino::Utf8PathBuf;

use super::reasons::Reasons;
use super::results_dir::ResultsDir;
use crate::app::App;
use crate::cli::{Format, Test};
use crate::cmd::session::Session;
use crate::cmd::usage;
use crate::expectations::observed::short_name;
use crate::expectations::{Expectations, Expected, NewFailure, Reason, Scope, write};
use crate::name::PythonVersion;
use crate::regrtest::FileResult;
use crate::suite::judge::{Judgement, Mismatch, judge};
use crate::suite::results::{Results, Run};
use crate::suite::schedule::SHORT_FILE_SECONDS;
use crate::suite::summary::{summary, words};
use crate::sys;

/// Knows what is expected.
pub struct Judge {
    /// The most particular expectations that there are for this Python, profile and runner.
    pub expectations: Option<Expectations>,
    /// What they would be called for exactly this profile and runner.
    name: String,
    /// What those would build on.
    base: Option<Expectations>,
    python: PythonVersion,
    folder: Utf8PathBuf,
    /// Only some cases of each file run.
    cases_filtered: bool,
}

impl Judge {
    pub fn open(app: &App, session: &Session<'_>, arguments: &Test, runner: &str) -> Result<Self> {
        let recipe = &session.recipe;
        let tree = arguments.from_build.then_some("build-tree");
        let cases_filtered = arguments.bisect || !arguments.patterns.is_empty();
        let judge = Self::find(app, recipe.python, &recipe.host, &recipe.profile, tree, runner)?;
        // Of the user's own test files nothing is known: all are expected to pass.
        let expectations = judge.expectations.filter(|_| arguments.testdir.is_none());
        Ok(Self { cases_filtered, expectations, ..judge })
    }

    /// For results that come from elsewhere.
    pub fn of(app: &App, run: &Run) -> Result<Self> {
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
        let usual = app.catalogue()?.hosts.get(host).is_none_or(|host| host.common.family.usual_runner() == runner);
        let runner = (!usual).then(|| runner.rsplit('/').next().unwrap_or(runner));
        for part in [(profile != "release").then_some(profile), tree, runner].into_iter().flatten() {
            names.push(format!("{}-{part}", names[names.len() - 1]));
        }
        let name = names.pop().expect("there is the usual one");
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

    /// What a comparison covers.
    pub fn scope(&self, results: &Results, whole: bool) -> Scope {
        let files = results.files.iter().map(|file| file.name.clone()).collect();
        Scope { python: self.python, files: (!whole).then_some(files), cases_filtered: self.cases_filtered }
    }

    /// What is not as expected in one file.
    pub fn surprises_of(&self, result: &FileResult) -> Vec<Mismatch> {
        let scope = Scope {
            python: self.python,
            files: Some(BTreeSet::from([result.name.clone()])),
            cases_filtered: self.cases_filtered,
        };
        judge(std::slice::from_ref(result), self.expectations.as_ref(), &scope).mismatches
    }

    /// Why a failure is expected.
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

    /// How long files take, as the expectations say it: the same on every machine. Those that say nothing are short.
    pub fn committed_seconds(&self) -> BTreeMap<String, f64> {
        let files = self.expectations.iter().flat_map(|expectations| &expectations.files);
        files.map(|(name, file)| (name.clone(), file.seconds.map_or(SHORT_FILE_SECONDS, f64::from))).collect()
    }

    /// Makes what came the expectation.
    pub fn accept(&self, app: &App, results: &Results, scope: &Scope, arguments: &Test) -> Result<()> {
        if results.shard.is_some() {
            return Err(usage("--accept takes a whole run\nhint: put shards together with `cargo xtask test merge`"));
        }
        let own = self.expectations.as_ref().filter(|expectations| expectations.name == self.name).cloned();
        let previous = own.unwrap_or_else(|| Expectations::new(&self.name, self.python, self.base.clone()));
        let reason = match &arguments.reason {
            Some(text) => {
                Some(Reason::new(text, arguments.issue.as_deref()).map_err(|error| usage(error.to_string()))?)
            }
            None => None,
        };
        let mut person = if reason.is_some() { None } else { Reasons::of_person(app) };
        let mut reason_for =
            |failure: &NewFailure| reason.clone().or_else(|| person.as_mut().and_then(|person| person.of(failure)));
        let text = write::write(&previous, &results.files, scope, &mut reason_for)?;
        let path = self.folder.join(format!("{}.toml", self.name));
        fs_err::create_dir_all(&self.folder)?;
        sys::fs::write_atomic(&path, text.as_bytes())?;
        app.ui.note(format!("{path} says now what came; look at the difference before you commit it"));
        Ok(())
    }
}

/// Tells a person, and programs.
pub fn tell(app: &App, results_dir: &ResultsDir, results: &Results, judgement: &Judgement, last: Option<&Results>) {
    let same = |last: &&Results| {
        let (last, now) = (&last.run, &results.run);
        last.selection == now.selection && last.patterns == now.patterns
    };
    let totals = last.filter(same).filter(|last| last.shard == results.shard).map(|last| &last.totals);
    let log = |file: &str| Some(results_dir.logs.join(format!("{file}.log")).into_string());
    let ok = judgement.mismatches.is_empty();
    app.ui.data(&match app.format {
        Format::Text => format!(
            "{}results: {}\nJUnit:   {}\n",
            summary(results, &judgement.mismatches, &judgement.notes, totals, log),
            results_dir.results(),
            results_dir.junit(),
        ),
        Format::Json => {
            let result = serde_json::json!({
                "event": "test-results", "ok": ok, "totals": results.totals, "surprises": judgement.mismatches,
                "results": results_dir.results(), "junit": results_dir.junit(),
            });
            format!("{result}\n")
        }
    });
}

/// One line for a file that did not end as expected.
pub fn one_line(result: &FileResult, mismatches: &[Mismatch]) -> String {
    match mismatches {
        [only] if only.case.is_none() => words(only),
        [first, ..] => {
            let cases = mismatches.iter().filter(|mismatch| mismatch.case.is_some()).count();
            format!("{cases} {}: {}", if cases == 1 { "case" } else { "cases" }, words(first))
        }
        [] => result.reason.clone(),
    }
}
