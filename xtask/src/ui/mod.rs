//! The user interface: the only module that writes to stdout and stderr.
//!
//! stdout is for data, stderr for messages.
//! Events become live lines on a terminal, a log elsewhere, foldable groups on GitHub Actions, or one JSON object per line on stdout.
//! It does not depend on commands and does not read the environment.

mod ask;
mod fancy;
mod phase;
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

/// The user interface. There is one per process; every thread can use it.
pub struct Ui {
    shared: Arc<Shared>,
    ticker: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    settings: Settings,
    began: Instant,
    state: Mutex<State>,
    /// Wakes the ticker: a stage or a test started, or the run finished.
    wake: Condvar,
}

struct State {
    run: run::Run,
    data: Data,
    messages: Messages,
    closing: bool,
}

/// How and where events are shown.
enum Messages {
    Fancy(screen::Screen),
    Plain(plain::Plain, Box<dyn Write + Send>),
    Json(Box<dyn Write + Send>),
}

/// stdout. After an error, such as a closed pipe or a full disk, nothing more is written.
struct Data {
    stream: Box<dyn Write + Send>,
    closed: bool,
    failure: Option<io::Error>,
}

impl Ui {
    /// Uses the standard streams of this process.
    pub fn new(settings: Settings) -> Ui {
        let stdout = Box::new(io::stdout());
        if settings.format == Format::Text && settings.live && settings.verbosity != Verbosity::Quiet {
            return Ui::on_terminal(settings, stdout, Term::buffered_stderr());
        }
        Ui::on_streams(settings, stdout, Box::new(io::stderr()))
    }

    /// Writes whole lines to any streams.
    pub fn on_streams(settings: Settings, stdout: Box<dyn Write + Send>, stderr: Box<dyn Write + Send>) -> Ui {
        let messages = match settings.format {
            Format::Text => Messages::Plain(plain::Plain::default(), stderr),
            Format::Json => Messages::Json(stderr),
        };
        Ui::with_messages(settings, stdout, messages)
    }

    /// Shows live lines on any terminal.
    pub fn on_terminal(settings: Settings, stdout: Box<dyn Write + Send>, stderr: impl TermLike + 'static) -> Ui {
        Ui::with_messages(settings, stdout, Messages::Fancy(screen::Screen::new(stderr)))
    }

    fn with_messages(settings: Settings, stdout: Box<dyn Write + Send>, messages: Messages) -> Ui {
        let state = Mutex::new(State::new(stdout, messages));
        let shared = Shared { settings, began: Instant::now(), state, wake: Condvar::new() };
        Ui { shared: Arc::new(shared), ticker: Mutex::new(None) }
    }

    /// Writes data to stdout, exactly as given. A closed pipe is not an error: the rest is dropped.
    pub fn data(&self, text: &str) {
        let mut state = self.shared.lock();
        if let Messages::Fancy(screen) = &mut state.messages {
            screen.clear();
        }
        state.data.write(text);
    }

    /// Shows a line of information.
    pub fn note(&self, text: impl Into<String>) {
        self.on_event(&Event::Note { text: text.into() });
    }

    /// Shows a warning.
    pub fn warning(&self, text: impl Into<String>) {
        self.on_event(&Event::Warning { text: text.into() });
    }

    /// Shows the error that ended the run, after `error:`. The first line of `report` is its summary.
    pub fn error(&self, report: impl Into<String>) {
        self.on_event(&Event::Error { text: report.into() });
    }

    /// The colors for data.
    pub fn style(&self) -> Style {
        Style { colour: self.shared.settings.data_colour }
    }

    /// Writes a table to stdout as data, as wide as the terminal if stdout is one.
    pub fn table<const N: usize>(&self, heading: [&str; N], rows: &[[String; N]]) {
        self.table_of(&heading, rows);
    }

    /// The same with as many columns as the heading has.
    pub fn table_of(&self, heading: &[&str], rows: &[impl AsRef<[String]>]) {
        self.data(&table(heading, rows, self.shared.settings.data_columns));
    }

