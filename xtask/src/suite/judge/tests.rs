//! Tests of mismatches. A row has the expectation, the result, and the reported mismatches.

use super::{Judgement, Kind, Mismatch, judge};
use crate::expectations::Scope;
use crate::expectations::tests::{everything, file, only, parsed, python};
use crate::regrtest::CaseOutcome::{self, *};
use crate::regrtest::{FileOutcome, FileResult};

/// The entry of `test_a`, how the file ended, its cases, and the mismatches.
type Row = (&'static str, FileOutcome, &'static [(&'static str, CaseOutcome, &'static str)], &'static [&'static str]);

fn lines(mismatches: &[Mismatch]) -> Vec<String> {
    let line = |mismatch: &Mismatch| {
        let Mismatch { file, case, kind, was, expected, detail } = mismatch;
        let what = case.as_deref().unwrap_or(file);
        format!("{kind:?} {what}: {was}, not {expected}: {detail}")
    };
    mismatches.iter().map(line).collect()
}

fn judged(entries: &str, results: &[FileResult], scope: &Scope) -> Judgement {
    let text = format!("schema = 1\npython = \"3.13.2\"\n{entries}");
    judge(results, Some(&parsed(&text, None)), scope)
}

#[track_caller]
fn check(rows: &[Row], scope: &Scope) {
    for (entry, outcome, cases, expected) in rows {
        let judgement = judged(&format!("[files.test_a]\n{entry}"), &[file("test_a", *outcome, cases)], scope);
        assert_eq!(lines(&judgement.mismatches), *expected, "{entry} and {outcome:?} with {cases:?}");
        assert_eq!(judgement.notes, [], "{entry} and {outcome:?} with {cases:?}");
    }
}

const SKIPS: &str = "[files.test_a.skipped]\n\"no air\" = [\"A.test_x\", \"B.*\"]";
const FAILS: &str = "[files.test_a.failed]\n\"A.test_x\" = { reason = \"no sun\", issue = \"https://example.org/1\" }";
const SKIPPED: &str = "outcome = \"skipped\"\nreason = \"no moon\"";
const BREAKS: &str = "outcome = \"error\"\nreason = \"it traps\"";

