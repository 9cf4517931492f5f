//! Output on a terminal: permanent lines, and below them live lines that change. Pure; `screen` draws them.

use std::time::Duration;

use console::measure_text_width;

use super::plain::{common_text, is_summed_up, outcome_words, progress_words};
use super::run::{Remaining, Run, Stage};
use super::settings::{Settings, Verbosity};
use super::tests_run::{Tests, finished_words};
use super::text::{Style, duration, fit, pad, rough, size};
use crate::event::{Event, Outcome, Unit};
use crate::regrtest::Verdict;

/// The permanent lines for an event. `run` includes the event already.
pub fn permanent(event: &Event, run: &Run, settings: &Settings) -> String {
    let (stage, outcome, seconds) = match event {
        Event::StageFinished { stage, outcome, seconds } => (stage, outcome, seconds),
        Event::TestFinished { .. } => return permanent_test(event, settings),
        _ => return common_text(event, settings),
    };
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

/// A test file's line, if its result is unexpected or the output is verbose.
fn permanent_test(event: &Event, settings: &Settings) -> String {
    let Event::TestFinished { file, outcome, unexpected, .. } = event else { return String::new() };
    if *unexpected == 0 && settings.verbosity != Verbosity::Verbose {
        return String::new();
    }
    let style = Style { colour: settings.colour };
    let mark = match outcome.verdict() {
        _ if *unexpected > 0 => style.red("✗"),
        Verdict::Pass => style.green("✓"),
        // An expected failure needs no more attention than a skip.
        Verdict::Skip | Verdict::Fail => style.yellow("-"),
    };
    format!("{mark} {file}  {}\n", finished_words(event))
}

/// The live lines: one per running stage and one for the whole run; for tests, a single line.
pub fn live(run: &Run, now: Duration, columns: usize, style: Style) -> Vec<String> {
    if run.tests.are_active() {
        return vec![tests_line(&run.tests, now, columns, style)];
    }
    if !run.active {
        return Vec::new();
    }
    // Align all times with the widest one.
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

fn tests_line(tests: &Tests, now: Duration, columns: usize, style: Style) -> String {
    /// Narrower terminals show the slowest file instead of a bar.
    const WIDE: usize = 100;
    let mut line = Line { text: format!("{} {}", style.cyan(spinner(now)), tests.count_words()), columns };
    let (ended, total) = (tests.ended() as u64, tests.total() as u64);
    line.add_all((columns >= WIDE).then(|| bar(ended, total, columns, style)));
    line.add_all(tests.unexpected_words().map(|words| style.red(&words)));
    line.add_all([tests.time_words(now)]);
    if let Some((file, elapsed)) = tests.slowest(now) {
        let elapsed = rough(elapsed);
        let room = line.room().saturating_sub(elapsed.len() + 1);
        line.add_all((room >= Line::LEAST).then(|| format!("{} {elapsed}", fit(file, room))));
    }
    line.finish("")
}

/// The parts of a running stage's line, the most important first.
fn stage_parts(stage: &Stage, now: Duration, columns: usize, style: Style) -> impl Iterator<Item = String> {
    let bar = stage.progress.and_then(|(done, total)| Some(bar(done, total?, columns, style)));
    let is_bytes = stage.plan.unit == Unit::Bytes;
    let speed = stage.per_second(now).filter(|_| is_bytes).map(|speed| format!("{}/s", size(speed as u64)));
    let remaining = match stage.remaining(now) {
        // The line of the whole run shows the estimate from last time; here, the command's output is more useful.
        Remaining::About(_) if !is_bytes => None,
        remaining => remaining.words(),
    };
    [bar, progress_words(stage), remaining, speed].into_iter().flatten()
}

/// A line that accepts parts as long as they fit.
struct Line {
    text: String,
    columns: usize,
}

impl Line {
    const GAP: &'static str = "  ";
    /// Shorter excerpts of a command's output are not useful.
    const LEAST: usize = 12;

    fn add_all(&mut self, parts: impl IntoIterator<Item = String>) {
        for part in parts {
            if measure_text_width(&part) <= self.room() {
                self.text += Self::GAP;
                self.text += &part;
            }
        }
    }

    /// Fills the rest of the line with a text that may be truncated.
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

/// A progress bar, or a percentage on a narrow terminal.
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
