//! Recipes exactly as they are written: one struct per kind of file. Nothing is resolved here; `resolve.rs` gives meaning to it.
//!
//! This file is the reference of the format. Every table refuses keys that it does not know.

mod baseline;
mod library;
mod minors;
mod modules;
mod tier;
mod toolchain;
mod variant;

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::placeholder::{
    Argv0, Begin, Cache, CompileWord, ConfigureVariable, Module, Mount, StackSize, Timeout, Variable, WorkingDirectory,
};
use super::template::{Template, Verbatim, Words};
use crate::name::{Minor, ProgramVersion, PythonVersion};

pub use baseline::{Baseline, NpmPackage};
pub use library::{Library, LibraryBuild, LibrarySource};
pub use minors::Minors;
pub use modules::{Matrix, ModuleEntry, ModuleExceptions, Reason, Scoped, SpannedReasons};
pub use tier::Tier;
pub use toolchain::{
    DebianAlternative, DebianPackage, DebianToolchain, Launchers, Link, OwnFile, Patched, Toolchain, ToolchainArchive,
    ToolchainVersion,
};
pub use variant::{HostVariant, HostVariantMinor};

/// A table of names, each with the reason why it is there. The reason is required.
pub type Reasons = BTreeMap<String, String>;

/// The releases that were built and run on a host, each with the profiles in which they were.
pub type Verified = BTreeMap<PythonVersion, Vec<Spanned<String>>>;

/// `recipes/cpython/MINOR.toml`: the pinned releases of one minor, newest first.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cpython {
    pub schema: u32,
    pub minor: Minor,
    /// Lines of the build Python's Modules/Setup.local, where its makefile would not link in what cross-building needs.
    #[serde(default)]
    pub build_python_setup_local: Vec<String>,
    /// Pinned releases, newest first: the first available one is used.
    pub micro: Vec<Micro>,
    pub regrtest: Regrtest,
}

/// How CPython runs its own tests: what `make buildbottest` gives them in this minor.
#[derive(Debug, Clone, Deserialize, serde::Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Regrtest {
    /// What the interpreter is given.
    pub python_arguments: Vec<String>,
    /// What regrtest is given besides the tests and what this xtask gives it itself.
    pub arguments: Vec<String>,
    /// What it is given with `-u`.
    pub resources: String,
    /// Seconds that one file may take.
    pub file_timeout: u64,
}

/// One pinned release of CPython.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Micro {
    pub version: PythonVersion,
    /// Seconds since 1970 of the release: the only time that a build knows.
    pub source_date_epoch: u64,
    /// Why it was built and run on no host yet, where there is more to say than that.
    pub unverified: Option<String>,
    /// The patch series, below `patches/`; absent when there is nothing to patch.
    pub patches: Option<String>,
    pub source: Source,
}

/// A source archive: one hash, wherever it comes from. Size and hash are in the lock.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Source {
    /// The archive's name, which is also its name in the lock.
    pub file: String,
    pub urls: Vec<String>,
    /// SPDX expression.
    pub license: String,
    /// Debian's source packages that hold the very same bytes, in the order in which they are tried.
    #[serde(default)]
    pub debian_sources: Vec<DebianSource>,
}

/// A Debian source package.
#[derive(Debug, Clone, Deserialize, serde::Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DebianSource {
    pub package: String,
    pub version: String,
    pub suite: String,
}

/// `recipes/hosts/HOST.toml`: what is the same for all minors of a host.
/// A file that has `extends` is read as [`HostVariant`].
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Host {
    pub schema: u32,
    pub description: String,
    pub family: HostFamily,
    /// What the package's name has behind the triple, where another host has the same triple.
    pub package_suffix: Option<String>,
    /// Whether its Python can start threads: that is tried.
    #[serde(default)]
    pub threads: bool,
    pub toolchain: HostToolchains,
    pub configure: Configure,
    /// Files that make leaves beside python.wasm and that it needs.
    #[serde(default)]
    pub program_files: Vec<String>,
    /// What only this host leaves out.
    #[serde(default)]
    pub standard_library: StandardLibrary,
    /// Third-party files in the package.
    #[serde(default)]
    pub vendored: Vec<Vendored>,
}

/// Third-party files from a Debian package, which are copied into the package of a host.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Vendored {
    pub name: String,
    pub version: String,
    /// SPDX expression.
    pub license: String,
    pub package: VendoredPackage,
    /// By their paths in the package, where they go below ours.
    pub files: BTreeMap<String, String>,
}

/// Whose package it comes in.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VendoredPackage {
    Debian(DebianPackage),
    Npm(NpmPackage),
}

/// What kind of host it is: decides how its Python is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostFamily {
    /// python.wasm, which a runner gives the system's calls to.
    Wasi,
    /// python.wasm with Emscripten's JavaScript, which Node.js runs: it sees the files of the machine as they are.
    EmscriptenNode,
    /// python.wasm with Emscripten's JavaScript, which a page or a worker of a browser runs: its files are in memory.
    EmscriptenBrowser,
}

/// Which toolchains can build a host.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HostToolchains {
    /// In the order in which `--toolchain auto` tries them.
    pub candidates: Vec<Spanned<String>>,
}

/// How `configure` is called.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Configure {
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Environment variables.
    #[serde(default)]
    pub environment: BTreeMap<String, Template<ConfigureVariable>>,
}

/// What of the standard library goes into the package.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StandardLibrary {
    /// Paths below `Lib/` that are left out. A path that a minor does not have is no error: the list serves all minors.
    pub exclude: Reasons,
}

