//! `recipes/hosts/HOST.toml` and `recipes/hosts/HOST/MINOR.toml`: a host, as it is written. `variant.rs` has those that extend another one.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::ModuleExceptions;
use crate::name::PythonVersion;
use crate::recipe::model::{Configure, HostFamily, Reasons, Reference, RunnerNeeds, Tier, VendoredPackage};
use crate::recipe::placeholder::ConfigureVariable;
use crate::recipe::reasons::Reason;
use crate::recipe::template::Template;

/// `recipes/hosts/HOST.toml`: what is the same for all minors of a host.
/// A file that has `extends` is a [`HostVariant`](super::HostVariant).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Host {
    #[serde(rename = "schema")]
    _schema: u32,
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

/// Which toolchains can build a host.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HostToolchains {
    /// In the order in which `--toolchain auto` tries them.
    pub candidates: Vec<Spanned<String>>,
}

/// What of the standard library goes into the package.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StandardLibrary {
    /// Paths below `Lib/` that are left out. A path that a minor does not have is no error: the list serves all minors.
    pub exclude: Reasons,
}

/// The releases that were built and run on a host, each with the profiles in which they were.
pub type Verified = BTreeMap<PythonVersion, Vec<Spanned<String>>>;

/// `recipes/hosts/HOST/MINOR.toml`: one minor on one host.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HostMinor {
    #[serde(rename = "schema")]
    _schema: u32,
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
    #[serde(default)]
    pub wasm: Wasm,
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
    /// Our answers, which come after CPython's: those that `recipes/hosts.toml` does not have, or has otherwise.
    #[serde(default)]
    pub preset: BTreeMap<Spanned<String>, Preset>,
    /// Lines of Modules/Setup.local.
    #[serde(default)]
    pub setup_local: Vec<String>,
}

/// An answer that `configure` is given, with the reason.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Preset {
    pub value: String,
    pub reason: Reason,
}

/// Where the imports and exports of python.wasm differ from `[wasm]` in `recipes/hosts.toml`: a list takes the place of the one there.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Wasm {
    /// The imports by module, exactly.
    #[serde(default)]
    pub imports: BTreeMap<Spanned<String>, Vec<String>>,
    /// The exports, exactly.
    pub exports: Option<Spanned<Vec<String>>>,
}
