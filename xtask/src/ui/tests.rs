//! The contents of a terminal at given times, and what a log shows of a long stage. No clock is read.

use std::fmt;

use indicatif::InMemoryTerm;

use super::*;
use crate::event::{Outcome, PlannedStage, Unit};

pub(super) fn settings() -> Settings {
    Settings {
        format: Format::Text,
        verbosity: Verbosity::Normal,
        colour: false,
        live: true,
        github: false,
        data_colour: false,
        data_columns: None,
        heartbeat: Some(Duration::from_secs(30)),
    }
}

fn planned(stage: &str, expected_seconds: Option<f64>, unit: Unit, needs: &[&str]) -> PlannedStage {
    let needs = needs.iter().map(|need| (*need).to_owned()).collect();
    PlannedStage { stage: stage.into(), title: stage.into(), up_to_date: false, expected_seconds, unit, needs }
}

fn plan() -> Event {
    let up_to_date = PlannedStage { up_to_date: true, ..planned("fetch-cpython", None, Unit::Bytes, &[]) };
    Event::Planned {
        stages: vec![
            up_to_date,
            planned("fetch-wasi-sdk", Some(20.0), Unit::Bytes, &[]),
            planned("unpack-wasi-sdk", Some(4.0), Unit::Items, &["fetch-wasi-sdk"]),
            planned("make-build-python", Some(38.0), Unit::None, &["fetch-cpython"]),
            planned("make-host", Some(60.0), Unit::None, &["unpack-wasi-sdk", "make-build-python"]),
        ],
    }
}

fn started(stage: &str) -> Event {
    Event::StageStarted { stage: stage.into() }
}

fn line(stage: &str, line: &str) -> Event {
    Event::StageLine { stage: stage.into(), line: line.into() }
}

fn progress(stage: &str, done: u64, total: Option<u64>) -> Event {
    Event::StageProgress { stage: stage.into(), done, total }
}

fn finished(stage: &str, outcome: Outcome, seconds: f64) -> Event {
    Event::StageFinished { stage: stage.into(), outcome, seconds }
}

/// The first seconds of a build: two stages in parallel.
fn beginning() -> Vec<(f64, Event)> {
    vec![
        (0.2, plan()),
        (0.2, finished("fetch-cpython", Outcome::UpToDate, 0.0)),
        (0.2, started("fetch-wasi-sdk")),
        (0.3, started("make-build-python")),
        (1.0, progress("fetch-wasi-sdk", 10_000_000, Some(115_000_000))),
        (1.5, Event::Note { text: "the mirror has no `wasi-sdk-33`: took it from upstream".into() }),
        (3.0, progress("fetch-wasi-sdk", 25_000_000, Some(115_000_000))),
        (
            3.1,
            line(
                "make-build-python",
                "gcc -c -fno-strict-overflow -Wsign-compare\t-O3 \x1b[1mObjects/longobject.c\x1b[0m",
            ),
        ),
    ]
}

pub(super) fn fancy(terminal: impl TermLike + 'static) -> State {
    State::new(Box::new(io::sink()), Messages::Fancy(screen::Screen::new(terminal)))
}

pub(super) fn play(state: &mut State, events: Vec<(f64, Event)>) {
    for (seconds, event) in events {
        state.on_event(&event, Duration::from_secs_f64(seconds), &settings());
    }
}

pub(super) fn at(state: &mut State, seconds: f64) {
    state.tick(Duration::from_secs_f64(seconds), &settings());
}

fn beginning_on(columns: u16) -> String {
    let terminal = InMemoryTerm::new(20, columns);
    let mut state = fancy(terminal.clone());
    play(&mut state, beginning());
    at(&mut state, 3.4);
    terminal.contents()
}

