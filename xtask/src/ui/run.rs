//! What is known of a run while it goes on: events in, a picture that can be drawn at any moment out. Pure; the time is brought by whoever calls, as the time since the program began.

use std::collections::HashMap;
use std::time::Duration;

use super::tests_run::Tests;
use super::text::{from_seconds, rough};
use crate::event::{Event, PlannedStage, Unit};

/// A run, from its plan to its end.
#[derive(Debug, Default)]
pub struct Run {
    /// In the plan's order.
    pub stages: Vec<Stage>,
    /// A stage has begun, and the run has not ended.
    pub active: bool,
    /// The tests, if the run is one of tests.
    pub tests: Tests,
    /// When the plan was known.
    since: Duration,
}

/// A stage of a run.
#[derive(Debug)]
pub struct Stage {
    pub plan: PlannedStage,
    pub phase: Phase,
    /// What it was doing last.
    pub line: String,
    /// How far it is, if it counts: so many, of so many.
    pub progress: Option<(u64, Option<u64>)>,
    speed: Speed,
}

/// Where a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Waiting,
    Running { since: Duration },
    Ended,
}

/// How long something still takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remaining {
    /// Nothing honest can be said.
    Unknown,
    /// About so long, more than nothing.
    About(Duration),
    /// It should have ended by now: last time it took so long.
    Over(Duration),
}

/// How much is done in a second, smoothed.
#[derive(Debug, Default)]
struct Speed {
    sample: Option<(Duration, u64)>,
    per_second: Option<f64>,
}

impl Run {
    /// Takes an event in.
    pub fn hear(&mut self, event: &Event, now: Duration) {
        self.tests.hear(event, now);
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

    /// There is something that changes while time passes.
    pub fn is_moving(&self) -> bool {
        self.active || self.tests.are_active()
    }

    /// The stages that run now, in the plan's order.
    pub fn running(&self) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(|stage| matches!(stage.phase, Phase::Running { .. }))
    }

    /// How many stages have ended.
    pub fn ended(&self) -> usize {
        self.stages.iter().filter(|stage| stage.phase == Phase::Ended).count()
    }

    /// The time since the plan was known.
    pub fn elapsed(&self, now: Duration) -> Duration {
        now.saturating_sub(self.since)
    }

    /// How long the whole run still takes: as long as its longest chain of stages that need each other.
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

    /// A stage by its id. One that no plan named joins at the end.
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

    /// The time since it began; nothing unless it runs.
    pub fn elapsed(&self, now: Duration) -> Duration {
        match self.phase {
            Phase::Running { since } => now.saturating_sub(since),
            Phase::Waiting | Phase::Ended => Duration::ZERO,
        }
    }

    /// How much it does in a second, if that was measured of late.
    pub fn per_second(&self, now: Duration) -> Option<f64> {
        self.speed.per_second(now)
    }

    /// How long it still takes: by its speed if it has one, else by last time.
    pub fn remaining(&self, now: Duration) -> Remaining {
        match (self.left(now), self.expected()) {
            (Some(left), _) if left > Duration::ZERO => Remaining::About(left),
            (Some(_), Some(last_time)) if self.is_late(now) => Remaining::Over(last_time),
            (Some(_) | None, _) => Remaining::Unknown,
        }
    }

    /// It takes clearly longer than last time: a second more or less is nothing to tell.
    fn is_late(&self, now: Duration) -> bool {
        const GRACE: Duration = Duration::from_secs(2);
        self.expected().is_some_and(|expected| self.elapsed(now) > expected + GRACE)
    }

    /// The time that it took last time; none at all if nothing has to be done.
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
        // Only bytes come evenly enough: one object file may take a hundred times as long as another.
        if self.plan.unit != Unit::Bytes || done >= total? {
            return None;
        }
        from_seconds((total? - done) as f64 / self.per_second(now)?)
    }
}

impl Remaining {
    /// In words, if there is anything to say.
    pub fn words(self) -> Option<String> {
        match self {
            Remaining::Unknown => None,
            Remaining::About(left) => Some(format!("about {} left", rough(left))),
            Remaining::Over(last_time) => Some(format!("longer than last time ({})", rough(last_time))),
        }
    }
}

impl Speed {
    /// Samples are at least this far apart, because bytes come in bursts.
    const SAMPLE: Duration = Duration::from_millis(500);
    /// A speed that was measured longer ago is no longer true: the other side stalls.
    const STALE: Duration = Duration::from_secs(5);
    /// The weight of a new sample.
    const WEIGHT: f64 = 0.3;

    fn measure(&mut self, now: Duration, done: u64) {
        let Some((at, before)) = self.sample else {
            // The first report may be a resumed download's old bytes, which say nothing about speed.
            self.sample = Some((now, done));
            return;
        };
        let passed = now.saturating_sub(at);
        if passed < Self::SAMPLE {
            return;
        }
        let new = done.saturating_sub(before) as f64 / passed.as_secs_f64();
        self.per_second = Some(self.per_second.map_or(new, |old| old + (new - old) * Self::WEIGHT));
        self.sample = Some((now, done));
    }

    fn per_second(&self, now: Duration) -> Option<f64> {
        let (at, _) = self.sample?;
        self.per_second.filter(|speed| *speed >= 1.0 && now.saturating_sub(at) < Self::STALE)
    }
}

/// The longest time along stages that need each other; `None` if any stage's time is unknown.
///
/// A plan names a stage after what it needs, so one pass is enough.
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
