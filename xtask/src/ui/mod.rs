//! Talks to the user: the only module that writes to stdout and stderr.
//!
//! stdout is data, stderr is talk. Events become moving lines on a terminal, a log elsewhere, foldable groups on GitHub Actions, or one JSON object a line on stdout.
//! It is told what happens, and asks only what it is told to ask; it knows no command and reads no environment.

mod ask;
mod fancy;
mod plain;
mod run;
mod screen;
mod settings;
mod tests_run;
mod text;

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use console::Term;
use indicatif::TermLike;

pub use settings::{Format, Settings, Terminals, Verbosity};
pub use text::{Style, duration, rough, size, table};

use crate::event::{Event, Listener};

/// The user. One for the whole process; every thread may talk to it.
pub struct Ui {
    shared: Arc<Shared>,
    pulse: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    settings: Settings,
    began: Instant,
    state: Mutex<State>,
    /// Wakes the pulse: a stage or a test began, or all is over.
    wake: Condvar,
}

struct State {
    run: run::Run,
    data: Data,
    talk: Talk,
    closing: bool,
}

/// Where events go.
enum Talk {
    Fancy(screen::Screen),
    Plain(plain::Plain, Box<dyn Write + Send>),
    Json(Box<dyn Write + Send>),
}

/// stdout. Once its reader has left or its disk is full, nothing more is written.
struct Data {
    stream: Box<dyn Write + Send>,
    closed: bool,
    failure: Option<io::Error>,
}

impl Ui {
    /// Talks on this process's own streams.
    pub fn new(settings: Settings) -> Ui {
        let stdout = Box::new(io::stdout());
        if settings.format == Format::Text && settings.live && settings.verbosity != Verbosity::Quiet {
            return Ui::on_terminal(settings, stdout, Term::buffered_stderr());
        }
        Ui::on_streams(settings, stdout, Box::new(io::stderr()))
    }

    /// Talks in whole lines, on any streams.
    pub fn on_streams(settings: Settings, stdout: Box<dyn Write + Send>, stderr: Box<dyn Write + Send>) -> Ui {
        let talk = match settings.format {
            Format::Text => Talk::Plain(plain::Plain::default(), stderr),
            Format::Json => Talk::Json(stderr),
        };
        Ui::with_talk(settings, stdout, talk)
    }

    /// Talks in moving lines, on any terminal.
    pub fn on_terminal(settings: Settings, stdout: Box<dyn Write + Send>, stderr: impl TermLike + 'static) -> Ui {
        Ui::with_talk(settings, stdout, Talk::Fancy(screen::Screen::new(stderr)))
    }

    fn with_talk(settings: Settings, stdout: Box<dyn Write + Send>, talk: Talk) -> Ui {
        let state = Mutex::new(State::new(stdout, talk));
        let shared = Shared { settings, began: Instant::now(), state, wake: Condvar::new() };
        Ui { shared: Arc::new(shared), pulse: Mutex::new(None) }
    }

    /// Writes data to stdout, exactly as given. A reader that has left is no error: the rest is dropped.
    pub fn data(&self, text: &str) {
        let mut state = self.shared.lock();
        if let Talk::Fancy(screen) = &mut state.talk {
            screen.clear();
        }
        state.data.write(text);
    }

    /// Tells something that a person may want to read.
    pub fn note(&self, text: impl Into<String>) {
        self.hear(&Event::Note { text: text.into() });
    }

    /// Tells something that a person should read, though the work goes on.
    pub fn warning(&self, text: impl Into<String>) {
        self.hear(&Event::Warning { text: text.into() });
    }

    /// Tells why the work ended. The first line of `report` is its summary; `error:` is put in front of it.
    pub fn error(&self, report: impl Into<String>) {
        self.hear(&Event::Error { text: report.into() });
    }

    /// The colours for data.
    pub fn style(&self) -> Style {
        Style { colour: self.shared.settings.data_colour }
    }

    /// Writes a table to stdout as data, as wide as the terminal if stdout is one.
    pub fn table<const N: usize>(&self, heading: [&str; N], rows: &[[String; N]]) {
        self.data(&table(heading, rows, self.shared.settings.data_columns));
    }

    /// Ends the talk. Fails if stdout could not be written for another reason than that its reader left, such as a full disk.
    pub fn finish(self) -> io::Result<()> {
        self.shared.lock().data.failure.take().map_or(Ok(()), Err)
    }