#[test]
fn every_outcome_of_a_case_is_compared() {
    let rows: &[Row] = &[
        // Expected to pass.
        ("", FileOutcome::Passed, &[("A.test_x", Passed, "")], &[]),
        ("", FileOutcome::Passed, &[("A.test_x", ExpectedFailure, "Traceback")], &[]),
        (
            "",
            FileOutcome::Passed,
            &[("A.test_x", Skipped, "\n no air \nat all")],
            &["UnexpectedSkip test.test_a.A.test_x: skipped, not passed: no air"],
        ),
        (
            "",
            FileOutcome::Failed,
            &[("A.test_x", Failure, "Traceback (most recent call last):\n  line\nAssertionError: 1 != 2\n")],
            &["NewFailure test.test_a.A.test_x: failure, not passed: AssertionError: 1 != 2"],
        ),
        (
            "",
            FileOutcome::Failed,
            &[("A.test_x", Error, "E")],
            &["NewFailure test.test_a.A.test_x: error, not passed: E"],
        ),
        (
            "",
            FileOutcome::Failed,
            &[("A.test_x", UnexpectedSuccess, "")],
            &[
                "NewFailure test.test_a.A.test_x: unexpected-success, not passed: passed, but is marked as an expected failure",
            ],
        ),
        // Expected to skip itself, by name and by class.
        (SKIPS, FileOutcome::Passed, &[("A.test_x", Skipped, "other words"), ("B.test_y", Skipped, "")], &[]),
        (
            SKIPS,
            FileOutcome::Failed,
            &[("A.test_x", Passed, ""), ("B.test_y", Passed, ""), ("B.test_z", Failure, "E")],
            &[
                "NewFailure test.test_a.B.test_z: failure, not skipped: E",
                "UnexpectedPass test.test_a.A.test_x: passed, not skipped: recorded: no air",
                "UnexpectedPass test.test_a.B.test_y: passed, not skipped: recorded: no air",
            ],
        ),
        // A class is that, and neither one inside of it nor one whose name begins like it.
        (
            SKIPS,
            FileOutcome::Passed,
            &[
                ("A.test_x", Skipped, ""),
                ("B.test_y", Skipped, ""),
                ("B.C.test_x", Skipped, "c"),
                ("BB.test_x", Skipped, "d"),
            ],
            &[
                "UnexpectedSkip test.test_a.B.C.test_x: skipped, not passed: c",
                "UnexpectedSkip test.test_a.BB.test_x: skipped, not passed: d",
            ],
        ),
        // Expected to fail.
        (FAILS, FileOutcome::Failed, &[("A.test_x", Failure, "E")], &[]),
        (FAILS, FileOutcome::Failed, &[("A.test_x", Error, "E")], &[]),
        (FAILS, FileOutcome::Failed, &[("A.test_x", UnexpectedSuccess, "")], &[]),
        (
            FAILS,
            FileOutcome::Passed,
            &[("A.test_x", Passed, "")],
            &["UnexpectedPass test.test_a.A.test_x: passed, not failed: recorded: no sun (https://example.org/1)"],
        ),
        (
            FAILS,
            FileOutcome::Passed,
            &[("A.test_x", Skipped, "no air")],
            &["UnexpectedSkip test.test_a.A.test_x: skipped, not failed: no air"],
        ),
        (
            FAILS,
            FileOutcome::Failed,
            &[("A.test_x", Failure, "E"), ("A.test_y", Failure, "E")],
            &["NewFailure test.test_a.A.test_y: failure, not passed: E"],
        ),
        // A name that occurs twice: the worst counts.
        (FAILS, FileOutcome::Failed, &[("A.test_x", Failure, "E"), ("A.test_x", Passed, "")], &[]),
        (SKIPS, FileOutcome::Passed, &[("A.test_x", Passed, ""), ("A.test_x", Skipped, ""), ("B.t", Skipped, "")], &[]),
        (
            "",
            FileOutcome::Failed,
            &[("A.test_x", Skipped, "s"), ("A.test_x", Failure, "E"), ("A.test_x", Passed, "")],
            &["NewFailure test.test_a.A.test_x: failure, not passed: E"],
        ),
        // Ids that do not begin like those of the file.
        (
            "[files.test_a.skipped]\nno = [\"setUpClass (test.test_a.A)\", \"other.A.test_x\"]",
            FileOutcome::Failed,
            &[
                ("=setUpClass (test.test_a.A)", Skipped, ""),
                ("=other.A.test_x", Skipped, ""),
                ("=setUpClass (test.test_a.B)", Error, "E"),
            ],
            &["NewFailure setUpClass (test.test_a.B): error, not passed: E"],
        ),
        // Its set-up failed, which says it all.
        (
            "[files.test_a.failed]\n\"setUpClass (test.test_a.A)\" = { reason = \"no air\" }",
            FileOutcome::Failed,
            &[("=setUpClass (test.test_a.A)", Error, "E"), ("A.test_x", NotRun, "")],
            &[],
        ),
    ];
    check(rows, &everything());
}

#[test]
fn only_a_case_that_sometimes_fails_may_pass_or_fail() {
    let entry = "[files.test_a.failed]\n\"A.test_x\" = { reason = \"no sun\", sometimes = true }";
    let rows: &[Row] = &[
        (entry, FileOutcome::Failed, &[("A.test_x", Failure, "")], &[]),
        (entry, FileOutcome::Passed, &[("A.test_x", Passed, "")], &[]),
        (
            entry,
            FileOutcome::Passed,
            &[("A.test_x", Skipped, "no air")],
            &["UnexpectedSkip test.test_a.A.test_x: skipped, not failed: no air"],
        ),
        (
            entry,
            FileOutcome::Passed,
            &[("A.test_y", Passed, "")],
            &["MissingCase A.test_x: absent, not failed: recorded: no sun"],
        ),
        (
            entry,
            FileOutcome::Failed,
            &[("A.test_x", Passed, ""), ("A.test_y", Failure, "1")],
            &["NewFailure test.test_a.A.test_y: failure, not passed: 1"],
        ),
    ];
    check(rows, &everything());
}