/// `recipes/standard-library.toml`: what is left out of the standard library, by scope (see [`Matrix`]).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Exclusions {
    pub schema: u32,
    /// As in [`StandardLibrary`].
    pub exclude: BTreeMap<Spanned<String>, BTreeMap<String, Reason>>,
}

/// `recipes/hosts/HOST/MINOR.toml`: one minor on one host.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HostMinor {
    pub schema: u32,
    /// autoconf's `--host`, and clang's `--target`.
    pub triple: Spanned<String>,
    /// CPython's support tier of the platform (PEP 11); absent where CPython does not support it.
    pub tier: Option<Tier>,
    /// Why no release of this minor was built and run on this host yet.
    pub unverified: Option<String>,
    /// Which were. A build that is not among them is called unverified.
    #[serde(default)]
    pub verified: Verified,
    /// Which version of each toolchain this minor is built with.
    pub toolchain: BTreeMap<String, Spanned<String>>,
    /// The host's toolchains that it is not built with.
    #[serde(default)]
    pub toolchain_reject: Reasons,
    pub configure: HostMinorConfigure,
    pub runner: RunnerNeeds,
    /// CPython's own script for this host; absent where none was tried.
    pub reference: Option<Reference>,
    /// Where this minor on this host differs from `recipes/modules.toml`.
    #[serde(default)]
    pub modules: ModuleExceptions,
    /// Absent where python.wasm is of use to nothing but the JavaScript beside it, whose names for both sides are short and arbitrary.
    pub wasm: Option<Wasm>,
}

/// CPython's own way to build and to test one minor for one host. `cargo xtask bench` measures it; nothing else uses it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Reference {
    /// A path in the source tree. It must know CPython's four verbs, from `configure-build-python` to `make-host`.
    pub script: String,
    /// The oldest Python that can run it.
    pub python: Minor,
    /// What its `--host-runner` says after the stack's size. The names in braces are the script's own, which fills them in.
    pub runner_arguments: Verbatim,
    /// Additional arguments for its regrtest, whose main process is the build Python.
    pub regrtest_arguments: Vec<String>,
}

/// How `configure` is called for one minor on one host.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HostMinorConfigure {
    #[serde(default)]
    pub arguments: Vec<String>,
    /// As in [`Configure`].
    #[serde(default)]
    pub environment: BTreeMap<String, Template<ConfigureVariable>>,
    /// CPython's own config.site for this host: a path in the source tree.
    pub config_site: String,
    /// Our answers, which come after CPython's.
    #[serde(default)]
    pub preset: BTreeMap<String, Preset>,
    /// Lines of Modules/Setup.local.
    #[serde(default)]
    pub setup_local: Vec<String>,
}

/// An answer that `configure` is given, with the reason.
#[derive(Debug, Clone, Deserialize, serde::Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Preset {
    pub value: String,
    pub reason: String,
}

/// What the host's Python needs of whatever runs it.
#[derive(Debug, Clone, Deserialize, serde::Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RunnerNeeds {
    /// Bytes of stack that the engine must give to the wasm.
    pub stack_size: u64,
    /// The oldest Node.js that will do, by its first number; absent where it is not Node.js that runs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_node: Option<u32>,
}

/// What python.wasm may ask of an engine, and what it must offer.
#[derive(Debug, Clone, Deserialize, serde::Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Wasm {
    /// The imports by module, exactly.
    pub imports: BTreeMap<String, Vec<String>>,
    /// The exports, exactly.
    pub exports: Vec<String>,
}

/// `recipes/runners/NAME.toml`: a program that runs host binaries, and its arguments for a guest.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Runner {
    pub schema: u32,
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
    /// The exit status after a timeout, if it is a distinct one.
    pub timeout_status: Option<u8>,
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
#[derive(Debug, Clone, Deserialize, serde::Serialize, PartialEq, Eq)]
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

/// A pinned version of a runner, made of Debian's packages that are unpacked into the store.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PackagedRunner {
    pub version: ProgramVersion,
    pub debian: DebianToolchain,
}

/// `recipes/profiles/NAME.toml`: what kind of build it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Profile {
    pub schema: u32,
    pub description: String,
    pub build_python: Spanned<String>,
    pub configure: Configure,
    pub output: Output,
}

/// What is done with python.wasm after the make.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Output {
    /// Drop names and debug information from python.wasm.
    pub strip: bool,
    /// `sys.abiflags` of the build: part of the names of libpython, headers and build data.
    pub abi_flags: String,
}

/// `recipes/build-python/NAME.toml`: how the native interpreter is built that the cross build needs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BuildPython {
    pub schema: u32,
    pub description: String,
    /// Take the minor's `build-python-setup-local` along.
    #[serde(default)]
    pub setup_local: bool,
    pub make_targets: Vec<String>,
    pub configure: BuildPythonConfigure,
    pub modules: BuildPythonModules,
}

/// How `configure` is called for the build Python, which needs no cross toolchain.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BuildPythonConfigure {
    #[serde(default)]
    pub arguments: Vec<String>,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
}

/// Which extension modules the build Python goes without.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BuildPythonModules {
    /// Becomes `py_cv_module_NAME=n/a` in config.site.
    #[serde(default)]
    pub exclude: Reasons,
}

/// `recipes/build-machine.toml`: what the machine that builds must have.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BuildMachine {
    pub schema: u32,
    /// Programs that a build may call, with Debian's package for each.
    pub package: BTreeMap<String, String>,
}
