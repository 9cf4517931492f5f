//! The work of each kind of stage, as plain data: everything that a stage knows. Pure.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::digest::Sha256;
use crate::name::ProgramVersion;
use crate::recipe::Modules;
use crate::recipe::model::{Artifact, BuildPython, HostConfigure, Library, ToolchainContents, Vendored, Wasm};
use crate::recipe::model::{GuestTemplates, HostFamily, Reasons, RunnerNeeds};
use crate::recipe::placeholder::ConfigureVariable;
use crate::recipe::template::Template;

/// A folder of the checkout with files that stages copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckoutFolder {
    Patches,
    Recipes,
    BrowserFiles,
}

impl CheckoutFolder {
    /// The path from the root of the checkout.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Patches => "patches",
            Self::Recipes => "recipes",
            Self::BrowserFiles => "package-files/browser",
        }
    }
}

/// A patch, or another file of the checkout that a stage copies, by its contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CheckoutFile {
    /// Not in the key: the field of the work that lists the file implies it.
    #[serde(skip)]
    pub folder: CheckoutFolder,
    /// The path below the folder.
    pub file: String,
    pub sha256: Sha256,
}

impl CheckoutFile {
    /// The path from the root of the checkout.
    pub fn path(&self) -> String {
        format!("{}/{}", self.folder.path(), self.file)
    }
}

/// The files of the checkout that the stages of one plan copy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckoutFiles {
    /// CPython's patch series.
    pub patches: Vec<CheckoutFile>,
    /// The toolchain's patch series.
    pub toolchain_patches: Vec<CheckoutFile>,
    /// Files that are copied into the toolchain.
    pub toolchain: Vec<CheckoutFile>,
    /// Files that are copied into a package for browsers.
    pub browser: Vec<CheckoutFile>,
    /// Recorded results of the checks of the host's `configure`.
    pub configure_cache: Option<CheckoutFile>,
}

/// What was found out about the machine that builds. Part of the keys of what it compiles natively.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Facts {
    /// Such as `x86_64-linux`.
    pub build_machine: String,
    /// The first line of `cc --version`.
    pub c_compiler: String,
    /// Identifies the state of the user's toolchain folder; empty for a pinned toolchain.
    pub toolchain_folder: String,
    /// The hash of the host runner's sources.
    pub host_runner: Sha256,
    /// The hash of the browser runner's sources.
    pub browser_runner: Sha256,
}

/// What is to be done, as plain data.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "do", rename_all_fields = "kebab-case")]
pub enum Work {
    /// Get artifacts into the store's downloads, with their hashes checked.
    Fetch { artifacts: Vec<Artifact> },
    /// Unpack CPython and apply the patch series, or copy a folder of the user's.
    PrepareSource { artifact: Option<Artifact>, folder: Option<SourceFolder>, patches: Vec<CheckoutFile> },
    /// Unpack the cross compiler, or a program that runs host binaries.
    PrepareToolchain {
        contents: ToolchainContents,
        /// The patch series.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        patches: Vec<CheckoutFile>,
        /// Files of the checkout that are copied into it.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        files: Vec<CheckoutFile>,
    },
    /// Compile the libraries that the host's extension modules need, one after the other, into one prefix.
    BuildLibraries(BuildLibraries),
    /// Run `configure` for the build Python.
    ConfigureBuildPython { python: BuildPython, source_date_epoch: u64 },
    /// Run `make` for the build Python.
    MakeBuildPython { make_targets: Vec<String>, source_date_epoch: u64 },
    /// Run `configure` for the host.
    ConfigureHost(ConfigureHost),
    /// Compile what needs no Python: most object files for the host.
    CompileHost { source_date_epoch: u64 },
    /// Run `make` for the host.
    MakeHost { source_date_epoch: u64 },
    /// Compile the program that runs host binaries.
    BuildHostRunner { sources: Sha256 },
    /// Compile the program that runs packages for browsers.
    BuildBrowserRunner { sources: Sha256 },
    /// Put together what people get.
    Package(Box<Package>),
    /// Compare the result with the recipe, and run it.
    SmokeTest(Box<SmokeTest>),
    /// Lay CPython's own tests out.
    PrepareTests(PrepareTests),
}

