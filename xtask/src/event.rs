//! What happens during a run, as values. The engine and the effects below it report events; `ui` alone turns them into text or JSON.

use std::time::Duration;

use serde::Serialize;

use crate::regrtest::FileOutcome;

/// Something that happened. The JSON form (`--format json`) is one object a line, with `event` first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Event {
    /// One plain line that a person should read: a choice that was made, a road that was closed.
    Note { text: String },
    /// Something that a person should see even in a quiet run, though the run goes on.
    Warning { text: String },
    /// The whole report of what ended the run; its first line is the summary.
    Error { text: String },
    /// The plan is known: all its stages in the order in which they would run alone.
    Planned { stages: Vec<PlannedStage> },
    /// A stage began.
    StageStarted { stage: String },
    /// A stage is so far: `done` of `total` in the stage's own unit (bytes, files).
    StageProgress { stage: String, done: u64, total: Option<u64> },
    /// The last line that a stage's child printed, or what the stage is doing.
    StageLine { stage: String, line: String },
    /// A stage ended.
    StageFinished { stage: String, outcome: Outcome, seconds: f64 },
    /// It is known which test files will run: in the order in which they will begin, so many at a time.
    TestsPlanned { files: Vec<PlannedTest>, jobs: usize },
    /// A test file began.
    TestStarted { file: String },
    /// A test file ended. `unexpected` counts what is not as expected in it; `reason` is one line.
    TestFinished { file: String, outcome: FileOutcome, unexpected: usize, seconds: f64, cases: usize, reason: String },
    /// The run ended.
    Finished { ok: bool, seconds: f64 },
}

/// One stage as the plan sees it before anything runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlannedStage {
    /// The stage's id, such as `make-host`; unique in the plan.
    pub stage: String,
    /// What it makes, in a few words.
    pub title: String,
    /// Nothing has to be done for it.
    pub up_to_date: bool,
    /// How long it took last time, in seconds, if that is known.
    pub expected_seconds: Option<f64>,
    /// The unit of its progress.
    pub unit: Unit,
    /// The stages that must end before it can begin.
    pub needs: Vec<String>,
}

/// A test file before it runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlannedTest {
    /// Regrtest's name of it.
    pub file: String,
    /// How long it took before, in seconds, if that is known.
    pub expected_seconds: Option<f64>,
}

/// What a stage's progress counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Bytes: shown with sizes and a rate.
    Bytes,
    /// Things: files, objects, modules.
    Items,
    /// Nothing is counted: only time passes.
    None,
}

/// How a stage ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Outcome {
    /// It was done now.
    Built,
    /// It was done before, with the same inputs.
    UpToDate,
    /// It failed. The whole report follows as the run's error.
    Failed { summary: String },
    /// It could not begin, because another stage failed or the run was interrupted.
    Skipped { because: String },
}

/// Hears events, from any thread.
pub trait Listener: Sync {
    /// Hears one event.
    fn hear(&self, event: &Event);
}

/// Seconds with milliseconds, as the JSON form gives them.
pub fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1000.0).round() / 1000.0
}
