//! The state of a run, updated by events. Pure: callers pass the time since the start of the program.

use std::collections::HashMap;
use std::time::Duration;

use super::phase::Phase;
use super::tests_run::Tests;
use super::text::{from_seconds, rough};
use crate::event::{Event, PlannedStage, Unit};

/// A run, from its plan to its end.
#[derive(Debug, Default)]
pub struct Run {
    /// In the plan's order.
    pub stages: Vec<Stage>,
    /// A stage started, and the run has not finished.
    pub active: bool,
    /// The tests, if the run has any.
    pub tests: Tests,
    /// When the plan was computed.
    since: Duration,
}

/// A stage of a run.
#[derive(Debug)]
pub struct Stage {
    pub plan: PlannedStage,
    pub phase: Phase,
    /// The latest line of its output.
    pub line: String,
    /// How much is done, and the total if known.
    pub progress: Option<(u64, Option<u64>)>,
    speed: Speed,
}

/// The estimated remaining time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remaining {
    /// There is no basis for an estimate.
    Unknown,
    /// About this long; more than zero.
    About(Duration),
    /// It takes longer than last time, when it took this long.
    Over(Duration),
}

/// The average speed of a stage, from its first and latest reports of progress.
#[derive(Debug, Default)]
struct Speed {
    first: Option<(Duration, u64)>,
    latest: (Duration, u64),
}

impl Run {
    /// Updates the state with an event.
    pub fn update(&mut self, event: &Event, now: Duration) {
        self.tests.update(event, now);
        match event {
            Event::Planned { stages } => {
                let stages = stages.iter().cloned().map(Stage::new).collect();
                *self = Run { stages, active: false, tests: Tests::default(), since: now };
            }
            Event::StageStarted { stage } => {
                self.active = true;
                self.stage(stage).phase = Phase::Running { since: now };
            }
            Event::StageProgress { stage, done, total } => {
                let stage = self.stage(stage);
                stage.progress = Some((*done, *total));
                stage.speed.measure(now, *done);
            }
            Event::StageLine { stage, line } => self.stage(stage).line = super::text::clean(line),
            Event::StageFinished { stage, .. } => self.stage(stage).phase = Phase::Ended,
            Event::Finished { .. } | Event::Error { .. } => self.active = false,
            Event::Note { .. }
            | Event::Warning { .. }
            | Event::TestsPlanned { .. }
            | Event::TestStarted { .. }
            | Event::TestFinished { .. } => {}
        }
    }

    /// Whether the output changes with time.
    pub fn is_moving(&self) -> bool {
        self.active || self.tests.are_active()
    }

    /// The running stages, in the plan's order.
    pub fn running(&self) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(|stage| matches!(stage.phase, Phase::Running { .. }))
    }

    /// How many stages have ended.
    pub fn ended(&self) -> usize {
        self.stages.iter().filter(|stage| stage.phase == Phase::Ended).count()
    }

    /// The time since the plan was computed.
    pub fn elapsed(&self, now: Duration) -> Duration {
        now.saturating_sub(self.since)
    }

    /// The remaining time of the whole run: that of its longest chain of dependent stages.
    pub fn remaining(&self, now: Duration) -> Remaining {
        match longest_chain(&self.stages, |stage| stage.left(now)) {
            None => Remaining::Unknown,
            Some(left) if left > Duration::ZERO => Remaining::About(left),
            Some(_) if self.running().any(|stage| stage.is_late(now)) => {
                longest_chain(&self.stages, Stage::expected).map_or(Remaining::Unknown, Remaining::Over)
            }
            Some(_) => Remaining::Unknown,
        }
    }

    /// A stage by its id. An unknown stage is added at the end.
    fn stage(&mut self, id: &str) -> &mut Stage {
        let position = self.stages.iter().position(|stage| stage.plan.stage == id).unwrap_or_else(|| {
            self.stages.push(Stage::new(PlannedStage {
                stage: id.to_owned(),
                title: id.to_owned(),
                up_to_date: false,
                expected_seconds: None,
                unit: Unit::None,
                needs: Vec::new(),
            }));
            self.stages.len() - 1
        });
        &mut self.stages[position]
    }
}

