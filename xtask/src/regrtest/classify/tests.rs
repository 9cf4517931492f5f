//! Outcomes from journals that are complete, truncated, forged or inconsistent.

use std::time::Duration;

use super::*;

const A: &str = "test.test_a.A.test_x";
const B: &str = "test.test_a.A.test_y";

fn process<'a>(ending: Ending, journal: &str, tail: &'a [String]) -> Process<'a> {
    let journal = Journal::read(journal.as_bytes(), "");
    Process { file: "test_a", ending, journal, skip_reason: None, tail, took: Duration::from_millis(1500) }
}

fn line(record: serde_json::Value) -> String {
    format!("{record}\n")
}

fn suite(cases: &[&str]) -> String {
    line(serde_json::json!({ "suite": cases }))
}

fn start(case: &str) -> String {
    line(serde_json::json!({ "start": case }))
}

fn end(case: &str, outcome: &str, text: &str) -> String {
    line(serde_json::json!({ "case": case, "outcome": outcome, "text": text, "skipped_subtests": 0, "seconds": 0.1 }))
}

fn case(id: &str, outcome: &str) -> String {
    start(id) + &end(id, outcome, "")
}

fn file(state: &str, tests_run: usize) -> String {
    line(
        serde_json::json!({ "file": "test_a", "state": state, "stats": { "tests_run": tests_run, "failures": 0, "skipped": 0 } }),
    )
}

fn exit(code: i32) -> String {
    line(serde_json::json!({ "exit": code }))
}

fn good() -> String {
    suite(&[A, B]) + &case(A, "passed") + &case(B, "passed") + &file("PASSED", 2) + &exit(0)
}

fn outcome_and_reason(ending: Ending, journal: &str) -> (FileOutcome, String) {
    let result = classify(&process(ending, journal, &[]));
    (result.outcome, result.reason)
}

#[test]
fn a_file_passes_when_everything_agrees() {
    let result = classify(&process(Ending::Exited(0), &good(), &["noise".to_owned()]));
    assert_eq!((result.outcome, result.reason.as_str(), result.output.as_str()), (FileOutcome::Passed, "", ""));
    assert_eq!(result.cases.len(), 2);
    assert_eq!(result.seconds, 1.5);
}

#[test]
fn the_states_of_all_minors_are_known() {
    let outcome_of = |state: &str, code| outcome_and_reason(Ending::Exited(code), &(file(state, 0) + &exit(code))).0;
    for (state, outcome) in [
        ("SKIPPED", FileOutcome::Skipped),
        ("Skipped", FileOutcome::Skipped),
        ("RESOURCE_DENIED", FileOutcome::ResourceDenied),
        ("ResourceDenied", FileOutcome::ResourceDenied),
        ("DID_NOT_RUN", FileOutcome::NoTests),
        ("ENV_CHANGED", FileOutcome::EnvironmentChanged),
        ("EnvChanged", FileOutcome::EnvironmentChanged),
        ("FAILED", FileOutcome::Failed),
        ("UNCAUGHT_EXC", FileOutcome::Error),
        ("UncaughtException", FileOutcome::Error),
        ("SOMETHING_NEW", FileOutcome::Error),
    ] {
        assert_eq!(outcome_of(state, 0), outcome, "{state}");
    }
}

