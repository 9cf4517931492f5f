//! What came of a file: from its journal, from how its process ended, and from what it printed. Pure.
//!
//! Nothing is believed that is not confirmed: a file has passed only if the process ended by itself with the code that
//! regrtest announced, the journal is whole, every case that was to run did, and regrtest counted the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::journal::{Journal, Record, Stats};
use super::{CaseOutcome, CaseResult, FileOutcome, FileResult, Verdict, is_set_up, set_up_scope};

/// How a guest's process ended, as the host saw it.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    Exited(i32),
    Signalled(i32),
    TimedOut(Duration),
    /// The runner failed, not the guest: its summary.
    RunnerFailed(String),
}

/// What is known of one file's process when it is over.
#[derive(Debug)]
pub struct Process<'a> {
    /// Regrtest's name of the file.
    pub file: &'a str,
    pub ending: Ending,
    pub journal: Journal,
    /// The reason that regrtest printed when the file skipped itself.
    pub skip_reason: Option<String>,
    /// The last lines that it printed.
    pub tail: &'a [String],
    pub took: Duration,
}

/// Says what came of the file.
pub fn classify(process: &Process<'_>) -> FileResult {
    let story = Story::of(&process.journal);
    let (outcome, reason) = match story.fault(process) {
        Some(fault) => (FileOutcome::Error, fault),
        None => story.regrtests_word(process),
    };
    let quiet = matches!(outcome.verdict(), Verdict::Pass | Verdict::Skip);
    FileResult {
        name: process.file.to_owned(),
        outcome,
        reason,
        seconds: (process.took.as_secs_f64() * 1000.0).round() / 1000.0,
        cases: story.cases,
        output: if quiet { String::new() } else { process.tail.join("\n") },
    }
}

/// What the journal tells, put together.
#[derive(Default)]
struct Story<'a> {
    cases: Vec<CaseResult>,
    /// The case that had begun and not ended.
    running: Option<&'a str>,
    /// How many cases began.
    started: usize,
    files: Vec<(&'a str, &'a str, Option<Stats>)>,
    exit: Option<i64>,
    /// The first thing in it that cannot be.
    contradiction: Option<String>,
}

impl<'a> Story<'a> {
    fn of(journal: &'a Journal) -> Self {
        let mut story = Self::default();
        let mut planned: Vec<&str> = Vec::new();
        for record in &journal.records {
            if story.exit.is_some() {
                story.contradict("the journal goes on after its end".to_owned());
            }
            match record {
                Record::Suite { suite } => planned.extend(suite.iter().map(String::as_str)),
                Record::Start { start } => {
                    if let Some(running) = story.running.replace(start) {
                        story.contradict(format!("{start} began while {running} was running"));
                    }
                    story.started += 1;
                }
                Record::Case { case, outcome, text, skipped_subtests, seconds } => {
                    match story.running.take() {
                        Some(running) if running == case => {}
                        Some(running) => {
                            // A set-up cannot run while a case does.
                            story.contradict(format!("{case} ended while {running} was running"));
                        }
                        None if is_set_up(case) => {}
                        None => story.contradict(format!("{case} ended and had not begun")),
                    }
                    story.cases.push(CaseResult {
                        id: case.clone(),
                        outcome: *outcome,
                        text: text.clone(),
                        seconds: *seconds,
                        skipped_subtests: *skipped_subtests,
                    });
                }
                Record::File { file, state, stats } => story.files.push((file, state, *stats)),
                Record::Exit { exit } => story.exit = Some(*exit),
            }
        }
        if let Some(running) = story.running {
            story.contradict(format!("{running} did not end"));
        }
        story.add_those_that_did_not_run(&planned);
        story
    }

    /// A class or a module whose set-up failed or was skipped takes its cases with it; all others must have run.
    fn add_those_that_did_not_run(&mut self, planned: &[&str]) {
        let mut ran: BTreeMap<&str, usize> = BTreeMap::new();
        for case in &self.cases {
            *ran.entry(&case.id).or_default() += 1;
        }
        let set_ups: BTreeMap<String, &CaseResult> =
            self.cases.iter().filter_map(|case| Some((set_up_scope(&case.id)?.to_owned(), case))).collect();
        let mut lost = Vec::new();
        for id in planned {
            if let Some(count) = ran.get_mut(id).filter(|count| **count > 0) {
                *count -= 1;
                continue;
            }
            let (outcome, text) = match set_up_of(&set_ups, id) {
                Some(set_up) if set_up.outcome == CaseOutcome::Skipped => (CaseOutcome::Skipped, set_up.text.clone()),
                Some(set_up) => (CaseOutcome::NotRun, format!("{} failed", set_up.id)),
                None => (CaseOutcome::NotRun, "the file ended before it did".to_owned()),
            };
            lost.push((*id, outcome, text));
        }
        let unplanned: BTreeSet<&str> =
            ran.iter().filter(|(id, count)| **count > 0 && !is_set_up(id)).map(|(id, _)| *id).collect();
        let first_lost =
            lost.iter().find(|(id, outcome, _)| *outcome == CaseOutcome::NotRun && set_up_of(&set_ups, id).is_none());
        let contradiction = match (first_lost, unplanned.first()) {
            (Some((id, ..)), _) => Some(format!("{id} was to run and did not")),
            (None, Some(id)) => Some(format!("{id} ran and was not to")),
            (None, None) => None,
        };
        let lost: Vec<CaseResult> = lost
            .into_iter()
            .map(|(id, outcome, text)| CaseResult {
                id: id.to_owned(),
                outcome,
                text,
                seconds: 0.0,
                skipped_subtests: 0,
            })
            .collect();
        self.cases.extend(lost);
        if let Some(contradiction) = contradiction {
            self.contradict(contradiction);
        }
    }

