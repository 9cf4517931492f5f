//! The document, checked with an independent parser, for example runs.

use roxmltree::{Document, Node};

use super::*;
use crate::suite::results::tests::run;

fn results(files: Vec<FileResult>) -> Results {
    Results::new(run(), None, 2, 61.5, files)
}

fn case(id: &str, outcome: CaseOutcome, text: &str) -> CaseResult {
    CaseResult { id: id.to_owned(), outcome, text: text.to_owned(), seconds: 0.25, skipped_subtests: 0 }
}

fn file(name: &str, outcome: FileOutcome, reason: &str, cases: Vec<CaseResult>) -> FileResult {
    let reason = reason.to_owned();
    FileResult { name: name.to_owned(), outcome, reason, seconds: 1.5, cases, output: String::new() }
}

fn mismatch(file: &str, case: Option<&str>, kind: Kind, detail: &str) -> Mismatch {
    let (was, expected) = match kind {
        Kind::NewFailure => ("failed", "passed"),
        Kind::UnexpectedPass => ("passed", "failed"),
        Kind::UnexpectedSkip => ("skipped", "passed"),
        Kind::MissingFile | Kind::MissingCase => ("absent", "passed"),
        Kind::CaseCount => ("1 cases", "2 cases"),
        Kind::UnrecordedFile => ("passed", "absent"),
    };
    let [was, expected, detail] = [was, expected, detail].map(str::to_owned);
    Mismatch { file: file.to_owned(), case: case.map(str::to_owned), kind, was, expected, detail }
}

fn unknown(_file: &str, _case: Option<&str>) -> Option<String> {
    None
}

/// What a reader takes from the only test case with this name: class, kind (`passed` if it has no child), message.
fn read(xml: &str, name: &str) -> (String, String, String) {
    let document = Document::parse(xml).unwrap();
    let found: Vec<Node> = document
        .descendants()
        .filter(|node| node.has_tag_name("testcase") && node.attribute("name") == Some(name))
        .collect();
    assert_eq!(found.len(), 1, "`{name}` in\n{xml}");
    let status = found[0].children().find(|child| child.is_element() && !child.has_tag_name("system-out"));
    let class = found[0].attribute("classname").unwrap_or_default();
    let kind = status.map_or("passed", |status| status.tag_name().name());
    let message = status.and_then(|status| status.attribute("message")).unwrap_or_default();
    (class.to_owned(), kind.to_owned(), message.to_owned())
}

#[track_caller]
fn check(xml: &str, name: &str, class: &str, kind: &str, message: &str) {
    assert_eq!(read(xml, name), (class.to_owned(), kind.to_owned(), message.to_owned()));
}

const TRACEBACK: &str = "Traceback (most recent call last):\n  File \"/Lib/test/test_os.py\", line 1, in test_b\n    self.assertEqual(a, b)\nAssertionError: 1 != 2 & <3>\n";

/// One of everything that is as it may be or not.
fn everything() -> (Results, Vec<Mismatch>) {
    let cases = vec![
        case("test.test_os.FileTests.test_access", CaseOutcome::Passed, ""),
        case("test.test_os.FileTests.test_b", CaseOutcome::Failure, TRACEBACK),
        case("test.test_os.FileTests.test_c", CaseOutcome::Error, "OSError: [Errno 52]"),
        case("test.test_os.FileTests.test_skip", CaseOutcome::Skipped, "requires fork"),
        case("test.test_os.FileTests.test_sudden_skip", CaseOutcome::Skipped, "no /tmp"),
        case("test.test_os.FileTests.test_known", CaseOutcome::Failure, TRACEBACK),
        case("test.test_os.FileTests.test_fixed", CaseOutcome::Passed, ""),
        case("test.test_os.FileTests.test_own", CaseOutcome::ExpectedFailure, ""),
        case("test.test_os.FileTests.test_lucky", CaseOutcome::UnexpectedSuccess, ""),
        case("setUpClass (test.test_os.Walk)", CaseOutcome::Skipped, "no symlinks"),
    ];
    let broken = FileResult {
        output: "Fatal Python error\nwasm trap: unreachable\n".to_owned(),
        ..file(
            "test_ctypes.test_x",
            FileOutcome::Error,
            "wasm trap: unreachable",
            vec![
                case("test.test_ctypes.test_x.T.test_first", CaseOutcome::Passed, ""),
                case("test.test_ctypes.test_x.T.test_second", CaseOutcome::NotRun, ""),
            ],
        )
    };
    let files = vec![
        file("test_os", FileOutcome::Failed, "2 cases failed", cases),
        broken,
        file("test_zlib", FileOutcome::Skipped, "No module named 'zlib'", Vec::new()),
        file(
            "test_env",
            FileOutcome::EnvironmentChanged,
            "os.environ was changed",
            vec![case("test.test_env.T.test_a", CaseOutcome::Passed, "")],
        ),
    ];
    let in_os = |name: &str| format!("test.test_os.FileTests.{name}");
    let mismatches = vec![
        mismatch("test_os", Some(&in_os("test_b")), Kind::NewFailure, "failed, and should pass"),
        mismatch("test_os", Some(&in_os("test_c")), Kind::NewFailure, "failed, and should pass"),
        mismatch("test_os", Some(&in_os("test_lucky")), Kind::NewFailure, "failed, and should pass"),
        mismatch("test_os", Some(&in_os("test_sudden_skip")), Kind::UnexpectedSkip, "no /tmp"),
        mismatch("test_os", Some(&in_os("test_fixed")), Kind::UnexpectedPass, "wasi-libc#1"),
        mismatch("test_os", Some("FileTests.test_gone"), Kind::MissingCase, ""),
        mismatch("test_ctypes.test_x", None, Kind::NewFailure, "wasm trap: unreachable"),
        mismatch("test_lost", None, Kind::MissingFile, ""),
    ];
    (results(files), mismatches)
}

