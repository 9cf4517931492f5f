//! A test run on a terminal, in a log, as JSON and with `--quiet`, at given times. No clock is read.

use indicatif::InMemoryTerm;

use super::super::tests::{Written, at, fancy, play, settings};
use super::super::{Format, Messages, Settings, State, Style, Verbosity, plain, run};
use super::*;
use crate::event::Outcome;

fn planned(files: &[(&str, Option<f64>)], jobs: usize) -> Event {
    let files = files
        .iter()
        .map(|(file, expected_seconds)| PlannedTest { file: (*file).to_owned(), expected_seconds: *expected_seconds });
    Event::TestsPlanned { files: files.collect(), jobs }
}

fn started(file: &str) -> Event {
    Event::TestStarted { file: file.to_owned() }
}

fn passed(file: &str, seconds: f64) -> Event {
    let (file, outcome, reason) = (file.to_owned(), FileOutcome::Passed, String::new());
    Event::TestFinished { file, outcome, unexpected: 0, seconds, cases: 12, reason }
}

fn ended(file: &str, outcome: FileOutcome, unexpected: usize, reason: &str) -> Event {
    let (file, reason) = (file.to_owned(), reason.to_owned());
    Event::TestFinished { file, outcome, unexpected, seconds: 2.5, cases: 0, reason }
}

/// The first seconds of four files, two at a time.
fn beginning() -> Vec<(f64, Event)> {
    let files = [
        ("test_asyncio.test_events", Some(90.0)),
        ("test_os", Some(8.0)),
        ("test_ssl", Some(0.0)),
        ("test_zlib", Some(0.0)),
        ("test_re", Some(3.0)),
    ];
    vec![
        (1.0, planned(&files, 2)),
        (1.0, started("test_asyncio.test_events")),
        (1.0, started("test_os")),
        (9.0, ended("test_os", FileOutcome::Failed, 1, "1 case failed: FileTests.test_access\nmore")),
        (9.0, started("test_ssl")),
        (9.5, ended("test_ssl", FileOutcome::Skipped, 0, "no \x1b[1m_ssl")),
        (9.5, started("test_zlib")),
        (10.0, ended("test_zlib", FileOutcome::Failed, 0, "known")),
        (10.0, started("test_re")),
    ]
}

fn beginning_on(columns: u16) -> String {
    let terminal = InMemoryTerm::new(20, columns);
    let mut state = fancy(terminal.clone());
    play(&mut state, beginning());
    at(&mut state, 13.0);
    terminal.contents()
}

fn log(settings: &Settings, events: &[(f64, Event)], until: u32) -> String {
    let written = Written::default();
    let mut state =
        State::new(Box::new(std::io::sink()), Messages::Plain(plain::Plain::default(), Box::new(written.clone())));
    let mut events = events.iter().peekable();
    for second in 0..until {
        let now = f64::from(second);
        while let Some((at, event)) = events.next_if(|(at, _)| *at <= now) {
            state.on_event(event, Duration::from_secs_f64(*at), settings);
        }
        state.tick(Duration::from_secs_f64(now), settings);
    }
    written.to_string()
}

