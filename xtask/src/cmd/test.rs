//! `cargo xtask test HOST`: runs CPython's own tests on the package and compares the results with the expectations.

mod bisect;
mod differences;
mod guest_env;
mod judge;
mod merge;
mod report;
mod results_dir;
mod select;

use std::time::{Duration, Instant};

use anyhow::Result;
use camino::Utf8Path;

use super::python;
use super::runner;
use super::session::{Network, Purpose, Session};
use crate::app::App;
use crate::cli::Test;
use crate::event::{Event, Listener as _, PlannedTest, seconds};
use crate::plan::StageId;
use crate::plan::select::Range;
use crate::progress::Silent;
use crate::recipe::runner::HOST_RUNNER;
use crate::regrtest::FileResult;
use crate::store::Workspace;
use crate::suite::results::Results;
use crate::suite::schedule;
use crate::tester::{self, RunConfig, Scratch, TestObserver};

use judge::Judge;
use results_dir::ResultsDir;

/// In place of a host: merges the results of shards.
const MERGE: &str = "merge";

/// Runs the tests. Returns the exit code.
pub fn run(app: &App, arguments: &Test) -> Result<u8> {
    if arguments.options.host == MERGE {
        return merge::run(app, &arguments.tests, arguments.results.as_deref());
    }
    if arguments.runner.as_deref() == Some(differences::ALL) {
        return differences::run(app, arguments);
    }
    let test_run = TestRun::prepare(app, arguments, arguments.runner.as_deref())?;
    if arguments.list_tests || arguments.list_cases {
        return test_run.list().map(|()| 0);
    }
    if arguments.bisect {
        return bisect::run(&test_run);
    }
    test_run.run()
}

/// A test run with everything that it needs.
struct TestRun<'a> {
    app: &'a App,
    arguments: &'a Test,
    session: Session<'a>,
    guest_env: guest_env::GuestEnv,
    results_dir: ResultsDir,
    judge: Judge,
}

impl<'a> TestRun<'a> {
    /// Builds the package with `--build`, and finds the runner.
    fn prepare(app: &'a App, arguments: &'a Test, runner: Option<&str>) -> Result<Self> {
        let network = if arguments.build { Network::Online } else { Network::Offline };
        // What is compiled anyway can run the smoke test, too.
        let smoke_test_runner =
            Some(HOST_RUNNER).filter(|name| arguments.build && runner.is_none_or(|given| given == *name));
        let session = Session::open_for(app, &arguments.options, network, Purpose::Tests, smoke_test_runner)?;
        let runner = runner::for_tests(&session, runner);
        let judge = Judge::open(app, &session, arguments, runner)?;
        if arguments.build {
            session.run(Range::default(), false)?;
        }
        session.result(StageId::Package)?;
        python::prepare(&session)?;
        let runner = runner::obtain(&session, runner)?;
        let guest_env = guest_env::GuestEnv::new(&session, arguments, runner)?;
        let results_dir = ResultsDir::open(app, &session, arguments, &guest_env.runner)?;
        Ok(Self { app, arguments, session, guest_env, results_dir, judge })
    }

    fn config<'s>(&'s self, folder: &'s Utf8Path) -> RunConfig<'s> {
        let what = &self.arguments.options;
        RunConfig {
            runner: &self.guest_env.runner,
            guest: self.guest_env.guest.clone(),
            regrtest_arguments: self.guest_env.regrtest_arguments(self.arguments),
            copy: !self.arguments.fresh,
            jobs: what.jobs.unwrap_or_else(tester::jobs).get(),
            file_limit: Duration::from_secs(
                self.arguments.file_timeout.unwrap_or(self.session.recipe.regrtest.file_timeout),
            ),
            limit: self.arguments.timeout.map(Duration::from_secs),
            folder,
            logs: &self.results_dir.logs,
            cancel: &self.app.cancel,
        }
    }

    fn list(&self) -> Result<()> {
        let scratch = Scratch::open(self.session.store, &self.results_dir.workspace, &self.session.app.cancel)?;
        let config = self.config(scratch.path());
        let mut lines = self.named(&config)?;
        if self.arguments.list_cases {
            lines = tester::list(&config, self.guest_env.list_arguments("--list-cases", &lines))?;
        }
        self.app.ui.data(&lines.iter().map(|line| format!("{line}\n")).collect::<String>());
        Ok(())
    }

    fn run(&self) -> Result<u8> {
        let results = self.results(&[])?;
        self.classify(&results)
    }