impl Stage {
    fn new(plan: PlannedStage) -> Stage {
        Stage { plan, phase: Phase::Waiting, line: String::new(), progress: None, speed: Speed::default() }
    }

    /// The time since it started; zero unless it is running.
    pub fn elapsed(&self, now: Duration) -> Duration {
        match self.phase {
            Phase::Running { since } => now.saturating_sub(since),
            Phase::Waiting | Phase::Ended => Duration::ZERO,
        }
    }

    /// Its average speed, unless it stalls.
    pub fn per_second(&self, now: Duration) -> Option<f64> {
        self.speed.per_second(now)
    }

    /// The remaining time, from its speed if known, else from the time it took last.
    pub fn remaining(&self, now: Duration) -> Remaining {
        match (self.left(now), self.expected()) {
            (Some(left), _) if left > Duration::ZERO => Remaining::About(left),
            (Some(_), Some(last_time)) if self.is_late(now) => Remaining::Over(last_time),
            (Some(_) | None, _) => Remaining::Unknown,
        }
    }

    /// Whether it takes clearly longer than last time; a second or two does not count.
    fn is_late(&self, now: Duration) -> bool {
        const GRACE: Duration = Duration::from_secs(2);
        self.expected().is_some_and(|expected| self.elapsed(now) > expected + GRACE)
    }

    /// The time that it took last; zero if it is up to date.
    fn expected(&self) -> Option<Duration> {
        if self.plan.up_to_date { Some(Duration::ZERO) } else { self.plan.expected_seconds.and_then(from_seconds) }
    }

    fn left(&self, now: Duration) -> Option<Duration> {
        match self.phase {
            Phase::Waiting => self.expected(),
            Phase::Running { .. } => {
                self.left_by_speed(now).or_else(|| Some(self.expected()?.saturating_sub(self.elapsed(now))))
            }
            Phase::Ended => Some(Duration::ZERO),
        }
    }

    fn left_by_speed(&self, now: Duration) -> Option<Duration> {
        let (done, total) = self.progress?;
        // Only bytes are uniform enough: one object file may take a hundred times as long as another.
        if self.plan.unit != Unit::Bytes || done >= total? {
            return None;
        }
        from_seconds((total? - done) as f64 / self.per_second(now)?)
    }
}

impl Remaining {
    /// The text to show, unless the time is unknown.
    pub fn words(self) -> Option<String> {
        match self {
            Remaining::Unknown => None,
            Remaining::About(left) => Some(format!("about {} left", rough(left))),
            Remaining::Over(last_time) => Some(format!("longer than last time ({})", rough(last_time))),
        }
    }
}

impl Speed {
    /// The time over which an average is meaningful.
    const SHORTEST: Duration = Duration::from_millis(500);
    /// Without a report for this long, the transfer stalls.
    const STALE: Duration = Duration::from_secs(5);

    fn measure(&mut self, now: Duration, done: u64) {
        // The first report of a resumed download includes the bytes of the previous run.
        self.first.get_or_insert((now, done));
        self.latest = (now, done);
    }

    fn per_second(&self, now: Duration) -> Option<f64> {
        let ((first_at, before), (latest_at, done)) = (self.first?, self.latest);
        let passed = latest_at.saturating_sub(first_at);
        let speed = done.saturating_sub(before) as f64 / passed.as_secs_f64();
        let is_known = passed >= Self::SHORTEST && now.saturating_sub(latest_at) < Self::STALE;
        Some(speed).filter(|speed| is_known && *speed >= 1.0)
    }
}

/// The longest total time along a chain of dependent stages; `None` if the time of any stage is unknown.
///
/// A plan lists each stage after those that it needs, so one pass is enough.
fn longest_chain(stages: &[Stage], time: impl Fn(&Stage) -> Option<Duration>) -> Option<Duration> {
    let mut ends: HashMap<&str, Duration> = HashMap::new();
    for stage in stages {
        let begin = stage.plan.needs.iter().filter_map(|need| ends.get(need.as_str())).max().copied();
        ends.insert(&stage.plan.stage, begin.unwrap_or_default() + time(stage)?);
    }
    ends.into_values().max()
}

#[cfg(test)]
mod tests;
