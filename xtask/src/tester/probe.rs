//! Runs probes, each in a new interpreter with an empty working directory, several in parallel.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use camino::Utf8Path;

use super::{TesterError, io, process};
use crate::cancel::Cancel;
use crate::probe::Probe;
use crate::probe::answer::{Answer, compare, judge};
use crate::provider::runner::ReadyRunner;
use crate::recipe::runner::{Directory, Guest};
use crate::sys;

/// Where guests with a file system of their own have the program.
const PROGRAM_FOLDER: &str = "/probe";

/// The name of every program: a program with the name of a module would be imported instead of it.
const PROGRAM: &str = "probe.py";

/// What all probes share.
pub struct ProbeConfig<'a> {
    pub runner: &'a ReadyRunner,
    /// The Python, without a working directory.
    pub guest: Guest,
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
    let mut guest = config.guest.clone();
    if config.runner.sees_the_machine() {
        guest.arguments = vec![source.into_string()];
    } else {
        guest.directories.push(Directory::writable(&work, "/"));
        guest.directories.push(Directory::read_only(&program, PROGRAM_FOLDER));
        guest.arguments = vec![format!("{PROGRAM_FOLDER}/{PROGRAM}")];
    }
    let command = config.runner.command(&guest, &work)?;
    let ended = process::run(command, Some(&stdin), config.limit, &folder.join("log.txt"), config.cancel)?;
    Ok(judge(probe, &ended.ending, &ended.output))
}
