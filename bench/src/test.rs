//! `cargo xtask bench test HOST`: runs CPython's tests with CPython's own regrtest and with `cargo xtask test`, on the same python.wasm.

mod regrtest;
mod report;
mod wasmtime;
mod xtask_test;

use std::num::NonZero;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use super::round_runner::RoundRunner;
use super::subject::Subject;
use super::{failed, machine, print_report};
use crate::cli::Test;
use xtask::app::App;
use xtask::cli::BuildOptions;
use xtask::cmd::session::{Network, Purpose, Session};
use xtask::event::seconds;
use xtask::plan::StageId;
use xtask::plan::select::Range;
use xtask::progress::{Progress, Silent};
use xtask::recipe::runner::HOST_RUNNER;
use xtask::regrtest::FileOutcome;
use xtask::stage::package::PACKAGE;
use xtask::sys::{self, Command, CommandError, Failure};
use xtask::tester;

/// The measurements of each round, in this order. The sides alternate, so that a slow phase of the machine affects both.
const MEASUREMENTS: [(&str, &str); 4] = [
    ("regrtest", "CPython's own way"),
    ("xtask", "this xtask"),
    ("regrtest-one-by-one", "CPython's own way, only files that skip themselves, one after the other"),
    ("xtask-one-by-one", "this xtask, only files that skip themselves, one after the other"),
];

/// The profile whose build Python is what CPython's own script builds. In a cross build it is regrtest's main process.
const FULL_BUILD_PYTHON: &str = "reference";

/// A file that both sides run once before anything is measured, so that python.wasm is compiled for both.
const WARM_UP: &str = "test_bool";

/// How many files the cost of a file is measured with, and how many it takes to say anything.
const ONE_BY_ONE: usize = 40;
const ONE_BY_ONE_AT_LEAST: usize = 3;

/// Runs the measurements and prints the report.
pub fn run(app: &App, arguments: &Test) -> Result<()> {
    let load = machine::load_average()?;
    let what = &arguments.options;
    let session = Session::open_for(app, what, Network::Online, Purpose::Tests, Some(HOST_RUNNER))?;
    let words = regrtest_arguments(app, &session)?;
    machine::warn(app, load);
    session.run(Range::default(), false)?;
    let recipe = &session.recipe;
    let build_python = full_build_python(app, what, &session)?;
    let scratch = session.store.lock("bench", &app.cancel, &Silent)?;
    scratch.clear()?;
    let runner = wasmtime::obtain(&session, what, &arguments.runner)?;
    let runner_title = machine::version(app, runner.program.clone())?;
    let resources = arguments.resources.clone().unwrap_or_else(|| recipe.regrtest.resources.clone());
    let python_wasm = session.result(StageId::Package)?.join(PACKAGE).join("python.wasm");

    app.ui.note("laying out the tree that CPython's own way needs, with all of its bytecode");
    let tree = regrtest::Tree::lay_out(&session, &build_python, &python_wasm, scratch.path())?;
    let machine = machine::with_compilers(&session, &tree.main_python, load)?;
    let theirs = regrtest::Regrtest::new(&session, tree, &runner, words, &resources, scratch.path())?;
    let ours = xtask_test::XtaskTest::new(&session, what, &resources, scratch.path())?;
    let jobs = what.jobs.unwrap_or_else(tester::jobs);

    let warm_up = [WARM_UP.to_owned()];
    theirs.run(&warm_up, NonZero::<usize>::MIN, 1, &Silent)?;
    ours.run(&warm_up, NonZero::<usize>::MIN, &Silent)?;
    let measured = RoundRunner::rounds(&app.ui, &MEASUREMENTS, arguments.rounds.get(), |runner, round| {
        // What was written before must not be waited for while the clock runs.
        sys::fs::fsync_tree(scratch.path())?;
        let regrtest = runner.stage(0, round, |progress| theirs.run(&arguments.tests, jobs, round, progress))?;
        let xtask = runner.stage(1, round, |progress| ours.run(&arguments.tests, jobs, progress))?;
        let files = skipped_by_both(&regrtest.run, &xtask.run);
        let one = NonZero::<usize>::MIN;
        let each = |index, run: &dyn Fn(&dyn Progress) -> Result<Ran>| match files.len() < ONE_BY_ONE_AT_LEAST {
            true => runner.stage(index, round, |_| Ok(Vec::new())),
            false => runner.stage(index, round, |progress| Ok(run(progress)?.intervals())),
        };
        let regrtest_each = each(2, &|progress| theirs.run(&files, one, round, progress))?;
        let xtask_each = each(3, &|progress| ours.run(&files, one, progress))?;
        Ok(report::Round { regrtest: regrtest.run, xtask: xtask.run, regrtest_each, xtask_each })
    })?;
    let wasm_sha256 = ours.wasm_sha256()?;
    sys::fs::remove_tree(scratch.path())?;

    let report = report::Report {
        subject: Subject::of(recipe),
        runner: runner_title,
        wasm_sha256,
        resources,
        selection: arguments.tests.clone(),
        jobs: jobs.get(),
        machine,
        rounds: measured,
    };
    print_report(app, || report.text(), || report.json());
    Ok(())
}

