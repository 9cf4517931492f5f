//! What happens during a run, as values. The engine and the effects below it report events; `ui` alone turns them into text or JSON.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::regrtest::FileOutcome;

/// Something that happened. The JSON form (`--format json`) is one object a line, with `event` first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Event {
    /// A line of information, such as which toolchain was chosen.
    Note { text: String },
    /// A warning; shown even with `--quiet`.
    Warning { text: String },
    /// The error that ended the run; its first line is the summary.
    Error { text: String },
    /// The plan was computed: all its stages, in the order in which they would run one after another.
    Planned { stages: Vec<PlannedStage> },
    /// A stage started.
    StageStarted { stage: String },
    /// Progress of a stage: `done` of `total`, in the stage's own unit.
    StageProgress { stage: String, done: u64, total: Option<u64> },
    /// A line that a command of the stage printed, or what the stage is doing.
    StageLine { stage: String, line: String },
    /// A stage finished.
    StageFinished { stage: String, outcome: Outcome, seconds: f64 },
    /// The test files that will run, in the order in which they start, `jobs` at a time.
    TestsPlanned { files: Vec<PlannedTest>, jobs: usize },
    /// A test file started.
    TestStarted { file: String },
    /// A test file finished. `unexpected` is the number of mismatches with the expectations; `reason` is one line.
    TestFinished { file: String, outcome: FileOutcome, unexpected: usize, seconds: f64, cases: usize, reason: String },
    /// The run finished.
    Finished { ok: bool, seconds: f64 },
}

/// One stage as the plan sees it before anything runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlannedStage {
    /// The stage's id, such as `make-host`; unique in the plan.
    pub stage: String,
    /// What it produces, in a few words.
    pub title: String,
    /// Its result is in the store already.
    pub up_to_date: bool,
    /// How long it took last time, in seconds, if known.
    pub expected_seconds: Option<f64>,
    /// The unit of its progress.
    pub unit: Unit,
    /// The stages that must finish before it can start.
    pub needs: Vec<String>,
}

/// A test file before it runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlannedTest {
    /// Its name in regrtest.
    pub file: String,
    /// How long it took last time, in seconds, if known.
    pub expected_seconds: Option<f64>,
}

/// What a stage's progress counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Bytes, shown with units and a rate.
    Bytes,
    /// Files, objects or modules.
    Items,
    /// The stage reports no progress.
    None,
}

/// How a stage ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Outcome {
    /// It ran and succeeded.
    Built,
    /// Its result was in the store already.
    UpToDate,
    /// It failed. The full report follows as the error of the run.
    Failed { summary: String },
    /// It did not start, because another stage failed or the run was interrupted.
    Skipped { because: String },
}

/// Receives events, from any thread.
pub trait Listener: Sync {
    /// Receives one event.
    fn on_event(&self, event: &Event);
}

/// Seconds, rounded to milliseconds, as the JSON output shows them.
pub fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1000.0).round() / 1000.0
}
