//! The document there and back, its totals, and what merging and comparing say; on invented runs.

use super::*;
use crate::regrtest::CaseResult;
use crate::suite::schedule;

/// A run of everything.
pub fn run() -> Run {
    Run {
        tool: "xtask 0.1.0".to_owned(),
        python: "3.13.15".parse().unwrap(),
        host: "wasi".to_owned(),
        triple: "wasm32-wasip1".to_owned(),
        profile: "release".to_owned(),
        toolchain: "wasi-sdk 24".to_owned(),
        wasm_sha256: Sha256::of(b"\0asm"),
        runner: Runner { name: "wasmtime".to_owned(), version: "38.0.1".to_owned() },
        resources: BTreeSet::from(["cpu".to_owned()]),
        seed: 1,
        patterns: Vec::new(),
        selection: Vec::new(),
    }
}

fn case(id: &str, outcome: CaseOutcome) -> CaseResult {
    CaseResult { id: id.to_owned(), outcome, text: String::new(), seconds: 0.25, skipped_subtests: 0 }
}

fn file(name: &str, outcome: FileOutcome, cases: Vec<CaseResult>) -> FileResult {
    FileResult { name: name.to_owned(), outcome, reason: String::new(), seconds: 1.5, cases, output: String::new() }
}

fn passed(name: &str) -> FileResult {
    file(name, FileOutcome::Passed, vec![case(&format!("test.{name}.Tests.test_a"), CaseOutcome::Passed)])
}

fn whole(files: Vec<FileResult>) -> Results {
    Results::new(run(), None, 2, 30.0, files)
}

fn part(shard: &str, files: &[&str]) -> (String, Results) {
    let files = files.iter().map(|name| passed(name)).collect();
    (format!("{}.json", shard.replace('/', "of")), Results::new(run(), Some(shard.parse().unwrap()), 2, 10.0, files))
}

fn merged(parts: &[(String, Results)]) -> String {
    merge(parts.to_vec()).map(|whole| whole.print()).unwrap_or_else(|error| error.to_string())
}

/// One of everything.
fn everything() -> Results {
    let skipping = CaseResult { skipped_subtests: 2, ..case("test.test_os.A.test_sub", CaseOutcome::Passed) };
    let failing = CaseResult { text: "Traceback…".to_owned(), ..case("test.test_os.A.test_b", CaseOutcome::Failure) };
    let cases = vec![
        skipping,
        failing,
        case("test.test_os.A.test_c", CaseOutcome::Skipped),
        case("test.test_os.A.test_d", CaseOutcome::ExpectedFailure),
        case("setUpClass (test.test_os.B)", CaseOutcome::Skipped),
        case("tearDownModule (test.test_os)", CaseOutcome::Error),
        case("test.test_os.C.test_e", CaseOutcome::NotRun),
    ];
    whole(vec![
        file("test_zlib", FileOutcome::Skipped, Vec::new()),
        FileResult { output: "last words".to_owned(), ..file("test_os", FileOutcome::Error, cases) },
        FileResult { seconds: 0.123_456, ..passed("test_abc") },
    ])
}

#[test]
fn a_document_reads_as_it_was_written() {
    let results = everything();
    assert_eq!(Results::read("results.json", &results.print()).unwrap(), results);
    let (name, part) = part("2/3", &["test_a"]);
    assert_eq!(Results::read(&name, &part.print()).unwrap(), part);
    assert!(part.print().contains("\"shard\": \"2/3\""));
    insta::assert_snapshot!(results.print());
}

#[test]
fn files_are_sorted_and_found_by_name() {
    let results = everything();
    let names: Vec<&str> = results.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["test_abc", "test_os", "test_zlib"]);
    assert_eq!(results.file("test_os").map(|file| file.outcome), Some(FileOutcome::Error));
    assert_eq!(results.file("test_o"), None);
}

#[test]
fn totals_count_as_regrtest_does() {
    let totals = everything().totals;
    assert_eq!(totals.n_files(), 3);
    assert_eq!(totals.files[&FileOutcome::Passed], 1);
    assert_eq!(totals.tests_run, 5, "neither set-ups nor what did not begin, but what skipped itself");
    assert_eq!(totals.tests_skipped, 4, "a case, a class, and two subtests");
    assert_eq!(totals.cases.get(&CaseOutcome::UnexpectedSuccess), None);
}

