//! The texts, as they stand on the screen; on invented runs.

use super::*;
use crate::regrtest::{CaseOutcome, CaseResult, FileResult};
use crate::suite::results::tests::run;

fn results(files: Vec<FileResult>) -> Results {
    Results::new(run(), None, 2, 61.5, files)
}

fn file(name: &str, outcome: FileOutcome, seconds: f64, n_cases: usize) -> FileResult {
    let case = |n| CaseResult {
        id: format!("test.{name}.T.test_{n}"),
        outcome: if n % 10 == 9 { CaseOutcome::Skipped } else { CaseOutcome::Passed },
        text: String::new(),
        seconds: 0.0,
        skipped_subtests: 0,
    };
    let (name, cases) = (name.to_owned(), (0..n_cases).map(case).collect());
    FileResult { name, outcome, reason: String::new(), seconds, cases, output: String::new() }
}

fn suite() -> Vec<FileResult> {
    let mut files: Vec<FileResult> =
        (0..20).map(|n| file(&format!("test_{n:02}"), FileOutcome::Passed, f64::from(n) / 2.0, 150)).collect();
    files.push(file("test_zlib", FileOutcome::Skipped, 0.4, 0));
    files.push(file("test_urllib", FileOutcome::ResourceDenied, 0.4, 0));
    files
}

fn mismatch(file: &str, case: Option<&str>, kind: Kind, was: &str, expected: &str, detail: &str) -> Mismatch {
    let [was, expected, detail] = [was, expected, detail].map(str::to_owned);
    Mismatch { file: file.to_owned(), case: case.map(str::to_owned), kind, was, expected, detail }
}

#[test]
fn when_all_is_well_there_is_little_to_say() {
    insta::assert_snapshot!(summary(&results(suite()), &[], &[], None, |_| None), @"
    slowest: test_19 9.5 s, test_18 9.0 s, test_17 8.5 s, test_16 8.0 s, test_15 7.5 s, test_14 7.0 s, test_13 6.5 s, test_12 6.0 s, test_11 5.5 s, test_10 5.0 s
    22 files: 20 passed, 1 skipped, 1 denied a resource; 3,000 tests run, 300 skipped
    passed: all results are as expected
    ");
}

#[test]
fn mismatches_come_first_the_worst_at_the_top() {
    let mut files = suite();
    files.push(file("test_os", FileOutcome::Failed, 3.0, 10));
    files.push(file("test_ssl", FileOutcome::Error, 0.2, 0));
    let a_case = |name: &str| Some(format!("test.test_01.T.{name}"));
    let mismatches = [
        mismatch("test_new", None, Kind::UnrecordedFile, "passed", "absent", "3 cases"),
        mismatch(
            "test_os",
            Some("test.test_os.FileTests.test_access"),
            Kind::NewFailure,
            "failure",
            "passed",
            "AssertionError: 1 != 2\nmore",
        ),
        mismatch("test_os", Some("setUpClass (test.test_os.Walk)"), Kind::NewFailure, "error", "passed", ""),
        mismatch("test_ssl", None, Kind::NewFailure, "error", "passed", "wasm trap: unreachable"),
        mismatch(
            "test_01",
            a_case("test_1").as_deref(),
            Kind::UnexpectedPass,
            "passed",
            "failed",
            "recorded: wasi-libc#1",
        ),
        mismatch("test_01", a_case("test_2").as_deref(), Kind::UnexpectedSkip, "skipped", "passed", "no sockets"),
        mismatch("test_02", Some("T.test_gone"), Kind::MissingCase, "absent", "skipped", "recorded: no fork"),
        mismatch("test_02", None, Kind::CaseCount, "149 cases", "150 cases", "cases: 150 recorded, 149 found"),
        mismatch("test_lost", None, Kind::MissingFile, "absent", "passed", ""),
    ];
    let notes = [mismatches[6].clone(), mismatches[6].clone(), mismatches[7].clone()];
    let last = Totals { tests_run: 2_997, tests_skipped: 1_301, ..results(suite()).totals };
    let text = summary(&results(files), &mismatches, &notes, Some(&last), |file| {
        (file != "test_ssl").then(|| format!("logs/{file}.log"))
    });
    insta::assert_snapshot!(text, @"
    3 unexpected failures:
      test_os
        FileTests.test_access: AssertionError: 1 != 2
        setUpClass (test.test_os.Walk): error, expected passed
        log: logs/test_os.log
      test_ssl: wasm trap: unreachable

    1 unexpected pass:
      test_01
        T.test_1: passed, expected failed (recorded: wasi-libc#1)

    1 unexpected skip:
      test_01
        T.test_2: skipped, expected passed (no sockets)

    1 missing file:
      test_lost: absent, expected passed

    1 missing case:
      test_02
        T.test_gone: absent, expected skipped (recorded: no fork)

    1 file with a different number of cases:
      test_02: cases: 150 recorded, 149 found

    1 file without expectations:
      test_new: passed, expected absent (3 cases)

    differences from the recorded release, which are not failures: 2 missing cases, 1 file with a different number of cases
    slowest: test_19 9.5 s, test_18 9.0 s, test_17 8.5 s, test_16 8.0 s, test_15 7.5 s, test_14 7.0 s, test_13 6.5 s, test_12 6.0 s, test_11 5.5 s, test_10 5.0 s
    24 files (+2): 20 passed, 1 skipped, 1 denied a resource, 1 failed, 1 errored; 3,010 tests run (+13), 301 skipped (-1,000)
    failed: 9 results are not as expected
    ");
}

#[test]
fn a_single_file_and_none() {
    let one = results(vec![file("test_os", FileOutcome::Passed, 4.0, 2)]);
    insta::assert_snapshot!(summary(&one, &[], &[], Some(&one.totals), |_| None), @"
    1 file: 1 passed; 2 tests run, 0 skipped
    passed: all results are as expected
    ");
    let vanished = [mismatch("test_os", None, Kind::MissingFile, "absent", "passed", "")];
    insta::assert_snapshot!(summary(&results(Vec::new()), &vanished, &[], None, |_| None), @"
    1 missing file:
      test_os: absent, expected passed

    0 files: no tests ran; 0 tests run, 0 skipped
    failed: 1 result is not as expected
    ");
}

#[test]
fn thousands_are_set_apart() {
    for (n, expected) in
        [(0, "0"), (999, "999"), (1000, "1,000"), (30_515, "30,515"), (123_456, "123,456"), (1_234_567, "1,234,567")]
    {
        assert_eq!(thousands(n), expected);
    }
}