#[test]
fn every_outcome_of_a_file_is_compared() {
    let rows: &[Row] = &[
        // It skips itself as a whole.
        (SKIPPED, FileOutcome::Skipped, &[], &[]),
        (SKIPPED, FileOutcome::ResourceDenied, &[], &[]),
        (
            SKIPPED,
            FileOutcome::Passed,
            &[("A.test_x", Passed, ""), ("A.test_y", Skipped, "s")],
            &["UnexpectedPass test_a: passed, not skipped: recorded: no moon"],
        ),
        (
            SKIPPED,
            FileOutcome::Failed,
            &[("A.test_x", Failure, "E"), ("A.test_y", Skipped, "s")],
            &[
                "NewFailure test_a: failed, not skipped: test_a is failed",
                "NewFailure test.test_a.A.test_x: failure, not passed: E",
            ],
        ),
        ("cases = 1", FileOutcome::Skipped, &[], &["UnexpectedSkip test_a: skipped, not passed: test_a is skipped"]),
        ("cases = 1", FileOutcome::NoTests, &[], &["UnexpectedSkip test_a: no-tests, not passed: test_a is no-tests"]),
        (SKIPS, FileOutcome::Skipped, &[], &["UnexpectedSkip test_a: skipped, not passed: test_a is skipped"]),
        (FAILS, FileOutcome::Skipped, &[], &["UnexpectedSkip test_a: skipped, not failed: test_a is skipped"]),
        (BREAKS, FileOutcome::Skipped, &[], &["UnexpectedSkip test_a: skipped, not error: test_a is skipped"]),
        // It breaks. What it lost with that is not told case by case.
        (
            "cases = 9\n[files.test_a.skipped]\ngone = [\"A.test_gone\"]",
            FileOutcome::Error,
            &[("A.test_x", Failure, "E"), ("A.test_y", NotRun, ""), ("A.test_z", NotRun, "")],
            &[
                "NewFailure test_a: error, not passed: test_a is error; 2 cases did not run",
                "NewFailure test.test_a.A.test_x: failure, not passed: E",
            ],
        ),
        (
            "",
            FileOutcome::EnvironmentChanged,
            &[("A.test_x", Passed, "")],
            &["NewFailure test_a: environment-changed, not passed: test_a is environment-changed"],
        ),
        ("", FileOutcome::Failed, &[], &["NewFailure test_a: failed, not passed: test_a is failed"]),
        (BREAKS, FileOutcome::Error, &[("A.test_x", Passed, ""), ("A.test_y", NotRun, "")], &[]),
        (
            BREAKS,
            FileOutcome::Passed,
            &[("A.test_x", Passed, "")],
            &["UnexpectedPass test_a: passed, not error: recorded: it traps"],
        ),
        // It fails worse, or less badly, than it should.
        (
            FAILS,
            FileOutcome::Error,
            &[("A.test_x", Failure, "E")],
            &["NewFailure test_a: error, not failed: test_a is error"],
        ),
        (
            "outcome = \"environment-changed\"\nreason = \"it leaves files\"",
            FileOutcome::Error,
            &[],
            &["NewFailure test_a: error, not environment-changed: test_a is error"],
        ),
        (
            BREAKS,
            FileOutcome::Failed,
            &[("A.test_x", Failure, "E")],
            &[
                "NewFailure test.test_a.A.test_x: failure, not passed: E",
                "UnexpectedPass test_a: failed, not error: recorded: it traps",
            ],
        ),
        // That it failed follows from its cases, said or not.
        (
            "outcome = \"failed\"\nreason = \"no sun\"\n[files.test_a.failed]\n\"A.test_x\" = { reason = \"no sun\" }",
            FileOutcome::Failed,
            &[("A.test_x", Failure, "E")],
            &[],
        ),
        // What cannot be: it passed, and a case failed or did not run.
        (
            "",
            FileOutcome::Passed,
            &[("A.test_x", Failure, "E")],
            &["NewFailure test.test_a.A.test_x: failure, not passed: E"],
        ),
        (
            "",
            FileOutcome::Passed,
            &[("A.test_x", NotRun, "")],
            &["NewFailure test_a: error, not passed: no reason given; 1 case did not run"],
        ),
    ];
    check(rows, &everything());
}

#[test]
fn what_vanished_and_what_was_counted_is_compared() {
    let rows: &[Row] = &[
        ("cases = 2", FileOutcome::Passed, &[("A.test_x", Passed, ""), ("A.test_y", Passed, "")], &[]),
        // Neither a set-up nor the second of a name is one more.
        (
            "cases = 1\n[files.test_a.skipped]\nno = [\"setUpClass (test.test_a.B)\"]",
            FileOutcome::Passed,
            &[("A.test_x", Passed, ""), ("A.test_x", Passed, ""), ("=setUpClass (test.test_a.B)", Skipped, "no")],
            &[],
        ),
        (
            "cases = 34",
            FileOutcome::Passed,
            &[("A.test_x", Passed, "")],
            &["CaseCount test_a: 1 case, not 34 cases: cases: 34 recorded, 1 found"],
        ),
        (
            "cases = 0",
            FileOutcome::Passed,
            &[("A.test_x", Passed, "")],
            &["CaseCount test_a: 1 case, not 0 cases: cases: 0 recorded, 1 found"],
        ),
        // It breaks as expected, and earlier.
        (
            "outcome = \"error\"\nreason = \"it traps\"\ncases = 2",
            FileOutcome::Error,
            &[("A.test_x", Passed, ""), ("A.test_y", NotRun, "")],
            &["CaseCount test_a: 1 case, not 2 cases: cases: 2 recorded, 1 found"],
        ),
        (
            SKIPS,
            FileOutcome::Passed,
            &[("BB.test_x", Passed, "")],
            &[
                "MissingCase A.test_x: absent, not skipped: recorded: no air",
                "MissingCase B.*: absent, not skipped: recorded: no air",
            ],
        ),
        (
            FAILS,
            FileOutcome::Passed,
            &[],
            &["MissingCase A.test_x: absent, not failed: recorded: no sun (https://example.org/1)"],
        ),
        // One that did not run has not vanished.
        (
            "outcome = \"error\"\nreason = \"it traps\"\n[files.test_a.skipped]\nno = [\"A.*\"]",
            FileOutcome::Error,
            &[("A.t", NotRun, "")],
            &[],
        ),
    ];
    check(rows, &everything());
}

