//! `recipes/libraries/NAME.toml`: a library that is built for a host.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::DebianSource;
use crate::recipe::placeholder::{ConfigureVariable, LibraryBuildWord};
use crate::recipe::template::Template;

/// A library that extension modules need.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LibraryRecipe {
    #[serde(rename = "schema")]
    _schema: u32,
    pub description: String,
    pub version: String,
    /// SPDX expression.
    pub license: String,
    /// The same release from different sources: the first available one is used.
    pub source: Vec<LibrarySource>,
    pub build: LibraryBuild,
    /// Environment variables of CPython's `configure`, so that it finds the library and nothing else.
    pub configure_environment: BTreeMap<String, Template<ConfigureVariable>>,
}

/// One archive of a library's source. Size and hash are in the lock.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LibrarySource {
    pub file: String,
    #[serde(default)]
    pub urls: Vec<String>,
    #[serde(default)]
    pub debian_sources: Vec<DebianSource>,
}

/// How it is built, in its own source folder.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LibraryBuild {
    /// Environment variables besides the host's `CC`, `CXX`, `AR` and `RANLIB`.
    #[serde(default)]
    pub environment: BTreeMap<String, Template<LibraryBuildWord>>,
    /// Each a program and its arguments. They leave headers and static libraries in `{prefix}`.
    pub commands: Vec<Vec<Template<LibraryBuildWord>>>,
}
