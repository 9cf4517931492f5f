//! Programs that run host binaries, as this machine has them: which of them will do, and how one is started for a guest.
//!
//! What has to be compiled or unpacked first is made by stages; `cmd::runner` puts both together.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::machine;
use crate::cancel::Cancel;
use crate::name::ProgramVersion;
use crate::recipe::raw::RunnerVersion;
use crate::recipe::runner::{self, Beginning, Directory, Guest, GuestError, HOST_RUNNER, Runner};
use crate::sys::{self, Command, CommandError};

/// A runner that can be started.
#[derive(Debug, Clone)]
pub struct ReadyRunner {
    pub runner: Runner,
    pub program: Utf8PathBuf,
    /// The program of this workspace that starts it, where its recipe names one.
    pub driver: Option<Utf8PathBuf>,
    /// Its version, where it was asked for it or is pinned.
    pub version: Option<ProgramVersion>,
    /// The file that the recipe's `script` names.
    pub script: Option<Utf8PathBuf>,
    /// The runner's own environment; guests see nothing of it.
    pub environment: BTreeMap<String, String>,
    /// The launcher of the package that it runs, where a package brings one that cannot be done without.
    pub launcher: Option<Utf8PathBuf>,
}

/// Tells the launcher of a package which program to start.
const NODE_VARIABLE: &str = "PYTHON_NODE";

/// Tells the launcher of a package where to keep what its program compiled.
const CACHE_VARIABLE: &str = "PYTHON_NODE_CACHE";

/// What `PATH` has of a runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The first that is new enough.
    Usable { program: Utf8PathBuf, version: Option<ProgramVersion> },
    /// None will do: why not, for each name, and what would.
    Unusable { reasons: Vec<String> },
}

/// No program on this machine will do, and none can be had.
#[derive(Debug, thiserror::Error)]
#[error("{name} cannot be used: {reasons}\nhint: {install}")]
pub struct RunnerError {
    pub name: String,
    pub reasons: String,
    pub install: String,
}

impl ReadyRunner {
    /// The command that runs a guest, started in a folder: relative paths of the guest's directories begin there.
    pub fn command(&self, guest: &Guest, directory: &Utf8Path) -> Result<Command, GuestError> {
        let mut environment = self.environment.clone();
        if let Some(launcher) = &self.launcher {
            environment.insert(NODE_VARIABLE.to_owned(), self.program.to_string());
            environment.extend(guest.cache.as_ref().map(|folder| (CACHE_VARIABLE.to_owned(), folder.to_string())));
            environment.extend(guest.environment.clone());
            let (program, args) = (launcher.clone(), guest.arguments.clone());
            return Ok(Command { program, args, directory: directory.to_owned(), environment, timeout: guest.timeout });
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

    /// The command that starts it once for many guests, which it is asked for then; `None` if it cannot.
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

    /// Whether what it runs brings its package along, so that its guests need not be given it.
    pub fn brings_package(&self) -> bool {
        self.driver.is_some()
    }

    /// Whether what it runs sees the machine's own files, where they are, and not those that a guest is given.
    pub fn sees_the_machine(&self) -> bool {
        self.launcher.is_some()
    }

    /// Gives a guest a folder to write in, which it starts in: its root folder, if it has one. There is `tmp/` in it.
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

    /// The folder of the store, by name, where it keeps what it compiled.
    pub fn cache_folder(&self) -> &'static str {
        if self.runner.name == HOST_RUNNER { "host-runner-cache" } else { "runner-cache" }
    }

    /// Name and version, as a person says it.
    pub fn title(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.runner.name),
            None => self.runner.name.clone(),
        }
    }
}

/// Looks for a runner in `path` (a value of `PATH`) and asks what it finds for its version.
pub fn look(runner: &Runner, path: &str, cancel: &Cancel) -> Result<Found, CommandError> {
    let program = &runner.recipe.program;
    let mut reasons = Vec::new();
    for name in &program.names {
        let Some(found) = machine::find(name, path) else {
            reasons.push(format!("there is no `{name}` in PATH"));
            continue;
        };
        let Some(wanted) = &program.version else { return Ok(Found::Usable { program: found, version: None }) };
        match judge(&found, wanted, cancel) {
            Ok(version) => return Ok(Found::Usable { program: found, version: Some(version) }),
            Err(Refusal::Reason(reason)) => reasons.push(reason),
            Err(Refusal::Cancelled(error)) => return Err(*error),
        }
    }
    let any = program.names.iter().any(|name| machine::find(name, path).is_some());
    if let (true, Some(wanted)) = (any, &program.version) {
        reasons.push(format!("{} or newer is needed ({})", wanted.minimum, wanted.reason));
    }
    Ok(Found::Unusable { reasons })
}

enum Refusal {
    Reason(String),
    Cancelled(Box<CommandError>),
}

/// The version of a program, if it is new enough.
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
        Err(error) => return Err(Refusal::Reason(format!("{program} does not say its version: {error}"))),
    };
    match ProgramVersion::said(&said, &wanted.prefix) {
        Some(version) if version >= wanted.minimum => Ok(version),
        Some(version) => Err(Refusal::Reason(format!("{program} is {version}"))),
        None => {
            let said = said.lines().next().unwrap_or_default().trim();
            Err(Refusal::Reason(format!("{program} says `{said}` when it is asked for its version")))
        }
    }
}