#[test]
fn what_cannot_be_used_is_refused_with_its_name_and_place() {
    let text = everything().print();
    for (text, expected) in [
        ("".to_owned(), "`r.json` is not a valid results file: EOF while parsing a value at line 1 column 0\nhint: "),
        (text[..400].to_owned(), "EOF while parsing a value at line 18 column 11"),
        (text.replace("\"seed\": 1", "\"seed\": \"x\""), "expected u32 at line 18 column 15"),
        (text.replace("\"jobs\"", "\"job\""), "unknown field `job`"),
        (text.replace("3.13.15", "3.13"), "`3.13` is not a Python version, such as 3.13.15 at line 5 column"),
        (
            text.replace("\"schema\": 1", "\"schema\": 2"),
            "`r.json` has schema 2, but this xtask reads schema 1\nhint: use",
        ),
        ("{\"schema\": 9, \"new\": []}".to_owned(), "`r.json` has schema 9"),
        ("{\"files\": []}".to_owned(), "missing field `schema` at line 1"),
        (text.replace("\"tests-run\": 5", "\"tests-run\": 6"), "its totals do not match its files"),
        (text.replace("\"name\": \"test_zlib\"", "\"name\": \"test_os\""), "`r.json` has results of `test_os` twice"),
    ] {
        let error = Results::read("r.json", &text).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("`r.json`") && error.contains("hint: "), "{error}");
    }
}

#[test]
fn merged_shards_are_the_whole_run() {
    let files: Vec<FileResult> =
        ["test_a", "test_b", "test_c", "test_d", "test_e"].iter().map(|name| passed(name)).collect();
    let whole = whole(files.clone());
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let mut parts: Vec<(String, Results)> = Shard::all(3)
        .map(|shard| {
            let own = schedule::shard(&names, &BTreeMap::new(), shard);
            let files = files.iter().filter(|file| own.contains(&file.name)).cloned().collect();
            (format!("{shard}"), Results::new(run(), Some(shard), 2, 10.0 * f64::from(shard.index()), files))
        })
        .collect();
    parts.rotate_left(1);
    let merged = merge(parts).unwrap();
    assert_eq!((merged.jobs, merged.seconds), (6, 30.0));
    assert_eq!(Results { jobs: whole.jobs, seconds: whole.seconds, ..merged }, whole);
}

#[test]
fn a_shard_may_have_no_files() {
    let parts = [part("1/2", &["test_a"]), part("2/2", &[])];
    assert_eq!(merge(parts.to_vec()).unwrap().totals.n_files(), 1);
    assert_eq!(merge(vec![part("1/1", &["test_a"])]).unwrap().shard, None);
}

