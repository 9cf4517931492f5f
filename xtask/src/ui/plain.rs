//! Output as a log: whole lines that never change. On GitHub Actions, the output of a stage is a foldable group.

use std::collections::HashMap;
use std::time::Duration;

use super::run::{Run, Stage};
use super::settings::{Settings, Verbosity};
use super::tests_run::{Tests, finished_words};
use super::text::{Style, clean, duration, fit, from_seconds, rough, size};
use crate::event::{Event, Outcome, Unit};

/// Turns events into the lines of a log.
#[derive(Debug, Default)]
pub struct Plain {
    /// When each running stage was last mentioned.
    mentioned: HashMap<String, Duration>,
    /// The output of each running stage, for its group. Stages run in parallel and groups cannot be nested, so a group is printed when its stage finishes.
    groups: HashMap<String, String>,
    /// When the state of the tests was last printed, and how many tenths of them had finished.
    summed_up: (Duration, usize),
}

impl Plain {
    /// The lines for an event. `run` includes the event already.
    pub fn render(&mut self, event: &Event, run: &Run, now: Duration, settings: &Settings) -> String {
        match event {
            Event::StageStarted { stage } => {
                self.mentioned.insert(stage.clone(), now);
                let expected = planned(run, stage).and_then(|stage| from_seconds(stage.plan.expected_seconds?));
                let about = expected.map(|expected| format!(" (about {})", rough(expected))).unwrap_or_default();
                format!("{}started{about}\n", prefix(run, stage))
            }
            Event::StageLine { stage, line } if settings.github => {
                let group = self.groups.entry(stage.clone()).or_default();
                group.push_str(&neutralize(&clean(line)));
                group.push('\n');
                String::new()
            }
            Event::StageFinished { stage, outcome, seconds } => {
                self.mentioned.remove(stage);
                let title = format!("{}{}", prefix(run, stage), outcome_words(outcome, *seconds));
                match self.groups.remove(stage) {
                    Some(group) => format!("::group::{}\n{group}::endgroup::\n", escape(&title)),
                    None if is_summed_up(run, stage, outcome, settings) => String::new(),
                    None => title + "\n",
                }
            }
            Event::TestsPlanned { .. } => {
                self.summed_up = (now, 0);
                let about = run.tests.remaining(now).map(|left| format!(" (about {})", rough(left)));
                let files = if run.tests.total() == 1 { "file" } else { "files" };
                format!("running {} test {files}{}\n", run.tests.total(), about.unwrap_or_default())
            }
            Event::TestFinished { .. } => {
                let place = run.tests.place();
                let line = common_text(event, settings);
                let line = if line.is_empty() { line } else { format!("{place} {}", neutralize(&line)) };
                line + &self.tenth(&run.tests, now, settings)
            }
            Event::Warning { text } if settings.github => format!("::warning::{}\n", escape(&shown(text, settings))),
            Event::Error { text } if settings.github => {
                let text = shown(text, settings);
                let (summary, rest) = text.split_once('\n').unwrap_or((&text, ""));
                let rest: String = rest.lines().map(|line| neutralize(line) + "\n").collect();
                format!("::error::{}\n{rest}", escape(summary))
            }
            Event::Note { .. }
            | Event::Warning { .. }
            | Event::Error { .. }
            | Event::Planned { .. }
            | Event::StageProgress { .. }
            | Event::StageLine { .. }
            | Event::TestStarted { .. }
            | Event::Finished { .. } => common_text(event, settings),
        }
    }

    /// Prints the state of the tests each time another tenth of them has finished, unless every file is printed anyway.
    fn tenth(&mut self, tests: &Tests, now: Duration, settings: &Settings) -> String {
        /// With fewer files, nearly every one would be a tenth.
        const MANY: usize = 20;
        let (ended, total) = (tests.ended(), tests.total());
        let tenths = ended * 10 / total.max(1);
        let is_worth_it = settings.verbosity == Verbosity::Normal && total >= MANY && ended < total;
        if !is_worth_it || tenths <= self.summed_up.1 {
            return String::new();
        }
        self.summed_up = (now, tenths);
        tests_words(tests, now)
    }

    /// A line for each running stage that was not mentioned for the interval, and one for the tests.
    pub fn heartbeat(&mut self, run: &Run, now: Duration, interval: Duration) -> String {
        let mut text = String::new();
        if run.tests.are_active() && now.saturating_sub(self.summed_up.0) >= interval {
            self.summed_up.0 = now;
            text += &tests_words(&run.tests, now);
        }
        for stage in run.running() {
            let mentioned = self.mentioned.entry(stage.plan.stage.clone()).or_insert(now);
            if now.saturating_sub(*mentioned) < interval {
                continue;
            }
            *mentioned = now;
            let mut parts = vec![format!("running for {}", rough(stage.elapsed(now)))];
            parts.extend(progress_words(stage));
            parts.extend(stage.remaining(now).words());
            parts.extend((!stage.line.is_empty()).then(|| neutralize(&fit(&stage.line, 100))));
            text += &format!("{}{}\n", prefix(run, &stage.plan.stage), parts.join(", "));
        }
        text
    }
}