fn known(file: &str, case: Option<&str>) -> Option<String> {
    match (file, case) {
        ("test_os", Some("test.test_os.FileTests.test_known")) => Some("wasi-libc#2".to_owned()),
        ("test_env", None) => Some("nobody puts it back".to_owned()),
        _ => None,
    }
}

#[test]
fn a_report_with_everything() {
    let (results, mismatches) = everything();
    insta::assert_snapshot!(junit(&results, &mismatches, &known));
}

#[test]
fn only_mismatches_are_failures() {
    let (results, mismatches) = everything();
    let xml = junit(&results, &mismatches, &known);
    let class = "test.test_os.FileTests";
    check(&xml, "test_access", class, "passed", "");
    check(&xml, "test_b", class, "failure", "AssertionError: 1 != 2 & <3>");
    check(&xml, "test_c", class, "error", "OSError: [Errno 52]");
    check(&xml, "test_skip", class, "skipped", "requires fork");
    check(&xml, "test_sudden_skip", class, "failure", "skipped, expected passed (no /tmp)");
    check(&xml, "test_known", class, "skipped", "expected to fail: wasi-libc#2");
    check(&xml, "test_fixed", class, "failure", "passed, expected failed (wasi-libc#1)");
    check(&xml, "test_own", class, "passed", "");
    check(&xml, "test_lucky", class, "failure", "its own code says that it fails, and it passed");
    check(&xml, "setUpClass", "test.test_os.Walk", "skipped", "no symlinks");
    check(&xml, "test_gone", class, "failure", "absent, expected passed");
    check(&xml, "test_lost", "test.test_lost", "failure", "absent, expected passed");
    let document = Document::parse(&xml).unwrap();
    let count = |name: &str| document.root_element().attribute(name).unwrap().parse::<usize>().unwrap();
    let number_of = |tag: &str| document.descendants().filter(|node| node.has_tag_name(tag)).count();
    assert_eq!((count("failures"), count("errors")), (number_of("failure"), number_of("error")));
    assert_eq!((count("skipped"), count("tests")), (number_of("skipped"), number_of("testcase")));
}

#[test]
fn a_file_that_says_more_than_its_cases_is_a_case_itself() {
    let (results, mismatches) = everything();
    let xml = junit(&results, &mismatches, &known);
    check(&xml, "test_ctypes.test_x", "test.test_ctypes.test_x", "error", "wasm trap: unreachable");
    check(&xml, "test_second", "test.test_ctypes.test_x.T", "error", "did not run: the file did not finish");
    check(&xml, "test_zlib", "test.test_zlib", "skipped", "No module named 'zlib'");
    check(&xml, "test_env", "test.test_env", "skipped", "expected to fail: nobody puts it back");
    assert!(!xml.contains("name=\"test_os\" classname"), "its cases say all:\n{xml}");
    let document = Document::parse(&xml).unwrap();
    let output = document.descendants().find(|node| node.has_tag_name("system-out")).unwrap();
    assert_eq!(output.text(), Some("Fatal Python error\nwasm trap: unreachable\n"));
}

#[test]
fn a_file_that_is_known_to_break_is_not_red_nor_are_its_cases() {
    let (results, _) = everything();
    let xml = junit(&results, &[], &unknown);
    check(&xml, "test_ctypes.test_x", "test.test_ctypes.test_x", "skipped", "expected to fail: wasm trap: unreachable");
    check(&xml, "test_second", "test.test_ctypes.test_x.T", "skipped", "did not run: the file did not finish");
    check(&xml, "test_known", "test.test_os.FileTests", "skipped", "expected to fail: AssertionError: 1 != 2 & <3>");
    assert!(!xml.contains("<failure") && !xml.contains("<error"), "{xml}");
}

