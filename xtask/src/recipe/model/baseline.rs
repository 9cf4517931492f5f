//! What others distribute: `bench run` measures it beside ours, and nothing else uses it.

use serde::Deserialize;
use toml::Spanned;

use super::{HostFamily, NpmPackage};
use crate::name::PythonVersion;

/// `recipes/baselines/NAME.toml`: a distribution of CPython as an npm package.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Baseline {
    #[serde(rename = "schema")]
    _schema: u32,
    pub description: String,
    /// SPDX expression.
    pub license: String,
    pub version: String,
    /// The Python in it: hosts are compared with a baseline of the same minor.
    pub python: Spanned<PythonVersion>,
    /// Where it runs, by the hosts that run there too.
    pub families: Vec<HostFamily>,
    pub npm_package: NpmPackage,
}
