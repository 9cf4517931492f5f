//! Derives the outcome of a test file from its journal, from how its process ended, and from its output. Pure.
//!
//! A file passed only if the process exited with the code in the journal, the journal is complete, every planned case ran,
//! and regrtest counted the same number of cases.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::journal::{Journal, Record, Stats};
use super::{CaseOutcome, CaseResult, FileOutcome, FileResult, Verdict, is_set_up, set_up_scope};

/// How a guest's process ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    Exited(i32),
    Signalled(i32),
    TimedOut(Duration),
    /// It was stopped because it wrote more bytes than this.
    Flooded(u64),
    /// The runner itself failed, with this message.
    RunnerFailed(String),
}

/// What is known about the process of a file after it ended.
#[derive(Debug)]
pub struct Process<'a> {
    /// The file's name in regrtest.
    pub file: &'a str,
    pub ending: Ending,
    pub journal: Journal,
    /// The reason that regrtest printed for skipping the file.
    pub skip_reason: Option<String>,
    /// The last lines of output.
    pub tail: &'a [String],
    pub took: Duration,
}

/// Derives the result of the file.
pub fn classify(process: &Process<'_>) -> FileResult {
    let summary = Summary::of(&process.journal);
    let (outcome, reason) = match summary.error(process) {
        Some(error) => (FileOutcome::Error, error),
        None => summary.outcome_of_regrtest(process),
    };
    let quiet = matches!(outcome.verdict(), Verdict::Pass | Verdict::Skip);
    FileResult {
        name: process.file.to_owned(),
        outcome,
        reason,
        seconds: (process.took.as_secs_f64() * 1000.0).round() / 1000.0,
        cases: summary.cases,
        output: if quiet { String::new() } else { process.tail.join("\n") },
    }
}

/// The contents of the journal, combined.
#[derive(Default)]
struct Summary<'a> {
    cases: Vec<CaseResult>,
    /// The case that started and did not finish.
    running: Option<&'a str>,
    /// How many cases started.
    started: usize,
    files: Vec<(&'a str, &'a str, Option<Stats>)>,
    exit: Option<i64>,
    /// The first inconsistency.
    contradiction: Option<String>,
}

impl<'a> Summary<'a> {
    fn of(journal: &'a Journal) -> Self {
        let mut summary = Self::default();
        let mut planned: Vec<&str> = Vec::new();
        for record in &journal.records {
            if summary.exit.is_some() {
                summary.contradict("the journal continues after its last record".to_owned());
            }
            match record {
                Record::Suite { suite } => planned.extend(suite.iter().map(String::as_str)),
                Record::Start { start } => {
                    if let Some(running) = summary.running.replace(start) {
                        summary.contradict(format!("{start} started while {running} was running"));
                    }
                    summary.started += 1;
                }
                Record::Case { case, outcome, text, skipped_subtests, seconds } => {
                    match summary.running.take() {
                        Some(running) if running == case => {}
                        Some(running) => {
                            // A set-up cannot run at the same time as a case.
                            summary.contradict(format!("{case} finished while {running} was running"));
                        }
                        None if is_set_up(case) => {}
                        None => summary.contradict(format!("{case} finished but had not started")),
                    }
                    summary.cases.push(CaseResult {
                        id: case.clone(),
                        outcome: *outcome,
                        text: text.clone(),
                        seconds: *seconds,
                        skipped_subtests: *skipped_subtests,
                    });
                }
                Record::File { file, state, stats } => summary.files.push((file, state, *stats)),
                Record::Exit { exit } => summary.exit = Some(*exit),
            }
        }
        if let Some(running) = summary.running {
            summary.contradict(format!("{running} did not finish"));
        }
        summary.add_cases_that_did_not_run(&planned);
        summary
    }

