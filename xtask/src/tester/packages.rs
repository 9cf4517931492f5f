//! Installs packages one by one, and lets each do a small piece of its work in a new interpreter.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use camino::Utf8Path;

use super::probe::{Interpreter, ProbeConfig, run as run_probes};
use super::{TesterError, io};
use crate::cancel::Cancel;
use crate::packages::check::Cell;
use crate::packages::inspect::Offered;
use crate::packages::modules::{import_program, top_level};
use crate::packages::request::Requirement;
use crate::packages::{Refusal, Request, Target, normalized};
use crate::probe::Probe;
use crate::provider::pip::{BytecodeCompiler, Layer, Pip, PipError};
use crate::provider::runner::ReadyRunner;
use crate::recipe::runner::Guest;
use crate::sys;
use crate::wasm::linking::linking;

/// What all packages share.
pub struct PackageConfig<'a> {
    pub pip: &'a Pip<'a>,
    pub target: Target,
    /// The tag of wheels with compiled code that an index may have.
    pub wheel_tag: Option<&'a str>,
    pub compiler: Option<&'a BytecodeCompiler>,
    pub runner: &'a ReadyRunner,
    /// The Python, without a working directory.
    pub guest: Guest,
    /// Where guests have installed packages.
    pub mount: &'a str,
    /// Programs by the names of packages.
    pub programs: &'a BTreeMap<String, String>,
    pub jobs: usize,
    /// The time limit for one program.
    pub limit: Duration,
    /// Contains the directories of the programs.
    pub folder: &'a Utf8Path,
    pub cancel: &'a Cancel,
}

/// Packages cannot be checked at all.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error(transparent)]
    Pip(#[from] PipError),
    #[error(transparent)]
    Tester(#[from] TesterError),
}

/// What became of each package, by name.
pub fn check(config: &PackageConfig<'_>, packages: &[Requirement]) -> Result<BTreeMap<String, Cell>, CheckError> {
    let next = AtomicUsize::new(0);
    let cells = Mutex::new(BTreeMap::new());
    let work = |number: usize| -> Result<(), CheckError> {
        let folder = config.folder.join(number.to_string());
        while let Some(package) = packages.get(next.fetch_add(1, Ordering::Relaxed)) {
            config.cancel.check().map_err(|_| TesterError::Cancelled)?;
            let cell = check_one(config, package, &folder)?;
            cells.lock().expect("no thread panics while it holds the lock").insert(package.name.clone(), cell);
        }
        Ok(())
    };
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..config.jobs).map(|number| scope.spawn(move || work(number))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("checking a package does not panic"))
    })?;
    Ok(cells.into_inner().expect("no thread panicked while it held the lock"))
}

fn check_one(config: &PackageConfig<'_>, package: &Requirement, folder: &Utf8Path) -> Result<Cell, CheckError> {
    let request = |target: Target| Request::new(vec![package.clone()], target, false).expect("nothing is locked");
    let layer = match config.pip.layer(&request(config.target.clone()), config.compiler) {
        Ok(layer) => layer,
        Err(PipError::Refused(refusal)) => {
            let compiled = config.wheel_tag.filter(|_| matches!(refusal, Refusal::NotPure { .. }));
            let published = match compiled {
                Some(tag) => published(config, &request(config.target.with_compiled(tag)))?.then_some(tag),
                None => None,
            };
            return Ok(Cell::refused(&package.name, &refusal, published));
        }
        Err(error) if error.is_environmental() || config.cancel.is_cancelled() => return Err(error.into()),
        Err(error) => return Ok(Cell::not_installed(&error.to_string())),
    };
    use_layer(config, &package.name, &layer, folder)
}

/// Runs the program of a package that is in a layer.
fn use_layer(config: &PackageConfig<'_>, name: &str, layer: &Layer, folder: &Utf8Path) -> Result<Cell, CheckError> {
    let version = layer.wheels.iter().find(|wheel| wheel.name == name).map(|wheel| wheel.version.clone());
    let own = config.programs.get(name);
    let program = match own {
        Some(program) => program.clone(),
        None => import_program(&modules(layer, name)?),
    };
    let mut guest = config.guest.clone();
    config.runner.give_packages(&mut guest, &layer.site_packages, config.mount);
    let (name, title) = (name.to_owned(), name.to_owned());
    let probe = Probe { name, title, program, stdin: String::new(), exit_code: 0, differs: None };
    let runs = ProbeConfig {
        interpreter: Interpreter::Guest { runner: config.runner, guest },
        jobs: 1,
        limit: config.limit,
        folder,
        cancel: config.cancel,
    };
    let answer = run_probes(&runs, &[&probe])?.remove(&probe.name).expect("each probe has an answer");
    Ok(Cell::ran(answer, version.unwrap_or_default(), own.is_some()))
}

/// Installs a package alone with wheels for the tag of compiled code, compares what its extension modules import with what a Python
/// offers, and uses it. Returns what was found, as text.
pub fn inspect(
    config: &PackageConfig<'_>,
    package: &Requirement,
    tag: &str,
    offered: &Offered,
) -> Result<String, CheckError> {
    let target = config.target.with_compiled(tag);
    let request = Request::new(vec![package.clone()], target, false).expect("nothing is locked");
    // Other packages may have no such wheels.
    let request = request.alone();
    let layer = config.pip.layer(&request, config.compiler)?;
    let mut text = String::new();
    let folder = &layer.site_packages;
    for entry in sys::fs::list_tree(folder).map_err(io("reading", folder))? {
        if entry.path.extension() != Some("so") {
            continue;
        }
        let path = folder.join(&entry.path);
        let bytes = fs_err::read(&path).map_err(io("reading", &path))?;
        let module = linking(&bytes).map_err(|error| io("reading", &path)(std::io::Error::other(error)))?;
        text.push_str(&offered.inspect(&module).text(entry.path.as_str(), &module));
    }
    let cell = use_layer(config, &package.name, &layer, &config.folder.join("inspect"))?;
    let version = cell.version.as_deref().unwrap_or_default();
    text.push_str(&format!("{} {version}: {}\n", package.name, cell.text()));
    Ok(text)
}

/// Whether an index has wheels with compiled code for this Python, also of all that is needed.
fn published(config: &PackageConfig<'_>, request: &Request) -> Result<bool, CheckError> {
    match config.pip.choose(request) {
        Ok(_) => Ok(true),
        Err(PipError::Refused(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The topmost modules of a package in a layer.
fn modules(layer: &Layer, name: &str) -> Result<Vec<String>, TesterError> {
    let folder = &layer.site_packages;
    for entry in folder.read_dir_utf8().map_err(io("reading", folder))?.flatten() {
        let Some(info) = entry.file_name().strip_suffix(".dist-info") else { continue };
        if info.split('-').next().is_some_and(|found| normalized(found) == name) {
            let record = entry.path().join("RECORD");
            return Ok(top_level(&fs_err::read_to_string(&record).map_err(io("reading", &record))?));
        }
    }
    Ok(Vec::new())
}
