//! The plan: everything that will be done, as a value, computed whole before anything is done. Pure.
//!
//! `build`, `plan`, `--dry-run`, `explain` and the tests all read this value. `builder` alone knows the order of the work,
//! `key` what makes a stage's result reusable, `render` how a plan is shown. How a stage is *done* is told in `stage`.

pub mod builder;
pub mod explain;
pub mod key;
pub mod render;
pub mod select;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::digest::Sha256;
use crate::event::Unit;
use crate::recipe::model::{Artifact, BuildPython, HostConfigure, Library, ToolchainContents, Vendored};
use crate::recipe::placeholder::ConfigureVariable;
use crate::recipe::raw::{GuestTemplates, HostFamily, Modules, Reasons, RunnerNeeds, Wasm};
use crate::recipe::template::Template;

pub use builder::{CheckoutFile, Facts, Inputs, build, build_runner};

/// What a stage is called: CPython's own verbs where it has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageId {
    FetchSource,
    FetchToolchain,
    FetchLibraries,
    FetchVendored,
    PrepareSource,
    PrepareToolchain,
    BuildLibraries,
    ConfigureBuildPython,
    ConfigureHost,
    MakeBuildPython,
    MakeHost,
    BuildHostRunner,
    BuildBrowserRunner,
    Package,
    SmokeTest,
    PrepareTests,
    FetchRunner,
    PrepareRunner,
}

/// One piece of work with everything that it depends on.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Stage {
    pub id: StageId,
    /// What it makes, in a few words.
    pub title: String,
    /// The stages whose results it uses.
    pub needs: Vec<StageId>,
    /// Identifies the result: equal keys, equal results.
    pub key: Sha256,
    /// The key's inputs in clear.
    pub inputs: BTreeMap<String, String>,
    /// The name of the folder that it works in. Stages that share one follow each other in it.
    pub workspace: String,
    pub work: Work,
}

/// What is to be done, as plain data.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "do", rename_all_fields = "kebab-case")]
pub enum Work {
    /// Get artifacts into the store's downloads, with their hashes checked.
    Fetch { artifacts: Vec<Artifact> },
    /// Unpack CPython and apply the patch series, or copy a folder of the user's.
    PrepareSource { artifact: Option<Artifact>, folder: Option<String>, patches: Vec<CheckoutFile> },
    /// Unpack the cross compiler, or a program that runs host binaries.
    PrepareToolchain {
        contents: ToolchainContents,
        /// The patch series.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        patches: Vec<CheckoutFile>,
        /// Files of ours that go into it, below `recipes/`.
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
    /// Run `make` for the host.
    MakeHost { source_date_epoch: u64 },
    /// Compile the program that runs host binaries.
    BuildHostRunner { sources: Sha256 },
    /// Compile the program that runs packages for browsers.
    BuildBrowserRunner { sources: Sha256 },
    /// Put together what people get.
    Package(Box<Package>),
    /// Compare what came out with what was promised, and run it.
    SmokeTest(Box<SmokeTest>),
    /// Lay CPython's own tests out.
    PrepareTests(PrepareTests),
}

/// What CPython's own tests need and the package goes without.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PrepareTests {
    pub family: HostFamily,
    pub minor: String,
    /// Paths below `Lib/`, with the reasons why they are not in the package.
    pub paths: Reasons,
    /// The hash of the program that runs them.
    pub driver: Sha256,
    pub source_date_epoch: u64,
}

/// The libraries of a host, and what they are compiled with.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct BuildLibraries {
    pub libraries: Vec<Library>,
    /// The programs that `configure` is told: `CC` and the like.
    pub tools: BTreeMap<String, Template<ConfigureVariable>>,
    pub triple: String,
    /// The system root, below the toolchain's folder.
    pub sysroot: String,
    pub source_date_epoch: u64,
}

/// Everything that `configure` is told about the host.
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
    pub source_date_epoch: u64,
}