    /// Closes the interface. Fails if stdout could not be written, for another reason than a closed pipe.
    pub fn finish(self) -> io::Result<()> {
        self.shared.lock().data.failure.take().map_or(Ok(()), Err)
    }

    /// Starts the thread that updates the times on screen, unless it runs already.
    fn start_ticker(&self, period: Duration) {
        let mut ticker = self.ticker.lock().unwrap_or_else(PoisonError::into_inner);
        ticker.get_or_insert_with(|| {
            let shared = Arc::clone(&self.shared);
            std::thread::spawn(move || shared.tick_until_closed(period))
        });
        self.shared.wake.notify_one();
    }
}

impl Listener for Ui {
    fn on_event(&self, event: &Event) {
        let Shared { settings, began, .. } = &*self.shared;
        let period = {
            let mut state = self.shared.lock();
            state.on_event(event, began.elapsed(), settings);
            state.period(settings)
        };
        if let (Event::StageStarted { .. } | Event::TestStarted { .. }, Some(period)) = (event, period) {
            self.start_ticker(period);
        }
    }
}

impl Drop for Ui {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.wake.notify_one();
        let ticker = self.ticker.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(ticker) = ticker.take() {
            let _ = ticker.join();
        }
        if let Messages::Fancy(screen) = &mut self.shared.lock().messages {
            screen.clear();
        }
    }
}

impl Shared {
    /// A thread that panicked while it wrote must not silence the others.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tick_until_closed(&self, period: Duration) {
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
    fn new(stdout: Box<dyn Write + Send>, messages: Messages) -> State {
        let data = Data { stream: stdout, closed: false, failure: None };
        State { run: run::Run::default(), data, messages, closing: false }
    }

    fn on_event(&mut self, event: &Event, now: Duration, settings: &Settings) {
        self.run.update(event, now);
        let is_urgent = match event {
            Event::TestFinished { unexpected, .. } => *unexpected > 0,
            _ => matches!(event, Event::Warning { .. } | Event::Error { .. }),
        };
        match &mut self.messages {
            Messages::Fancy(screen) => {
                let permanent = fancy::permanent(event, &self.run, settings);
                // There are thousands of these events; the ticker shows the latest.
                if permanent.is_empty() && matches!(event, Event::StageProgress { .. } | Event::StageLine { .. }) {
                    return;
                }
                let style = Style { colour: settings.colour };
                screen.show(&permanent, &fancy::live(&self.run, now, screen.columns(), style));
            }
            Messages::Plain(plain, stream) => {
                if is_urgent || settings.verbosity != Verbosity::Quiet {
                    write_message(stream, &plain.render(event, &self.run, now, settings));
                }
            }
            Messages::Json(stream) => {
                let object = serde_json::to_string(event).expect("events have no maps and no foreign types");
                self.data.write(&(object + "\n"));
                if is_urgent && settings.verbosity == Verbosity::Verbose {
                    write_message(stream, &plain::common_text(event, settings));
                }
            }
        }
    }

    /// How often the ticker has something to do while stages or tests run.
    fn period(&self, settings: &Settings) -> Option<Duration> {
        match &self.messages {
            Messages::Fancy(_) => Some(Duration::from_millis(100)),
            Messages::Plain(..) if settings.verbosity == Verbosity::Quiet => None,
            Messages::Plain(..) => settings.heartbeat.map(|interval| interval.min(Duration::from_secs(1))),
            Messages::Json(_) => None,
        }
    }

    fn tick(&mut self, now: Duration, settings: &Settings) {
        match (&mut self.messages, settings.heartbeat) {
            (Messages::Fancy(screen), _) => {
                let style = Style { colour: settings.colour };
                screen.show("", &fancy::live(&self.run, now, screen.columns(), style));
            }
            (Messages::Plain(plain, stream), Some(interval)) => {
                write_message(stream, &plain.heartbeat(&self.run, now, interval))
            }
            (Messages::Plain(..) | Messages::Json(_), _) => {}
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

/// Writes a message. Errors on stderr are ignored: there is no other place to report them.
fn write_message(stream: &mut dyn Write, text: &str) {
    if !text.is_empty() {
        let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    }
}

#[cfg(test)]
mod tests;
