//! Our side of `bench build`: xtask as a child process, with a new store that has only the downloads and the host runner.
//!
//! Its events say which stage runs; the times are measured here.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use super::failed;
use super::report::{Part, Run};
use xtask::cli::BuildOptions;
use xtask::cmd::session::Session;
use xtask::event::{Event, seconds};
use xtask::plan::{StageId, Work};
use xtask::progress::Progress;
use xtask::store::Store;
use xtask::sys::{self, Command};

/// The stages that do what CPython's script does.
const SAME_WORK: [StageId; 5] = [
    StageId::ConfigureBuildPython,
    StageId::ConfigureHost,
    StageId::MakeBuildPython,
    StageId::CompileHost,
    StageId::MakeHost,
];

/// What of a build belongs to no stage: looking, planning, and copying the package to where people find it.
pub const OUTSIDE: &str = "outside of stages";

/// How often a build with nothing to do is timed: it is so short that one disturbance would double it.
const TRIES: usize = 5;

/// xtask with its scratch store.
pub struct XtaskBuild<'a> {
    session: &'a Session<'a>,
    store: Utf8PathBuf,
    log: Utf8PathBuf,
    command: Command,
}

impl<'a> XtaskBuild<'a> {
    /// Runs nothing yet. `scratch` is a folder for its files.
    pub fn new(session: &'a Session<'a>, options: &BuildOptions, scratch: &Utf8Path) -> Result<Self> {
        let store = scratch.join("store");
        let command = command(session, options, "build", &store, &store.join("dist"))?;
        Ok(Self { session, store, log: scratch.join("xtask.log"), command })
    }

    /// A whole build in an emptied store. Emptying it is not measured.
    pub fn cold(&self, progress: &dyn Progress) -> Result<Run> {
        self.empty()?;
        let (seconds, timeline) = self.build(progress)?;
        let all = covered(timeline.spans.iter());
        let mut parts: Vec<Part> = timeline
            .spans
            .iter()
            .map(|span| Part { name: span.stage.clone(), seconds: span.end - span.start })
            .collect();
        parts.push(Part { name: OUTSIDE.to_owned(), seconds: (seconds - all).max(0.0) });
        let same_work = timeline.spans.iter().filter(|span| SAME_WORK.iter().any(|id| id.name() == span.stage));
        Ok(Run { seconds, configure_and_make: covered(same_work), parts })
    }

    /// The same build again, several times, in seconds. It is an error if that did anything.
    pub fn rebuild(&self, progress: &dyn Progress) -> Result<Vec<f64>> {
        let mut tries = Vec::new();
        for _ in 0..TRIES {
            let (seconds, timeline) = self.build(progress)?;
            if let Some(span) = timeline.spans.first() {
                bail!("xtask ran {} again although nothing changed: see {}", span.stage, self.log);
            }
            tries.push(seconds);
        }
        Ok(tries)
    }

    /// Leaves only what both sides take as given.
    fn empty(&self) -> Result<()> {
        sys::fs::remove_tree(&self.store)?;
        let store = Store::open(&self.store)?;
        for stage in &self.session.plan.stages {
            let Work::Fetch { artifacts } = &stage.work else { continue };
            for artifact in artifacts {
                let from = self.session.store.download(&artifact.sha256, &artifact.file);
                let to = store.download(&artifact.sha256, &artifact.file);
                fs_err::hard_link(&from, &to).or_else(|_| fs_err::copy(&from, &to).map(|_| ()))?;
            }
        }
        let host_runner = self.session.result(StageId::BuildHostRunner)?;
        let name = host_runner.file_name().expect("a result has a name");
        sys::fs::copy_tree(&host_runner, &store.result(name), &|_| true)?;
        Ok(())
    }

    fn build(&self, progress: &dyn Progress) -> Result<(f64, Timeline)> {
        // What was written before must not be waited for while the clock runs.
        sys::fs::fsync_tree(&self.store)?;
        let tap = LineTap { began: Instant::now(), timeline: Mutex::default(), progress };
        let finished = sys::run(&self.command, &self.log, None, &self.session.app.cancel, &tap);
        let timeline = tap.timeline.into_inner().unwrap_or_else(PoisonError::into_inner);
        let finished = finished.map_err(|error| failed("this xtask's build", &error, &timeline.error))?;
        Ok((seconds(finished.duration), timeline))
    }
}

