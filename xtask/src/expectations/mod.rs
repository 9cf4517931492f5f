//! Expectations: the outcome that each test file and case should have, as data in `recipes/expectations/`. Text in and text out.
//!
//! `raw` is the format as written, `parse` checks all files and lays overlays over their bases, `observed` reads results
//! in the form of expectations, `write` makes a file's text from results. `suite` compares results with expectations.

use std::collections::{BTreeMap, BTreeSet};

use crate::name::PythonVersion;
use crate::regrtest::FileOutcome;

mod ask;
pub mod observed;
pub mod parse;
mod print;
pub mod raw;
pub mod write;

pub use ask::Reasons;
pub use parse::parse;
pub use write::{NewFailure, WriteError, write};

#[cfg(test)]
pub(crate) mod tests;

/// One file of `recipes/expectations/`, with all that it takes from its base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectations {
    /// The file's name without `.toml`, such as `3.13-wasi-node`.
    pub name: String,
    /// The release that the file's own entries were recorded with.
    pub python: PythonVersion,
    pub base: Option<Box<Expectations>>,
    /// By regrtest's name: the base's entries, with this file's own in place of those that it has.
    pub files: BTreeMap<String, File>,
}

/// What is expected of one test file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The release that the entry was recorded with. Counts and what has vanished mean something for no other.
    pub python: PythonVersion,
    /// The outcome of the file, and why, if it does not follow from its cases.
    pub whole: Option<(FileOutcome, Reason)>,
    /// How many cases finish, including skipped ones.
    pub cases: Option<u32>,
    /// About how long it takes; absent where that is less than a second.
    pub seconds: Option<u32>,
    /// Cases that skip themselves, with the reason. Cases are named as by [`observed::short_name`].
    pub skipped: BTreeMap<String, String>,
    /// Classes all of whose cases skip themselves, with the reason.
    pub skipped_classes: BTreeMap<String, String>,
    pub failed: BTreeMap<String, Reason>,
}

/// What is expected of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected<'a> {
    Pass,
    Skip(&'a str),
    Fail(&'a Reason),
}

/// Why something does not pass: one line, and perhaps where it is discussed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    text: String,
    issue: Option<String>,
    /// It passes sometimes: both are expected.
    sometimes: bool,
}

/// The text is no reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReasonError {
    #[error("the reason is empty")]
    Empty,
    #[error("the reason has more than one line")]
    SeveralLines,
    #[error("`{0}` is not the URL of an issue")]
    NotAUrl(String),
}

/// What was run. Only that is compared, and only that is rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The release that ran.
    pub python: PythonVersion,
    /// The files that were selected; all files if absent.
    pub files: Option<BTreeSet<String>>,
    /// Of each file only some cases were to run.
    pub cases_filtered: bool,
}

impl Expectations {
    /// Expectations that nothing was recorded in yet, to be written for the first time.
    pub fn new(name: &str, python: PythonVersion, base: Option<Expectations>) -> Self {
        let files = base.as_ref().map(|base| base.files.clone()).unwrap_or_default();
        Self { name: name.to_owned(), python, base: base.map(Box::new), files }
    }
}

impl File {
    /// The outcome that the file should have. A file with a failing case has failed.
    pub fn outcome(&self) -> FileOutcome {
        let from_cases = if self.failed.is_empty() { FileOutcome::Passed } else { FileOutcome::Failed };
        self.own_outcome().max(from_cases)
    }

    /// The outcome that the file should have regardless of its cases.
    pub fn own_outcome(&self) -> FileOutcome {
        self.whole.as_ref().map_or(FileOutcome::Passed, |(outcome, _)| *outcome)
    }

    /// The outcome that a case should have, by its short name.
    pub fn case(&self, name: &str) -> Expected<'_> {
        let class = || observed::class_of(name).and_then(|class| self.skipped_classes.get(class));
        match self.failed.get(name) {
            Some(reason) => Expected::Fail(reason),
            None => self.skipped.get(name).or_else(class).map_or(Expected::Pass, |reason| Expected::Skip(reason)),
        }
    }
}

impl Reason {
    /// A reason, if the text is one line and the issue is a URL.
    pub fn new(text: &str, issue: Option<&str>) -> Result<Self, ReasonError> {
        check_line(text)?;
        if let Some(issue) = issue.filter(|issue| !is_url(issue)) {
            return Err(ReasonError::NotAUrl(issue.to_owned()));
        }
        Ok(Self { text: text.trim().to_owned(), issue: issue.map(str::to_owned), sometimes: false })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn issue(&self) -> Option<&str> {
        self.issue.as_deref()
    }

    /// Whether the case passes sometimes.
    pub fn is_sometimes(&self) -> bool {
        self.sometimes
    }
}

/// A reason is one line with something in it.
fn check_line(text: &str) -> Result<(), ReasonError> {
    if text.trim().is_empty() {
        Err(ReasonError::Empty)
    } else if text.contains(['\n', '\r']) {
        Err(ReasonError::SeveralLines)
    } else {
        Ok(())
    }
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c.is_control()))
}