    /// Adds the planned cases that did not run. Only the cases of a class or module whose set-up failed or was skipped may be missing.
    fn add_cases_that_did_not_run(&mut self, planned: &[&str]) {
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
                None => (CaseOutcome::NotRun, "the file ended before it ran".to_owned()),
            };
            lost.push((*id, outcome, text));
        }
        let unplanned: BTreeSet<&str> =
            ran.iter().filter(|(id, count)| **count > 0 && !is_set_up(id)).map(|(id, _)| *id).collect();
        let first_lost =
            lost.iter().find(|(id, outcome, _)| *outcome == CaseOutcome::NotRun && set_up_of(&set_ups, id).is_none());
        let contradiction = match (first_lost, unplanned.first()) {
            (Some((id, ..)), _) => Some(format!("{id} was planned but did not run")),
            (None, Some(id)) => Some(format!("{id} ran but was not planned")),
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

    /// Why the file did not finish normally; the most specific reason.
    fn error(&self, process: &Process<'_>) -> Option<String> {
        let meanwhile = match self.running {
            Some(case) => format!(", while {case} was running"),
            None if self.files.is_empty() => ", before or after its cases".to_owned(),
            None => ", after regrtest finished the file".to_owned(),
        };
        match &process.ending {
            Ending::RunnerFailed(summary) => return Some(format!("the runner failed: {summary}")),
            Ending::TimedOut(limit) => {
                return Some(format!("still running after {} s{meanwhile}", limit.as_secs_f64()));
            }
            Ending::Signalled(signal) => return Some(format!("killed by signal {signal}{meanwhile}")),
            Ending::Flooded(limit) => return Some(format!("it printed more than {limit} bytes{meanwhile}")),
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
            None => return Some(format!("exited early with exit code {code}{meanwhile}")),
            Some(announced) if announced != i64::from(code) => {
                return Some(format!("exited with code {code}, but regrtest had finished with {announced}"));
            }
            Some(_) => {}
        }
        match self.files.as_slice() {
            [(file, _, stats)] if *file == process.file => {
                self.miscounted(*stats).or_else(|| self.contradiction.clone())
            }
            [] => Some(format!("regrtest finished with {code} without a result for the file")),
            files => Some(format!(
                "regrtest reported results for {}",
                files.iter().map(|file| file.0).collect::<Vec<_>>().join(", ")
            )),
        }
    }

    fn miscounted(&self, stats: Option<Stats>) -> Option<String> {
        // regrtest counts nothing for files that skip themselves or fail outside of a case.
        let stats = stats.filter(|stats| stats.tests_run > 0)?;
        let differs = stats.tests_run != self.started;
        differs.then(|| format!("regrtest counted {} cases, but the journal has {}", stats.tests_run, self.started))
    }

    /// The outcome that regrtest reports, if it agrees with the cases.
    fn outcome_of_regrtest(&self, process: &Process<'_>) -> (FileOutcome, String) {
        let state: String =
            self.files.first().map_or("", |file| file.1).chars().filter(char::is_ascii_alphanumeric).collect();
        let failed: Vec<&CaseResult> =
            self.cases.iter().filter(|case| case.outcome.verdict() == Verdict::Fail).collect();
        let skip_reason = || process.skip_reason.clone().unwrap_or_else(|| "no reason given".to_owned());
        // 3.11 has classes where later minors have constants: `EnvChanged` and `ENV_CHANGED`.
        match state.to_ascii_lowercase().as_str() {
            "passed" if failed.is_empty() => (FileOutcome::Passed, String::new()),
            "passed" => (FileOutcome::Error, format!("regrtest reports that it passed, but {} failed", failed[0].id)),
            "skipped" => (FileOutcome::Skipped, skip_reason()),
            "resourcedenied" => (FileOutcome::ResourceDenied, skip_reason()),
            "didnotrun" => (FileOutcome::NoTests, "no case was selected".to_owned()),
            "envchanged" => (FileOutcome::EnvironmentChanged, "it changed the interpreter's environment".to_owned()),
            "failed" => {
                let count = failed.len();
                let reason = match failed.as_slice() {
                    [] => "regrtest reports a failure, but no case failed".to_owned(),
                    [only] => format!("{} failed", only.id),
                    [first, ..] => format!("{} and {} more failed", first.id, count - 1),
                };
                (FileOutcome::Failed, reason)
            }
            "uncaughtexc" | "uncaughtexception" => (FileOutcome::Error, "an exception outside of any case".to_owned()),
            "refleak" => (FileOutcome::Failed, "it leaks references".to_owned()),
            _ => (FileOutcome::Error, format!("unknown state `{}` from regrtest", self.files[0].1)),
        }
    }
}

/// The message of a trap, as wasmtime, wazero and V8 print it.
fn trap(tail: &[String]) -> Option<&str> {
    const WORDS: [&str; 4] = ["wasm trap: ", "wasm error: ", "RuntimeError: ", "RangeError: "];
    tail.iter().rev().find_map(|line| WORDS.iter().find_map(|words| Some(line.split_once(words)?.1)))
}

/// The failed or skipped set-up of a case's class or module.
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
