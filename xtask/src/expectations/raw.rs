//! Expectations exactly as they are written. Nothing is resolved here; `parse.rs` gives meaning to it.
//!
//! This file is the reference of the format. Every table refuses keys that it does not know.

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
    /// The release that the counts were recorded with. They are only compared for that release; outcomes always.
    pub python: Spanned<PythonVersion>,
    /// The name of another of these files, whose entries hold wherever this file has none.
    pub base: Option<Spanned<String>>,
    /// By regrtest's name.
    #[serde(default)]
    pub files: BTreeMap<String, File>,
}

/// What is expected of one test file. What is not said passes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct File {
    /// What the file comes to, where that does not follow from its cases: a file of which a case fails has failed.
    pub outcome: Option<Spanned<Outcome>>,
    /// Why: one line. Required with an outcome.
    pub reason: Option<Spanned<String>>,
    /// The URL of where that is discussed.
    pub issue: Option<Spanned<String>>,
    /// How many cases come to an end, skipped ones included; absent where the file skips itself as a whole.
    pub cases: Option<u32>,
    /// About how long it takes; absent where that is less than a second.
    pub seconds: Option<u32>,
    /// The cases that skip themselves, by the reason that they give: `Class.test_name`, or `Class.*` for all of a class.
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
    /// It passes at times, for what the reason says: then neither is a surprise. Nothing but a person writes this.
    #[serde(default)]
    pub sometimes: bool,
}

/// What a file can come to, other than to pass.
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