#[test]
fn a_run_of_some_cases_is_compared_by_what_ran() {
    let rows: &[Row] = &[
        ("cases = 34", FileOutcome::Passed, &[("A.test_x", Passed, "")], &[]),
        ("cases = 34", FileOutcome::NoTests, &[], &[]),
        (FAILS, FileOutcome::NoTests, &[], &[]),
        (SKIPS, FileOutcome::Passed, &[("A.test_y", Passed, "")], &[]),
        // The case that breaks it may not have been asked for.
        (BREAKS, FileOutcome::Passed, &[("A.test_y", Passed, "")], &[]),
        (
            FAILS,
            FileOutcome::Failed,
            &[("A.test_x", Passed, ""), ("A.test_y", Failure, "E"), ("A.test_z", Skipped, "s")],
            &[
                "NewFailure test.test_a.A.test_y: failure, not passed: E",
                "UnexpectedPass test.test_a.A.test_x: passed, not failed: recorded: no sun (https://example.org/1)",
                "UnexpectedSkip test.test_a.A.test_z: skipped, not passed: s",
            ],
        ),
        ("", FileOutcome::Skipped, &[], &["UnexpectedSkip test_a: skipped, not passed: test_a is skipped"]),
        ("", FileOutcome::Error, &[], &["NewFailure test_a: error, not passed: test_a is error"]),
    ];
    check(rows, &Scope { cases_filtered: true, ..everything() });
}

fn passed(name: &str) -> FileResult {
    file(name, FileOutcome::Passed, &[("A.test_x", Passed, "")])
}

#[test]
fn files_vanish_only_if_they_were_to_run() {
    let entries = "[files.test_a]\n[files.test_b]\noutcome = \"error\"\nreason = \"it traps\"\n[files.test_c]\n";
    let told = |scope: &Scope| lines(&judged(entries, &[passed("test_c")], scope).mismatches);
    let b = "MissingFile test_b: absent, not error: recorded: it traps";
    assert_eq!(told(&everything()), ["MissingFile test_a: absent, not passed: ", b]);
    assert_eq!(told(&only(&["test_b", "test_c", "test_d"])), [b]);
    assert_eq!(told(&Scope { cases_filtered: true, ..only(&["test_c"]) }), [""; 0]);
}

#[test]
fn a_file_without_expectations_reports_its_failures() {
    let odd = file("test_new", FileOutcome::Error, &[("A.test_x", Failure, "E"), ("A.test_y", Skipped, "s")]);
    let judgement = judged("", &[odd, passed("test_other")], &everything());
    assert_eq!(
        lines(&judgement.mismatches),
        [
            "NewFailure test_new: error, not passed: test_new is error",
            "NewFailure test.test_new.A.test_x: failure, not passed: E",
            "UnrecordedFile test_new: error, not absent: 2 cases",
            "UnrecordedFile test_other: passed, not absent: 1 case",
        ]
    );
}

#[test]
fn a_file_without_tests_is_no_success_where_nothing_is_known_of_it() {
    let empty = || [file("test_new", FileOutcome::NoTests, &[])];
    let mismatches = judge(&empty(), None, &everything()).mismatches;
    assert_eq!(lines(&mismatches), ["NewFailure test_new: no-tests, not passed: test_new is no-tests"]);
    let some = Scope { cases_filtered: true, ..everything() };
    assert_eq!(judge(&empty(), None, &some).mismatches, []);
}

