//! Runs files of CPython's regression tests, each in its own process and directory, several in parallel.
//!
//! `regrtest` derives the outcome of a file from the driver's journal and from how the process ended.
//! `suite` decides on the order of the files and compares the outcomes with the expectations.

pub mod packages;
pub mod probe;
mod process;
mod read_only;
mod scratch;
mod server;

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};

use crate::cancel::Cancel;
use crate::provider::runner::ReadyRunner;
use crate::recipe::runner::{AppendedFile, Guest};
use crate::regrtest::classify::{Ending, Process, classify};
use crate::regrtest::journal::{Journal, Record};
use crate::regrtest::{FileOutcome, FileResult};
use crate::sys;

pub use process::Ended;
pub use read_only::ReadOnlyState;
pub use scratch::Scratch;

/// How many of the last lines of output are kept with a result.
const TAIL: usize = 40;

/// The file that the driver writes, in the guest's working directory.
const JOURNAL: &str = "journal.jsonl";

/// The default number of parallel jobs: one more than the number of processors, because usually one file sleeps.
pub fn jobs() -> NonZero<usize> {
    sys::machine::jobs().saturating_add(1)
}

/// The settings that all files share.
pub struct RunConfig<'a> {
    pub runner: &'a ReadyRunner,
    /// The guest with the driver, without its working directory.
    pub guest: Guest,
    /// regrtest's arguments, without the file.
    pub regrtest_arguments: Vec<String>,
    /// Start the runner once per job and send it each file, if it supports that.
    pub copy: bool,
    pub jobs: usize,
    /// The time limit for one file.
    pub file_limit: Duration,
    /// The time limit for all files; files that have not started by then do not run.
    pub limit: Option<Duration>,
    /// The directory that contains the working directories of the files.
    pub folder: &'a Utf8Path,
    /// The directory for the output of each file, as `NAME.log`.
    pub logs: &'a Utf8Path,
    pub cancel: &'a Cancel,
}

/// Observes the run, from any thread.
pub trait TestObserver: Sync {
    fn started(&self, file: &str);
    fn ended(&self, result: &FileResult);
}

/// An error of the run itself, not of a test.
#[derive(Debug, thiserror::Error)]
pub enum TesterError {
    #[error("interrupted")]
    Cancelled,
    #[error("{what} {path}: {error}")]
    Io { what: &'static str, path: Utf8PathBuf, error: std::io::Error },
    #[error(transparent)]
    Guest(#[from] crate::recipe::runner::GuestError),
    #[error("regrtest cannot list its tests: {0}")]
    List(String),
}

/// Runs files in the given order. Results are returned in any order.
pub fn run(
    config: &RunConfig<'_>,
    files: &[String],
    observer: &dyn TestObserver,
) -> Result<Vec<FileResult>, TesterError> {
    let next = AtomicUsize::new(0);
    let began = Instant::now();
    let results = Mutex::new(Vec::new());
    let work = |number: usize| -> Result<(), TesterError> {
        let mut slot = Slot::new(config, number)?;
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            config.cancel.check().map_err(|_| TesterError::Cancelled)?;
            observer.started(file);
            let left = config.limit.map(|limit| limit.saturating_sub(began.elapsed()));
            let result = match left {
                Some(Duration::ZERO) => not_started(file, config.limit.unwrap_or_default()),
                left => slot.run(file, left.unwrap_or(Duration::MAX).min(config.file_limit))?,
            };
            observer.ended(&result);
            results.lock().expect("no thread panics while it holds the lock").push(result);
        }
        Ok(())
    };
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..config.jobs).map(|number| scope.spawn(move || work(number))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a slot does not panic"))
    })?;
    Ok(results.into_inner().expect("no thread panicked while it held the lock"))
}

/// The lines that regrtest prints for a list option.
///
/// # Errors
/// If the journal does not confirm that regrtest finished: with an incomplete list, some tests would not run.
pub fn list(config: &RunConfig<'_>, request: Vec<String>) -> Result<Vec<String>, TesterError> {
    let slot = Slot { worker: None, ..Slot::new(config, 0)? };
    let ended = slot.process("list", &request, config.file_limit)?;
    let bad =
        |why: String| TesterError::List([vec![why], tail(&ended.output)].concat().join("\n").trim_end().to_owned());
    match &ended.ending {
        Ending::Exited(0) => {}
        Ending::Exited(code) => return Err(bad(format!("exit code {code}"))),
        Ending::Signalled(signal) => return Err(bad(format!("killed by signal {signal}"))),
        Ending::TimedOut(limit) => return Err(bad(format!("still running after {} s", limit.as_secs_f64()))),
        Ending::Flooded(limit) => return Err(bad(format!("it printed more than {limit} bytes"))),
        Ending::RunnerFailed(summary) => return Err(bad(format!("the runner failed: {summary}"))),
    }
    match slot.journal().records.as_slice() {
        [Record::Exit { exit: 0 }] => {}
        _ => return Err(bad("it exited before regrtest finished".to_owned())),
    }
    match ended.output.lines().map(str::to_owned).collect::<Vec<_>>() {
        lines if lines.is_empty() => Err(bad("the list is empty".to_owned())),
        lines => Ok(lines),
    }
}

