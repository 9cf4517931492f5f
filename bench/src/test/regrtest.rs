//! CPython's side: regrtest's main process is the build Python, and starts a worker under the host runner for each file.
//!
//! It runs in a private copy of source and build folders, because it writes there, and lies as CPython expects it.

use std::collections::BTreeMap;
use std::num::NonZero;

use anyhow::{Result, anyhow, bail};
use camino::{Utf8Path, Utf8PathBuf};

use super::{Ran, Side, report, watch};
use crate::failed;
use xtask::app::App;
use xtask::cmd::session::Session;
use xtask::plan::StageId;
use xtask::progress::{Progress, Silent};
use xtask::provider::runner::ReadyRunner;
use xtask::recipe::runner::{Directory, Guest};
use xtask::regrtest::FileOutcome;
use xtask::sys::command::quote;
use xtask::sys::{self, Command, CommandError, Failure};

/// Where configure believed that source and build folder are; the guest sees them there.
const BUILD: &str = "build";

/// A failed file, a changed environment, nothing that ran: outcomes, all of them.
const ACCEPTED: [i32; 3] = [2, 3, 4];

/// A tree as a cross build in CPython's source leaves it.
pub struct Tree {
    root: Utf8PathBuf,
    /// The build Python.
    pub main_python: Utf8PathBuf,
    /// The guest's `PYTHONPATH`: the folder with sysconfig's data.
    python_path: String,
}

impl Tree {
    /// Copies everything below `scratch`. Bytecode is compiled: our side has it from the package, too.
    pub fn lay_out(
        session: &Session<'_>,
        build_python: &Utf8Path,
        python_wasm: &Utf8Path,
        scratch: &Utf8Path,
    ) -> Result<Self> {
        let root = scratch.join("tree");
        let below = root.join(BUILD);
        let host = session.result(StageId::MakeHost)?.join("build");
        let folders = [
            (session.result(StageId::PrepareSource)?.join("source"), "source"),
            (host.clone(), "build"),
            (build_python.join("build"), "build-python"),
        ];
        fs_err::create_dir_all(&below)?;
        for (from, name) in folders {
            sys::fs::copy_tree(&from, &below.join(name), &|_| true)?;
        }
        // The very file that our side runs, which may be stripped.
        let own = below.join("build/python.wasm");
        fs_err::remove_file(&own)?;
        fs_err::copy(python_wasm, &own)?;
        let data = fs_err::read_to_string(host.join("pybuilddir.txt"))?;
        let python_path = format!("/{BUILD}/build/{}", data.trim());
        let tree = Self { main_python: below.join("build-python/python"), root, python_path };
        tree.compile(session.app, scratch)?;
        Ok(tree)
    }

    fn compile(&self, app: &App, scratch: &Utf8Path) -> Result<()> {
        let library = self.root.join(BUILD).join("source/Lib");
        let args = ["-m", "compileall", "-qq", "-j0", library.as_str()].map(str::to_owned).into();
        let command = self.command(app, scratch, args);
        match sys::run(&command, &scratch.join("compileall.log"), None, &app.cancel, &Silent) {
            // Some of the tests' data are no valid Python, on purpose.
            Ok(_) | Err(CommandError { kind: Failure::Status(1), .. }) => Ok(()),
            Err(error) => Err(failed("compiling bytecode", &error, "")),
        }
    }

    /// The build Python with arguments.
    fn command(&self, app: &App, scratch: &Utf8Path, args: Vec<String>) -> Command {
        let mut environment = BTreeMap::from([("PATH".to_owned(), app.path.clone())]);
        environment.extend(app.variable("HOME").map(|home| ("HOME".to_owned(), home.to_owned())));
        Command { program: self.main_python.clone(), args, directory: scratch.to_owned(), environment, timeout: None }
    }
}

/// Regrtest, ready to run.
pub struct Regrtest<'a> {
    app: &'a App,
    command: Command,
    log: Utf8PathBuf,
}