#[test]
fn with_another_release_missing_tests_are_notes_and_outcomes_are_not() {
    let entries = "[files.test_a]\ncases = 3\n[files.test_a.skipped]\nno = [\"A.test_gone\"]\n[files.test_gone]\n";
    let a = file("test_a", FileOutcome::Failed, &[("A.test_x", Failure, "E"), ("A.test_y", Skipped, "s")]);
    let results = [passed("test_new"), a];
    let newer = Scope { python: python("3.13.3"), ..everything() };
    let judgement = judged(entries, &results, &newer);
    let outcomes = [
        "NewFailure test.test_a.A.test_x: failure, not passed: E",
        "UnexpectedSkip test.test_a.A.test_y: skipped, not passed: s",
    ];
    let bookkeeping = [
        "MissingFile test_gone: absent, not passed: ",
        "MissingCase A.test_gone: absent, not skipped: recorded: no",
        "CaseCount test_a: 2 cases, not 3 cases: cases: 3 recorded, 2 found",
        "UnrecordedFile test_new: passed, not absent: 1 case",
    ];
    assert_eq!(lines(&judgement.mismatches), outcomes);
    assert_eq!(lines(&judgement.notes), bookkeeping);
    let same = judged(entries, &results, &everything());
    assert_eq!(lines(&same.mismatches), [&outcomes[..], &bookkeeping[..]].concat());
    assert_eq!(same.notes, []);
}

#[test]
fn each_entry_of_an_overlay_is_compared_for_the_release_that_it_was_recorded_with() {
    let base = "schema = 1\npython = \"3.13.1\"\n[files.test_a]\ncases = 9\n[files.test_b]\ncases = 9\n";
    let overlay = "schema = 1\npython = \"3.13.2\"\nbase = \"3.13-moon\"\n[files.test_b]\ncases = 8\n";
    let results = [passed("test_a"), passed("test_b")];
    let judgement = judge(&results, Some(&parsed(overlay, Some(base))), &everything());
    assert_eq!(lines(&judgement.notes), ["CaseCount test_a: 1 case, not 9 cases: cases: 9 recorded, 1 found"]);
    assert_eq!(lines(&judgement.mismatches), ["CaseCount test_b: 1 case, not 8 cases: cases: 8 recorded, 1 found"]);
}

#[test]
fn without_expectations_only_failures_are_mismatches() {
    let results = [
        file("test_z", FileOutcome::Failed, &[("A.test_x", Failure, "E"), ("A.test_y", Skipped, "s")]),
        file("test_a", FileOutcome::Skipped, &[]),
        file("test_b", FileOutcome::EnvironmentChanged, &[]),
        passed("test_c"),
    ];
    let judgement = judge(&results, None, &everything());
    assert_eq!(
        lines(&judgement.mismatches),
        [
            "NewFailure test_b: environment-changed, not passed: test_b is environment-changed",
            "NewFailure test.test_z.A.test_x: failure, not passed: E",
        ]
    );
    assert_eq!(judgement.notes, []);
}

#[test]
fn mismatches_are_sorted_by_kind_file_and_case() {
    let entries =
        "[files.test_a]\n[files.test_a.skipped]\nno = [\"A.test_2\"]\n[files.test_b]\ncases = 9\n[files.test_c]\n";
    let results = [
        passed("test_new"),
        file("test_b", FileOutcome::Error, &[("A.test_2", Failure, "E"), ("A.test_1", Error, "E")]),
        file(
            "test_a",
            FileOutcome::Failed,
            &[("A.test_3", Skipped, ""), ("A.test_2", Passed, ""), ("A.test_1", Error, "")],
        ),
    ];
    let told: Vec<(Kind, String, Option<String>)> = judged(entries, &results, &everything())
        .mismatches
        .into_iter()
        .map(|mismatch| (mismatch.kind, mismatch.file, mismatch.case))
        .collect();
    let row = |kind, file: &str, case: Option<&str>| {
        (kind, file.to_owned(), case.map(|case| format!("test.{file}.A.{case}")))
    };
    assert_eq!(
        told,
        [
            row(Kind::NewFailure, "test_a", Some("test_1")),
            row(Kind::NewFailure, "test_b", None),
            row(Kind::NewFailure, "test_b", Some("test_2")),
            row(Kind::NewFailure, "test_b", Some("test_1")),
            row(Kind::UnexpectedPass, "test_a", Some("test_2")),
            row(Kind::UnexpectedSkip, "test_a", Some("test_3")),
            row(Kind::MissingFile, "test_c", None),
            row(Kind::UnrecordedFile, "test_new", None),
        ]
    );
}
