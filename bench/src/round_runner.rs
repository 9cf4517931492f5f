//! Shows measurements in the same way as the stages of a build.

use std::time::Instant;

use anyhow::Result;

use xtask::event::{Event, Listener as _, Outcome, PlannedStage, Unit, seconds};
use xtask::progress::Progress;
use xtask::ui::Ui;

/// The names of what is measured, and each in a few words.
pub type Measurements = [(&'static str, &'static str)];

/// Measurements, in rounds.
pub struct RoundRunner<'a> {
    ui: &'a Ui,
    measurements: &'a Measurements,
    began: Instant,
}

impl<'a> RoundRunner<'a> {
    /// Runs all rounds and returns the results. Reports the plan before and the end after.
    pub fn rounds<R>(
        ui: &'a Ui,
        measurements: &'a Measurements,
        rounds: usize,
        measure: impl Fn(&Self, usize) -> Result<R>,
    ) -> Result<Vec<R>> {
        let runner = Self::begin(ui, measurements, rounds);
        let measured = (1..=rounds).map(|round| measure(&runner, round)).collect::<Result<_>>();
        ui.on_event(&Event::Finished { ok: measured.is_ok(), seconds: seconds(runner.began.elapsed()) });
        measured
    }

    fn begin(ui: &'a Ui, measurements: &'a Measurements, rounds: usize) -> Self {
        let stages = (1..=rounds).flat_map(|round| measurements.iter().map(move |what| (round, what)));
        let stages = stages.map(|(round, (name, title))| PlannedStage {
            stage: format!("{name}-{round}"),
            title: (*title).to_owned(),
            up_to_date: false,
            expected_seconds: None,
            unit: Unit::None,
            needs: Vec::new(),
        });
        ui.on_event(&Event::Planned { stages: stages.collect() });
        Self { ui, measurements, began: Instant::now() }
    }

    /// Does one of them, by its number.
    pub fn stage<T>(&self, index: usize, round: usize, work: impl FnOnce(&dyn Progress) -> Result<T>) -> Result<T> {
        let stage = format!("{}-{round}", self.measurements[index].0);
        let began = Instant::now();
        self.ui.on_event(&Event::StageStarted { stage: stage.clone() });
        let result = work(&Line { ui: self.ui, stage: stage.clone() });
        let outcome = match &result {
            Ok(_) => Outcome::Built,
            Err(error) => Outcome::Failed { summary: error.to_string().lines().next().unwrap_or_default().to_owned() },
        };
        self.ui.on_event(&Event::StageFinished { stage, outcome, seconds: seconds(began.elapsed()) });
        result
    }
}

/// Turns the progress of a measurement into events.
struct Line<'a> {
    ui: &'a Ui,
    stage: String,
}

impl Progress for Line<'_> {
    fn advance(&self, _done: u64, _total: Option<u64>) {}

    fn line(&self, line: &str) {
        self.ui.on_event(&Event::StageLine { stage: self.stage.clone(), line: line.to_owned() });
    }
}
