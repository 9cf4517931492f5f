//! `recipes/toolchains/NAME.toml`: a cross compiler with its system root, as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::recipe::model::{DebianToolchain, Reasons};

/// `recipes/toolchains/NAME.toml`: a cross compiler with its system root.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Toolchain {
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