#[test]
fn files_without_cases_of_their_own() {
    let files = vec![
        file("test_empty", FileOutcome::Passed, "", Vec::new()),
        file("test_none", FileOutcome::NoTests, "no case was selected", Vec::new()),
        file("test_denied", FileOutcome::ResourceDenied, "`network` is not enabled", Vec::new()),
        file("test_failed", FileOutcome::Failed, "TestFailed: doctest", Vec::new()),
        file("test_odd", FileOutcome::Passed, "", vec![case("odd", CaseOutcome::Passed, "")]),
    ];
    let count = mismatch("test_odd", None, Kind::CaseCount, "cases: 2 recorded, 1 found");
    let unrecorded = mismatch("test_odd", None, Kind::UnrecordedFile, "");
    let failure = mismatch("test_failed", None, Kind::NewFailure, "TestFailed: doctest");
    let xml = junit(&results(files), &[count, failure, unrecorded], &unknown);
    check(&xml, "test_empty", "test.test_empty", "passed", "");
    check(&xml, "test_none", "test.test_none", "skipped", "no case was selected");
    check(&xml, "test_denied", "test.test_denied", "skipped", "`network` is not enabled");
    check(&xml, "test_failed", "test.test_failed", "failure", "TestFailed: doctest");
    check(&xml, "test_odd", "test.test_odd", "failure", "cases: 2 recorded, 1 found; passed, expected absent");
    check(&xml, "odd", "test.test_odd", "passed", "");
    let empty = junit(&results(Vec::new()), &[], &unknown);
    assert_eq!(Document::parse(&empty).unwrap().root_element().attribute("tests"), Some("0"));
}

#[test]
fn an_id_is_one_case_however_often_it_occurred() {
    let id = "test.test_x.T.test_a";
    let cases = vec![
        case(id, CaseOutcome::Passed, ""),
        case(id, CaseOutcome::Error, "ValueError: no"),
        case(id, CaseOutcome::Skipped, ""),
    ];
    let mismatches = [mismatch("test_x", Some(id), Kind::NewFailure, "")];
    let xml = junit(&results(vec![file("test_x", FileOutcome::Failed, "", cases)]), &mismatches, &unknown);
    check(&xml, "test_a", "test.test_x.T", "error", "ValueError: no");
}

#[test]
fn no_text_of_a_test_can_break_the_document() {
    let mut every_char: String = (0..0x3000).chain(0xD000..0x1_1000).filter_map(char::from_u32).collect();
    every_char += "<!--]]><![CDATA[ \"'&amp; \r\n \x1b[31mred\x1b[0m \x1b]0;never ended";
    let cases = vec![
        case(&format!("test.test_x.T.{every_char}"), CaseOutcome::Failure, &every_char),
        case("test.test_x.T.test_skip", CaseOutcome::Skipped, &every_char),
        case(
            "test.test_x.T.test_esc",
            CaseOutcome::Error,
            "ValueError: \x1b]0; the end of it & <more>\n\tNUL: \0 \u{FFFE}\u{FFFF}",
        ),
    ];
    let broken = file("test_x", FileOutcome::Error, &every_char, cases);
    let mismatches = [
        mismatch("test_x", None, Kind::NewFailure, &every_char),
        mismatch("test_x", Some("test.test_x.T.test_esc"), Kind::NewFailure, ""),
        mismatch("test_x", Some(&every_char), Kind::MissingCase, &every_char),
    ];
    let results = results(vec![FileResult { output: every_char, ..broken }]);
    let xml = junit(&results, &mismatches, &unknown);
    // The parser is stricter than most: it refuses what XML does not allow.
    let document = Document::parse(&xml).unwrap();
    let error = document.descendants().find(|node| node.attribute("type") == Some("ValueError")).unwrap();
    assert_eq!(
        error.text(),
        Some("ValueError: \u{FFFD}]0; the end of it & <more>\n    NUL: \u{FFFD} \u{FFFD}\u{FFFD}")
    );
    let output = document.descendants().find(|node| node.has_tag_name("system-out")).unwrap();
    assert!(output.text().unwrap().ends_with("never ended"));
}

#[test]
fn ids_are_split_into_class_and_method() {
    for (id, expected) in [
        ("test.test_os.FileTests.test_access", Some(("test.test_os.FileTests", "test_access"))),
        ("setUpClass (test.test_os.FileTests)", Some(("test.test_os.FileTests", "setUpClass"))),
        ("tearDownModule (test.test_os)", Some(("test.test_os", "tearDownModule"))),
        ("odd", None),
        (".odd", None),
        ("odd.", None),
    ] {
        assert_eq!(split(id), expected, "{id}");
    }
}
