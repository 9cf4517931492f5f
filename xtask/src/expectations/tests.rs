//! Tests of how results become expectations. `tests/it/expectations.rs` tests the error messages.

use std::collections::BTreeSet;

use super::{Expectations, NewFailure, Reason, ReasonError, Scope, WriteError, write};
use crate::name::PythonVersion;
use crate::recipe::{Texts, tests::catalogue};
use crate::regrtest::{CaseOutcome, CaseResult, FileOutcome, FileResult};
use crate::suite::judge::{Judgement, judge};

/// The expectations of a text, laid over `3.13-moon` if that is given.
pub(crate) fn parsed(text: &str, base: Option<&str>) -> Expectations {
    let own = ("recipes/expectations/3.13-moon-dark.toml".to_owned(), text.to_owned());
    let base = base.map(|text| ("recipes/expectations/3.13-moon.toml".to_owned(), text.to_owned()));
    let texts: Texts = base.into_iter().chain([own]).collect();
    let mut all = super::parse(&texts, &catalogue()).unwrap_or_else(|mistakes| panic!("\n{mistakes}\n{text}"));
    all.remove("3.13-moon-dark").unwrap()
}

/// A file's result. Cases are named without the file's prefix, unless they begin with `=`.
pub(crate) fn file(name: &str, outcome: FileOutcome, cases: &[(&str, CaseOutcome, &str)]) -> FileResult {
    let id = |case: &str| case.strip_prefix('=').map_or_else(|| format!("test.{name}.{case}"), str::to_owned);
    let case = |(case, outcome, text): &(&str, CaseOutcome, &str)| CaseResult {
        id: id(case),
        outcome: *outcome,
        text: (*text).to_owned(),
        seconds: 0.1,
        skipped_subtests: 0,
    };
    let reason = if outcome == FileOutcome::Passed { String::new() } else { format!("{name} is {outcome}") };
    let cases = cases.iter().map(case).collect();
    FileResult { name: name.to_owned(), outcome, reason, seconds: 0.4, cases, output: String::new() }
}

pub(crate) fn python(version: &str) -> PythonVersion {
    version.parse().unwrap()
}

/// All files, all cases, with 3.13.2.
pub(crate) fn everything() -> Scope {
    Scope { python: python("3.13.2"), files: None, cases_filtered: false }
}

pub(crate) fn only(files: &[&str]) -> Scope {
    Scope { files: Some(files.iter().map(|file| (*file).to_owned()).collect()), ..everything() }
}

fn nothing() -> Expectations {
    Expectations::new("3.13-moon-dark", python("3.13.2"), None)
}

fn because(_: &NewFailure) -> Option<Reason> {
    Some(Reason::new("it is \"dark\" up there", Some("https://example.org/issues/1")).unwrap())
}

fn refuse(failure: &NewFailure) -> Option<Reason> {
    panic!("{failure:?} has a reason")
}

