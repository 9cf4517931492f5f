//! The run on a terminal: lines that stay, and below them the lines that move. Pure; `screen` puts them on the terminal.

use std::time::Duration;

use console::measure_text_width;

use super::plain::{common_words, is_summed_up, outcome_words, progress_words};
use super::run::{Remaining, Run, Stage};
use super::settings::Settings;
use super::text::{Style, duration, fit, pad, size};
use crate::event::{Event, Outcome, Unit};

/// The lines that an event leaves behind for good. `run` has heard it already.
pub fn lasting(event: &Event, run: &Run, settings: &Settings) -> String {
    let Event::StageFinished { stage, outcome, seconds } = event else { return common_words(event, settings) };
    if is_summed_up(run, stage, outcome, settings) {
        return String::new();
    }
    let style = Style { colour: settings.colour };
    let mark = match outcome {
        Outcome::Built | Outcome::UpToDate => style.green("✓"),
        Outcome::Failed { .. } => style.red("✗"),
        Outcome::Skipped { .. } => style.yellow("-"),
    };
    format!("{mark} {}  {}\n", pad(stage, id_columns(run)), outcome_words(outcome, *seconds))
}

/// The lines that are true just now: one for each running stage, and one for the whole.
pub fn live(run: &Run, now: Duration, columns: usize, style: Style) -> Vec<String> {
    if !run.active {
        return Vec::new();
    }
    // The slowest stage has the widest time; the others align with it.
    let time_columns = run.running().map(|stage| duration(stage.elapsed(now)).len()).max().unwrap_or(0).max(6);
    let id_columns = id_columns(run).min(columns / 2);
    let stages = run.running().map(|stage| {
        let id = pad(&fit(&stage.plan.stage, id_columns), id_columns);
        let elapsed = duration(stage.elapsed(now));
        let head = format!("{} {id}  {elapsed:>time_columns$}", style.cyan(spinner(now)));
        let mut line = Line { text: head, columns };
        line.add_all(stage_parts(stage, now, columns, style));
        line.finish(&stage.line)
    });
    stages.chain([overall(run, now, columns)]).collect()
}

fn overall(run: &Run, now: Duration, columns: usize) -> String {
    let total = run.stages.len();
    let text = format!("  {} of {total} {}", run.ended(), if total == 1 { "stage" } else { "stages" });
    let mut line = Line { text, columns };
    line.add_all(run.remaining(now).words());
    line.add_all([format!("{} so far", duration(run.elapsed(now)))]);
    line.finish("")
}

/// What there is to say of a running stage, the most important first.
fn stage_parts(stage: &Stage, now: Duration, columns: usize, style: Style) -> impl Iterator<Item = String> {
    let bar = stage.progress.and_then(|(done, total)| Some(bar(done, total?, columns, style)));
    let is_bytes = stage.plan.unit == Unit::Bytes;
    let speed = stage.per_second(now).filter(|_| is_bytes).map(|speed| format!("{}/s", size(speed as u64)));
    let remaining = match stage.remaining(now) {
        // Last time's seconds stand in the line for the whole; here, what the child says is worth more.
        Remaining::About(_) if !is_bytes => None,
        remaining => remaining.words(),
    };
    [bar, progress_words(stage), remaining, speed].into_iter().flatten()
}

/// A line that takes parts as long as they fit.
struct Line {
    text: String,
    columns: usize,
}

impl Line {
    const GAP: &'static str = "  ";
    /// A child's line that is cut to less than this says nothing.
    const LEAST: usize = 12;

    fn add_all(&mut self, parts: impl IntoIterator<Item = String>) {
        for part in parts {
            if measure_text_width(&part) <= self.room() {
                self.text += Self::GAP;
                self.text += &part;
            }
        }
    }

    /// Fills what is left with a text that may be cut.
    fn finish(mut self, text: &str) -> String {
        if !text.is_empty() && self.room() >= Self::LEAST {
            let text = fit(text, self.room());
            self.add_all([text]);
        }
        fit(&self.text, self.columns)
    }

    fn room(&self) -> usize {
        self.columns.saturating_sub(measure_text_width(&self.text) + Self::GAP.len())
    }
}

/// A bar, or on a narrow terminal a number.
fn bar(done: u64, total: u64, columns: usize, style: Style) -> String {
    let fraction = if total == 0 { 0.0 } else { (done as f64 / total as f64).min(1.0) };
    if columns < 60 {
        return format!("{:.0} %", (fraction * 100.0).floor());
    }
    let width = (columns / 8).min(24);
    let filled = (fraction * width as f64) as usize;
    format!("[{}{}]", style.cyan(&"=".repeat(filled)), " ".repeat(width - filled))
}

fn spinner(now: Duration) -> &'static str {
    const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
    FRAMES[(now.as_millis() / 100 % 10) as usize]
}

fn id_columns(run: &Run) -> usize {
    run.stages.iter().map(|stage| measure_text_width(&stage.plan.stage)).max().unwrap_or(0)
}