/// xtask as a child, with a verb for exactly what the session chose. It makes no connection and prints events.
pub fn command(
    session: &Session<'_>,
    options: &BuildOptions,
    verb: &str,
    store: &Utf8Path,
    dist: &Utf8Path,
) -> Result<Command> {
    let (app, recipe) = (session.app, &session.recipe);
    let mut environment = BTreeMap::from([
        ("PATH".to_owned(), app.path.clone()),
        ("CARGO_MANIFEST_DIR".to_owned(), app.checkout.join("xtask").into_string()),
        ("XTASK_STORE".to_owned(), store.to_string()),
        ("XTASK_DIST".to_owned(), dist.to_string()),
    ]);
    environment.extend(app.variable("HOME").map(|home| ("HOME".to_owned(), home.to_owned())));
    let python = recipe.python.to_string();
    let mut args: Vec<String> =
        [crate::AS_XTASK, verb, &options.host, "--offline", "--format", "json", "--python", &python]
            .into_iter()
            .chain(["--profile", &recipe.profile, "--toolchain", &recipe.toolchain.name])
            .map(str::to_owned)
            .collect();
    args.extend(options.no_configure_cache.then(|| "--no-configure-cache".to_owned()));
    let options = [
        ("--wasi-sdk", options.wasi_sdk.as_ref().map(ToString::to_string)),
        ("--source", options.source.clone()),
        ("--jobs", options.jobs.map(|jobs| jobs.to_string())),
    ];
    for (name, value) in options {
        args.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
    }
    Ok(Command {
        // Not this program's path, where cargo may have put a new one meanwhile.
        program: "/proc/self/exe".into(),
        args,
        directory: app.current_folder()?,
        environment,
        timeout: None,
    })
}

/// Records the events of a build as they arrive.
struct LineTap<'a> {
    began: Instant,
    timeline: Mutex<Timeline>,
    progress: &'a dyn Progress,
}

/// The events so far.
#[derive(Debug, Default)]
struct Timeline {
    spans: Vec<Span>,
    error: String,
}

/// When a stage ran, in seconds since the start.
#[derive(Debug, Clone)]
struct Span {
    stage: String,
    start: f64,
    end: f64,
}

impl Progress for LineTap<'_> {
    fn advance(&self, _done: u64, _total: Option<u64>) {}

    fn line(&self, line: &str) {
        let now = self.began.elapsed().as_secs_f64();
        let mut timeline = self.timeline.lock().unwrap_or_else(PoisonError::into_inner);
        match serde_json::from_str(line) {
            Ok(Event::StageStarted { stage }) => {
                self.progress.line(&stage);
                timeline.spans.push(Span { stage, start: now, end: now });
            }
            Ok(Event::StageFinished { stage, .. }) => {
                if let Some(span) = timeline.spans.iter_mut().find(|span| span.stage == stage) {
                    span.end = now;
                }
            }
            Ok(Event::StageLine { stage, line }) => self.progress.line(&format!("{stage}: {line}")),
            Ok(Event::Error { text }) => timeline.error = text,
            Ok(_) | Err(_) => {}
        }
    }
}

/// The seconds in which at least one of these stages ran.
fn covered<'s>(spans: impl Iterator<Item = &'s Span>) -> f64 {
    let mut spans: Vec<&Span> = spans.collect();
    spans.sort_by(|a, b| a.start.total_cmp(&b.start));
    let mut sum = 0.0;
    let mut until = 0.0_f64;
    for span in spans {
        sum += (span.end - span.start.max(until)).max(0.0);
        until = until.max(span.end);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask::event::Outcome;
    use xtask::progress::Silent;

    #[test]
    fn what_runs_side_by_side_counts_once() {
        let span = |start, end| Span { stage: String::new(), start, end };
        let covered = |spans: &[Span]| covered(spans.iter());
        assert_eq!(covered(&[]), 0.0);
        assert_eq!(covered(&[span(1.0, 2.0), span(4.0, 8.0)]), 5.0);
        assert_eq!(covered(&[span(4.0, 8.0), span(1.0, 5.0)]), 7.0);
        assert_eq!(covered(&[span(1.0, 9.0), span(2.0, 3.0), span(9.0, 10.0)]), 9.0);
    }

    #[test]
    fn stages_are_heard_in_the_words_that_events_are_written_in() {
        let tap = LineTap { began: Instant::now(), timeline: Mutex::default(), progress: &Silent };
        let stage = || "make-host".to_owned();
        let found = Event::StageFinished { stage: "fetch-source".to_owned(), outcome: Outcome::UpToDate, seconds: 0.0 };
        for event in [
            Event::Planned { stages: Vec::new() },
            found,
            Event::StageStarted { stage: stage() },
            Event::StageLine { stage: stage(), line: "{}".to_owned() },
            Event::StageFinished { stage: stage(), outcome: Outcome::Built, seconds: 1.0 },
            Event::Error { text: "no".to_owned() },
        ] {
            tap.line(&serde_json::to_string(&event).unwrap());
        }
        tap.line("not an event");
        let timeline = tap.timeline.into_inner().unwrap();
        let stages: Vec<&str> = timeline.spans.iter().map(|span| span.stage.as_str()).collect();
        assert_eq!(stages, ["make-host"]);
        assert!(timeline.spans[0].end > timeline.spans[0].start);
        assert_eq!(timeline.error, "no");
    }
}
