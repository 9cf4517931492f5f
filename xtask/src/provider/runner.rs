//! Programs that run host binaries, as this machine has them: which one is used, and how it is started for a guest.
//!
//! Runners that must be compiled or unpacked first are results of stages; `cmd::runner` combines both.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::machine;
use crate::cancel::Cancel;
use crate::name::ProgramVersion;
use crate::recipe::model::RunnerVersion;
use crate::recipe::runner::{self, Ability, Beginning, Directory, Guest, GuestError, HOST_RUNNER, Runner};
use crate::sys::{self, Command, CommandError};

/// A runner that can be started.
#[derive(Debug, Clone)]
pub struct ReadyRunner {
    pub runner: Runner,
    pub program: Utf8PathBuf,
    /// The program of this workspace that starts it, if its recipe names one.
    pub driver: Option<Utf8PathBuf>,
    /// Its version, if it was asked or is pinned.
    pub version: Option<ProgramVersion>,
    /// The file that the recipe's `script` names.
    pub script: Option<Utf8PathBuf>,
    /// The runner's own environment, which guests do not see.
    pub environment: BTreeMap<String, String>,
    /// The launcher of the package that it runs, if the package cannot be run without one.
    pub launcher: Option<Utf8PathBuf>,
}

/// Where Python looks for modules besides its own.
const PYTHONPATH: &str = "PYTHONPATH";

/// The variable that names the program for a package's launcher.
const NODE_VARIABLE: &str = "PYTHON_NODE";

/// The variable that names the cache for a package's launcher.
const CACHE_VARIABLE: &str = "PYTHON_NODE_CACHE";

/// What `PATH` has of a runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The first program that is new enough.
    Usable { program: Utf8PathBuf, version: Option<ProgramVersion> },
    /// No program can be used: why not, for each name, and what is needed.
    Unusable {
        reasons: Vec<String>,
        /// Whether there is a program, which is too old or broken.
        present: bool,
    },
}

/// The runner that is used if none is named.
#[derive(Debug, Clone)]
pub struct Picked {
    pub name: String,
    /// The program in `PATH`, with its version; `None` for the host runner.
    pub installed: Option<(Utf8PathBuf, Option<ProgramVersion>)>,
    /// Why this one.
    pub reason: String,
    /// Programs in `PATH` that would have been preferred and cannot be used, with the reasons.
    pub rejected: Vec<String>,
}

/// Picks a runner of WASI binaries: the host runner if it is compiled, or else the first of `runners` that is installed
/// and has the abilities that the run needs, or else the host runner.
pub fn pick<E>(
    host_runner_is_compiled: bool,
    runners: &[Runner],
    needs: &[Ability],
    look: impl Fn(&Runner) -> Result<Found, E>,
) -> Result<Picked, E> {
    let host_runner = |reason: &str, rejected| Picked {
        name: HOST_RUNNER.to_owned(),
        installed: None,
        reason: reason.to_owned(),
        rejected,
    };
    if host_runner_is_compiled {
        return Ok(host_runner("it is compiled, and preferred to other runners", Vec::new()));
    }
    let mut rejected = Vec::new();
    for runner in runners {
        let name = &runner.name;
        match look(runner)? {
            Found::Usable { program, version } => {
                if let Some(missing) = needs.iter().find(|need| !runner.recipe.can(**need)) {
                    rejected.push(format!("{name} does not support {}", missing.name()));
                    continue;
                }
                let reason = "the host runner is not compiled".to_owned();
                return Ok(Picked { name: name.clone(), installed: Some((program, version)), reason, rejected });
            }
            Found::Unusable { reasons, present: true } => rejected.push(format!("{name}: {}", reasons.join("; "))),
            Found::Unusable { present: false, .. } => {}
        }
    }
    let names: Vec<&str> = runners.iter().map(|runner| runner.name.as_str()).collect();
    let reason = match names.as_slice() {
        [] => "no other runner is used unless it is named".to_owned(),
        names => format!("PATH has no usable {}", names.join(" or ")),
    };
    Ok(host_runner(&reason, rejected))
}

/// No program on this machine can be used, and no package is pinned.
#[derive(Debug, thiserror::Error)]
#[error("{name} cannot be used: {reasons}\nhint: {install}")]
pub struct RunnerError {
    pub name: String,
    pub reasons: String,
    pub install: String,
}

impl ReadyRunner {
    /// The command that runs a guest. Relative paths of the guest's directories start at `directory`.
    pub fn command(&self, guest: &Guest, directory: &Utf8Path) -> Result<Command, GuestError> {
        let mut environment = self.environment.clone();
        if let Some(launcher) = &self.launcher {
            environment.insert(NODE_VARIABLE.to_owned(), self.program.to_string());
            environment.extend(guest.cache.as_ref().map(|folder| (CACHE_VARIABLE.to_owned(), folder.to_string())));
            environment.extend(guest.environment.clone());
            let (program, args) = (launcher.clone(), guest.arguments.clone());
            return Ok(Command { program, args, directory: directory.to_owned(), environment, timeout: None });
        }
        let templates = &self.runner.recipe.guest;
        environment.extend(runner::variables(templates, guest));
        Ok(Command {
            program: self.driver.as_ref().unwrap_or(&self.program).clone(),
            args: runner::arguments(templates, self.beginning(), guest)?,
            directory: directory.to_owned(),
            environment,
            timeout: None,
        })
    }