/// A folder with CPython's source that a user named instead of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SourceFolder {
    /// The folder, or `REPOSITORY@TREE`.
    pub path: String,
    /// The hash of its contents when the plan was made.
    pub contents: Sha256,
}

impl Work {
    /// The files of the checkout that the stage may read: their hashes are in its key.
    pub fn checkout_files(&self) -> Vec<&CheckoutFile> {
        match self {
            Self::PrepareSource { patches, .. } => patches.iter().collect(),
            Self::PrepareToolchain { patches, files, .. } => patches.iter().chain(files).collect(),
            Self::Package(package) => package.browser_files.iter().collect(),
            Self::ConfigureHost(configure) => configure.cache.iter().collect(),
            Self::Fetch { .. }
            | Self::BuildLibraries(_)
            | Self::ConfigureBuildPython { .. }
            | Self::MakeBuildPython { .. }
            | Self::CompileHost { .. }
            | Self::MakeHost { .. }
            | Self::BuildHostRunner { .. }
            | Self::BuildBrowserRunner { .. }
            | Self::SmokeTest(_)
            | Self::PrepareTests(_) => Vec::new(),
        }
    }
}

/// What CPython's own tests need and the package goes without.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PrepareTests {
    pub family: HostFamily,
    pub minor: String,
    /// Paths below `Lib/`, with the reasons why they are not in the package.
    pub paths: Reasons,
    pub source_date_epoch: u64,
}

/// The libraries of a host, and what they are compiled with.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct BuildLibraries {
    pub libraries: Vec<Library>,
    /// The programs that `configure` is given: `CC` and others.
    pub tools: BTreeMap<String, Template<ConfigureVariable>>,
    pub triple: String,
    /// The system root, below the toolchain's folder.
    pub sysroot: String,
    pub source_date_epoch: u64,
}

/// Everything that `configure` is given about the host.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ConfigureHost {
    pub minor: String,
    pub triple: String,
    /// The system root, below the toolchain's folder.
    pub sysroot: String,
    pub configure: HostConfigure,
    pub exclude: Reasons,
    /// The toolchain's folder of programs that answer probes; empty where there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub programs: String,
    /// Recorded results of its checks. Whether they apply is known when it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<CheckoutFile>,
    pub source_date_epoch: u64,
}

/// What goes into the package.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Package {
    pub minor: String,
    pub family: HostFamily,
    pub source_date_epoch: u64,
    /// Drop names and debug information from python.wasm.
    pub strip: bool,
    /// `sys.abiflags`.
    pub abi_flags: String,
    pub runner: RunnerNeeds,
    /// Whether it can start threads.
    pub threads: bool,
    /// Files that make leaves beside python.wasm.
    pub program_files: Vec<String>,
    /// Files of the checkout that are copied into it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub browser_files: Vec<CheckoutFile>,
    /// Files from other projects.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vendored: Vec<Vendored>,
    /// The extension modules that are files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shared_modules: Vec<String>,
    /// Paths below `Lib/`. The plan has no reasons.
    pub standard_library_exclude: Reasons,
}

/// The program that runs the new Python in the smoke test.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SmokeTestRunner {
    pub name: String,
    /// Absent for the host runner, whose stage the smoke test needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<ProgramVersion>,
    /// How to pass it what the new Python may use.
    pub guest: GuestTemplates,
}

/// What was promised about the result.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SmokeTest {
    pub family: HostFamily,
    pub python: String,
    pub minor: String,
    pub runner: RunnerNeeds,
    /// What runs the new Python; absent where the package's own launcher does.
    pub runs_on: Option<SmokeTestRunner>,
    pub modules: Modules,
    pub threads: bool,
    pub wasm: Option<Wasm>,
    /// The build is unverified: mismatches with the recipe are reported and are no failure.
    pub unverified: bool,
}
