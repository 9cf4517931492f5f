//! Writes results as JUnit XML, for CI systems that show test reports. Pure.
//!
//! A test file is a suite, a case is a case.
//! Only mismatches are failures: an expected failure is written as skipped, an unexpected pass as a failure.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::judge::{Kind, Mismatch};
use super::results::Results;
use super::summary::words;
use crate::expectations::observed::Observed;
use crate::regrtest::summary_line::{exception_class, summary_line};
use crate::regrtest::{CaseOutcome, CaseResult, FileOutcome, FileResult, Verdict};

/// Returns the recorded reason for a failure of a file (`None`) or a case.
type Known<'a> = &'a dyn Fn(&str, Option<&str>) -> Option<String>;

/// The document's text.
///
/// `mismatches` are failures; for all other failures, `known` returns the recorded reason.
pub fn junit(results: &Results, mismatches: &[Mismatch], known: Known) -> String {
    let run = &results.run;
    let (runner, version) = (&run.runner.name, &run.runner.version);
    let mut report =
        Report::new(text(&format!("Python {} on {}, {}, {runner} {version}", run.python, run.host, run.profile)));
    report.set_time(duration(results.seconds));
    let mut by_file: BTreeMap<&str, Vec<&Mismatch>> = BTreeMap::new();
    for mismatch in mismatches {
        by_file.entry(&mismatch.file).or_default().push(mismatch);
    }
    for file in &results.files {
        let mismatches = by_file.remove(file.name.as_str()).unwrap_or_default();
        report.add_test_suite(suite(file, &mismatches, known));
    }
    // Files that did not run but should have.
    for (file, mismatches) in by_file {
        let mut suite = TestSuite::new(text(file));
        suite.set_time(Duration::ZERO);
        suite.add_test_cases(mismatches.into_iter().map(|mismatch| absent(file, mismatch)));
        report.add_test_suite(suite);
    }
    report.to_string().expect("memory can be written to")
}

fn suite(file: &FileResult, mismatches: &[&Mismatch], known: Known) -> TestSuite {
    let mut suite = TestSuite::new(text(&file.name));
    suite.set_time(duration(file.seconds));
    // A file can have several mismatches, a case only one.
    let own: Vec<&Mismatch> = mismatches.iter().copied().filter(|mismatch| mismatch.case.is_none()).collect();
    let of = |case: &CaseResult| mismatches.iter().copied().find(|other| other.case.as_ref() == Some(&case.id));
    let broke = own.iter().copied().find(|own| own.kind == Kind::NewFailure);
    let module = module(&file.name);
    if !own.is_empty() || !follows_from_cases(file) {
        let mut case = test_case(&module, &file.name, file_status(file, &own, known(&file.name, None)));
        if file.cases.is_empty() {
            case.set_time(duration(file.seconds));
        }
        if !file.output.is_empty() {
            case.set_system_out(text(&file.output));
        }
        suite.add_test_case(case);
    } else if !file.output.is_empty() {
        suite.set_system_out(text(&file.output));
    }
    let mut written = BTreeSet::from([None]);
    for case in Observed::of(file).cases.into_iter().map(|case| case.result) {
        let mismatch = of(case).or(broke.filter(|_| case.outcome == CaseOutcome::NotRun));
        let (class, name) = split(&case.id).unwrap_or((&module, &case.id));
        let mut test = test_case(class, name, case_status(case, mismatch, known(&file.name, Some(&case.id))));
        test.set_time(duration(case.seconds));
        suite.add_test_case(test);
        written.insert(Some(case.id.as_str()));
    }
    let absent_ones = mismatches.iter().filter(|mismatch| !written.contains(&mismatch.case.as_deref()));
    suite.add_test_cases(absent_ones.map(|mismatch| absent(&file.name, mismatch)));
    suite
}

/// Whether the file's outcome follows from its cases, so that the file needs no separate test case.
fn follows_from_cases(file: &FileResult) -> bool {
    match file.outcome {
        FileOutcome::Passed => !file.cases.is_empty(),
        FileOutcome::Failed => file.cases.iter().any(|case| case.outcome.verdict() == Verdict::Fail),
        FileOutcome::Skipped
        | FileOutcome::ResourceDenied
        | FileOutcome::NoTests
        | FileOutcome::EnvironmentChanged
        | FileOutcome::Error => false,
    }
}

fn file_status(file: &FileResult, own: &[&Mismatch], known: Option<String>) -> TestCaseStatus {
    match file.outcome.verdict() {
        _ if !own.is_empty() => {
            let is_broken = file.outcome == FileOutcome::Error && own.iter().any(|own| own.kind == Kind::NewFailure);
            not_as_expected(if is_broken { NonSuccessKind::Error } else { NonSuccessKind::Failure }, own)
        }
        Verdict::Fail => skipped(&expected_to_fail(known.as_deref().unwrap_or(&file.reason))),
        Verdict::Skip => skipped(&file.reason),
        Verdict::Pass => TestCaseStatus::success(),
    }
}