/// One parallel job.
struct Slot<'a> {
    config: &'a RunConfig<'a>,
    /// Its directory.
    folder: Utf8PathBuf,
    /// Marks the lines of the journal that the driver wrote.
    key: String,
    worker: Option<server::ServerWorker<'a>>,
}

impl<'a> Slot<'a> {
    fn new(config: &'a RunConfig<'a>, number: usize) -> Result<Self, TesterError> {
        let folder = config.folder.join(format!("slot-{number}"));
        fs_err::create_dir_all(&folder).map_err(io("creating", &folder))?;
        let worker = config.copy.then(|| server::ServerWorker::new(config, &folder)).flatten();
        let key = format!("{:016x}", std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), number));
        Ok(Self { config, folder, key, worker })
    }

    fn run(&mut self, file: &str, limit: Duration) -> Result<FileResult, TesterError> {
        let mut request = self.config.regrtest_arguments.clone();
        request.push(file.to_owned());
        let began = Instant::now();
        let ended = match self.worker.take() {
            Some(mut worker) => {
                let root = self.root(&request)?;
                let ended = worker.run(file, &self.guest(&root), limit)?;
                self.worker = Some(worker);
                ended
            }
            None => self.process(file, &request, limit)?,
        };
        let took = began.elapsed();
        let skipped = format!("{file} skipped -- ");
        let skip_reason = ended.output.lines().find_map(|line| line.strip_prefix(&skipped)).map(str::to_owned);
        let tail = tail(&ended.output);
        Ok(classify(&Process { file, ending: ended.ending, journal: self.journal(), skip_reason, tail: &tail, took }))
    }

    /// The driver's journal; empty if the driver did not start.
    fn journal(&self) -> Journal {
        Journal::read(&fs_err::read(self.folder.join("root").join(JOURNAL)).unwrap_or_default(), &self.key)
    }

    fn process(&self, file: &str, request: &[String], limit: Duration) -> Result<Ended, TesterError> {
        let root = self.root(request)?;
        // A runner with access to the machine starts in this directory; for other guests it is the root directory.
        let command = self.config.runner.command(&self.guest(&root), &root)?;
        process::run(command, None, limit, &self.config.logs.join(format!("{file}.log")), self.config.cancel)
    }

    /// Creates the guest's root directory, with the driver's request.
    fn root(&self, request: &[String]) -> Result<Utf8PathBuf, TesterError> {
        let root = self.folder.join("root");
        sys::fs::remove_tree(&root).map_err(io("clearing", &root))?;
        let temporary = root.join("tmp");
        fs_err::create_dir_all(&temporary).map_err(io("creating", &temporary))?;
        let path = root.join("request.json");
        let text = serde_json::json!({ "key": self.key, "arguments": request }).to_string();
        fs_err::write(&path, text).map_err(io("writing", &path))?;
        Ok(root)
    }

    fn guest(&self, root: &Utf8Path) -> Guest {
        let mut guest = self.config.guest.clone();
        self.config.runner.give_folder(&mut guest, root);
        guest.appended_files.push(AppendedFile { host: root.join(JOURNAL), guest: format!("/{JOURNAL}") });
        guest
    }
}

fn not_started(file: &str, limit: Duration) -> FileResult {
    FileResult {
        name: file.to_owned(),
        outcome: FileOutcome::Error,
        reason: format!("did not run: the time limit of {} s for the whole run was reached", limit.as_secs_f64()),
        seconds: 0.0,
        cases: Vec::new(),
        output: String::new(),
    }
}

fn tail(output: &str) -> Vec<String> {
    let lines: Vec<&str> = output.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].iter().map(|line| (*line).to_owned()).collect()
}

fn io(what: &'static str, path: &Utf8Path) -> impl FnOnce(std::io::Error) -> TesterError {
    let path = path.to_owned();
    move |error| TesterError::Io { what, path, error }
}
