//! Results of CPython's regression tests: files, their cases, and their outcomes. Pure.
//!
//! A *file* is what regrtest calls a test, such as `test_os` or `test_asyncio.test_events`: one process runs one file.
//! A *case* is one method of a unittest class, named by its full id, such as `test.test_os.FileTests.test_access`.
//! `driver.py` is the program that runs one file inside the guest, for every minor.
//! `tester` runs files; `expectations` and `suite` decide whether an outcome is expected.

pub mod classify;
pub mod journal;
pub mod summary_line;

use std::fmt;

use serde::{Deserialize, Serialize};

/// The result of one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FileResult {
    /// Its name in regrtest.
    pub name: String,
    pub outcome: FileOutcome,
    /// The reason for a skip or an error, in one line. Empty if the file passed.
    pub reason: String,
    /// Wall clock time, including the start of the process.
    pub seconds: f64,
    /// In the order in which they were planned.
    pub cases: Vec<CaseResult>,
    /// The last lines of output, with the wasm backtrace after a trap. Empty if the file passed or was skipped.
    pub output: String,
}

/// How a file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileOutcome {
    Passed,
    /// The file skipped itself.
    Skipped,
    /// It needs a resource that regrtest was not given with `-u`.
    ResourceDenied,
    /// None of its cases was selected.
    NoTests,
    /// Its cases passed, but it changed the interpreter's environment.
    EnvironmentChanged,
    /// A case failed.
    Failed,
    /// It did not finish normally: an exception outside of a case, a trap, a timeout, an early exit, a broken journal.
    Error,
}

/// The result of one case, or of the set-up of a class or a module (whose id is like `setUpClass (test.test_os.FileTests)`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CaseResult {
    pub id: String,
    pub outcome: CaseOutcome,
    /// The reason for a skip, or the traceback. Empty if the case passed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    pub seconds: f64,
    /// The number of skipped subtests, if the case as a whole was not skipped.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped_subtests: u32,
}

/// How a case ended, in unittest's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseOutcome {
    Passed,
    /// It failed and is marked as an expected failure.
    ExpectedFailure,
    Skipped,
    Failure,
    Error,
    /// It passed but is marked as an expected failure.
    UnexpectedSuccess,
    /// It did not run, because the file ended before.
    NotRun,
}

/// The part of an outcome that is compared with expectations.
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

/// The class or module of such an id.
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