#[test]
fn what_is_no_whole_run_is_refused() {
    let (a, b, c) = (part("1/3", &["test_a"]), part("2/3", &["test_b"]), part("3/3", &["test_c"]));
    let changed = |change: fn(&mut Results)| {
        let (name, mut results) = b.clone();
        change(&mut results);
        merged(&[a.clone(), (name, results), c.clone()])
    };
    assert_eq!(merged(&[]), "no results to merge\nhint: name the results.json of each shard");
    insta::assert_snapshot!(merged(&[a.clone(), c.clone()]), @"
    2/3 is missing
    hint: name the results of all shards
    ");
    insta::assert_snapshot!(merged(std::slice::from_ref(&c)), @"
    1/3, 2/3 are missing
    hint: name the results of all shards
    ");
    insta::assert_snapshot!(merged(&[a.clone(), part("1/3", &[])]), @"
    `1of3.json` and `1of3.json` are both shard 1/3
    hint: omit one of them
    ");
    insta::assert_snapshot!(merged(&[a.clone(), part("2/3", &["test_a", "test_b"]), c.clone()]), @"
    `1of3.json` and `2of3.json` both have results of `test_a`
    hint: run all shards with the same expectations and the same tests
    ");
    let many = ["test_1", "test_2", "test_3", "test_4", "test_5", "test_6", "test_7"];
    let overlap = merged(&[part("1/2", &many), part("2/2", &many)]);
    assert!(overlap.contains("`test_1`, `test_2`, `test_3`, `test_4`, `test_5` and 2 more\n"), "{overlap}");
    insta::assert_snapshot!(merged(&[a.clone(), part("2/2", &["test_b"])]), @"
    `1of3.json` and `2of2.json` are of different runs: the number of shards is 3 in the first and 2 in the second
    hint: merge only shards of the same run
    ");
    insta::assert_snapshot!(changed(|results| results.shard = None), @"
    `2of3.json` is not the result of a shard
    hint: merge only results of runs with `--shard K/N`
    ");
    type Change = fn(&mut Results);
    let changes: [(Change, &str); 12] = [
        (|results| results.run.tool = "xtask 0.2.0".into(), "the tool is xtask 0.1.0 in the first and xtask 0.2.0 in"),
        (
            |results| results.run.python = "3.13.14".parse().unwrap(),
            "the Python is 3.13.15 in the first and 3.13.14 in",
        ),
        (|results| results.run.host = "other".into(), "the host is wasi"),
        (|results| results.run.triple = "wasm32-wasi".into(), "the triple is"),
        (|results| results.run.profile = "debug".into(), "the profile is release in the first and debug in the second"),
        (|results| results.run.toolchain = "clang 19".into(), "the toolchain is"),
        (|results| results.run.wasm_sha256 = Sha256::of(b""), "python.wasm's SHA-256 is"),
        (
            |results| results.run.runner.version = "39".into(),
            "the runner is wasmtime 38.0.1 in the first and wasmtime 39 in",
        ),
        (
            |results| results.run.resources.clear(),
            "the list of resources is `cpu` in the first and empty in the second",
        ),
        (|results| results.run.seed = 2, "the random seed is 1 in the first and 2 in the second"),
        (|results| results.run.patterns.push("*x*".into()), "the list of patterns is empty in the first and `*x*` in"),
        (|results| results.run.selection.push("test_a".into()), "the selection is empty in the first and `test_a` in"),
    ];
    for (change, expected) in changes {
        let error = changed(change);
        assert!(error.starts_with("`1of3.json` and `2of3.json` are of different runs: "), "{error}");
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn differences_are_listed_by_file_and_case() {
    use CaseOutcome::{Failure, NotRun, Passed, Skipped};
    let left = whole(vec![
        passed("test_gone"),
        file("test_os", FileOutcome::Passed, vec![case("a", Passed), case("b", Skipped), case("old", Passed)]),
        file("test_re", FileOutcome::Passed, vec![case("a", Passed), case("b", Passed), case("c", Passed)]),
    ]);
    let right = whole(vec![
        passed("test_new"),
        file("test_os", FileOutcome::Failed, vec![case("a", Failure), case("a", Passed), case("b", Skipped)]),
        file("test_re", FileOutcome::Error, vec![case("a", Passed), case("b", NotRun)]),
    ]);
    let of_file = |file: &str, left, right| Difference::File { file: file.to_owned(), left, right };
    let of_case =
        |case: &str, left, right| Difference::Case { file: "test_os".into(), case: case.to_owned(), left, right };
    let expected = [
        of_file("test_gone", Some(FileOutcome::Passed), None),
        of_file("test_new", None, Some(FileOutcome::Passed)),
        of_file("test_os", Some(FileOutcome::Passed), Some(FileOutcome::Failed)),
        of_case("a", Some(Passed), Some(Failure)),
        of_case("old", Some(Passed), None),
        of_file("test_re", Some(FileOutcome::Passed), Some(FileOutcome::Error)),
    ];
    assert_eq!(compare(&left, &right), expected);
}

#[test]
fn times_reasons_and_runners_make_no_difference() {
    let left = everything();
    let mut right = everything();
    right.run.runner.name = "node".to_owned();
    right.seconds = 99.0;
    right.files.iter_mut().for_each(|file| (file.seconds, file.reason) = (7.0, "other words".to_owned()));
    right.files[1].cases.iter_mut().for_each(|case| case.text = "elsewhere".to_owned());
    assert_eq!(compare(&left, &right), []);
}
