//! The user interface: the same run as a log, on GitHub Actions, as JSON and on a terminal, and with closed streams.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use indicatif::InMemoryTerm;
use xtask::event::{Event, Listener, Outcome, PlannedStage, Unit};
use xtask::ui::{Format, Settings, Terminals, Ui, Verbosity};

const PIPES: Terminals = Terminals { stdout: None, stderr: None };

/// A run with all outcomes: up to date, built in parallel, failed, skipped.
fn events() -> Vec<Event> {
    let stage = |stage: &str, up_to_date, expected_seconds, needs: &[&str]| PlannedStage {
        stage: stage.into(),
        title: format!("the title of {stage}"),
        up_to_date,
        expected_seconds,
        unit: Unit::None,
        needs: needs.iter().map(|need| (*need).into()).collect(),
    };
    let started = |stage: &str| Event::StageStarted { stage: stage.into() };
    let line = |stage: &str, line: &str| Event::StageLine { stage: stage.into(), line: line.into() };
    let finished = |stage: &str, outcome, seconds| Event::StageFinished { stage: stage.into(), outcome, seconds };
    vec![
        Event::Planned {
            stages: vec![
                stage("fetch-cpython", true, Some(3.0), &[]),
                stage("fetch-wasi-sdk", true, None, &[]),
                stage("configure-build-python", false, Some(58.7), &["fetch-cpython"]),
                stage("host-runner", false, None, &[]),
                stage("make-host", false, Some(100.0), &["configure-build-python"]),
            ],
        },
        finished("fetch-cpython", Outcome::UpToDate, 0.0),
        finished("fetch-wasi-sdk", Outcome::UpToDate, 0.0),
        started("configure-build-python"),
        line("configure-build-python", "checking for gcc... \x1b[32mgcc\x1b[0m\r\n"),
        started("host-runner"),
        line("host-runner", "Compiling wasmtime v48.0.2"),
        Event::StageProgress { stage: "host-runner".into(), done: 12, total: Some(310) },
        Event::Note { text: "host-runner uses the toolchain `1.95`".into() },
        line("configure-build-python", "::error::not ours"),
        line("configure-build-python", "see ##[command]rm"),
        finished("configure-build-python", Outcome::Built, 61.04),
        Event::Warning { text: "100% of the disk is used".into() },
        finished("host-runner", Outcome::Failed { summary: "`cargo` ended with exit code 101".into() }, 64.0),
        finished("make-host", Outcome::Skipped { because: "`host-runner` failed".into() }, 0.0),
        Event::Finished { ok: false, seconds: 64.2 },
        Event::Error { text: "stage `host-runner` failed\n  \x1b[31mcargo build\x1b[0m\n::error::not ours\n".into() },
    ]
}

/// Plays the run with two pipes; returns what was written to stdout and to stderr.
fn play(environment: &[(&str, &str)], format: Format, verbosity: Verbosity) -> (String, String) {
    let (stdout, stderr) = (Written::default(), Written::default());
    let ui =
        Ui::on_streams(settings(environment, format, verbosity), Box::new(stdout.clone()), Box::new(stderr.clone()));
    for event in events() {
        ui.on_event(&event);
    }
    ui.finish().unwrap();
    (stdout.text(), stderr.text())
}

fn settings(environment: &[(&str, &str)], format: Format, verbosity: Verbosity) -> Settings {
    let get = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Settings { heartbeat: None, ..Settings::from_environment(get, PIPES, format, verbosity) }
}