#[test]
fn only_mismatches_leave_permanent_lines() {
    insta::assert_snapshot!(beginning_on(120), @"
    ✗ test_os  1 case failed: FileTests.test_access
    ⠋ 3 of 5 files  [=========      ]  1 unexpected  about 1 min 18 s left  test_asyncio.test_events 12 s
    ");
    insta::assert_snapshot!(beginning_on(80), @"
    ✗ test_os  1 case failed: FileTests.test_access
    ⠋ 3 of 5 files  1 unexpected  about 1 min 18 s left  test_asyncio.test_eve… 12 s
    ");
    insta::assert_snapshot!(beginning_on(40), @"
    ✗ test_os  1 case failed: FileTests.test
    _access
    ⠋ 3 of 5 files  1 unexpected
    ");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for columns in 1..160 {
        let mut run = run::Run::default();
        for (seconds, event) in beginning() {
            run.update(&event, Duration::from_secs_f64(seconds));
        }
        let style = Style { colour: true };
        let lines = super::super::fancy::live(&run, Duration::from_secs(13), columns, style);
        assert_eq!(lines.len(), 1);
        assert!(console::measure_text_width(&lines[0]) <= columns, "{columns}: {lines:?}");
    }
}

#[test]
fn a_verbose_terminal_keeps_a_line_for_every_file() {
    let terminal = InMemoryTerm::new(20, 80);
    let mut state = fancy(terminal.clone());
    let settings = Settings { verbosity: Verbosity::Verbose, ..settings() };
    for (seconds, event) in beginning() {
        state.on_event(&event, Duration::from_secs_f64(seconds), &settings);
    }
    state.on_event(&passed("test_re", 3.0), Duration::from_secs(13), &settings);
    state.on_event(&passed("test_asyncio.test_events", 88.0), Duration::from_secs(99), &settings);
    at(&mut state, 100.0);
    insta::assert_snapshot!(terminal.contents(), @"
    ✗ test_os  1 case failed: FileTests.test_access
    - test_ssl  skipped in 2.5 s: no _ssl
    - test_zlib  failed in 2.5 s: known
    ✓ test_re  passed in 3.0 s, 12 cases
    ✓ test_asyncio.test_events  passed in 1 min 28 s, 12 cases
    ");
}

#[test]
fn the_live_line_is_cleared_at_the_end() {
    for end in [Event::Finished { ok: false, seconds: 14.0 }, Event::Error { text: "interrupted".to_owned() }] {
        let terminal = InMemoryTerm::new(20, 80);
        let mut state = fancy(terminal.clone());
        play(&mut state, beginning());
        assert!(state.run.is_moving());
        play(&mut state, vec![(14.0, end)]);
        at(&mut state, 15.0);
        assert!(!state.run.is_moving());
        assert!(!terminal.contents().contains("of 5 files"), "{}", terminal.contents());
    }
}

#[test]
fn tests_may_follow_a_build_and_a_build_tests() {
    let mut run = run::Run::default();
    let stage = || "make-host".to_owned();
    let update = |run: &mut run::Run, event| run.update(&event, Duration::from_secs(1));
    update(&mut run, Event::Planned { stages: Vec::new() });
    update(&mut run, Event::StageStarted { stage: stage() });
    update(&mut run, Event::StageFinished { stage: stage(), outcome: Outcome::Built, seconds: 1.0 });
    update(&mut run, Event::Finished { ok: true, seconds: 1.0 });
    assert!(!run.is_moving());
    update(&mut run, planned(&[("test_os", None)], 1));
    assert!(run.is_moving() && !run.active);
    update(&mut run, Event::Planned { stages: Vec::new() });
    assert!(!run.is_moving());
}

#[test]
fn a_log_shows_mismatches_and_regular_summaries() {
    insta::assert_snapshot!(log(&settings(), &beginning(), 95), @"
    running 5 test files (about 1 min 30 s)
    [1/5] test_os: 1 case failed: FileTests.test_access
    3 of 5 files, 1 unexpected, about 1 min 0 s left, test_asyncio.test_events for 30 s
    3 of 5 files, 1 unexpected, about 30 s left, test_asyncio.test_events for 1 min 0 s
    3 of 5 files, 1 unexpected, 1 min 30 s so far, test_asyncio.test_events for 1 min 30 s
    ");
}

#[test]
fn a_log_sums_up_each_tenth_of_many_files() {
    let names: Vec<String> = (0..40).map(|n| format!("test_{n:02}")).collect();
    let files: Vec<(&str, Option<f64>)> = names.iter().map(|name| (name.as_str(), Some(2.0))).collect();
    let mut events = vec![(0.0, planned(&files, 1))];
    for (n, name) in names.iter().enumerate() {
        events.push((n as f64 * 2.0, started(name)));
        events.push((n as f64 * 2.0 + 2.0, passed(name, 2.0)));
    }
    insta::assert_snapshot!(log(&settings(), &events, 90), @"
    running 40 test files (about 1 min 20 s)
    4 of 40 files, about 1 min 12 s left
    8 of 40 files, about 1 min 4 s left
    12 of 40 files, about 56 s left
    16 of 40 files, about 48 s left
    20 of 40 files, about 40 s left
    24 of 40 files, about 32 s left
    28 of 40 files, about 24 s left
    32 of 40 files, about 16 s left
    36 of 40 files, about 8 s left
    ");
    let verbose = Settings { verbosity: Verbosity::Verbose, ..settings() };
    let text = log(&verbose, &events, 90);
    assert_eq!(text.lines().filter(|line| line.starts_with('[')).count(), 40, "{text}");
    assert!(text.contains("\n15 of 40 files, about 50 s left, test_15 for 1 s\n"), "{text}");
    assert!(text.contains("\n[ 7/40] test_06: passed in 2.0 s, 12 cases\n"), "{text}");
}

#[test]
fn quiet_output_has_only_mismatches() {
    let quiet = Settings { verbosity: Verbosity::Quiet, live: false, ..settings() };
    let written = Written::default();
    let mut state =
        State::new(Box::new(std::io::sink()), Messages::Plain(plain::Plain::default(), Box::new(written.clone())));
    for (seconds, event) in beginning() {
        state.on_event(&event, Duration::from_secs_f64(seconds), &quiet);
    }
    assert_eq!(written.to_string(), "[1/5] test_os: 1 case failed: FileTests.test_access\n");
    assert_eq!(state.period(&quiet), None);
}

#[test]
fn json_has_the_events_as_they_are() {
    let (data, messages) = (Written::default(), Written::default());
    let mut state = State::new(Box::new(data.clone()), Messages::Json(Box::new(messages.clone())));
    let json = Settings { format: Format::Json, verbosity: Verbosity::Verbose, ..settings() };
    let events = [
        planned(&[("test_os", Some(8.0)), ("test_new", None)], 2),
        started("test_os"),
        ended("test_os", FileOutcome::EnvironmentChanged, 1, "os.environ"),
    ];
    for event in events {
        state.on_event(&event, Duration::ZERO, &json);
    }
    insta::assert_snapshot!(data, @r#"
    {"event":"tests-planned","files":[{"file":"test_os","expected-seconds":8.0},{"file":"test_new","expected-seconds":null}],"jobs":2}
    {"event":"test-started","file":"test_os"}
    {"event":"test-finished","file":"test_os","outcome":"environment-changed","unexpected":1,"seconds":2.5,"cases":0,"reason":"os.environ"}
    "#);
    assert_eq!(messages.to_string(), "test_os: os.environ\n");
}

#[test]
fn github_does_not_interpret_test_output() {
    let github = Settings { github: true, live: false, ..settings() };
    let events =
        [(0.0, planned(&[("test_os", None)], 1)), (1.0, ended("::error", FileOutcome::Failed, 1, "##[error]x"))];
    let text = log(&github, &events, 3);
    assert!(text.contains("[1/2] | ::error: ## [error]x\n"), "{text}");
}

#[test]
fn text_for_every_outcome() {
    for (outcome, unexpected, reason, expected) in [
        (FileOutcome::Passed, 0, "", "passed in 2.5 s"),
        (FileOutcome::ResourceDenied, 0, "network", "denied a resource in 2.5 s: network"),
        (FileOutcome::NoTests, 0, "", "no tests in 2.5 s"),
        (FileOutcome::EnvironmentChanged, 1, "", "changed the environment in 2.5 s"),
        (FileOutcome::Error, 1, "", "errored in 2.5 s"),
        (FileOutcome::Error, 1, "wasm trap\n at x", "wasm trap"),
    ] {
        assert_eq!(finished_words(&ended("test_os", outcome, unexpected, reason)), expected);
    }
}

#[test]
fn unknown_times_give_no_estimate() {
    let mut tests = Tests::default();
    assert!(!tests.are_active());
    let update = |tests: &mut Tests, event, now| tests.update(&event, Duration::from_secs(now));
    update(&mut tests, planned(&[("test_a", None), ("test_b", Some(f64::NAN))], 1), 5);
    assert_eq!(
        (tests.time_words(Duration::from_secs(9)), tests.slowest(Duration::from_secs(9))),
        ("4.0 s so far".to_owned(), None)
    );
    update(&mut tests, started("test_a"), 6);
    update(&mut tests, started("test_b"), 6);
    assert_eq!(tests.slowest(Duration::from_secs(9)), Some(("test_a", Duration::from_secs(3))));
    update(&mut tests, ended("test_a", FileOutcome::Failed, 2, "x"), 9);
    assert_eq!(
        (tests.count_words(), tests.unexpected_words()),
        ("1 of 2 files".to_owned(), Some("1 unexpected".to_owned()))
    );
    // Once more alone, and this time it passes.
    update(&mut tests, started("test_a"), 9);
    assert_eq!(tests.ended(), 0);
    update(&mut tests, passed("test_a", 1.0), 10);
    assert_eq!((tests.ended(), tests.unexpected_words()), (1, None));
}
