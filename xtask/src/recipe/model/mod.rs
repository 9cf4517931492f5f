//! A resolved recipe: one CPython release, for one host, in one profile, with one toolchain.
//!
//! These are the values that plans are made of and that stage keys are computed from. No `Option` here means "default".

mod baseline;
mod host;
mod library;
mod package;
mod profile;
mod release;
mod runner;
mod tier;
mod toolchain;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::placeholder::{ConfigureVariable, FinishWord};
use super::template::Template;
use crate::digest::Sha256;
use crate::name::PythonVersion;

pub use baseline::Baseline;
pub use host::{HostFamily, Preset, Reference, RunnerNeeds, Wasm};
pub use library::{LibraryBuild, LibraryRecipe, LibrarySource};
pub use package::{DebianAlternative, DebianPackage, DebianSource, NpmPackage, VendoredPackage};
pub use profile::{BuildPythonConfigure, BuildPythonModules, BuildPythonRecipe, Configure, Output, Profile};
pub use release::{Cpython, Micro, Regrtest, SourceArchive};
pub use runner::{Cannot, Compile, Driver, GuestTemplates, PackagedRunner, RunnerProgram, RunnerRecipe, RunnerVersion};
pub use tier::Tier;
pub use toolchain::{
    DebianToolchain, Launchers, Link, OwnFile, Patched, ToolchainArchive, ToolchainRecipe, ToolchainVersion,
};

/// A table of names, each with the reason why it is there. The reason is required.
pub type Reasons = BTreeMap<String, String>;

/// A fully resolved statement of what to build. `cargo xtask recipe show --resolved` prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Recipe {
    pub python: PythonVersion,
    pub host: String,
    pub family: HostFamily,
    /// What the package's name has behind the triple; empty where the triple is the host's alone.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub package_suffix: String,
    pub profile: String,
    pub triple: String,
    /// CPython's support tier of the triple (PEP 11); absent where CPython does not support it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// Why this build is unverified; empty if it is verified.
    pub unverified: Vec<String>,
    pub source_date_epoch: u64,
    pub strip: bool,
    /// `sys.abiflags`.
    pub abi_flags: String,
    pub source: Source,
    pub toolchain: Toolchain,
    /// In the order in which they are built.
    pub libraries: Vec<Library>,
    pub build_python: BuildPython,
    pub configure: HostConfigure,
    pub runner: RunnerNeeds,
    pub modules: Modules,
    /// Whether it can start threads.
    pub threads: bool,
    /// What python.wasm asks for and offers; absent where nothing but the JavaScript beside it uses that.
    pub wasm: Option<Wasm>,
    /// Files that make leaves beside python.wasm and that it needs.
    pub program_files: Vec<String>,
    pub standard_library_exclude: Reasons,
    /// Third-party files in the package.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vendored: Vec<Vendored>,
    pub regrtest: Regrtest,
}

/// What is promised about extension modules. The smoke test compares them with what was built; a difference either way fails the build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Modules {
    /// `sys.builtin_module_names`, exactly.
    pub builtin: Vec<String>,
    /// The files of `lib-dynload`, exactly, by module. The smoke test imports each of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<String>,
    /// CPython's configure found no library for them (`MODULE_NAME_STATE=missing`).
    pub missing: Reasons,
    /// CPython's configure left them off (`MODULE_NAME_STATE=disabled`).
    pub disabled: Reasons,
    /// CPython's configure says that the host cannot have them (`MODULE_NAME_STATE=n/a`).
    pub not_available: Reasons,
    /// CPython's configure says `MODULE_NAME_STATE=yes`, and make does not build them.
    #[serde(skip_serializing_if = "Reasons::is_empty")]
    pub not_built: Reasons,
    /// These recipes leave them out: `py_cv_module_NAME=n/a` in config.site.
    pub exclude: Reasons,
}

/// Third-party files.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Vendored {
    pub name: String,
    pub version: String,
    pub artifact: Artifact,
    /// By their paths in the artifact, where they go below the package.
    pub files: BTreeMap<String, String>,
}

/// The CPython source and what is done to it before anything is built.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Source {
    /// The patch series, below `patches/`; empty when there is nothing to patch.
    pub patches: String,
    pub artifact: Artifact,
}

/// The exact bytes of one input, and its sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Artifact {
    pub file: String,
    pub size: Option<u64>,
    pub sha256: Sha256,
    /// SPDX expression.
    pub license: String,
    pub origin: Origin,
}