#[test]
fn as_a_log() {
    let (stdout, stderr) = play(&[], Format::Text, Verbosity::Normal);
    assert_eq!(stdout, "");
    assert!(!stderr.contains(['\x1b', '\r']), "{stderr:?}");
    insta::assert_snapshot!(stderr, @"
    2 stages up to date
    [3/5] configure-build-python: started (about 59 s)
    [4/5] host-runner: started
    host-runner uses the toolchain `1.95`
    [3/5] configure-build-python: built in 1 min 1 s
    warning: 100% of the disk is used
    [4/5] host-runner: failed after 1 min 4 s: `cargo` ended with exit code 101
    [5/5] make-host: skipped: `host-runner` failed
    failed after 1 min 4 s
    error: stage `host-runner` failed
      cargo build
    ::error::not ours
    ");
}

#[test]
fn as_a_verbose_log() {
    let (_, stderr) = play(&[], Format::Text, Verbosity::Verbose);
    insta::assert_snapshot!(stderr, @"
    [1/5] fetch-cpython: up to date
    [2/5] fetch-wasi-sdk: up to date
    [3/5] configure-build-python: started (about 59 s)
    configure-build-python: checking for gcc... gcc
    [4/5] host-runner: started
    host-runner: Compiling wasmtime v48.0.2
    host-runner uses the toolchain `1.95`
    configure-build-python: ::error::not ours
    configure-build-python: see ##[command]rm
    [3/5] configure-build-python: built in 1 min 1 s
    warning: 100% of the disk is used
    [4/5] host-runner: failed after 1 min 4 s: `cargo` ended with exit code 101
    [5/5] make-host: skipped: `host-runner` failed
    failed after 1 min 4 s
    error: stage `host-runner` failed
      cargo build
    ::error::not ours
    ");
}

#[test]
fn as_a_quiet_log() {
    let (_, stderr) = play(&[], Format::Text, Verbosity::Quiet);
    insta::assert_snapshot!(stderr, @"
    warning: 100% of the disk is used
    error: stage `host-runner` failed
      cargo build
    ::error::not ours
    ");
}

#[test]
fn on_github_actions() {
    let (_, stderr) = play(&[("GITHUB_ACTIONS", "true")], Format::Text, Verbosity::Normal);
    insta::assert_snapshot!(stderr, @"
    2 stages up to date
    [3/5] configure-build-python: started (about 59 s)
    [4/5] host-runner: started
    host-runner uses the toolchain `1.95`
    ::group::[3/5] configure-build-python: built in 1 min 1 s
    checking for gcc... gcc
    | ::error::not ours
    see ## [command]rm
    ::endgroup::
    ::warning::100%25 of the disk is used
    ::group::[4/5] host-runner: failed after 1 min 4 s: `cargo` ended with exit code 101
    Compiling wasmtime v48.0.2
    ::endgroup::
    [5/5] make-host: skipped: `host-runner` failed
    failed after 1 min 4 s
    ::error::stage `host-runner` failed
      cargo build
    | ::error::not ours
    ");
}

#[test]
fn as_json() {
    let (stdout, stderr) = play(&[], Format::Json, Verbosity::Quiet);
    assert_eq!(stderr, "");
    insta::assert_snapshot!(stdout, @r#"
    {"event":"planned","stages":[{"stage":"fetch-cpython","title":"the title of fetch-cpython","up-to-date":true,"expected-seconds":3.0,"unit":"none","needs":[]},{"stage":"fetch-wasi-sdk","title":"the title of fetch-wasi-sdk","up-to-date":true,"expected-seconds":null,"unit":"none","needs":[]},{"stage":"configure-build-python","title":"the title of configure-build-python","up-to-date":false,"expected-seconds":58.7,"unit":"none","needs":["fetch-cpython"]},{"stage":"host-runner","title":"the title of host-runner","up-to-date":false,"expected-seconds":null,"unit":"none","needs":[]},{"stage":"make-host","title":"the title of make-host","up-to-date":false,"expected-seconds":100.0,"unit":"none","needs":["configure-build-python"]}]}
    {"event":"stage-finished","stage":"fetch-cpython","outcome":{"kind":"up-to-date"},"seconds":0.0}
    {"event":"stage-finished","stage":"fetch-wasi-sdk","outcome":{"kind":"up-to-date"},"seconds":0.0}
    {"event":"stage-started","stage":"configure-build-python"}
    {"event":"stage-line","stage":"configure-build-python","line":"checking for gcc... \u001b[32mgcc\u001b[0m\r\n"}
    {"event":"stage-started","stage":"host-runner"}
    {"event":"stage-line","stage":"host-runner","line":"Compiling wasmtime v48.0.2"}
    {"event":"stage-progress","stage":"host-runner","done":12,"total":310}
    {"event":"note","text":"host-runner uses the toolchain `1.95`"}
    {"event":"stage-line","stage":"configure-build-python","line":"::error::not ours"}
    {"event":"stage-line","stage":"configure-build-python","line":"see ##[command]rm"}
    {"event":"stage-finished","stage":"configure-build-python","outcome":{"kind":"built"},"seconds":61.04}
    {"event":"warning","text":"100% of the disk is used"}
    {"event":"stage-finished","stage":"host-runner","outcome":{"kind":"failed","summary":"`cargo` ended with exit code 101"},"seconds":64.0}
    {"event":"stage-finished","stage":"make-host","outcome":{"kind":"skipped","because":"`host-runner` failed"},"seconds":0.0}
    {"event":"finished","ok":false,"seconds":64.2}
    {"event":"error","text":"stage `host-runner` failed\n  \u001b[31mcargo build\u001b[0m\n::error::not ours\n"}
    "#);
}

#[test]
fn as_verbose_json() {
    let (stdout, stderr) = play(&[], Format::Json, Verbosity::Verbose);
    assert_eq!(stdout, play(&[], Format::Json, Verbosity::Normal).0);
    insta::assert_snapshot!(stderr, @"
    warning: 100% of the disk is used
    error: stage `host-runner` failed
      cargo build
    ::error::not ours
    ");
}

#[test]
fn only_permanent_lines_stay_on_a_terminal() {
    let terminal = InMemoryTerm::new(40, 80);
    let stdout = Written::default();
    let settings = settings(&[], Format::Text, Verbosity::Normal);
    let ui = Ui::on_terminal(settings, Box::new(stdout.clone()), terminal.clone());
    for event in events() {
        ui.on_event(&event);
        ui.data("data\n");
    }
    ui.finish().unwrap();
    assert_eq!(stdout.text(), "data\n".repeat(events().len()));
    insta::assert_snapshot!(terminal.contents(), @"
    2 stages up to date
    host-runner uses the toolchain `1.95`
    ✓ configure-build-python  built in 1 min 1 s
    warning: 100% of the disk is used
    ✗ host-runner             failed after 1 min 4 s: `cargo` ended with exit code 1
    01
    - make-host               skipped: `host-runner` failed
    failed after 1 min 4 s
    error: stage `host-runner` failed
      cargo build
    ::error::not ours
    ");
}

#[test]
fn colors_only_if_enabled() {
    let forced = ("CLICOLOR_FORCE", "1");
    let colourful =
        |environment: &[(&str, &str)]| play(environment, Format::Text, Verbosity::Quiet).1.contains("\x1b[31m");
    assert!(colourful(&[forced]));
    assert!(!colourful(&[forced, ("NO_COLOR", "1")]));
    assert!(!colourful(&[]));
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let stderr = Written::default();
    let settings = settings(&[], Format::Text, Verbosity::Normal);
    let ui = Ui::on_streams(settings, Box::new(writer), Box::new(stderr.clone()));
    ui.data("first\n");
    ui.data("second\n");
    ui.note("still here");
    ui.finish().unwrap();
    assert_eq!(stderr.text(), "still here\n");
}

#[test]
#[cfg(target_os = "linux")]
fn data_that_could_not_be_written_is_an_error() {
    let full_disk = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let settings = settings(&[], Format::Json, Verbosity::Normal);
    let ui = Ui::on_streams(settings, Box::new(full_disk), Box::new(io::sink()));
    ui.note("this is lost");
    assert_eq!(ui.finish().unwrap_err().kind(), io::ErrorKind::StorageFull);
}

/// What was written to a stream.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
