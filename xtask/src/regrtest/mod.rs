//! What came of CPython's regression tests, as values: files, their cases, and how each ended. Pure.
//!
//! A *file* is what regrtest calls a test, such as `test_os` or `test_asyncio.test_events`: one process runs one file.
//! A *case* is one method of a unittest class, named by its whole id, such as `test.test_os.FileTests.test_access`.
//! `driver.py` is the program that runs one file inside the guest, for every minor.
//! How files are run is told in `tester`; whether an outcome is the right one, in `expectations` and `suite`.

pub mod classify;
pub mod journal;
pub mod summary_line;

use std::fmt;

use serde::{Deserialize, Serialize};

/// What came of one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FileResult {
    /// Regrtest's name of it.
    pub name: String,
    pub outcome: FileOutcome,
    /// Why, in one line: the reason to skip, or what broke. Empty for a file that passed.
    pub reason: String,
    /// Wall clock, the start of the process included.
    pub seconds: f64,
    /// In the order in which they were to run.
    pub cases: Vec<CaseResult>,
    /// The last lines that the process printed, with the wasm backtrace if it trapped. Empty for a file that passed or skipped itself.
    pub output: String,
}

/// How a file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileOutcome {
    Passed,
    /// The file said that it cannot run here.
    Skipped,
    /// It needs a resource that regrtest was not given with `-u`.
    ResourceDenied,
    /// None of its cases was selected.
    NoTests,
    /// Its cases passed, and it left the interpreter's environment changed.
    EnvironmentChanged,
    /// A case failed.
    Failed,
    /// It did not come to its end as it should: an exception outside of a case, a trap, a timeout, an early exit, a broken journal.
    Error,
}

/// What came of one case, or of the set-up of a class or a module (whose id is like `setUpClass (test.test_os.FileTests)`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CaseResult {
    pub id: String,
    pub outcome: CaseOutcome,
    /// The reason to skip, or the traceback. Empty for a case that passed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    pub seconds: f64,
    /// Parts of it that skipped themselves, while the case as a whole did not.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped_subtests: u32,
}

/// How a case ended: unittest's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseOutcome {
    Passed,
    /// It failed, and its own code says that it should.
    ExpectedFailure,
    Skipped,
    Failure,
    Error,
    /// It passed, and its own code says that it should fail.
    UnexpectedSuccess,
    /// It should have run, and the file ended before it did.
    NotRun,
}

/// What matters of an outcome when it is compared with what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Pass,
    Skip,
    Fail,
}

impl FileOutcome {
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Passed => Verdict::Pass,
            Self::Skipped | Self::ResourceDenied | Self::NoTests => Verdict::Skip,
            Self::EnvironmentChanged | Self::Failed | Self::Error => Verdict::Fail,
        }
    }
}

impl CaseOutcome {
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Passed | Self::ExpectedFailure => Verdict::Pass,
            Self::Skipped => Verdict::Skip,
            Self::Failure | Self::Error | Self::UnexpectedSuccess | Self::NotRun => Verdict::Fail,
        }
    }
}

impl fmt::Display for FileOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "passed",
            Self::Skipped => "skipped",
            Self::ResourceDenied => "resource-denied",
            Self::NoTests => "no-tests",
            Self::EnvironmentChanged => "environment-changed",
            Self::Failed => "failed",
            Self::Error => "error",
        })
    }
}

impl fmt::Display for CaseOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "passed",
            Self::ExpectedFailure => "expected-failure",
            Self::Skipped => "skipped",
            Self::Failure => "failure",
            Self::Error => "error",
            Self::UnexpectedSuccess => "unexpected-success",
            Self::NotRun => "not-run",
        })
    }
}

/// Whether an id is that of the set-up or clean-up of a class or a module, such as `setUpClass (test.test_os.FileTests)`.
pub fn is_set_up(id: &str) -> bool {
    set_up_scope(id).is_some()
}

/// The class or the module that such an id is for.
pub fn set_up_scope(id: &str) -> Option<&str> {
    let (what, scope) = id.strip_suffix(')')?.split_once(" (")?;
    matches!(what, "setUpClass" | "tearDownClass" | "setUpModule" | "tearDownModule").then_some(scope)
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_printed_as_they_are_written_in_documents() {
        use CaseOutcome as Case;
        use FileOutcome as File;
        let of = |value: serde_json::Value| value.as_str().unwrap().to_owned();
        for outcome in [
            File::Passed,
            File::Skipped,
            File::ResourceDenied,
            File::NoTests,
            File::EnvironmentChanged,
            File::Failed,
            File::Error,
        ] {
            assert_eq!(outcome.to_string(), of(serde_json::to_value(outcome).unwrap()));
        }
        for outcome in [
            Case::Passed,
            Case::ExpectedFailure,
            Case::Skipped,
            Case::Failure,
            Case::Error,
            Case::UnexpectedSuccess,
            Case::NotRun,
        ] {
            assert_eq!(outcome.to_string(), of(serde_json::to_value(outcome).unwrap()));
        }
    }

    #[test]
    fn a_set_up_is_no_case() {
        assert!(is_set_up("setUpClass (test.test_os.FileTests)"));
        assert!(is_set_up("tearDownModule (test.test_os)"));
        assert!(!is_set_up("test.test_os.FileTests.setUpClass"));
        assert!(!is_set_up("test.test_os.FileTests.test_x (setUpClass)"));
    }
}