    /// The command that starts it as a server for many guests; `None` if it cannot be one.
    pub fn server_command(&self, guest: &Guest, directory: &Utf8Path) -> Option<Command> {
        let templates = &self.runner.recipe.guest;
        Some(Command {
            program: self.driver.as_ref().unwrap_or(&self.program).clone(),
            args: runner::server_arguments(templates, self.beginning(), guest)?.ok()?,
            directory: directory.to_owned(),
            environment: self.environment.clone(),
            timeout: None,
        })
    }

    fn beginning(&self) -> Beginning<'_> {
        Beginning { script: self.script.as_deref(), program: Some(&self.program) }
    }

    /// Whether what it runs includes the package, so that its guests need no directory with it.
    pub fn brings_package(&self) -> bool {
        self.driver.is_some()
    }

    /// Whether what it runs sees all files of this machine at their own paths, instead of given directories.
    pub fn sees_the_machine(&self) -> bool {
        self.launcher.is_some()
    }

    /// Gives a guest a folder to write to, in which it starts: its root, if it has one. The folder contains `tmp/`.
    pub fn give_folder(&self, guest: &mut Guest, folder: &Utf8Path) {
        let temporary = match self.sees_the_machine() {
            true => folder.join("tmp").into_string(),
            false => {
                guest.directories.push(Directory::writable(folder, "/"));
                "/tmp".to_owned()
            }
        };
        guest.environment.insert("TMPDIR".to_owned(), temporary);
    }

    /// Gives a guest installed packages: as its own site-packages, at `mount`, or for a Python that sees this machine's files, by a
    /// variable. Folders that the variable has already come first.
    pub fn give_packages(&self, guest: &mut Guest, folder: &Utf8Path, mount: &str) {
        if !self.sees_the_machine() {
            guest.directories.push(Directory::read_only(folder, mount));
            return;
        }
        let path = guest.environment.entry(PYTHONPATH.to_owned()).or_default();
        let separator = if path.is_empty() { "" } else { ":" };
        path.push_str(&format!("{separator}{folder}"));
    }

    /// The name of its cache in the store.
    pub fn cache_folder(&self) -> &'static str {
        if self.runner.name == HOST_RUNNER { "host-runner-cache" } else { "runner-cache" }
    }

    /// Name and version, for people.
    pub fn title(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.runner.name),
            None => self.runner.name.clone(),
        }
    }
}

/// Looks for a runner in `path` (a value of `PATH`) and runs what it finds for its version.
pub fn look(runner: &Runner, path: &str, cancel: &Cancel) -> Result<Found, CommandError> {
    let program = &runner.recipe.program;
    let mut reasons = Vec::new();
    for name in &program.names {
        let Some(found) = machine::find(name, path) else {
            reasons.push(format!("`{name}` is not in PATH"));
            continue;
        };
        let Some(wanted) = &program.version else { return Ok(Found::Usable { program: found, version: None }) };
        match judge(&found, wanted, cancel) {
            Ok(version) => return Ok(Found::Usable { program: found, version: Some(version) }),
            Err(Refusal::Reason(reason)) => reasons.push(reason),
            Err(Refusal::Cancelled(error)) => return Err(*error),
        }
    }
    let present = program.names.iter().any(|name| machine::find(name, path).is_some());
    if let (true, Some(wanted)) = (present, &program.version) {
        reasons.push(format!("{} or newer is needed ({})", wanted.minimum, wanted.reason));
    }
    Ok(Found::Unusable { reasons, present })
}

enum Refusal {
    Reason(String),
    Cancelled(Box<CommandError>),
}

/// The version of a program, if it is at least the minimum.
fn judge(program: &Utf8Path, wanted: &RunnerVersion, cancel: &Cancel) -> Result<ProgramVersion, Refusal> {
    let command = Command {
        program: program.to_owned(),
        args: wanted.arguments.clone(),
        directory: "/".into(),
        environment: BTreeMap::from([("LC_ALL".to_owned(), "C".to_owned())]),
        timeout: None,
    };
    let said = match sys::output(&command, cancel) {
        Ok(said) => String::from_utf8_lossy(&said.stdout).into_owned(),
        Err(error) if cancel.is_cancelled() => return Err(Refusal::Cancelled(Box::new(error))),
        Err(error) => return Err(Refusal::Reason(format!("{program} failed to print its version: {error}"))),
    };
    match ProgramVersion::find(&said, &wanted.prefix) {
        Some(version) if version >= wanted.minimum => Ok(version),
        Some(version) => Err(Refusal::Reason(format!("{program} is {version}"))),
        None => {
            let said = said.lines().next().unwrap_or_default().trim();
            Err(Refusal::Reason(format!("{program} printed `{said}` instead of its version")))
        }
    }
}
