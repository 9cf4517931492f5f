//! The file format of expectations; `parse.rs` interprets it.
//!
//! This file is the reference of the format. Unknown keys are rejected.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::name::PythonVersion;
use crate::regrtest::FileOutcome;

/// `recipes/expectations/MINOR-HOST.toml`, or `MINOR-HOST-SOMETHING.toml`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Expectations {
    pub schema: u32,
    /// The release of the recorded counts. Counts are compared only for this release, outcomes always.
    pub python: Spanned<PythonVersion>,
    /// The name of another file, whose entries apply wherever this file has none.
    pub base: Option<Spanned<String>>,
    /// By name in regrtest.
    #[serde(default)]
    pub files: BTreeMap<String, File>,
}

/// The expectations for one test file. Cases that are not listed are expected to pass.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct File {
    /// The outcome of the file, unless it follows from its cases.
    pub outcome: Option<Spanned<Outcome>>,
    /// The reason, in one line. Required with an outcome.
    pub reason: Option<Spanned<String>>,
    /// The URL of an issue about it.
    pub issue: Option<Spanned<String>>,
    /// How many cases finish, including skipped ones; absent if the whole file is skipped.
    pub cases: Option<u32>,
    /// Its approximate duration; absent if less than a second.
    pub seconds: Option<u32>,
    /// The cases that are skipped, by reason: `Class.test_name`, or `Class.*` for all cases of a class.
    ///
    /// A name is the case's id without `test.FILE.`; `\*` is a star in an id.
    #[serde(default)]
    pub skipped: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    /// The cases that fail.
    #[serde(default)]
    pub failed: BTreeMap<Spanned<String>, Reason>,
}

/// Why a case fails.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Reason {
    pub reason: Spanned<String>,
    pub issue: Option<Spanned<String>>,
    /// It passes sometimes, as the reason explains; then both a pass and a failure are expected. Only written by hand.
    #[serde(default)]
    pub sometimes: bool,
}

/// The outcomes of a file, except passing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Skipped,
    ResourceDenied,
    NoTests,
    EnvironmentChanged,
    Failed,
    Error,
}

impl From<Outcome> for FileOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Skipped => Self::Skipped,
            Outcome::ResourceDenied => Self::ResourceDenied,
            Outcome::NoTests => Self::NoTests,
            Outcome::EnvironmentChanged => Self::EnvironmentChanged,
            Outcome::Failed => Self::Failed,
            Outcome::Error => Self::Error,
        }
    }
}