    fn contradict(&mut self, what: String) {
        self.contradiction.get_or_insert(what);
    }

    /// Why the file did not come to its end as it should, the most telling first.
    fn fault(&self, process: &Process<'_>) -> Option<String> {
        let meanwhile = match self.running {
            Some(case) => format!(", while {case} was running"),
            None if self.files.is_empty() => ", before or after its cases".to_owned(),
            None => ", after regrtest was done with the file".to_owned(),
        };
        match &process.ending {
            Ending::RunnerFailed(summary) => return Some(format!("the runner failed: {summary}")),
            Ending::TimedOut(limit) => {
                return Some(format!("still running after {} s{meanwhile}", limit.as_secs_f64()));
            }
            Ending::Signalled(signal) => return Some(format!("killed by signal {signal}{meanwhile}")),
            Ending::Exited(_) => {}
        }
        let Ending::Exited(code) = process.ending else { return None };
        if let (None, Some(trap)) = (self.exit, trap(process.tail)) {
            return Some(format!("trapped: {trap}{meanwhile}"));
        }
        if let Some(broken) = &process.journal.broken {
            return Some(broken.clone());
        }
        match self.exit {
            None => return Some(format!("left early, with exit code {code}{meanwhile}")),
            Some(announced) if announced != i64::from(code) => {
                return Some(format!("ended with exit code {code}, and regrtest had ended with {announced}"));
            }
            Some(_) => {}
        }
        match self.files.as_slice() {
            [(file, _, stats)] if *file == process.file => {
                self.miscounted(*stats).or_else(|| self.contradiction.clone())
            }
            [] => Some(format!("regrtest ended with {code} and said nothing of the file")),
            files => {
                Some(format!("regrtest told of {}", files.iter().map(|file| file.0).collect::<Vec<_>>().join(", ")))
            }
        }
    }

    fn miscounted(&self, stats: Option<Stats>) -> Option<String> {
        // Files that fail outside of a case, or skip themselves, are not counted at all.
        let stats = stats.filter(|stats| stats.tests_run > 0)?;
        let differs = stats.tests_run != self.started;
        differs.then(|| format!("regrtest counted {} cases, and the journal has {}", stats.tests_run, self.started))
    }

    /// What regrtest says of the file, if the cases agree.
    fn regrtests_word(&self, process: &Process<'_>) -> (FileOutcome, String) {
        let state: String =
            self.files.first().map_or("", |file| file.1).chars().filter(char::is_ascii_alphanumeric).collect();
        let failed: Vec<&CaseResult> =
            self.cases.iter().filter(|case| case.outcome.verdict() == Verdict::Fail).collect();
        let skip_reason = || process.skip_reason.clone().unwrap_or_else(|| "it does not say why".to_owned());
        // 3.11 has classes where later minors have constants: `EnvChanged` and `ENV_CHANGED`.
        match state.to_ascii_lowercase().as_str() {
            "passed" if failed.is_empty() => (FileOutcome::Passed, String::new()),
            "passed" => (FileOutcome::Error, format!("regrtest says that it passed, and {} failed", failed[0].id)),
            "skipped" => (FileOutcome::Skipped, skip_reason()),
            "resourcedenied" => (FileOutcome::ResourceDenied, skip_reason()),
            "didnotrun" => (FileOutcome::NoTests, "no case was selected".to_owned()),
            "envchanged" => {
                (FileOutcome::EnvironmentChanged, "it left the interpreter's environment changed".to_owned())
            }
            "failed" => {
                let count = failed.len();
                let reason = match failed.as_slice() {
                    [] => "regrtest says that it failed, and no case did".to_owned(),
                    [only] => format!("{} failed", only.id),
                    [first, ..] => format!("{} and {} more failed", first.id, count - 1),
                };
                (FileOutcome::Failed, reason)
            }
            "uncaughtexc" | "uncaughtexception" => (FileOutcome::Error, "an exception outside of any case".to_owned()),
            "refleak" => (FileOutcome::Failed, "it leaks references".to_owned()),
            _ => (FileOutcome::Error, format!("regrtest says `{}`, which is not known here", self.files[0].1)),
        }
    }
}

/// What a runner says of a guest that did what it must not: wasmtime's words, wazero's, V8's.
fn trap(tail: &[String]) -> Option<&str> {
    const WORDS: [&str; 4] = ["wasm trap: ", "wasm error: ", "RuntimeError: ", "RangeError: "];
    tail.iter().rev().find_map(|line| WORDS.iter().find_map(|words| Some(line.split_once(words)?.1)))
}

/// The set-up that a case did not run for: that of its class or of its module.
fn set_up_of<'s, 'c>(set_ups: &'s BTreeMap<String, &'c CaseResult>, case: &str) -> Option<&'s &'c CaseResult> {
    let mut scope = case;
    while let Some((parent, _)) = scope.rsplit_once('.') {
        if let Some(set_up) = set_ups.get(parent) {
            return Some(set_up);
        }
        scope = parent;
    }
    None
}

#[cfg(test)]
mod tests;
