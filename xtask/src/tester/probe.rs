//! Runs probes, each in a new interpreter with an empty working directory, several in parallel.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::{TesterError, io, process};
use crate::cancel::Cancel;
use crate::probe::Probe;
use crate::probe::answer::{Answer, Verdict, compare, judge};
use crate::provider::runner::ReadyRunner;
use crate::recipe::runner::{Directory, Guest};
use crate::sys::{self, Command};

/// Where guests with a file system of their own have the program.
const PROGRAM_FOLDER: &str = "/probe";

/// Where guests that bring a root have the empty folder.
const WORK_FOLDER: &str = "/work";

/// The name of every program: a program with the name of a module would be imported instead of it.
const PROGRAM: &str = "probe.py";

/// The most that a program may print; one that prints more is stopped.
const FLOOD: u64 = 4 << 20;

/// What starts the interpreter.
pub enum Interpreter<'a> {
    /// A Python for WebAssembly, without a working directory.
    Guest { runner: &'a ReadyRunner, guest: Guest },
    /// A program of this machine that takes the path of a Python program as its last argument.
    Program { program: Utf8PathBuf, arguments: Vec<String>, environment: BTreeMap<String, String> },
}

/// What all probes share.
pub struct ProbeConfig<'a> {
    pub interpreter: Interpreter<'a>,
    pub jobs: usize,
    /// The time limit for one program.
    pub limit: Duration,
    /// Contains the directories of the programs.
    pub folder: &'a Utf8Path,
    pub cancel: &'a Cancel,
}

/// Runs the probes and returns their answers by name.
pub fn run(config: &ProbeConfig<'_>, probes: &[&Probe]) -> Result<BTreeMap<String, Answer>, TesterError> {
    let next = AtomicUsize::new(0);
    let answers = Mutex::new(BTreeMap::new());
    let work = |number: usize| -> Result<(), TesterError> {
        while let Some(probe) = probes.get(next.fetch_add(1, Ordering::Relaxed)) {
            config.cancel.check().map_err(|_| TesterError::Cancelled)?;
            let folder = config.folder.join(number.to_string());
            let mut answer = run_once(config, probe, &folder)?;
            if answer.verdict == Verdict::NotMeasured {
                // A browser that did not start on a busy machine starts the next time.
                answer = run_once(config, probe, &folder)?;
            }
            if let Some(reason) = &probe.differs {
                answer = compare(answer, &run_once(config, probe, &folder)?, reason);
            }
            answers.lock().expect("no thread panics while it holds the lock").insert(probe.name.clone(), answer);
        }
        Ok(())
    };
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..config.jobs).map(|number| scope.spawn(move || work(number))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("running a probe does not panic"))
    })?;
    Ok(answers.into_inner().expect("no thread panicked while it held the lock"))
}

fn run_once(config: &ProbeConfig<'_>, probe: &Probe, folder: &Utf8Path) -> Result<Answer, TesterError> {
    sys::fs::remove_tree(folder).map_err(io("removing", folder))?;
    let (work, program, stdin) = (folder.join("work"), folder.join("program"), folder.join("stdin"));
    for path in [&work, &program] {
        fs_err::create_dir_all(path).map_err(io("creating", path))?;
    }
    let source = program.join(PROGRAM);
    fs_err::write(&source, &probe.program).map_err(io("writing", &source))?;
    fs_err::write(&stdin, &probe.stdin).map_err(io("writing", &stdin))?;
    let command = command(&config.interpreter, source, &program, &work)?;
    let ended =
        process::run_at_most(command, Some(&stdin), config.limit, FLOOD, &folder.join("log.txt"), config.cancel)?;
    Ok(judge(probe, &ended.ending, &ended.output))
}

/// The command that runs a program in an empty folder, in which it starts.
fn command(
    interpreter: &Interpreter<'_>,
    source: Utf8PathBuf,
    program: &Utf8Path,
    work: &Utf8Path,
) -> Result<Command, TesterError> {
    match interpreter {
        Interpreter::Program { program, arguments, environment } => {
            let args = arguments.iter().cloned().chain([source.into_string()]).collect();
            let (program, directory, environment) = (program.clone(), work.to_owned(), environment.clone());
            Ok(Command { program, args, directory, environment, timeout: None })
        }
        Interpreter::Guest { runner, guest } => {
            let mut guest = guest.clone();
            if runner.sees_the_machine() {
                guest.arguments = vec![source.into_string()];
            } else {
                // What brings its own root has other things in it.
                let folder = if runner.brings_package() { WORK_FOLDER } else { "/" };
                guest.directories.push(Directory::writable(work, folder));
                if runner.brings_package() {
                    guest.working_directory = Some(WORK_FOLDER.to_owned());
                }
                guest.directories.push(Directory::read_only(program, PROGRAM_FOLDER));
                guest.arguments = vec![format!("{PROGRAM_FOLDER}/{PROGRAM}")];
            }
            Ok(runner.command(&guest, work)?)
        }
    }
}