#[test]
fn every_inconsistency_is_an_error() {
    let exited = || Ending::Exited(0);
    let cut = |until: &str| good().split_inclusive('\n').take_while(|line| !line.contains(until)).collect::<String>();
    let without = |what: &str| good().split_inclusive('\n').filter(|line| !line.contains(what)).collect::<String>();
    for (what, ending, journal) in [
        ("exited early", exited(), cut("exit")),
        ("exited early with exit code 3", Ending::Exited(3), cut("exit")),
        (
            "exited early with exit code 0, while test.test_a.A.test_y was running",
            exited(),
            cut("\"case\":\"test.test_a.A.test_y"),
        ),
        ("exited early", exited(), String::new()),
        ("exited with code 0, but regrtest had finished with 2", exited(), without("exit") + &exit(2)),
        ("exited with code 3", Ending::Exited(3), good()),
        ("line 8 of the journal", exited(), good() + "garbage\n" + &exit(0)),
        ("line 8 of the journal", exited(), good() + "{\"exit\": 0"),
        ("continues after its last record", exited(), good() + &exit(0)),
        ("without a result for the file", exited(), without("\"file\"")),
        ("regrtest reported results for test_a, test_a", exited(), without("exit") + &file("PASSED", 2) + &exit(0)),
        (
            "regrtest reported results for test_b",
            exited(),
            good().replace("\"file\":\"test_a\"", "\"file\":\"test_b\""),
        ),
        (
            "test.test_a.A.test_y was planned but did not run",
            exited(),
            without("A.test_y\",\"ou").replace(&start(B), "").replace("tests_run\":2", "tests_run\":1"),
        ),
        ("test.test_a.A.test_y ran but was not planned", exited(), good().replace(",\"test.test_a.A.test_y\"]", "]")),
        ("regrtest counted 3 cases, but the journal has 2", exited(), good().replace("tests_run\":2", "tests_run\":3")),
        (
            "test.test_a.A.test_x finished but had not started",
            exited(),
            good().replacen(&start(A), "", 1).replace("tests_run\":2", "tests_run\":1"),
        ),
        ("started while", exited(), good().replace(&end(A, "passed", ""), "")),
        ("reports that it passed, but test.test_a.A.test_x failed", exited(), good().replacen("passed", "failure", 1)),
        (
            "still running after 2 s, while test.test_a.A.test_y was running",
            Ending::TimedOut(Duration::from_secs(2)),
            cut("\"case\":\"test.test_a.A.test_y"),
        ),
        ("killed by signal 9", Ending::Signalled(9), good()),
        ("the runner failed: no memory", Ending::RunnerFailed("no memory".to_owned()), good()),
    ] {
        let (outcome, reason) = outcome_and_reason(ending, &journal);
        assert_eq!(outcome, FileOutcome::Error, "{what}: {reason}\n{journal}");
        assert!(reason.contains(what), "{what}: {reason}\n{journal}");
    }
}

#[test]
fn a_trap_is_reported_with_its_reason_and_case() {
    let tail =
        ["host-runner: the guest trapped: error while executing", "    0: 0x1 - f", "wasm trap: call stack exhausted"];
    let tail = tail.map(str::to_owned);
    let result = classify(&process(Ending::Exited(134), &(suite(&[A]) + &start(A)), &tail));
    assert_eq!(result.outcome, FileOutcome::Error);
    assert_eq!(result.reason, "trapped: call stack exhausted, while test.test_a.A.test_x was running");
    assert!(result.output.contains("0x1 - f"));
    assert_eq!(result.cases[0].outcome, CaseOutcome::NotRun);
}

#[test]
fn a_set_up_takes_its_cases_with_it() {
    let journal = |outcome| {
        let set_up = end("setUpClass (test.test_a.A)", outcome, "no sockets");
        suite(&[A, B]) + &set_up + &file(if outcome == "skipped" { "PASSED" } else { "FAILED" }, 0) + &exit(0)
    };
    let skipped = classify(&process(Ending::Exited(0), &journal("skipped"), &[]));
    assert_eq!(skipped.outcome, FileOutcome::Passed);
    let outcomes: Vec<CaseOutcome> = skipped.cases.iter().map(|case| case.outcome).collect();
    assert_eq!(outcomes, [CaseOutcome::Skipped; 3]);
    assert_eq!(skipped.cases[2].text, "no sockets");
    let failed = classify(&process(Ending::Exited(0), &journal("error"), &[]));
    assert_eq!(failed.outcome, FileOutcome::Failed);
    assert_eq!(failed.cases[1].outcome, CaseOutcome::NotRun);
}

#[test]
fn a_failure_names_its_cases() {
    let journal = suite(&[A, B]) + &case(A, "failure") + &case(B, "error") + &file("FAILED", 2) + &exit(2);
    let (outcome, reason) = outcome_and_reason(Ending::Exited(2), &journal);
    assert_eq!((outcome, reason.as_str()), (FileOutcome::Failed, "test.test_a.A.test_x and 1 more failed"));
}