/// The sources of an artifact, besides the store and a mirror.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Origin {
    /// Upstream, in order.
    pub urls: Vec<String>,
    /// In the order in which they are tried.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub debian_sources: Vec<DebianSource>,
    pub debian_package: Option<DebianPackage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub npm_package: Option<NpmPackage>,
    /// Other pinned bytes, in order: used where the archive no longer has the package.
    #[serde(skip)]
    pub alternatives: Vec<Artifact>,
    #[serde(skip_serializing_if = "VerifiedBy::is_lock")]
    pub verified_by: VerifiedBy,
}

/// What says that the bytes of an artifact are the right ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerifiedBy {
    /// `recipes/lock.toml` pins the hash.
    #[default]
    Lock,
    /// The hash is in the archive's index, whose signature apt verified.
    ArchiveSignature,
}

impl VerifiedBy {
    fn is_lock(&self) -> bool {
        *self == Self::Lock
    }
}

/// A cross compiler with its system root.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Toolchain {
    pub name: String,
    pub version: String,
    /// The system root, below the toolchain's folder.
    pub sysroot: String,
    /// A folder of programs that replace those in `bin/` while `configure` runs; empty if there is none.
    pub configure_programs: String,
    /// Programs of the machine that builds, with Debian's package for each.
    pub build_machine_programs: BTreeMap<String, String>,
    pub contents: ToolchainContents,
}

/// What a toolchain, or a runner, is made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", rename_all_fields = "kebab-case")]
pub enum ToolchainContents {
    /// One archive with one folder in it, as its makers publish it.
    Archive { artifact: Artifact },
    /// Debian packages, unpacked side by side.
    Debian(DebianContents),
    /// A folder of the user's, taken as it is.
    Folder { path: String },
}

/// Debian packages, and what is done so that they are a toolchain.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct DebianContents {
    pub artifacts: Vec<Artifact>,
    /// By file name, the folder below the toolchain's that an artifact is unpacked into, where that is not the toolchain's own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub below: BTreeMap<String, String>,
    /// What of the packages is not unpacked.
    #[serde(skip_serializing_if = "Reasons::is_empty")]
    pub exclude: Reasons,
    /// Exceptions from that, which are unpacked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<String>,
    pub launchers: Vec<Launchers>,
    pub links: Vec<Link>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<OwnFile>,
    /// The folder beside the recipe, below `recipes/`, that `files` are in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub files_folder: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patched: Option<Patched>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub finish: Vec<Vec<Template<FinishWord>>>,
}

/// A library that is built for the host.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Library {
    pub name: String,
    pub version: String,
    pub artifact: Artifact,
    pub build: LibraryBuild,
}

/// How the build Python is made.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct BuildPython {
    pub flavour: String,
    pub arguments: Vec<String>,
    pub make_targets: Vec<String>,
    pub environment: BTreeMap<String, String>,
    pub left_out_modules: Reasons,
    /// Lines of Modules/Setup.local.
    pub setup_local: Vec<String>,
}

/// How `configure` is called for the host.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct HostConfigure {
    pub arguments: Vec<String>,
    /// CPython's own config.site: a path in the source tree.
    pub config_site: String,
    pub environment: BTreeMap<String, Template<ConfigureVariable>>,
    /// Our answers, which come after CPython's.
    pub preset: BTreeMap<String, Preset>,
    /// Lines of Modules/Setup.local.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub setup_local: Vec<String>,
}

impl ToolchainContents {
    /// What has to be downloaded for it.
    pub fn artifacts(&self) -> Vec<&Artifact> {
        match self {
            Self::Archive { artifact } => vec![artifact],
            Self::Debian(contents) => contents.artifacts.iter().collect(),
            Self::Folder { .. } => Vec::new(),
        }
    }
}

impl Toolchain {
    /// What has to be downloaded for it.
    pub fn artifacts(&self) -> Vec<&Artifact> {
        self.contents.artifacts()
    }

    /// Name and version, as a person says it.
    pub fn title(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}

impl Library {
    /// Name and version, as a person says it.
    pub fn title(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}

impl Vendored {
    /// Name and version, as a person says it.
    pub fn title(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}

impl Recipe {
    /// The name of what comes out, as CPython's own packaging names it: `python-3.13.15-wasm32-wasip1`.
    /// Hosts that share a triple say which they are, and profiles other than `release` do, too.
    pub fn package_name(&self) -> String {
        let mut name = format!("python-{}-{}", self.python, self.triple);
        for part in [self.package_suffix.as_str(), if self.profile == "release" { "" } else { &self.profile }] {
            if !part.is_empty() {
                name = format!("{name}-{part}");
            }
        }
        name
    }
}
