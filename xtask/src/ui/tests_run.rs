//! The state of a test run, updated by events, and its text. Pure: callers pass the time.

use std::time::Duration;

use super::phase::Phase;
use super::text::{clean, duration, from_seconds, rough};
use crate::event::{Event, PlannedTest};
use crate::regrtest::FileOutcome;
use crate::suite::schedule::{self, Running};

/// The test files of a run; empty if the run has no tests.
#[derive(Debug, Default)]
pub struct Tests {
    /// In the order in which they start.
    files: Vec<Test>,
    jobs: usize,
    /// When the list of files was known.
    since: Duration,
    /// The run finished, perhaps before all files did.
    is_over: bool,
}

#[derive(Debug)]
struct Test {
    plan: PlannedTest,
    phase: Phase,
    /// It has an unexpected result.
    is_unexpected: bool,
}

impl Tests {
    /// Updates the state with an event.
    pub fn update(&mut self, event: &Event, now: Duration) {
        match event {
            Event::TestsPlanned { files, jobs } => {
                let files = files.iter().cloned().map(Test::new).collect();
                *self = Tests { files, jobs: *jobs, since: now, is_over: false };
            }
            Event::TestStarted { file } => self.file(file).phase = Phase::Running { since: now },
            Event::TestFinished { file, unexpected, .. } => {
                let file = self.file(file);
                file.phase = Phase::Ended;
                file.is_unexpected = *unexpected > 0;
            }
            Event::Finished { .. } | Event::Error { .. } => self.is_over = true,
            Event::Note { .. }
            | Event::Warning { .. }
            | Event::Planned { .. }
            | Event::StageStarted { .. }
            | Event::StageProgress { .. }
            | Event::StageLine { .. }
            | Event::StageFinished { .. } => {}
        }
    }

    /// Whether files are waiting or running.
    pub fn are_active(&self) -> bool {
        !self.is_over && self.ended() < self.total()
    }

    /// The number of files.
    pub fn total(&self) -> usize {
        self.files.len()
    }

    /// The number of files that have finished.
    pub fn ended(&self) -> usize {
        self.files.iter().filter(|file| file.phase == Phase::Ended).count()
    }

    /// The file that has been running the longest, with its time.
    pub fn slowest(&self, now: Duration) -> Option<(&str, Duration)> {
        let running = self.files.iter().filter_map(|file| Some((file.plan.file.as_str(), file.elapsed(now)?)));
        // `max_by_key` returns the last of several equal elements.
        running.rev().max_by_key(|(_, elapsed)| *elapsed)
    }

    /// `123 of 481 files`.
    pub fn count_words(&self) -> String {
        let total = self.total();
        format!("{} of {total} {}", self.ended(), if total == 1 { "file" } else { "files" })
    }

    /// `[123/481]`: the position of the file that has just finished.
    pub fn place(&self) -> String {
        let total = self.total().to_string();
        format!("[{:>1$}/{total}]", self.ended(), total.len())
    }

    /// `2 unexpected`: the number of files with unexpected results, if any.
    pub fn unexpected_words(&self) -> Option<String> {
        let n_unexpected = self.files.iter().filter(|file| file.is_unexpected).count();
        (n_unexpected > 0).then(|| format!("{n_unexpected} unexpected"))
    }

    /// The remaining time, or the elapsed time if that is unknown.
    pub fn time_words(&self, now: Duration) -> String {
        match self.remaining(now) {
            Some(left) => format!("about {} left", rough(left)),
            None => format!("{} so far", duration(now.saturating_sub(self.since))),
        }
    }

    /// The remaining time of all files, if there is a basis for an estimate.
    pub fn remaining(&self, now: Duration) -> Option<Duration> {
        let waiting: Vec<_> =
            self.files.iter().filter(|file| file.phase == Phase::Waiting).map(Test::expected).collect();
        let running = self.files.iter().filter_map(|file| Some((file.expected(), file.elapsed(now)?)));
        let running: Vec<_> = running.map(|(expected, elapsed)| Running { expected, elapsed }).collect();
        schedule::remaining(&waiting, &running, self.jobs)
    }

    /// A file by its name. An unknown file is added at the end.
    fn file(&mut self, name: &str) -> &mut Test {
        let position = self.files.iter().position(|file| file.plan.file == name).unwrap_or_else(|| {
            self.files.push(Test::new(PlannedTest { file: name.to_owned(), expected_seconds: None }));
            self.files.len() - 1
        });
        &mut self.files[position]
    }
}

impl Test {
    fn new(plan: PlannedTest) -> Test {
        Test { plan, phase: Phase::Waiting, is_unexpected: false }
    }

    fn expected(&self) -> Option<Duration> {
        self.plan.expected_seconds.and_then(from_seconds)
    }

    /// The time since it started, if it is running.
    fn elapsed(&self, now: Duration) -> Option<Duration> {
        match self.phase {
            Phase::Running { since } => Some(now.saturating_sub(since)),
            Phase::Waiting | Phase::Ended => None,
        }
    }
}

/// The result of a test file in one line, without its name; if it is unexpected, only the reason.
pub fn finished_words(event: &Event) -> String {
    let Event::TestFinished { outcome, unexpected, seconds, cases, reason, .. } = event else { return String::new() };
    let reason = clean(reason.lines().next().unwrap_or_default());
    if *unexpected > 0 && !reason.is_empty() {
        return reason;
    }
    let outcome = match outcome {
        FileOutcome::Passed => "passed",
        FileOutcome::Skipped => "skipped",
        FileOutcome::ResourceDenied => "denied a resource",
        FileOutcome::NoTests => "no tests",
        FileOutcome::EnvironmentChanged => "changed the environment",
        FileOutcome::Failed => "failed",
        FileOutcome::Error => "errored",
    };
    let took = duration(from_seconds(*seconds).unwrap_or_default());
    let cases = match cases {
        0 => String::new(),
        1 => ", 1 case".to_owned(),
        n_cases => format!(", {n_cases} cases"),
    };
    let reason = if reason.is_empty() { reason } else { format!(": {reason}") };
    format!("{outcome} in {took}{cases}{reason}")
}

#[cfg(test)]
mod tests;
