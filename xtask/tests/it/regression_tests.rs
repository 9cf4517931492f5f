//! `cargo xtask test`: what it says of tests that pass, fail, trap, hang and vanish, and what it writes down.
//!
//! A fake guest plays the tests (`xtask/testing/fake_guest.rs`); `cargo xtask ci audit` gives broken ones to a real Python.

use camino::Utf8PathBuf;
use serde_json::Value;

use crate::kit::sandbox::Sandbox;

const EXPECTATIONS: &str = "recipes/expectations/3.13-wasi.toml";

/// A sandbox with a Python and these tests.
fn with_tests(tests: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    play(&sandbox, tests);
    sandbox
}

fn play(sandbox: &Sandbox, tests: &str) {
    fs_err::write(sandbox.path("tests"), tests.replace(", ", "\n")).unwrap();
}

fn test(sandbox: &Sandbox, arguments: &[&str], code: i32) -> crate::kit::invocation::Output {
    sandbox.xtask(&[&["test", "wasi", "--fresh", "--jobs", "2"], arguments].concat()).fail(code)
}

fn results_folder(sandbox: &Sandbox) -> Utf8PathBuf {
    sandbox.path("dist/test-results/python-3.13.1-wasm32-wasip1")
}

/// The results without what differs from run to run.
fn results(folder: &camino::Utf8Path) -> Value {
    let mut results: Value =
        serde_json::from_str(&fs_err::read_to_string(folder.join("results.json")).unwrap()).unwrap();
    results["seconds"] = Value::Null;
    for file in results["files"].as_array_mut().unwrap() {
        file["seconds"] = Value::Null;
    }
    results
}

/// `FILE OUTCOME`, one after another.
fn outcomes(sandbox: &Sandbox) -> String {
    let results = results(&results_folder(sandbox));
    let of = |file: &Value| format!("{} {}", file["name"].as_str().unwrap(), file["outcome"].as_str().unwrap());
    results["files"].as_array().unwrap().iter().map(of).collect::<Vec<_>>().join(", ")
}

/// What is said from `error:` on.
fn error(said: &crate::kit::invocation::Output) -> &str {
    let start = said.stderr.find("error: ").unwrap_or_else(|| panic!("{said}"));
    said.stderr[start..].trim_end()
}

#[test]
fn tests_that_pass_and_skip_themselves_are_a_success() {
    let sandbox = with_tests("test_a pass, test_b skip");
    let _said = test(&sandbox, &[], 0);
    assert_eq!(outcomes(&sandbox), "test_a passed, test_b skipped");
}

