//! Our side: this program's `test` in a new process, on the package in the store. The outcomes are read from the results that it writes.

use std::num::NonZero;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::{Ran, Side, report, watch};
use crate::xtask_build;
use xtask::cli::BuildOptions;
use xtask::cmd::session::Session;
use xtask::event::Event;
use xtask::progress::Progress;
use xtask::suite::results::Results;
use xtask::sys;

/// The code for "not all is as expected", which matters to others.
const MISMATCHES: i32 = 1;

/// This program, ready to test.
pub struct XtaskTest<'a> {
    session: &'a Session<'a>,
    options: BuildOptions,
    resources: String,
    dist: Utf8PathBuf,
    results: Utf8PathBuf,
    log: Utf8PathBuf,
}

impl<'a> XtaskTest<'a> {
    /// Runs nothing yet. `scratch` is a folder for its files.
    pub fn new(session: &'a Session<'a>, options: &BuildOptions, resources: &str, scratch: &Utf8Path) -> Result<Self> {
        Ok(Self {
            session,
            options: options.clone(),
            resources: resources.to_owned(),
            dist: scratch.join("dist"),
            results: scratch.join("results"),
            log: scratch.join("xtask.log"),
        })
    }

    /// Runs these files, or all of them.
    pub fn run(&self, tests: &[String], jobs: NonZero<usize>, progress: &dyn Progress) -> Result<Ran> {
        sys::fs::remove_tree(&self.results)?;
        let options = BuildOptions { jobs: Some(jobs), ..self.options.clone() };
        let mut command =
            xtask_build::command(self.session, &options, "test", self.session.store.location(), &self.dist)?;
        command.args.extend(["--results", self.results.as_str(), "--use", &self.resources].map(str::to_owned));
        command.args.extend(tests.iter().cloned());
        let side = Side { what: "this xtask's test", log: &self.log, accepted: &[MISMATCHES], over, error_of };
        let seen = watch(self.session.app, &side, &command, progress)?;
        let results = self.read(&seen.lines)?;
        let totals = &results.totals;
        let run = report::Run {
            seconds: seen.seconds,
            processor_seconds: seen.processor_seconds,
            files: results.files.iter().map(|file| (file.name.clone(), file.outcome)).collect(),
            cases_run: totals.tests_run,
            cases_skipped: totals.tests_skipped,
        };
        Ok(Ran { run, moments: seen.moments })
    }

    /// The hash of the python.wasm that ran last.
    pub fn wasm_sha256(&self) -> Result<String> {
        Ok(self.read(&[])?.run.wasm_sha256.to_string())
    }

    /// Its code is the same when it failed before there were results.
    fn read(&self, lines: &[String]) -> Result<Results> {
        let path = self.results.join("results.json");
        let text = fs_err::read_to_string(&path)
            .map_err(|error| anyhow::anyhow!("this xtask's test left no results ({error}): {}", error_of(lines)))?;
        Ok(Results::read(path.as_str(), &text)?)
    }
}

fn over(line: &str) -> Option<String> {
    match serde_json::from_str(line) {
        Ok(Event::TestFinished { file, .. }) => Some(file),
        _ => None,
    }
}

/// The error that it reported, if it did.
fn error_of(lines: &[String]) -> String {
    let error = |line: &String| match serde_json::from_str(line) {
        Ok(Event::Error { text }) => Some(text),
        _ => None,
    };
    lines.iter().rev().find_map(error).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask::regrtest::FileOutcome;

    #[test]
    fn the_end_of_a_file_is_heard_in_the_words_that_events_are_written_in() {
        let line = |event: Event| serde_json::to_string(&event).unwrap();
        let file = || "test_os".to_owned();
        let finished = Event::TestFinished {
            file: file(),
            outcome: FileOutcome::Passed,
            unexpected: 0,
            seconds: 1.0,
            cases: 1,
            reason: String::new(),
        };
        assert_eq!(over(&line(finished)), Some(file()));
        assert_eq!(over(&line(Event::TestStarted { file: file() })), None);
        assert_eq!(over("not an event"), None);
        assert_eq!(error_of(&[line(Event::Error { text: "no".to_owned() }), "last".to_owned()]), "no");
    }
}