/// `123 of 481 files, 2 unexpected, about 58 s left, test_os for 12 s`.
fn tests_words(tests: &Tests, now: Duration) -> String {
    let slowest = tests.slowest(now).map(|(file, elapsed)| format!("{file} for {}", rough(elapsed)));
    let parts = [Some(tests.count_words()), tests.unexpected_words(), Some(tests.time_words(now)), slowest];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ") + "\n"
}

/// The text of events that all renderers show in the same way: those that are not about one stage.
pub fn common_text(event: &Event, settings: &Settings) -> String {
    let style = Style { colour: settings.colour };
    match event {
        Event::Note { text } => format!("{}\n", shown(text, settings)),
        Event::Warning { text } => format!("{} {}\n", style.bold(&style.yellow("warning:")), shown(text, settings)),
        Event::Error { text } => format!("{} {}\n", style.bold(&style.red("error:")), shown(text, settings)),
        Event::Planned { stages } => match stages.iter().filter(|stage| stage.up_to_date).count() {
            0 => String::new(),
            _ if settings.verbosity == Verbosity::Verbose => String::new(),
            1 => "1 stage up to date\n".to_owned(),
            n_stages => format!("{n_stages} stages up to date\n"),
        },
        Event::StageLine { stage, line } if settings.verbosity == Verbosity::Verbose => {
            format!("{stage}: {}\n", clean(line))
        }
        Event::TestFinished { file, unexpected, .. } if *unexpected > 0 || settings.verbosity == Verbosity::Verbose => {
            format!("{file}: {}\n", finished_words(event))
        }
        Event::Finished { ok, seconds } => {
            let took = duration(from_seconds(*seconds).unwrap_or_default());
            if *ok { format!("done in {took}\n") } else { format!("failed after {took}\n") }
        }
        Event::StageStarted { .. }
        | Event::StageProgress { .. }
        | Event::StageLine { .. }
        | Event::StageFinished { .. }
        | Event::TestsPlanned { .. }
        | Event::TestStarted { .. }
        | Event::TestFinished { .. } => String::new(),
    }
}

/// How a stage ended, without color.
pub fn outcome_words(outcome: &Outcome, seconds: f64) -> String {
    let took = duration(from_seconds(seconds).unwrap_or_default());
    let line = |text: &str| clean(text.lines().next().unwrap_or_default());
    match outcome {
        Outcome::Built => format!("built in {took}"),
        Outcome::UpToDate => "up to date".to_owned(),
        Outcome::Failed { summary } => format!("failed after {took}: {}", line(summary)),
        Outcome::Skipped { because } => format!("skipped: {}", line(because)),
    }
}

/// The progress of a stage, if it reports any.
pub fn progress_words(stage: &Stage) -> Option<String> {
    let (done, total) = stage.progress?;
    let count = |n: u64| if stage.plan.unit == Unit::Bytes { size(n) } else { n.to_string() };
    Some(total.map_or(count(done), |total| format!("{} of {}", count(done), count(total))))
}

/// Whether the line with the number of up-to-date stages covers this stage already.
pub fn is_summed_up(run: &Run, stage: &str, outcome: &Outcome, settings: &Settings) -> bool {
    *outcome == Outcome::UpToDate
        && settings.verbosity != Verbosity::Verbose
        && planned(run, stage).is_some_and(|stage| stage.plan.up_to_date)
}

/// A message. It may quote a command's output, whose escape codes are removed if colors are disabled.
fn shown(text: &str, settings: &Settings) -> String {
    if settings.colour {
        return text.trim_end().to_owned();
    }
    text.trim_end().lines().map(clean).collect::<Vec<_>>().join("\n")
}

fn planned<'a>(run: &'a Run, stage: &str) -> Option<&'a Stage> {
    run.stages.iter().find(|candidate| candidate.plan.stage == stage)
}

/// `[ 3/12] make-host: `: the position in the plan, to distinguish the lines of stages that run in parallel.
fn prefix(run: &Run, stage: &str) -> String {
    let total = run.stages.len();
    let place = run.stages.iter().position(|candidate| candidate.plan.stage == stage).map_or(total, |index| index + 1);
    format!("[{place:>0$}/{total}] {stage}: ", total.to_string().len())
}

/// Changes a line so that GitHub's runner does not interpret it: it looks for `::` at the start and for `##[` anywhere.
fn neutralize(line: &str) -> String {
    let line = line.replace("##[", "## [");
    if line.trim_start().starts_with("::") { format!("| {line}") } else { line }
}

/// Escapes the text of a workflow command, which ends at the end of the line.
fn escape(text: &str) -> String {
    text.trim_end().replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}
