//! `recipes/build-machine.toml`: the machine that builds, as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;

/// `recipes/build-machine.toml`: what the machine that builds must have.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BuildMachine {
    #[serde(rename = "schema")]
    _schema: u32,
    /// Programs that a build may call, with Debian's package for each.
    pub package: BTreeMap<String, String>,
}