#[test]
fn two_stages_on_a_wide_terminal() {
    insta::assert_snapshot!(beginning_on(120), @"
    1 stage up to date
    the mirror has no `wasi-sdk-33`: took it from upstream
    ⠼ fetch-wasi-sdk      3.2 s  [===            ]  25.0 MB of 115.0 MB  about 12 s left  7.5 MB/s
    ⠼ make-build-python   3.1 s  gcc -c -fno-strict-overflow -Wsign-compare -O3 Objects/longobject.c
      1 of 5 stages  about 1 min 35 s left  3.2 s so far
    ");
}

#[test]
fn two_stages_on_a_usual_terminal() {
    insta::assert_snapshot!(beginning_on(80), @"
    1 stage up to date
    the mirror has no `wasi-sdk-33`: took it from upstream
    ⠼ fetch-wasi-sdk      3.2 s  [==        ]  25.0 MB of 115.0 MB  about 12 s left
    ⠼ make-build-python   3.1 s  gcc -c -fno-strict-overflow -Wsign-compare -O3 Obj…
      1 of 5 stages  about 1 min 35 s left  3.2 s so far
    ");
}

#[test]
fn two_stages_on_a_narrow_terminal() {
    insta::assert_snapshot!(beginning_on(40), @"
    1 stage up to date
    the mirror has no `wasi-sdk-33`: took it
     from upstream
    ⠼ fetch-wasi-sdk      3.2 s  21 %
    ⠼ make-build-python   3.1 s
      1 of 5 stages  about 1 min 35 s left
    ");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for columns in 1..160 {
        let mut run = run::Run::default();
        for (seconds, event) in beginning() {
            run.update(&event, Duration::from_secs_f64(seconds));
        }
        for line in fancy::live(&run, Duration::from_secs(4), columns, Style { colour: true }) {
            assert!(console::measure_text_width(&line) <= columns, "{columns}: {line:?}");
        }
    }
}

#[test]
fn a_finished_stage_leaves_one_line() {
    let terminal = InMemoryTerm::new(20, 80);
    let mut state = fancy(terminal.clone());
    play(&mut state, beginning());
    at(&mut state, 3.4);
    play(
        &mut state,
        vec![
            (19.0, finished("fetch-wasi-sdk", Outcome::Built, 18.8)),
            (19.1, started("unpack-wasi-sdk")),
            (20.0, progress("unpack-wasi-sdk", 1201, Some(4000))),
        ],
    );
    at(&mut state, 45.0);
    insta::assert_snapshot!(terminal.contents(), @"
    1 stage up to date
    the mirror has no `wasi-sdk-33`: took it from upstream
    ✓ fetch-wasi-sdk     built in 18.8 s
    ⠋ unpack-wasi-sdk    25.9 s  [===       ]  1201 of 4000
    ⠋ make-build-python  44.7 s  longer than last time (38 s)  gcc -c -fno-strict-o…
      2 of 5 stages  about 1 min 0 s left  44.8 s so far
    ");
}

#[test]
fn a_late_run_is_reported() {
    let terminal = InMemoryTerm::new(20, 80);
    let mut state = fancy(terminal.clone());
    let stages = vec![planned("make-host", Some(38.0), Unit::None, &[])];
    play(&mut state, vec![(0.0, Event::Planned { stages }), (0.0, started("make-host"))]);
    at(&mut state, 61.0);
    insta::assert_snapshot!(terminal.contents(), @"
    ⠋ make-host  1 min 1 s  longer than last time (38 s)
      0 of 1 stage  longer than last time (38 s)  1 min 1 s so far
    ");
}

#[test]
fn live_lines_are_cleared_before_the_error() {
    let terminal = InMemoryTerm::new(20, 80);
    let mut state = fancy(terminal.clone());
    play(&mut state, beginning());
    let summary = "`make` ended with exit code 2".to_owned();
    let skipped = Outcome::Skipped { because: "`make-build-python` failed".into() };
    play(
        &mut state,
        vec![
            (4.0, finished("make-build-python", Outcome::Failed { summary: summary.clone() }, 3.7)),
            (4.0, finished("make-host", skipped, 0.0)),
            (4.1, Event::Error { text: format!("{summary}\n  in the directory `build`\n\nhint: read the log") }),
        ],
    );
    at(&mut state, 4.2);
    insta::assert_snapshot!(terminal.contents(), @"
    1 stage up to date
    the mirror has no `wasi-sdk-33`: took it from upstream
    ✗ make-build-python  failed after 3.7 s: `make` ended with exit code 2
    - make-host          skipped: `make-build-python` failed
    error: `make` ended with exit code 2
      in the directory `build`

    hint: read the log
    ");
}

#[test]
fn a_log_mentions_a_long_stage_at_every_interval() {
    let written = Written::default();
    let messages = Messages::Plain(plain::Plain::default(), Box::new(written.clone()));
    let mut state = State::new(Box::new(io::sink()), messages);
    play(&mut state, beginning());
    for seconds in 4..95 {
        at(&mut state, f64::from(seconds));
    }
    insta::assert_snapshot!(written, @"
    1 stage up to date
    [2/5] fetch-wasi-sdk: started (about 20 s)
    [4/5] make-build-python: started (about 38 s)
    the mirror has no `wasi-sdk-33`: took it from upstream
    [2/5] fetch-wasi-sdk: running for 31 s, 25.0 MB of 115.0 MB, longer than last time (20 s)
    [4/5] make-build-python: running for 31 s, about 7 s left, gcc -c -fno-strict-overflow -Wsign-compare -O3 Objects/longobject.c
    [2/5] fetch-wasi-sdk: running for 1 min 1 s, 25.0 MB of 115.0 MB, longer than last time (20 s)
    [4/5] make-build-python: running for 1 min 1 s, longer than last time (38 s), gcc -c -fno-strict-overflow -Wsign-compare -O3 Objects/longobject.c
    [2/5] fetch-wasi-sdk: running for 1 min 31 s, 25.0 MB of 115.0 MB, longer than last time (20 s)
    [4/5] make-build-python: running for 1 min 31 s, longer than last time (38 s), gcc -c -fno-strict-overflow -Wsign-compare -O3 Objects/longobject.c
    ");
}

#[test]
fn changing_the_width_leaves_no_stale_lines() {
    for columns in [30, 60, 79, 80, 81, 100, 160, 200] {
        let terminal = Resizable::new(80);
        let mut state = fancy(terminal.clone());
        play(&mut state, beginning());
        at(&mut state, 3.3);
        terminal.resize(columns);
        at(&mut state, 3.4);
        let contents = terminal.inner().contents();
        assert_eq!(contents.matches("make-build-p").count(), 1, "{columns} columns:\n{contents}");
        assert_eq!(contents.matches("of 5 stages").count(), 1, "{columns} columns:\n{contents}");
        assert!(contents.starts_with("1 stage up to date\nthe mirror"), "{columns} columns:\n{contents}");
    }
}

/// What was written to a stream.
#[derive(Clone, Default)]
pub(super) struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0.lock().unwrap()))
    }
}

/// A terminal that reflows its lines when its width changes, as most do.
#[derive(Debug, Clone)]
struct Resizable(Arc<Mutex<InMemoryTerm>>);

impl Resizable {
    const ROWS: u16 = 40;

    fn new(columns: u16) -> Resizable {
        Resizable(Arc::new(Mutex::new(InMemoryTerm::new(Self::ROWS, columns))))
    }

    fn inner(&self) -> InMemoryTerm {
        self.0.lock().unwrap().clone()
    }

    /// Finished lines stay separate; the cursor stays after the last one.
    fn resize(&self, columns: u16) {
        let new = InMemoryTerm::new(Self::ROWS, columns);
        let contents = self.inner().contents();
        new.write_str(&contents.replace('\n', "\r\n")).unwrap();
        *self.0.lock().unwrap() = new;
    }
}

impl TermLike for Resizable {
    fn width(&self) -> u16 {
        self.inner().width()
    }
    fn height(&self) -> u16 {
        self.inner().height()
    }
    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.inner().move_cursor_up(n)
    }
    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.inner().move_cursor_down(n)
    }
    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.inner().move_cursor_right(n)
    }
    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.inner().move_cursor_left(n)
    }
    fn write_line(&self, line: &str) -> io::Result<()> {
        self.inner().write_line(line)
    }
    fn write_str(&self, text: &str) -> io::Result<()> {
        self.inner().write_str(text)
    }
    fn clear_line(&self) -> io::Result<()> {
        self.inner().clear_line()
    }
    fn flush(&self) -> io::Result<()> {
        self.inner().flush()
    }
}
