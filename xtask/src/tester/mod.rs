//! Runs files of CPython's regression tests, each in a process and a folder of its own, some of them side by side.
//!
//! What came of each follows from what the driver in the guest wrote and from how the process ended (`regrtest`).
//! Which files run in which order, and whether an outcome is the right one, is decided elsewhere (`suite`).

mod process;
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

/// How many of the last lines that a file printed are kept with its result.
const TAIL: usize = 40;

/// What the driver writes, in the folder that the guest starts in.
const JOURNAL: &str = "journal.jsonl";

/// How many files run at a time if nobody says: one more than there are processors, as there is nearly always one that sleeps.
pub fn jobs() -> NonZero<usize> {
    sys::machine::jobs().saturating_add(1)
}

/// Everything that is the same for all files.
pub struct RunConfig<'a> {
    pub runner: &'a ReadyRunner,
    /// The guest, but for its folder of its own: the driver, and what it needs.
    pub guest: Guest,
    /// What regrtest is told besides the file.
    pub regrtest_arguments: Vec<String>,
    /// Start the runner once for each job and ask it for each file, if it can do that.
    pub copy: bool,
    pub jobs: usize,
    /// How long one file may take.
    pub file_limit: Duration,
    /// How long all may take; what has not begun then does not.
    pub limit: Option<Duration>,
    /// A folder of ours, in which files get theirs.
    pub folder: &'a Utf8Path,
    /// Where all that a file prints is written, as `NAME.log`.
    pub logs: &'a Utf8Path,
    pub cancel: &'a Cancel,
}

/// Hears how the run goes, from any thread.
pub trait TestObserver: Sync {
    fn started(&self, file: &str);
    fn ended(&self, result: &FileResult);
}

/// The run could not go on: not a test's fault.
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

/// Runs files in the order in which they are given, and gives their results in any order.
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
                Some(Duration::ZERO) => not_begun(file, config.limit.unwrap_or_default()),
                left => slot.run(file, left.unwrap_or(Duration::MAX).min(config.file_limit))?,
            };
            observer.ended(&result);
            results.lock().expect("nobody panics with it").push(result);
        }
        Ok(())
    };
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..config.jobs).map(|number| scope.spawn(move || work(number))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a slot does not panic"))
    })?;
    Ok(results.into_inner().expect("nobody panicked with it"))
}

/// What regrtest prints when it is asked to list something, line by line.
///
/// # Errors
/// Unless the journal confirms that regrtest came to its end: a list that lacks files is a test that does not run.
pub fn list(config: &RunConfig<'_>, request: Vec<String>) -> Result<Vec<String>, TesterError> {
    let slot = Slot { asked: None, ..Slot::new(config, 0)? };
    let ended = slot.process("list", &request, config.file_limit)?;
    let bad =
        |why: String| TesterError::List([vec![why], tail(&ended.output)].concat().join("\n").trim_end().to_owned());
    match &ended.ending {
        Ending::Exited(0) => {}
        Ending::Exited(code) => return Err(bad(format!("exit code {code}"))),
        Ending::Signalled(signal) => return Err(bad(format!("killed by signal {signal}"))),
        Ending::TimedOut(limit) => return Err(bad(format!("still running after {} s", limit.as_secs_f64()))),
        Ending::RunnerFailed(summary) => return Err(bad(format!("the runner failed: {summary}"))),
    }
    match slot.journal().records.as_slice() {
        [Record::Exit { exit: 0 }] => {}
        _ => return Err(bad("it ended before regrtest had".to_owned())),
    }
    match ended.output.lines().map(str::to_owned).collect::<Vec<_>>() {
        lines if lines.is_empty() => Err(bad("it found none".to_owned())),
        lines => Ok(lines),
    }
}

/// One of the places where a file can run.
struct Slot<'a> {
    config: &'a RunConfig<'a>,
    /// Its part of the setting's folder.
    folder: Utf8PathBuf,
    /// Tells the driver's lines in the journal from those of others.
    key: String,
    asked: Option<server::ServerWorker<'a>>,
}

impl<'a> Slot<'a> {
    fn new(config: &'a RunConfig<'a>, number: usize) -> Result<Self, TesterError> {
        let folder = config.folder.join(format!("slot-{number}"));
        fs_err::create_dir_all(&folder).map_err(io("making", &folder))?;
        let asked = config.copy.then(|| server::ServerWorker::new(config, &folder)).flatten();
        let key = format!("{:016x}", std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), number));
        Ok(Self { config, folder, key, asked })
    }

    fn run(&mut self, file: &str, limit: Duration) -> Result<FileResult, TesterError> {
        let mut request = self.config.regrtest_arguments.clone();
        request.push(file.to_owned());
        let began = Instant::now();
        let ended = match self.asked.take() {
            Some(mut asked) => {
                let root = self.root(&request)?;
                let ended = asked.run(file, &self.guest(&root), limit)?;
                self.asked = Some(asked);
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

    /// What the driver wrote. A file that was never made says that it did not come so far.
    fn journal(&self) -> Journal {
        Journal::read(&fs_err::read(self.folder.join("root").join(JOURNAL)).unwrap_or_default(), &self.key)
    }

    fn process(&self, file: &str, request: &[String], limit: Duration) -> Result<Ended, TesterError> {
        let root = self.root(request)?;
        // What sees the machine begins in its own folder; a guest has it as its root, and begins there.
        let command = self.config.runner.command(&self.guest(&root), &root)?;
        process::run(command, limit, &self.config.logs.join(format!("{file}.log")), self.config.cancel)
    }

    /// The guest's root folder: new, empty but for what the driver is told.
    fn root(&self, request: &[String]) -> Result<Utf8PathBuf, TesterError> {
        let root = self.folder.join("root");
        sys::fs::remove_tree(&root).map_err(io("clearing", &root))?;
        let temporary = root.join("tmp");
        fs_err::create_dir_all(&temporary).map_err(io("making", &temporary))?;
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

fn not_begun(file: &str, limit: Duration) -> FileResult {
    FileResult {
        name: file.to_owned(),
        outcome: FileOutcome::Error,
        reason: format!("did not run: all together may take {} s, and that was over", limit.as_secs_f64()),
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
