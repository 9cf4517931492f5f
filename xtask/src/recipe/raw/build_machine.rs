//! `recipes/build-python/NAME.toml` and `recipes/build-machine.toml`: what builds, as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::recipe::model::Reasons;

/// `recipes/build-python/NAME.toml`: how the native interpreter is built that the cross build needs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BuildPython {
    #[serde(rename = "schema")]
    _schema: u32,
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
    #[serde(rename = "schema")]
    _schema: u32,
    /// Programs that a build may call, with Debian's package for each.
    pub package: BTreeMap<String, String>,
}