/// The arguments for CPython's own regrtest, from the recipe.
fn regrtest_arguments(app: &App, session: &Session<'_>) -> Result<Vec<String>> {
    let catalogue = app.catalogue()?;
    let (host, minor) = (&session.recipe.host, session.recipe.python.minor);
    match catalogue.hosts[host].reference(minor).cloned() {
        Some(reference) => Ok(reference.regrtest_arguments),
        None => bail!(
            "there is no recipe for running the tests of CPython {minor} for {host} with CPython's own tools\n\
             hint: it would be `[reference]` in recipes/hosts/{host}/{minor}.toml"
        ),
    }
}

/// The result with a build Python that has all modules. It is made if it is not there.
fn full_build_python(app: &App, options: &BuildOptions, session: &Session<'_>) -> Result<Utf8PathBuf> {
    let options = BuildOptions {
        profile: FULL_BUILD_PYTHON.to_owned(),
        python: Some(session.recipe.python.to_string()),
        toolchain: session.recipe.toolchain.name.clone(),
        ..options.clone()
    };
    let session = Session::open(app, &options, Network::Offline)?;
    if !session.is_there(StageId::MakeBuildPython) {
        app.ui.note("regrtest's main process needs a full Python for this machine; building it first");
    }
    session.run(Range { from: None, until: Some(StageId::MakeBuildPython) }, false)?;
    session.result(StageId::MakeBuildPython)
}

/// The first files that said on both sides that they cannot run here: what such a file takes is what any file takes at least.
fn skipped_by_both(a: &report::Run, b: &report::Run) -> Vec<String> {
    let skipped = |run: &report::Run, file: &str| run.files.get(file) == Some(&FileOutcome::Skipped);
    let both = a.files.keys().filter(|file| skipped(a, file) && skipped(b, file));
    both.take(ONE_BY_ONE).cloned().collect()
}

/// A run with the moments, in seconds since its start, at which a file was over.
struct Ran {
    run: report::Run,
    moments: Vec<f64>,
}

impl Ran {
    /// From the end of one file to the end of the next: with one job, what that one took. The start of the whole is in none of them.
    fn intervals(&self) -> Vec<f64> {
        self.moments.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }
}

/// The measurements of one child process.
struct Seen {
    seconds: f64,
    processor_seconds: f64,
    lines: Vec<String>,
    moments: Vec<f64>,
}

/// How to run one side and read its output.
struct Side<'a> {
    /// What it is called when it fails.
    what: &'static str,
    log: &'a Utf8Path,
    /// The exit codes, besides 0, that mean that all files ran.
    accepted: &'static [i32],
    /// The name of the test file whose end a line reports.
    over: fn(&str) -> Option<String>,
    /// Extracts the error message from the last lines; empty if there is none.
    error_of: fn(&[String]) -> String,
}

/// Runs one side.
fn watch(app: &App, side: &Side<'_>, command: &Command, progress: &dyn Progress) -> Result<Seen> {
    let tap = LineTap { began: Instant::now(), over: side.over, progress, timeline: Mutex::default() };
    let before = sys::machine::processor_time_of_children()?;
    let took = match sys::run(command, side.log, None, &app.cancel, &tap) {
        Ok(finished) => finished.duration,
        Err(CommandError { kind: Failure::Status(code), took, .. }) if side.accepted.contains(&code) => took,
        Err(error) => return Err(failed(side.what, &error, &(side.error_of)(&error.tail))),
    };
    let after = sys::machine::processor_time_of_children()?;
    let (lines, moments) = tap.timeline.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Seen { seconds: seconds(took), processor_seconds: seconds(after.saturating_sub(before)), lines, moments })
}

struct LineTap<'a> {
    began: Instant,
    over: fn(&str) -> Option<String>,
    progress: &'a dyn Progress,
    /// All lines, and when files were over.
    timeline: Mutex<(Vec<String>, Vec<f64>)>,
}

impl Progress for LineTap<'_> {
    fn advance(&self, _done: u64, _total: Option<u64>) {}

    fn line(&self, line: &str) {
        let now = self.began.elapsed().as_secs_f64();
        let mut timeline = self.timeline.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = (self.over)(line) {
            self.progress.line(&file);
            timeline.1.push(now);
        }
        timeline.0.push(line.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_become_intervals() {
        let ran = |moments: &[f64]| Ran { run: report::Run::default(), moments: moments.to_vec() };
        assert_eq!(ran(&[1.0, 1.5, 3.5]).intervals(), [0.5, 2.0]);
        assert_eq!(ran(&[1.0]).intervals(), [0.0; 0]);
        assert_eq!(ran(&[]).intervals(), [0.0; 0]);
    }

    #[test]
    fn only_what_both_skipped_is_run_one_by_one() {
        let run = |files: &[(&str, FileOutcome)]| report::Run {
            files: files.iter().map(|&(name, outcome)| (name.to_owned(), outcome)).collect(),
            ..report::Run::default()
        };
        let (skipped, passed) = (FileOutcome::Skipped, FileOutcome::Passed);
        let a = run(&[("test_a", skipped), ("test_b", skipped), ("test_c", passed), ("test_d", skipped)]);
        let b = run(&[("test_a", skipped), ("test_b", passed), ("test_c", skipped)]);
        assert_eq!(skipped_by_both(&a, &b), ["test_a"]);
    }
}