impl<'a> Regrtest<'a> {
    /// Runs nothing yet. `words` are arguments from the recipe; `scratch` is a folder for its files.
    pub fn new(
        session: &Session<'a>,
        tree: Tree,
        runner: &ReadyRunner,
        words: Vec<String>,
        resources: &str,
        scratch: &Utf8Path,
    ) -> Result<Self> {
        let recipe = &session.recipe;
        let guest = Guest {
            argv0: format!("/{BUILD}/build/python.wasm"),
            directories: vec![Directory::writable(&tree.root, "/")],
            environment: BTreeMap::from([("PYTHONPATH".to_owned(), tree.python_path.clone())]),
            stack_size: recipe.runner.stack_size,
            cache: Some(scratch.join("runner-cache")),
            ..Guest::new(tree.root.join(BUILD).join("build/python.wasm"))
        };
        let worker = runner.command(&guest, scratch)?;
        let python: Vec<_> =
            [worker.program.as_str()].into_iter().chain(worker.args.iter().map(String::as_str)).collect();
        // Not where the build Python was compiled: that may be gone, or a result of the store.
        let temporary = scratch.join("temporary");
        fs_err::create_dir_all(&temporary)?;
        let mut args = vec!["-m".to_owned(), "test".to_owned()];
        args.extend(words);
        let options = [
            ("--timeout", recipe.regrtest.file_timeout.to_string()),
            ("-u", resources.to_owned()),
            ("--tempdir", temporary.into_string()),
            ("--python", python.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")),
        ];
        args.extend(options.into_iter().flat_map(|(name, value)| [name.to_owned(), value]));
        let mut command = tree.command(session.app, scratch, args);
        // Workers inherit it, but for `PATH` and `HOME`, which are the user's.
        let own = worker.environment.into_iter().filter(|(name, _)| !command.environment.contains_key(name));
        command.environment.extend(own.collect::<Vec<_>>());
        Ok(Self { app: session.app, command, log: scratch.join("regrtest.log") })
    }

    /// Runs these files, or all of them, in the order that the round decides.
    pub fn run(&self, tests: &[String], jobs: NonZero<usize>, round: usize, progress: &dyn Progress) -> Result<Ran> {
        let mut command = self.command.clone();
        command.args.extend([format!("-j{jobs}"), "--randseed".to_owned(), round.to_string()]);
        command.args.extend(tests.iter().cloned());
        let error_of = |_: &[String]| String::new();
        let side = Side { what: "CPython's regrtest", log: &self.log, accepted: &ACCEPTED, over, error_of };
        let seen = watch(self.app, &side, &command, progress)?;
        let summary = Summary::read(&seen.lines)
            .map_err(|error| anyhow!("cannot parse regrtest's output: {error}\nwhole output: {}", self.log))?;
        let run = report::Run {
            seconds: seen.seconds,
            processor_seconds: seen.processor_seconds,
            files: summary.files,
            cases_run: summary.cases_run,
            cases_skipped: summary.cases_skipped,
        };
        Ok(Ran { run, moments: seen.moments })
    }
}

/// What regrtest says of a run.
#[derive(Debug, PartialEq)]
struct Summary {
    files: BTreeMap<String, FileOutcome>,
    cases_run: usize,
    cases_skipped: usize,
}

impl Summary {
    fn read(lines: &[String]) -> Result<Self> {
        let files: BTreeMap<_, _> = lines.iter().filter_map(|line| ended(line)).collect();
        let total = |heading: &str| lines.iter().rev().find_map(|line| line.strip_prefix(heading));
        let Some(cases) = total("Total tests: ") else { bail!("there is no line that begins with `Total tests`") };
        let Some(run) = total("Total test files: ") else {
            bail!("there is no line that begins with `Total test files`")
        };
        let wanted = field(run, "run").and_then(|run| run.split('/').nth(1)?.parse().ok());
        if wanted != Some(files.len()) {
            bail!("it says `{run}`, but reported {} files", files.len());
        }
        let count = |name| field(cases, name).map_or(Ok(0), |number| number.replace(',', "").parse());
        Ok(Self { files, cases_run: count("run")?, cases_skipped: count("skipped")? })
    }
}

/// The value of `name=value` in a line of such.
fn field<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    line.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

fn over(line: &str) -> Option<String> {
    ended(line).map(|(file, _)| file)
}

/// A file that is over, from a line such as `0:00:07 load avg: 1.80 [ 51/405/1] test_os passed -- running (1): …`.
fn ended(line: &str) -> Option<(String, FileOutcome)> {
    let (before, text) = line.split_once("] ")?;
    let (clock, count) = before.split_once('[')?;
    let is_clock = clock.starts_with(|first: char| first.is_ascii_digit()) && clock.contains(':');
    let is_count = count.contains('/') && count.chars().all(|c| matches!(c, ' ' | '/') || c.is_ascii_digit());
    let (file, words) = text.split_once(' ').filter(|_| is_clock && is_count)?;
    // The longer ones come before those that they begin with.
    let outcomes = [
        ("passed", FileOutcome::Passed),
        ("skipped (resource denied)", FileOutcome::ResourceDenied),
        ("skipped", FileOutcome::Skipped),
        ("ran no tests", FileOutcome::NoTests),
        ("failed (env changed)", FileOutcome::EnvironmentChanged),
        ("failed (uncaught exception)", FileOutcome::Error),
        ("failed", FileOutcome::Failed),
        ("timed out", FileOutcome::Error),
        ("worker ", FileOutcome::Error),
    ];
    let (_, outcome) = outcomes.into_iter().find(|(text, _)| words.starts_with(text))?;
    Some((file.to_owned(), outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn outcomes_are_read_from_what_regrtest_prints() {
        let printed = lines(
            "0:00:00 load avg: 9.23 Run 6 tests in parallel using 2 worker processes\n\
             0:00:01 load avg: 9.23 [1/6] test_abc passed -- running (1): test_int (31.0 sec)\n\
             0:00:02 load avg: 9.23 [2/6] test_socket skipped\n\
             test_socket skipped -- no sockets\n\
             0:01:02 [3/6] test_zipfile64 skipped (resource denied)\n\
             1:00:02 load avg: 9.23 [4/6/1] test.test_asyncio.test_events failed (1 error)\n\
             1:00:02 load avg: 9.23 [ 5/6/2] test_os worker non-zero exit code (Exit code 134)\n\
             1:00:02 load avg: 9.23 [ 6/6/3] test_site failed (env changed) (1 min 2 sec)\n\
             [ 7/6] not regrtest's passed\n\
             Total tests: run=1,234 failures=1 skipped=56\n\
             Total test files: run=5/6 failed=2 env_changed=1 skipped=1 resource_denied=1\n\
             Result: FAILURE, ENV CHANGED",
        );
        let summary = Summary::read(&printed).unwrap();
        let files: Vec<_> = summary.files.iter().map(|(file, outcome)| format!("{file} {outcome}")).collect();
        assert_eq!(
            files,
            [
                "test.test_asyncio.test_events failed",
                "test_abc passed",
                "test_os error",
                "test_site environment-changed",
                "test_socket skipped",
                "test_zipfile64 resource-denied"
            ]
        );
        assert_eq!((summary.cases_run, summary.cases_skipped), (1234, 56));
    }

    #[test]
    fn a_file_that_is_missing_or_an_output_without_an_end_is_an_error() {
        let error = |text| Summary::read(&lines(text)).unwrap_err().to_string();
        assert!(error("0:00:01 [1/2] test_abc passed").contains("Total tests"));
        assert!(error("Total tests: run=1").contains("Total test files"));
        let short = "0:00:01 [1/2] test_abc passed\nTotal tests: run=1\nTotal test files: run=2/2";
        assert_eq!(error(short), "it says `run=2/2`, but reported 1 files");
    }
}