fn case_status(case: &CaseResult, mismatch: Option<&Mismatch>, known: Option<String>) -> TestCaseStatus {
    const NOT_RUN: &str = "did not run: the file did not finish";
    match (case.outcome, mismatch) {
        (CaseOutcome::NotRun, Some(_)) => failed(NonSuccessKind::Error, NOT_RUN, ""),
        (CaseOutcome::NotRun, None) => skipped(NOT_RUN),
        (CaseOutcome::Error, Some(_)) => failed(NonSuccessKind::Error, summary_line(&case.text), &case.text),
        (CaseOutcome::UnexpectedSuccess, Some(_)) => {
            failed(NonSuccessKind::Failure, "its own code says that it fails, and it passed", &case.text)
        }
        (CaseOutcome::Failure, Some(_)) => failed(NonSuccessKind::Failure, summary_line(&case.text), &case.text),
        (CaseOutcome::Failure | CaseOutcome::Error | CaseOutcome::UnexpectedSuccess, None) => {
            let mut status = skipped(&expected_to_fail(known.as_deref().unwrap_or(summary_line(&case.text))));
            status.set_description(text(&case.text));
            status
        }
        (CaseOutcome::Passed | CaseOutcome::ExpectedFailure | CaseOutcome::Skipped, Some(mismatch)) => {
            not_as_expected(NonSuccessKind::Failure, &[mismatch])
        }
        (CaseOutcome::Skipped, None) => skipped(&case.text),
        (CaseOutcome::Passed | CaseOutcome::ExpectedFailure, None) => TestCaseStatus::success(),
    }
}

/// A case or a file that should be there and is not. Expectations name cases without the module.
fn absent(file: &str, mismatch: &Mismatch) -> TestCase {
    let module = module(file);
    let status = not_as_expected(NonSuccessKind::Failure, &[mismatch]);
    let Some(case) = &mismatch.case else { return test_case(&module, file, status) };
    let id = if case.contains(file) { case.clone() } else { format!("{module}.{case}") };
    let (class, name) = split(&id).unwrap_or((&module, case));
    test_case(class, name, status)
}

fn failed(kind: NonSuccessKind, message: &str, description: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    let unknown = match kind {
        NonSuccessKind::Failure => "failure",
        NonSuccessKind::Error => "error",
    };
    // Some readers show the description only, and some stumble if there is none.
    let description = if description.is_empty() { message } else { description };
    status.set_message(text(message)).set_type(text(exception_class(message).unwrap_or(unknown)));
    status.set_description(text(description));
    status
}

fn not_as_expected(kind: NonSuccessKind, mismatches: &[&Mismatch]) -> TestCaseStatus {
    let all: Vec<String> = mismatches.iter().copied().map(words).collect();
    let message = all.join("; ");
    let ty = match mismatches.first().map(|mismatch| mismatch.kind) {
        Some(Kind::NewFailure) | None => return failed(kind, &message, ""),
        Some(Kind::UnexpectedPass) => "unexpected-pass",
        Some(Kind::UnexpectedSkip) => "unexpected-skip",
        Some(Kind::MissingFile | Kind::MissingCase) => "missing",
        Some(Kind::CaseCount) => "case-count",
        Some(Kind::UnrecordedFile) => "unrecorded",
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(text(&message)).set_type(ty).set_description(text(&message));
    status
}

fn skipped(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(text(message));
    status
}

fn expected_to_fail(reason: &str) -> String {
    if reason.is_empty() { "expected to fail".to_owned() } else { format!("expected to fail: {reason}") }
}

fn test_case(class: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(text(name), status);
    // Readers expect a time, be it none.
    case.set_classname(text(class)).set_time(Duration::ZERO);
    case
}

/// The module of a file's cases, so that a file stands beside its classes: regrtest's names leave the package out.
fn module(file: &str) -> String {
    format!("test.{file}")
}

/// `test.test_os.FileTests.test_access` is the method of a class, and so is `setUpClass (test.test_os.FileTests)`.
fn split(id: &str) -> Option<(&str, &str)> {
    match id.strip_suffix(')').and_then(|id| id.split_once(" (")) {
        Some((name, class)) => Some((class, name)),
        None => id.rsplit_once('.').filter(|(class, name)| !class.is_empty() && !name.is_empty()),
    }
}

/// XML cannot hold every character, not even escaped: those that it cannot are shown as U+FFFD.
///
/// Among them is the escape character, so that an escape sequence that never ends cannot make `quick_junit` drop the rest of a text, as a terminal would.
fn text(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\t', "    ");
    let is_unfit = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    lines.replace(is_unfit, "\u{FFFD}")
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

#[cfg(test)]
mod tests;
