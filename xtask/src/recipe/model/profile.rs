//! Kinds of builds: profiles, and how the build Python is made for them.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::Reasons;
use crate::recipe::placeholder::ConfigureVariable;
use crate::recipe::template::Template;

/// `recipes/profiles/NAME.toml`: what kind of build it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Profile {
    #[serde(rename = "schema")]
    _schema: u32,
    pub description: String,
    pub build_python: Spanned<String>,
    pub configure: Configure,
    pub output: Output,
}

/// What is done with python.wasm after the make.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Output {
    /// Drop names and debug information from python.wasm.
    pub strip: bool,
    /// `sys.abiflags` of the build: part of the names of libpython, headers and build data.
    pub abi_flags: String,
}
/// How `configure` is called.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Configure {
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Environment variables.
    #[serde(default)]
    pub environment: BTreeMap<String, Template<ConfigureVariable>>,
}

/// `recipes/build-python/NAME.toml`: how the native interpreter is built that the cross build needs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BuildPythonRecipe {
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