    /// Runs the selected files; `extra` are additional arguments for regrtest.
    fn results(&self, extra: &[String]) -> Result<Results> {
        let scratch = Scratch::open(self.session.store, &self.results_dir.workspace, &self.session.app.cancel)?;
        let mut config = self.config(scratch.path());
        config.regrtest_arguments.extend_from_slice(extra);
        let copies = self.copies()?;
        if let Some(copies) = &copies {
            config.guest = self.guest_env.guest_with_copies(copies.path())?;
        }
        let files = self.selected(&config)?;
        let before = self.guest_env.state()?;
        let began = Instant::now();
        let results = self.run_files(&config, &files)?;
        let took = began.elapsed();
        self.guest_env.check_unchanged(&before)?;
        copies.map_or(Ok(()), |copies| copies.clear())?;
        self.results_dir.save_seconds(self.session.store, &results)?;
        let run = self.results_dir.describe(&self.session, self.arguments, &self.guest_env)?;
        Ok(Results::new(run, self.arguments.shard, config.jobs, seconds(took), results))
    }

    /// A directory for copies of read-only directories, if the runner cannot protect them.
    fn copies(&self) -> Result<Option<Workspace>> {
        if !self.guest_env.needs_copies() {
            return Ok(None);
        }
        let name = format!("{}-copies", self.results_dir.workspace);
        let workspace = self.session.store.lock(&name, &self.app.cancel, &Silent)?;
        workspace.clear()?;
        Ok(Some(workspace))
    }

    /// The files that the command line selects, of all that regrtest finds.
    fn named(&self, config: &RunConfig<'_>) -> Result<Vec<String>> {
        let all = tester::list(config, self.guest_env.list_arguments("--list-tests", &[]))?;
        select::select(&all, &self.arguments.tests)
    }

    /// The files to run, in the order in which they start.
    fn selected(&self, config: &RunConfig<'_>) -> Result<Vec<String>> {
        let mut files = self.named(config)?;
        if self.arguments.rerun_failed {
            let failed = self.results_dir.failed_last_time(&self.judge)?;
            files.retain(|file| failed.contains(file));
        }
        if let Some(shard) = self.arguments.shard {
            files = schedule::shard(&files, &self.judge.committed_seconds(), shard);
        }
        Ok(match self.arguments.randomize {
            Some(seed) => select::shuffle(files, seed),
            None => schedule::order(&files, &self.expected_seconds()),
        })
    }

    fn expected_seconds(&self) -> std::collections::BTreeMap<String, f64> {
        let mut expected = self.judge.committed_seconds();
        expected.extend(self.results_dir.previous_seconds(self.session.store));
        expected
    }

    fn run_files(&self, config: &RunConfig<'_>, files: &[String]) -> Result<Vec<FileResult>> {
        let ui = &self.app.ui;
        let expected = self.expected_seconds();
        let planned = |file: &String| PlannedTest { file: file.clone(), expected_seconds: expected.get(file).copied() };
        ui.on_event(&Event::TestsPlanned { files: files.iter().map(planned).collect(), jobs: config.jobs });
        Ok(tester::run(config, files, &EventForwarder { app: self.app, judge: &self.judge })?)
    }

    /// Compares the results with the expectations, writes and prints them. Returns the exit code.
    fn classify(&self, results: &Results) -> Result<u8> {
        let arguments = self.arguments;
        let whole = arguments.tests.is_empty() && !arguments.rerun_failed && results.shard.is_none();
        let scope = self.judge.scope(results, whole);
        let judgement = crate::suite::judge::judge(&results.files, self.judge.expectations.as_ref(), &scope);
        let last = self.results_dir.last()?;
        self.results_dir.write(results, &judgement.mismatches, &self.judge)?;
        let ok = arguments.accept || judgement.mismatches.is_empty();
        self.app.ui.on_event(&Event::Finished { ok, seconds: results.seconds });
        if self.arguments.accept {
            return self.judge.accept(self.app, results, &scope, self.arguments).map(|()| 0);
        }
        report::print(self.app, &self.results_dir, results, &judgement, last.as_ref());
        Ok(u8::from(!judgement.mismatches.is_empty()))
    }
}

/// Turns the progress of the tests into events.
struct EventForwarder<'a> {
    app: &'a App,
    judge: &'a Judge,
}

impl TestObserver for EventForwarder<'_> {
    fn started(&self, file: &str) {
        self.app.ui.on_event(&Event::TestStarted { file: file.to_owned() });
    }

    fn ended(&self, result: &FileResult) {
        let mismatches = self.judge.mismatches_of(result);
        let reason =
            mismatches.first().map_or_else(|| result.reason.clone(), |_| report::one_line(result, &mismatches));
        self.app.ui.on_event(&Event::TestFinished {
            file: result.name.clone(),
            outcome: result.outcome,
            unexpected: mismatches.len(),
            seconds: result.seconds,
            cases: result.cases.len(),
            reason,
        });
    }
}
