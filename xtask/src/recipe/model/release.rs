//! The releases of CPython.

use serde::{Deserialize, Serialize};

use super::DebianSource;
use crate::name::PythonVersion;

/// One minor: its pinned releases, and how CPython's own tests are run in it.
#[derive(Debug)]
pub struct Cpython {
    /// Lines of the build Python's Modules/Setup.local, where its makefile would not link in what cross-building needs.
    pub build_python_setup_local: Vec<String>,
    /// Newest first: the first available one is used.
    pub micro: Vec<Micro>,
    pub regrtest: Regrtest,
}

/// One pinned release.
#[derive(Debug, Clone)]
pub struct Micro {
    pub version: PythonVersion,
    /// Seconds since 1970 of the release: the only time that a build knows.
    pub source_date_epoch: u64,
    /// Why it was built and run on no host yet, where there is more to say than that.
    pub unverified: Option<String>,
    /// The patch series, below `patches/`; absent when there is nothing to patch.
    pub patches: Option<String>,
    pub source: SourceArchive,
}

/// A source archive: one hash, wherever it comes from. Size and hash are in the lock.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SourceArchive {
    /// The archive's name, which is also its name in the lock.
    pub file: String,
    pub urls: Vec<String>,
    /// SPDX expression.
    pub license: String,
    /// Debian's source packages that hold the very same bytes, in the order in which they are tried.
    #[serde(default)]
    pub debian_sources: Vec<DebianSource>,
}

/// How CPython runs its own tests: the arguments of `make buildbottest`.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Regrtest {
    /// What the interpreter is given.
    pub python_arguments: Vec<String>,
    /// What regrtest is given besides the tests and what this xtask gives it itself.
    pub arguments: Vec<String>,
    /// What it is given with `-u`.
    pub resources: String,
    /// Seconds that one file may take.
    pub file_timeout: u64,
}