/// All outcomes of files and cases, with unusual ids and reasons.
fn varied() -> Vec<FileResult> {
    use CaseOutcome::{Error, ExpectedFailure, Failure, NotRun, Passed, Skipped, UnexpectedSuccess};
    let long = "requires subprocess support, which this host does not have at all";
    let mut slow =
        file("test_slow", FileOutcome::Passed, &[("A.test_x", Passed, ""), ("A.test_y", ExpectedFailure, "")]);
    slow.seconds = 12.4;
    let mut silent = file("test_silent", FileOutcome::Skipped, &[]);
    silent.reason = String::new();
    vec![
        slow,
        silent,
        file("test_net", FileOutcome::ResourceDenied, &[]),
        file("test_none", FileOutcome::NoTests, &[]),
        file("test_env", FileOutcome::EnvironmentChanged, &[("A.test_x", Passed, "")]),
        file("test_bare", FileOutcome::Failed, &[]),
        file("test_import", FileOutcome::Error, &[]),
        file(
            "test_trap",
            FileOutcome::Error,
            &[
                ("A.test_x", Passed, ""),
                ("A.test_y", Failure, "E: y"),
                ("A.test_z", NotRun, ""),
                ("B.test_x", NotRun, ""),
            ],
        ),
        file(
            "test_asyncio.test_events",
            FileOutcome::Failed,
            &[
                ("A.test_fails", Failure, "Traceback:\nAssertionError: 1 != 2\n"),
                ("A.test_breaks", Error, "OSError: no"),
                ("A.test_should_fail", UnexpectedSuccess, ""),
                ("=setUpClass (test.test_asyncio.test_events.B)", Error, "OSError: no moon"),
                ("B.test_x", NotRun, "setUpClass failed"),
                ("=setUpModule (test.test_asyncio.test_events)", Skipped, "no module"),
            ],
        ),
        file(
            "test_skips",
            FileOutcome::Passed,
            &[
                ("All.test_a", Skipped, long),
                ("All.test_b", Skipped, long),
                ("All.Inner.test_a", Passed, ""),
                ("Alone.test_a", Skipped, long),
                ("Mixed.test_a", Skipped, long),
                ("Mixed.test_b", Skipped, "another reason"),
                ("make.<locals>.Local.test_a", Skipped, "  two\nlines "),
                ("make.<locals>.Local.test_b", Skipped, "two\rlines"),
                ("Some.test_a", Skipped, ""),
                ("Some.test_b", Passed, ""),
                ("Twice.test_a", Skipped, "once"),
                ("Twice.test_a", Passed, ""),
                ("Fails.test_a", Skipped, "once"),
                ("Fails.test_a", Error, "E: the second time"),
            ],
        ),
        file(
            "test_many",
            FileOutcome::Passed,
            &[
                ("ManyTests.test_of_a_long_name", Skipped, "no moon"),
                ("ManyTests.test_of_a_longer_name", Skipped, "no moon"),
                ("ManyTests.test_of_the_longest_name", Skipped, "no moon"),
                ("ManyTests.test_one", Skipped, "no moon"),
                ("ManyTests.test_passes", Passed, ""),
                ("ManyTests.test_three", Skipped, "no moon"),
                ("ManyTests.test_two_which_ends_in_column_one_hundred_and_twenty_", Skipped, "no moon"),
                ("ManyTests.test_z", Skipped, "no moon"),
            ],
        ),
        file(
            "test_odd",
            FileOutcome::Failed,
            &[
                ("__test__.tutorial", Skipped, r#"both "quotes" and 'quotes' and C:\new"#),
                ("=collections.namedtuple", Skipped, "'single'"),
                ("=test_odd_txt", Skipped, r"back\slash"),
                ("A.test_x[1.5-\"a\"]", Skipped, "\u{1b}[1mbold\u{7f}\u{0}"),
                ("A.test_x['b']", Skipped, "schön 月"),
                ("A.test_月 (i=1, j=\"x\")", Failure, "E: \n\n"),
                ("A.test_*", Skipped, "stars"),
                (r"A.test_\*", Failure, "E"),
                ("B.*", Skipped, "stars"),
                ("C.test_1.5", Skipped, "dots"),
                ("C.test_1.7", Skipped, "dots"),
                ("C.test_2", Passed, ""),
                ("A.line\nfeed\ttab", Failure, "E"),
                ("=test.test_odd.", Skipped, "nothing but the prefix"),
                ("=test.test_oddity.A.test_x", Skipped, "another file's"),
                ("=", Passed, ""),
            ],
        ),
    ]
}

#[test]
fn written_expectations_match_the_results() {
    let results = varied();
    let text = write(&nothing(), &results, &everything(), &mut because).unwrap();
    let expectations = parsed(&text, None);
    assert_eq!(judge(&results, Some(&expectations), &everything()), Judgement::default(), "{text}");
    // Nothing is asked again, and nothing changes.
    assert_eq!(write(&expectations, &results, &everything(), &mut refuse).unwrap(), text);
    insta::assert_snapshot!(text);
}

#[test]
fn each_failure_needs_a_reason() {
    let mut asked = Vec::new();
    let results = varied();
    let error = write(&nothing(), &results, &everything(), &mut |failure| {
        asked.push(failure.clone());
        if ["test_bare", "test_trap"].contains(&failure.file.as_str()) && failure.text != "test_trap is error" {
            return None;
        }
        because(failure)
    });
    assert_eq!(asked.iter().filter(|failure| failure.case.is_none()).count(), 4);
    let files: BTreeSet<&str> = asked.iter().map(|failure| failure.file.as_str()).collect();
    let failed =
        ["test_asyncio.test_events", "test_bare", "test_env", "test_import", "test_odd", "test_skips", "test_trap"];
    assert_eq!(files, failed.into());
    insta::assert_snapshot!(error.unwrap_err().to_string(), @"
    these failures have no reason:
      test_bare: test_bare is failed
      test.test_trap.A.test_y: E: y
    hint: give a `--reason`, or fix them
    ");
}

#[test]
fn reasons_of_failures_are_kept_and_those_of_skips_are_the_tests_own() {
    let before = r#"
        schema = 1
        python = "3.13.1"
        [files.test_a]
        outcome = "error"
        reason = "it traps"
        issue = "https://example.org/trap"
        [files.test_a.skipped]
        "by hand" = ["A.test_skips"]
        [files.test_a.failed]
        "A.test_fails" = { reason = "no sun" }
        "A.test_passes_now" = { reason = "no air" }
        [files.test_b]
        outcome = "skipped"
        reason = "by hand"
        issue = "https://example.org/skip"
        [files.test_c]
        outcome = "error"
        reason = "it trapped"
        "#;
    let results = [
        file(
            "test_a",
            FileOutcome::Error,
            &[
                ("A.test_skips", CaseOutcome::Skipped, "its own"),
                ("A.test_fails", CaseOutcome::Failure, ""),
                ("A.test_passes_now", CaseOutcome::Passed, ""),
            ],
        ),
        file("test_b", FileOutcome::ResourceDenied, &[]),
        file("test_c", FileOutcome::EnvironmentChanged, &[]),
    ];
    let mut asked = Vec::new();
    let text = write(&parsed(before, None), &results, &everything(), &mut |failure| {
        asked.push(failure.clone());
        Some(Reason::new("asked", None).unwrap())
    });
    // A file that broke in another way needs another reason.
    let expected = NewFailure {
        file: "test_c".to_owned(),
        case: None,
        outcome: FileOutcome::EnvironmentChanged,
        text: "test_c is environment-changed".to_owned(),
    };
    assert_eq!(asked, [expected]);
    insta::assert_snapshot!(text.unwrap(), @r#"
    # The expected results of CPython's regression tests. `cargo xtask test` compares its results with these, and fails where they differ.
    # `cargo xtask test HOST --accept` rewrites this file. It keeps the reasons and issues of failures, but no comments.
    schema = 1
    python = "3.13.2"

    [files.test_a]
    outcome = "error"
    reason = "it traps"
    issue = "https://example.org/trap"
    cases = 3
    [files.test_a.skipped]
    "its own" = ["A.test_skips"]
    [files.test_a.failed]
    "A.test_fails" = { reason = "no sun" }

    [files.test_b]
    outcome = "resource-denied"
    reason = "test_b is resource-denied"
    issue = "https://example.org/skip"

    [files.test_c]
    outcome = "environment-changed"
    reason = "asked"
    cases = 0
    "#);
}

const THREE: &str = r#"
    schema = 1
    python = "3.13.2"
    [files.test_a]
    cases = 7
    [files.test_b]
    cases = 8
    [files.test_c.failed]
    "C.test_x" = { reason = "no air" }
    "#;

#[test]
fn cases_that_sometimes_fail_stay_listed() {
    let before = "schema = 1\npython = \"3.13.2\"\n[files.test_a]\n[files.test_a.failed]\n\
        \"A.test_x\" = { reason = \"no sun\", sometimes = true }\n\"A.test_y\" = { reason = \"no air\" }\n";
    let kept = |cases: &[(&str, CaseOutcome, &str)]| {
        let results = [file("test_a", FileOutcome::Passed, cases)];
        write(&parsed(before, None), &results, &everything(), &mut |failure| refuse(failure)).unwrap()
    };
    let line = "\"A.test_x\" = { reason = \"no sun\", sometimes = true }\n";
    let passed = kept(&[("A.test_x", CaseOutcome::Passed, ""), ("A.test_y", CaseOutcome::Passed, "")]);
    assert!(passed.ends_with(&format!("[files.test_a.failed]\n{line}")), "{passed}");
    assert!(kept(&[("A.test_x", CaseOutcome::Failure, "")]).ends_with(line));
    assert!(!kept(&[("A.test_z", CaseOutcome::Passed, "")]).contains("sometimes"));
}

#[test]
fn files_that_were_not_selected_keep_their_entries_and_those_that_vanished_lose_them() {
    let before = parsed(THREE, None);
    let results = [file("test_b", FileOutcome::Passed, &[("B.test_x", CaseOutcome::Passed, "")])];
    let after = |scope: &Scope| parsed(&write(&before, &results, scope, &mut refuse).unwrap(), None);
    let part = after(&only(&["test_b", "test_c"]));
    assert_eq!(part.files["test_a"], before.files["test_a"]);
    assert_eq!(part.files["test_b"].cases, Some(1));
    assert!(!part.files.contains_key("test_c"));
    assert_eq!(after(&everything()).files.keys().collect::<Vec<_>>(), ["test_b"]);
}

#[test]
fn what_cannot_be_recorded_is_refused() {
    let before = parsed(&THREE.replace("3.13.2", "3.13.1"), None);
    let results = [file("test_b", FileOutcome::Passed, &[])];
    let filtered = Scope { cases_filtered: true, ..everything() };
    assert_eq!(write(&before, &results, &filtered, &mut refuse), Err(WriteError::CasesFiltered));
    let error = write(&before, &results, &only(&["test_b"]), &mut refuse).unwrap_err().to_string();
    assert!(
        error.starts_with("3.13-moon-dark was recorded with 3.13.1, and this run has only some files of 3.13.2"),
        "{error}"
    );
    assert!(write(&before, &results, &everything(), &mut refuse).is_ok());
}

#[test]
fn an_overlay_has_only_what_differs_from_its_base() {
    let mut results = varied();
    let base = write(&nothing(), &results, &everything(), &mut because).unwrap();
    let overlay = "schema = 1\npython = \"3.13.2\"\nbase = \"3.13-moon\"\n[files.test_bare]\ncases = 5\n";
    let before = parsed(overlay, Some(&base));
    results.iter_mut().for_each(|result| result.seconds *= 10.0);
    let same = write(&before, &results, &everything(), &mut because).unwrap();
    assert!(same.contains("base = \"3.13-moon\"\n") && !same.contains("files"), "{same}");

    let passes = file("test_import", FileOutcome::Passed, &[("A.test_x", CaseOutcome::Skipped, "dark")]);
    *results.iter_mut().find(|result| result.name == "test_import").unwrap() = passes;
    let other = write(&before, &results, &everything(), &mut because).unwrap();
    let expectations = parsed(&other, Some(&base));
    assert_eq!(judge(&results, Some(&expectations), &everything()), Judgement::default(), "{other}");
    assert_eq!(other.matches("\n[files.").count(), 2, "{other}");
    assert_eq!(other.matches("dark").count(), 1, "{other}");
}

#[test]
fn seconds_are_kept_unless_they_are_off_by_more_than_a_factor_of_two() {
    let rows: [(Option<&str>, f64, Option<u32>); 12] = [
        // Never recorded.
        (None, 0.99, None),
        (None, 1.0, Some(1)),
        (None, 7.6, Some(8)),
        // Recorded as less than a second.
        (Some(""), 2.0, None),
        (Some(""), 2.1, Some(2)),
        (Some("seconds = 10"), 5.0, Some(10)),
        (Some("seconds = 10"), 20.0, Some(10)),
        (Some("seconds = 10"), 4.9, Some(5)),
        (Some("seconds = 10"), 21.4, Some(21)),
        (Some("seconds = 10"), 0.4, None),
        (Some("seconds = 1"), 0.6, Some(1)),
        (Some("seconds = 1"), 0.4, None),
    ];
    for (before, took, expected) in rows {
        let entry = before.map(|before| format!("[files.test_a]\n{before}")).unwrap_or_default();
        let before = parsed(&format!("schema = 1\npython = \"3.13.2\"\n{entry}"), None);
        let result = FileResult { seconds: took, ..file("test_a", FileOutcome::Passed, &[]) };
        let text = write(&before, &[result], &everything(), &mut refuse).unwrap();
        assert_eq!(parsed(&text, None).files["test_a"].seconds, expected, "{entry} {took}");
    }
}

#[test]
fn a_reason_is_one_line_and_an_issue_a_url() {
    let reason = |text, issue| Reason::new(text, issue).map(|reason| reason.text().to_owned());
    assert_eq!(reason(" no air ", Some("http://example.org")), Ok("no air".to_owned()));
    assert_eq!(reason(" ", None), Err(ReasonError::Empty));
    assert_eq!(reason("no\nair", None), Err(ReasonError::SeveralLines));
    assert_eq!(reason("no\rair", None), Err(ReasonError::SeveralLines));
    for issue in ["", "gh-1", "https://", "https://example.org/a b", "ftp://example.org"] {
        assert_eq!(reason("no air", Some(issue)), Err(ReasonError::NotAUrl(issue.to_owned())));
    }
}
