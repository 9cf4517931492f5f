//! A program that runs host binaries, and the words of its command line.

use serde::{Deserialize, Serialize};

use super::{DebianToolchain, Reasons};
use crate::name::ProgramVersion;
use crate::recipe::placeholder::{
    Argv0, Begin, Cache, CompileWord, Module, Mount, StackSize, Timeout, Variable, WorkingDirectory,
};
use crate::recipe::template::Words;

/// `recipes/runners/NAME.toml`: a program that runs host binaries, and its arguments for a guest.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RunnerRecipe {
    #[serde(rename = "schema")]
    _schema: u32,
    pub description: String,
    /// SPDX expression.
    pub license: String,
    /// Why it is unverified; absent if it is verified.
    pub unverified: Option<String>,
    /// Why `test --runner all` leaves it out; absent for what is compared.
    pub not_compared: Option<String>,
    /// Runs WASI binaries if no runner is named, the host runner is not compiled, and this one is installed: the lowest number first.
    pub automatic: Option<u32>,
    pub program: RunnerProgram,
    pub guest: GuestTemplates,
    /// How a host binary is compiled once, before it runs; absent where the runner sees to that by itself.
    pub compile: Option<Compile>,
    /// The abilities that it lacks, with reasons: everything that `[guest]` omits.
    #[serde(default)]
    pub cannot: Cannot,
    /// What does not work in a Python that it runs, and does elsewhere.
    #[serde(default)]
    pub limits: Reasons,
    /// Its packages, for a machine without a suitable program.
    #[serde(default)]
    pub packaged: Vec<PackagedRunner>,
}

/// A pinned version of a runner, made of Debian's packages that are unpacked into the store.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PackagedRunner {
    pub version: ProgramVersion,
    pub debian: DebianToolchain,
}

/// The program behind a runner.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RunnerProgram {
    /// What it is called, in the order in which `PATH` is searched. Empty for what a stage compiles.
    pub names: Vec<String>,
    /// How it is asked for its version; absent for what a stage compiles.
    pub version: Option<RunnerVersion>,
    /// A file of the checkout, by its path in it, which the program runs: `{script}`.
    pub script: Option<String>,
    /// The program of this workspace that starts and controls it, and gets its path as `{program}`.
    pub driver: Option<Driver>,
    /// What to do where it is missing: the hint of the error.
    pub install: String,
    /// The exit status after a trap of the guest.
    pub trap_status: u8,
}

/// A program of this workspace that runs guests in a program of the machine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Driver {
    /// Runs packages for browsers in a browser.
    BrowserRunner,
}

/// How a program is asked for its version, and which will do.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RunnerVersion {
    pub arguments: Vec<String>,
    /// What stands directly before the version in the answer.
    pub prefix: String,
    /// The oldest that will do.
    pub minimum: ProgramVersion,
    /// Why none that is older.
    pub reason: String,
}

/// The words of a runner's command line, in the order in which they are given; the guest's arguments follow.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GuestTemplates {
    pub begin: Words<Begin>,
    /// The same where the runner is started once and asked for each guest: see `host-runner --help` (`fork-server`, which copies
    /// one guest) and `browser-runner --help` (`server`, which keeps one browser).
    pub server: Option<Words<Begin>>,
    /// Given once for each directory.
    pub directory: Words<Mount>,
    /// The same for a directory that the guest must not write to.
    pub read_only_directory: Option<Words<Mount>>,
    /// What stands between the names of a directory: a name that has it in it cannot be given.
    pub separator: String,
    /// Given once for each variable.
    pub variable: Words<Variable>,
    /// Given once for each file that the guest adds to, where what it writes to directories is lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appended_file: Option<Words<Mount>>,
    /// The directory that the guest starts in, where that is not its root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<Words<WorkingDirectory>>,
    pub argv0: Option<Words<Argv0>>,
    pub stack_size: Option<Words<StackSize>>,
    pub timeout: Option<Words<Timeout>>,
    pub cache: Option<Words<Cache>>,
    /// The variable of the runner's own environment that names this folder, where no option does.
    pub cache_variable: Option<String>,
    pub module: Words<Module>,
}

/// The command of a runner's program that compiles a host binary; what it makes is then the module of each guest.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Compile {
    pub arguments: Words<CompileWord>,
    /// What the compiled file is called: some programs go by the end of the name.
    pub file_name: String,
    /// Why it is compiled beforehand.
    pub reason: String,
}

/// The abilities that a runner lacks, with reasons.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cannot {
    pub read_only_directory: Option<String>,
    pub argv0: Option<String>,
    pub stack_size: Option<String>,
    pub timeout: Option<String>,
    pub cache: Option<String>,
}
