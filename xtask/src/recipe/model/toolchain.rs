//! Toolchains: the recipe of one, and how Debian packages become one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{DebianPackage, Reasons};
use crate::recipe::placeholder::FinishWord;
use crate::recipe::template::Template;

/// `recipes/toolchains/NAME.toml`: a cross compiler with its system root.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ToolchainRecipe {
    #[serde(rename = "schema")]
    _schema: u32,
    pub description: String,
    /// SPDX expression.
    pub license: String,
    pub version: Vec<ToolchainVersion>,
    /// Versions that must not be used, with the reason.
    #[serde(default)]
    pub reject: Reasons,
}

/// One pinned version of a toolchain.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ToolchainVersion {
    pub version: String,
    /// The triples that its system root has libraries for.
    pub triples: Vec<String>,
    /// The system root, below the toolchain's folder.
    pub sysroot: String,
    /// A folder below the toolchain's, whose programs replace those in `bin/` while `configure` runs:
    /// they give its probes the same answers sooner.
    #[serde(default)]
    pub configure_programs: String,
    /// Programs of the machine that builds which this toolchain calls, with Debian's package for each.
    #[serde(default)]
    pub build_machine_programs: BTreeMap<String, String>,
    /// Why this toolchain is unverified.
    pub unverified: Option<String>,
    #[serde(default)]
    pub archive: Vec<ToolchainArchive>,
    #[serde(default)]
    pub debian: Vec<DebianToolchain>,
}

/// A toolchain as its makers publish it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ToolchainArchive {
    /// The machine that it runs on, such as `x86_64-linux`.
    pub build_machine: String,
    pub file: String,
    pub urls: Vec<String>,
}

/// A toolchain made of Debian packages that are unpacked into the store.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DebianToolchain {
    pub build_machine: String,
    pub package: Vec<DebianPackage>,
    /// What of the packages is not unpacked, with the reason: paths below the toolchain's folder.
    #[serde(default)]
    pub exclude: Reasons,
    /// Paths below an excluded path that are unpacked anyway.
    #[serde(default)]
    pub keep: Vec<String>,
    #[serde(default)]
    pub launchers: Vec<Launchers>,
    /// Symbolic links that the packages lack.
    #[serde(default)]
    pub link: Vec<Link>,
    /// Files of this project.
    #[serde(default)]
    pub file: Vec<OwnFile>,
    /// A patch series for what the packages hold.
    pub patched: Option<Patched>,
    /// Commands that finish it, in order: each a program below its folder, and its arguments.
    #[serde(default)]
    pub finish: Vec<Vec<Template<FinishWord>>>,
}

/// A patch series for a toolchain.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Patched {
    /// Below `patches/`.
    pub series: String,
    /// The folder below the toolchain's that its paths begin in.
    pub folder: String,
}

/// A file that lies in the folder beside the recipe that is named like it, and goes into the toolchain.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OwnFile {
    /// In the folder beside the recipe.
    pub from: String,
    /// Below the toolchain's folder.
    pub path: String,
    #[serde(default)]
    pub executable: bool,
}

/// A symbolic link inside a toolchain's folder.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Link {
    pub path: String,
    pub target: String,
}

/// Programs that need libraries from the toolchain's own folder: each gets a launcher in `bin/` that names them.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Launchers {
    /// Where the launchers go, if not into `bin/`.
    #[serde(default = "bin", skip_serializing_if = "is_bin")]
    pub into: String,
    /// Where the programs lie, below the toolchain's folder.
    pub directory: String,
    pub programs: Vec<String>,
    /// Where their libraries lie.
    pub library_path: Vec<String>,
    /// The dynamic loader of the packages' own C library, below the folder, where they need a newer one than machines have.
    pub loader: Option<String>,
}

fn bin() -> String {
    "bin".to_owned()
}

fn is_bin(folder: &str) -> bool {
    folder == "bin"
}