    /// Starts the thread that keeps the time on screen moving, once, if there is anything for it to do.
    fn start_pulse(&self, period: Duration) {
        let mut pulse = self.pulse.lock().unwrap_or_else(PoisonError::into_inner);
        pulse.get_or_insert_with(|| {
            let shared = Arc::clone(&self.shared);
            std::thread::spawn(move || shared.pulse(period))
        });
        self.shared.wake.notify_one();
    }
}

impl Listener for Ui {
    fn hear(&self, event: &Event) {
        let Shared { settings, began, .. } = &*self.shared;
        let period = {
            let mut state = self.shared.lock();
            state.hear(event, began.elapsed(), settings);
            state.period(settings)
        };
        if let (Event::StageStarted { .. } | Event::TestStarted { .. }, Some(period)) = (event, period) {
            self.start_pulse(period);
        }
    }
}

impl Drop for Ui {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.wake.notify_one();
        let pulse = self.pulse.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(pulse) = pulse.take() {
            let _ = pulse.join();
        }
        if let Talk::Fancy(screen) = &mut self.shared.lock().talk {
            screen.clear();
        }
    }
}

impl Shared {
    /// A thread that panicked while it talked must not silence the others.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pulse(&self, period: Duration) {
        let mut state = self.lock();
        while !state.closing {
            state = if state.run.is_moving() {
                state.tick(self.began.elapsed(), &self.settings);
                self.wake.wait_timeout(state, period).unwrap_or_else(PoisonError::into_inner).0
            } else {
                self.wake.wait(state).unwrap_or_else(PoisonError::into_inner)
            };
        }
    }
}

impl State {
    fn new(stdout: Box<dyn Write + Send>, talk: Talk) -> State {
        let data = Data { stream: stdout, closed: false, failure: None };
        State { run: run::Run::default(), data, talk, closing: false }
    }

    fn hear(&mut self, event: &Event, now: Duration, settings: &Settings) {
        self.run.hear(event, now);
        let is_urgent = match event {
            Event::TestFinished { unexpected, .. } => *unexpected > 0,
            _ => matches!(event, Event::Warning { .. } | Event::Error { .. }),
        };
        match &mut self.talk {
            Talk::Fancy(screen) => {
                let lasting = fancy::lasting(event, &self.run, settings);
                // Progress and lines come by the thousand; the pulse shows the last of them.
                if lasting.is_empty() && matches!(event, Event::StageProgress { .. } | Event::StageLine { .. }) {
                    return;
                }
                let style = Style { colour: settings.colour };
                screen.show(&lasting, &fancy::live(&self.run, now, screen.columns(), style));
            }
            Talk::Plain(plain, stream) => {
                if is_urgent || settings.verbosity != Verbosity::Quiet {
                    say(stream, &plain.hear(event, &self.run, now, settings));
                }
            }
            Talk::Json(stream) => {
                let object = serde_json::to_string(event).expect("events have no maps and no foreign types");
                self.data.write(&(object + "\n"));
                if is_urgent && settings.verbosity == Verbosity::Verbose {
                    say(stream, &plain::common_words(event, settings));
                }
            }
        }
    }

    /// How often the pulse has something to do while stages or tests run.
    fn period(&self, settings: &Settings) -> Option<Duration> {
        match &self.talk {
            Talk::Fancy(_) => Some(Duration::from_millis(100)),
            Talk::Plain(..) if settings.verbosity == Verbosity::Quiet => None,
            Talk::Plain(..) => settings.heartbeat.map(|interval| interval.min(Duration::from_secs(1))),
            Talk::Json(_) => None,
        }
    }

    fn tick(&mut self, now: Duration, settings: &Settings) {
        match (&mut self.talk, settings.heartbeat) {
            (Talk::Fancy(screen), _) => {
                let style = Style { colour: settings.colour };
                screen.show("", &fancy::live(&self.run, now, screen.columns(), style));
            }
            (Talk::Plain(plain, stream), Some(interval)) => say(stream, &plain.beat(&self.run, now, interval)),
            (Talk::Plain(..) | Talk::Json(_), _) => {}
        }
    }
}

impl Data {
    fn write(&mut self, text: &str) {
        if self.closed {
            return;
        }
        if let Err(error) = self.stream.write_all(text.as_bytes()).and_then(|()| self.stream.flush()) {
            self.closed = true;
            self.failure = (error.kind() != io::ErrorKind::BrokenPipe).then_some(error);
        }
    }
}

/// Writes talk. If stderr fails, there is nobody left to tell.
fn say(stream: &mut dyn Write, text: &str) {
    if !text.is_empty() {
        let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    }
}

#[cfg(test)]
mod tests;
