//! `recipes/cpython.toml` and `recipes/cpython/MINOR.toml`: the releases of CPython, as they are written.

use serde::Deserialize;
use toml::Spanned;

use crate::name::{Minor, PythonVersion};
use crate::recipe::model::{Regrtest, SourceArchive};

/// `recipes/cpython.toml`: what all minors have in common.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CpythonCommon {
    #[serde(rename = "schema")]
    _schema: u32,
    /// What is built when no `--python` is given.
    pub default_minor: Spanned<Minor>,
    pub regrtest: Regrtest,
}

/// `recipes/cpython/MINOR.toml`: the pinned releases of one minor, newest first.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cpython {
    #[serde(rename = "schema")]
    _schema: u32,
    pub minor: Spanned<Minor>,
    /// Lines of the build Python's Modules/Setup.local, where its makefile would not link in what cross-building needs.
    #[serde(default)]
    pub build_python_setup_local: Vec<String>,
    /// Pinned releases, newest first: the first available one is used.
    pub micro: Vec<Micro>,
    #[serde(default)]
    pub regrtest: RegrtestExceptions,
}

/// Where a minor differs from `[regrtest]` in `recipes/cpython.toml`. The keys are those of [`Regrtest`].
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RegrtestExceptions {
    pub python_arguments: Option<Spanned<Vec<String>>>,
    pub arguments: Option<Spanned<Vec<String>>>,
    pub resources: Option<Spanned<String>>,
    pub file_timeout: Option<Spanned<u64>>,
}

/// One pinned release, with the fields of [`model::Micro`](crate::recipe::model::Micro).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Micro {
    pub version: Spanned<PythonVersion>,
    pub source_date_epoch: u64,
    pub unverified: Option<String>,
    pub patches: Option<String>,
    pub source: SourceArchive,
}