/// What goes into the package, and what it says about itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Package {
    pub name: String,
    pub python: String,
    pub minor: String,
    pub host: String,
    pub family: HostFamily,
    pub triple: String,
    pub tier: u8,
    pub profile: String,
    pub unverified: Vec<String>,
    pub source_date_epoch: u64,
    pub toolchain: String,
    /// Drop names and debug information from python.wasm.
    pub strip: bool,
    /// `sys.abiflags`.
    pub abi_flags: String,
    pub inputs: Vec<Artifact>,
    pub patches: Vec<CheckoutFile>,
    pub configure_arguments: Vec<String>,
    pub configure_environment: BTreeMap<String, Template<ConfigureVariable>>,
    pub runner: RunnerNeeds,
    /// Whether it can start threads.
    pub threads: bool,
    /// Files that make leaves beside python.wasm.
    pub program_files: Vec<String>,
    /// Files of ours, below `browser/`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub browser_files: Vec<CheckoutFile>,
    /// What others made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vendored: Vec<Vendored>,
    pub modules: Modules,
    pub standard_library_exclude: Reasons,
}

/// What was promised about the result.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SmokeTest {
    pub family: HostFamily,
    pub python: String,
    pub minor: String,
    pub runner: RunnerNeeds,
    /// How the host runner is told what the new Python may have; absent where the package's own launcher runs it.
    pub host_runner: Option<GuestTemplates>,
    pub modules: Modules,
    pub threads: bool,
    pub wasm: Option<Wasm>,
    /// Nobody has seen this build yet, so that its recipe promises nothing: surprises are told, and are no failure.
    pub unverified: bool,
}

/// All stages, in an order in which each comes after what it needs. The same for the same inputs, on every machine.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    /// Python, host and profile, as a person says it.
    pub title: String,
    pub stages: Vec<Stage>,
}

impl StageId {
    /// All stages, in the order in which they would run alone. The last two are a plan of their own.
    pub const ALL: [Self; 18] = [
        Self::FetchSource,
        Self::FetchToolchain,
        Self::FetchLibraries,
        Self::FetchVendored,
        Self::PrepareSource,
        Self::PrepareToolchain,
        Self::BuildLibraries,
        Self::ConfigureBuildPython,
        Self::ConfigureHost,
        Self::MakeBuildPython,
        Self::MakeHost,
        Self::BuildHostRunner,
        Self::BuildBrowserRunner,
        Self::Package,
        Self::SmokeTest,
        Self::PrepareTests,
        Self::FetchRunner,
        Self::PrepareRunner,
    ];

    /// The name that people type and read.
    pub fn name(self) -> &'static str {
        match self {
            Self::FetchSource => "fetch-source",
            Self::FetchToolchain => "fetch-toolchain",
            Self::FetchLibraries => "fetch-libraries",
            Self::FetchVendored => "fetch-vendored",
            Self::PrepareSource => "prepare-source",
            Self::PrepareToolchain => "prepare-toolchain",
            Self::BuildLibraries => "build-libraries",
            Self::ConfigureBuildPython => "configure-build-python",
            Self::ConfigureHost => "configure-host",
            Self::MakeBuildPython => "make-build-python",
            Self::MakeHost => "make-host",
            Self::BuildHostRunner => "build-host-runner",
            Self::BuildBrowserRunner => "build-browser-runner",
            Self::Package => "package",
            Self::SmokeTest => "smoke-test",
            Self::PrepareTests => "prepare-tests",
            Self::FetchRunner => "fetch-runner",
            Self::PrepareRunner => "prepare-runner",
        }
    }

    /// What the stage's progress counts.
    pub fn unit(self) -> Unit {
        match self {
            Self::FetchSource
            | Self::FetchToolchain
            | Self::FetchLibraries
            | Self::FetchVendored
            | Self::FetchRunner
            | Self::PrepareSource
            | Self::PrepareToolchain
            | Self::PrepareRunner => Unit::Bytes,
            Self::Package => Unit::Items,
            Self::BuildLibraries
            | Self::ConfigureBuildPython
            | Self::ConfigureHost
            | Self::MakeBuildPython
            | Self::MakeHost
            | Self::BuildHostRunner
            | Self::BuildBrowserRunner
            | Self::SmokeTest
            | Self::PrepareTests => Unit::None,
        }
    }
}

impl std::fmt::Display for StageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl Plan {
    /// A stage by its name.
    pub fn stage(&self, id: StageId) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == id)
    }
}

impl Stage {
    /// The name of its folder in the store: short enough to read, and told apart by the key.
    pub fn folder(&self) -> String {
        format!("{}-{}", self.id, self.key.short())
    }
}

#[cfg(test)]
mod tests;
