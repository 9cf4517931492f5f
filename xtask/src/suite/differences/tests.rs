//! The lines of the table; on invented runs.

use super::*;
use crate::regrtest::{CaseOutcome, CaseResult, FileOutcome, FileResult};
use crate::suite::results::tests::run;

/// Files such as `test_a: x passed, y failure Traceback`, or `test_b error it broke`, where nothing of it ran.
fn results(lines: &[&str]) -> Results {
    let file = |line: &&str| match line.split_once(": ") {
        Some((name, cases)) => {
            let cases: Vec<CaseResult> = cases.split(", ").map(|text| case(name, text)).collect();
            let failed = cases.iter().any(|case| case.outcome.verdict() == crate::regrtest::Verdict::Fail);
            new_file(name, if failed { FileOutcome::Failed } else { FileOutcome::Passed }, "", cases)
        }
        None => {
            let (name, reason) = line.split_once(" error ").unwrap();
            new_file(name, FileOutcome::Error, reason, Vec::new())
        }
    };
    Results::new(run(), None, 2, 60.0, lines.iter().map(file).collect())
}

fn new_file(name: &str, outcome: FileOutcome, reason: &str, cases: Vec<CaseResult>) -> FileResult {
    let (name, reason) = (name.to_owned(), reason.to_owned());
    FileResult { name, outcome, reason, seconds: 1.0, cases, output: String::new() }
}

fn case(file: &str, text: &str) -> CaseResult {
    let mut words = text.splitn(3, ' ');
    let id = format!("test.{file}.T.{}", words.next().unwrap());
    let outcome = match words.next().unwrap() {
        "passed" => CaseOutcome::Passed,
        "skipped" => CaseOutcome::Skipped,
        "failure" => CaseOutcome::Failure,
        other => panic!("{other}"),
    };
    CaseResult { id, outcome, text: words.next().unwrap_or_default().to_owned(), seconds: 0.0, skipped_subtests: 0 }
}

fn table(runs: &[(&str, &[&str])], known: &dyn Fn(&str, &str) -> Option<String>) -> String {
    let all: Vec<(&str, Results)> = runs.iter().map(|(name, lines)| (*name, results(lines))).collect();
    let sides: Vec<Side<'_>> = all
        .iter()
        .map(|(runner, results)| Side { runner, results, known: Box::new(|file, _| known(runner, file)) })
        .collect();
    let rows = rows(&sides[0], &sides[1..]);
    rows.iter().map(|row| row.cells().join(" | ").trim_end().to_owned() + "\n").collect()
}

#[test]
fn what_is_the_same_everywhere_is_not_told() {
    let lines: &[&str] = &["test_a: x passed, y failure no sun"];
    assert_eq!(table(&[("usual", lines), ("one", lines), ("two", lines)], &|_, _| None), "");
}

#[test]
fn cases_that_differ_alike_are_one_line_with_the_reasons() {
    let known = |runner: &str, file: &str| (runner == "one" && file == "test_a").then(|| "it has no clock".to_owned());
    let table = table(
        &[
            ("usual", &["test_a: w passed, x passed, y passed, z passed", "test_b: x passed", "test_c: x passed"]),
            (
                "one",
                &["test_a: w failure 1, x failure 2, y failure 3, z passed", "test_b: x passed", "test_c: x passed"],
            ),
            (
                "two",
                &[
                    "test_a: w passed, x passed, y failure E: 4, z passed",
                    "test_b: x skipped no sockets",
                    "test_d: x passed",
                ],
            ),
        ],
        &known,
    );
    insta::assert_snapshot!(table, @"
    test_a: T.w and 1 more | passed | failure on one | it has no clock
    test_a: T.y | passed | failure on one, two | two: E: 4; one: it has no clock
    test_b: T.x | passed | skipped on two | no sockets
    test_c | passed | absent on two |
    test_d | absent | passed on two |
    ");
}

#[test]
fn a_file_that_did_not_finish_is_reported_as_a_whole() {
    let table =
        table(&[("usual", &["test_a: x passed, y passed"]), ("one", &["test_a error killed by signal 6"])], &|_, _| {
            None
        });
    insta::assert_snapshot!(table, @"test_a | passed | error on one | killed by signal 6");
}