#[test]
fn everything_else_is_a_failure_of_its_file_in_all_documents() {
    let sandbox = with_tests("test_fails fail, test_hangs hang, test_leaves leave, test_passes pass, test_traps trap");
    let said = test(&sandbox, &["--file-timeout", "1", "--format", "json"], 1);
    assert_eq!(
        outcomes(&sandbox),
        "test_fails failed, test_hangs error, test_leaves error, test_passes passed, test_traps error"
    );
    let finished: Vec<Value> = said.events().into_iter().filter(|event| event["event"] == "test-finished").collect();
    assert_eq!(finished.len(), 5);
    for event in &finished {
        assert_eq!(event["unexpected"] == 0, event["file"] == "test_passes", "{event}");
    }
    let mut reasons: Vec<String> =
        finished.iter().map(|event| format!("{}: {}", event["file"], event["reason"])).collect();
    reasons.sort();
    insta::assert_snapshot!(reasons.join("\n"), @r#"
    "test_fails": "1 case: AssertionError: 1 != 2"
    "test_hangs": "still running after [TIME] s, while test.test_hangs.Tests.test_x was running; 2 cases did not run"
    "test_leaves": "exited early with exit code 0, while test.test_leaves.Tests.test_x was running; 2 cases did not run"
    "test_passes": ""
    "test_traps": "trapped: unreachable, while test.test_traps.Tests.test_y was running; 1 case did not run"
    "#);
    let last = said.events().pop().unwrap();
    assert_eq!((&last["event"], &last["ok"]), (&Value::from("test-results"), &Value::from(false)));
    let junit = fs_err::read_to_string(results_folder(&sandbox).join("junit.xml")).unwrap();
    let junit = roxmltree::Document::parse(&junit).unwrap();
    for suite in junit.descendants().filter(|node| node.has_tag_name("testsuite")) {
        let failing = suite.descendants().any(|node| node.has_tag_name("failure") || node.has_tag_name("error"));
        assert_eq!(failing, suite.attribute("name") != Some("test_passes"));
    }
    let log = fs_err::read_to_string(results_folder(&sandbox).join("logs/test_traps.log")).unwrap();
    assert!(log.contains("wasm trap: unreachable"), "{log}");
}

#[test]
fn a_runner_that_cannot_make_copies_is_an_error_of_each_file() {
    let sandbox = with_tests("test_a pass, test_b pass");
    let said = sandbox.xtask(&["test", "wasi", "--jobs", "1"]).fail(1);
    assert_eq!(outcomes(&sandbox), "test_a error, test_b error");
    assert!(said.stdout.contains("test_b: the runner failed: "), "{said}");
    let results = results(&results_folder(&sandbox));
    let reason = results["files"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("there are no copies of this one"), "{reason}");
}

#[test]
fn the_results_of_shards_are_those_of_the_whole() {
    let sandbox = with_tests("test_a pass, test_b fail, test_c skip, test_d pass, test_e trap");
    let _whole = test(&sandbox, &[], 1);
    for shard in ["1", "2", "3"] {
        // Which of them have the two that fail is decided by names and times.
        let run = ["test", "wasi", "--fresh", "--shard", &format!("{shard}/3"), "--results", &format!("part-{shard}")];
        let said = sandbox.xtask(&run).run();
        assert!(said.code <= 1, "{said}");
    }
    let merge = ["test", "merge", "part-1", "part-2", "part-3", "--results", "merged"];
    let _merged = sandbox.xtask(&merge).fail(1);
    let (whole, merged) = (results(&results_folder(&sandbox)), results(&sandbox.checkout().join("merged")));
    assert_eq!(whole["files"], merged["files"]);
    assert_eq!(whole["totals"], merged["totals"]);
    let said = sandbox.xtask(&["test", "merge", "part-1", "part-3"]).run();
    assert!(said.code != 0 && said.stderr.contains("error: "), "{said}");
}

#[test]
fn what_was_accepted_is_expected_from_then_on() {
    let sandbox = with_tests("test_a pass, test_b fail, test_c skip");
    let said = test(&sandbox, &["--accept"], 1);
    insta::assert_snapshot!(error(&said), @"
    error: these failures have no reason:
      test.test_b.Tests.test_y: AssertionError: 1 != 2
    hint: give a `--reason`, or fix them
    ");
    assert!(!sandbox.checkout().join(EXPECTATIONS).exists());
    let _accepted = test(&sandbox, &["--accept", "--reason", "no sun"], 0);
    insta::assert_snapshot!(sandbox.read(EXPECTATIONS), @r#"
    # The expected results of CPython's regression tests. `cargo xtask test` compares its results with these, and fails where they differ.
    # `cargo xtask test HOST --accept` rewrites this file. It keeps the reasons and issues of failures, but no comments.
    schema = 1
    python = "3.13.1"

    [files.test_a]
    cases = 2

    [files.test_b]
    cases = 2
    [files.test_b.failed]
    "Tests.test_y" = { reason = "no sun" }

    [files.test_c]
    outcome = "skipped"
    reason = "no sockets"
    "#);
    let _as_expected = test(&sandbox, &[], 0);
    for (tests, expected) in [
        ("test_a pass, test_b pass, test_c skip", "unexpected-pass"),
        ("test_a pass, test_b fail", "missing-file"),
        ("test_a skip, test_b fail, test_c skip", "unexpected-skip"),
        ("test_a fail, test_b fail, test_c skip", "new-failure"),
        ("test_a pass, test_b leave, test_c skip", "new-failure"),
        ("test_a pass, test_b fail, test_c skip, test_d pass", "unrecorded-file"),
    ] {
        play(&sandbox, tests);
        let last = test(&sandbox, &["--format", "json"], 1).events().pop().unwrap();
        let kinds: Vec<&Value> = last["mismatches"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
        assert!(kinds.contains(&&Value::from(expected)), "{tests}: {last}");
    }
}

#[test]
fn only_what_did_not_end_as_expected_is_run_again() {
    let sandbox = with_tests("test_a pass, test_b fail");
    let _failed = test(&sandbox, &[], 1);
    play(&sandbox, "test_a trap, test_b pass");
    let _fixed = test(&sandbox, &["--rerun-failed"], 0);
    assert_eq!(outcomes(&sandbox), "test_b passed");
}

#[test]
fn invalid_requests_have_hints() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(test(&sandbox, &[], 1), @"
    exit code: 1
    --- stderr ---
    error: python-3.13.2-wasm32-wasip1 is not built yet
    hint: run `cargo xtask build wasi`
    ");
    sandbox.build().succeed();
    play(&sandbox, "test_abc pass, test_os pass");
    insta::assert_snapshot!(error(&test(&sandbox, &["test_so"], 2)), @"
    error: unknown test `test_so`
    hint: did you mean `test_os`?
    hint: `--list-tests` lists all tests
    ");
    insta::assert_snapshot!(error(&test(&sandbox, &["--testdir", "nowhere"], 2)), @"
    error: no such directory: [CHECKOUT]/nowhere
    hint: --testdir needs a directory with files `test_*.py`
    ");
    sandbox.write(EXPECTATIONS, "schema = 1\npython = \"3.13.1\"\n[files.test_abc]\ncases = -3\n");
    insta::assert_snapshot!(error(&test(&sandbox, &[], 3)), @"
    error:   × invalid value: integer `-3`
       ╭─[recipes/expectations/3.13-wasi.toml:4:9]
     3 │ [files.test_abc]
     4 │ cases = -3
       ·         ──
       ╰────
      help: expected u32
    ");
}

#[test]
fn a_list_that_nobody_confirms_is_no_list() {
    let sandbox = with_tests("");
    insta::assert_snapshot!(error(&test(&sandbox, &[], 1)), @"error: regrtest cannot list its tests: the list is empty");
    fs_err::write(sandbox.path("programs/guest.script"), "out test_a\nexit 0\n").unwrap();
    insta::assert_snapshot!(error(&test(&sandbox, &[], 1)), @"
    error: regrtest cannot list its tests: it exited before regrtest finished
    test_a
    ");
}

#[test]
fn files_of_ones_own_are_judged_without_expectations() {
    let sandbox = with_tests("test_mine pass");
    sandbox.write(EXPECTATIONS, "schema = 1\npython = \"3.13.1\"\n[files.test_abc]\ncases = 3\n");
    sandbox.write("mine/test_mine.py", "");
    let _said = test(&sandbox, &["--testdir", "mine"], 0);
    let call = sandbox.calls().pop().unwrap();
    let folder = format!("{}::/testdir::ro", sandbox.checkout().join("mine"));
    assert!(call.words().contains(&folder.as_str()), "{:?}", call.words());
}

/// A script in the sandbox's `PATH`.
fn install(sandbox: &Sandbox, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let program = sandbox.path("programs").join(name);
    fs_err::write(&program, script).unwrap();
    fs_err::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Makes a program that plays `tests` as `--runner wasmtime`, and writes into the library that it is given.
fn install_wasmtime(sandbox: &Sandbox, tests: &str) {
    let script = "#!/bin/sh\ncase $1 in --version) echo wasmtime 48.0.8; exit ;; esac\n\
        for word; do case $word in *::/usr/local) : > \"${word%::*}/written\" ;; esac; done\n\
        exec wasmtime-guest \"$@\"\n";
    install(sandbox, "wasmtime", script);
    fs_err::hard_link(sandbox.path("programs/guest"), sandbox.path("programs/wasmtime-guest")).unwrap();
    let plays = sandbox.path("tests-of-wasmtime");
    fs_err::write(sandbox.path("programs/wasmtime-guest.script"), format!("guest {plays}\n")).unwrap();
    fs_err::write(plays, tests.replace(", ", "\n")).unwrap();
}

/// Times below ten seconds, all of which are as wide as each other.
fn without_seconds(text: &str) -> String {
    let times = (0..100).map(|tenths| format!("{}.{} s", tenths / 10, tenths % 10));
    times.fold(text.to_owned(), |text, time| text.replace(&time, "?.? s"))
}

#[test]
fn runners_are_compared_and_those_that_will_not_do_are_left_out() {
    let sandbox = with_tests("test_a pass, test_b pass, test_c pass, test_d fail");
    install_wasmtime(&sandbox, "test_a pass, test_b fail, test_c trap, test_d fail");
    ["node", "nodejs"].iter().for_each(|name| install(&sandbox, name, "#!/bin/sh\necho v18.0.0\n"));
    let all =
        |arguments: &[&str]| sandbox.xtask(&[&["test", "wasi", "--fresh", "--runner", "all"], arguments].concat());
    let said = all(&["--results", "compared"]).fail(1);
    let (_, tables) = said.stdout.split_once("\n\nrunner ").unwrap_or_else(|| panic!("{said}"));
    insta::assert_snapshot!(without_seconds(tables), @"
              time   files  tests run  skipped  as expected
    host-runner      ?.? s  4      8          0        no
    wasmtime 48.0.8  ?.? s  4      7          0        no

    test                  host-runner  elsewhere            why
    test_b: Tests.test_y  passed       failure on wasmtime  AssertionError: 1 != 2
    test_c                passed       error on wasmtime    trapped: unreachable, while test.test_c.Tests.test_y was running
    ");
    assert!(said.stderr.contains("skipping node: node cannot be used: "), "{said}");
    for runner in ["host-runner", "wasmtime"] {
        assert!(sandbox.checkout().join("compared").join(runner).join("results.json").is_file());
    }
    // Each passes once its results are expected, and the differences are still shown.
    let _accepted = all(&["--accept", "--reason", "no sun"]).succeed();
    let overlay = sandbox.read("recipes/expectations/3.13-wasi-wasmtime.toml");
    assert!(overlay.contains("[files.test_b]") && !overlay.contains("[files.test_d]"), "{overlay}");
    let said = all(&["--format", "json"]).succeed();
    let last = said.events().pop().unwrap();
    assert_eq!(last["event"], "test-differences");
    assert_eq!(last["differences"][0]["reasons"]["wasmtime"], "no sun");
    insta::assert_snapshot!(error(&all(&["--bisect"]).fail(2)), @"
    error: --bisect does not work with `--runner all`
    hint: name one runner
    ");
}
