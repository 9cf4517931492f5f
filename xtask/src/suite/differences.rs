//! Compares the results of several runners. Pure.
//!
//! It does not decide which result is correct or expected; `judge` does that for each run.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::results::{Difference, Results, compare};
use crate::expectations::observed::{Observed, short_name};
use crate::regrtest::summary_line::summary_line;

/// Returns the recorded reason for a file, or for one of its cases by its full id.
pub type Known<'a> = Box<dyn Fn(&str, Option<&str>) -> Option<String> + 'a>;

/// The results of one runner.
pub struct Side<'a> {
    pub runner: &'a str,
    pub results: &'a Results,
    /// The recorded reasons of failures.
    pub known: Known<'a>,
}

/// A file, or cases of a file with the same results on all runners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    pub file: String,
    /// The names of cases; empty if the file as a whole differs.
    pub cases: Vec<String>,
    /// The outcome on the runner that the others are compared with.
    pub usual: String,
    /// The outcomes on the runners that differ.
    pub elsewhere: BTreeMap<String, String>,
    /// The reasons, in one line each, where known.
    pub reasons: BTreeMap<String, String>,
}

/// The outcome of a test that a run does not have.
const ABSENT: &str = "absent";

/// The differences from the first runner, sorted by file and by the first case.
pub fn rows(usual: &Side<'_>, others: &[Side<'_>]) -> Vec<Row> {
    let mut single: BTreeMap<(String, Option<String>), Row> = BTreeMap::new();
    for other in others {
        let differences = compare(usual.results, other.results);
        let with_cases: BTreeSet<&str> = differences
            .iter()
            .filter_map(|difference| match difference {
                Difference::Case { file, .. } => Some(file.as_str()),
                Difference::File { .. } => None,
            })
            .collect();
        for difference in &differences {
            let (file, case, here, there) = match difference {
                // Its cases are more specific.
                Difference::File { file, .. } if with_cases.contains(file.as_str()) && !errored(other, file) => {
                    continue;
                }
                Difference::File { file, left, right } => (file, None, words(*left), words(*right)),
                Difference::Case { file, case, left, right } => (file, Some(case), words(*left), words(*right)),
            };
            let name = case.map(|case| short_name(file, case).to_owned());
            let row = single.entry((file.clone(), name)).or_insert_with_key(|(file, name)| Row {
                file: file.clone(),
                cases: name.iter().cloned().collect(),
                usual: here,
                elsewhere: BTreeMap::new(),
                reasons: BTreeMap::new(),
            });
            row.elsewhere.insert(other.runner.to_owned(), there);
            if let Some(reason) = reason(other, file, case.map(String::as_str)) {
                row.reasons.insert(other.runner.to_owned(), reason);
            }
        }
    }
    let mut rows: Vec<Row> = Vec::new();
    for row in single.into_values() {
        let same = |other: &&mut Row| {
            let of = |row: &Row| (row.file.clone(), row.usual.clone(), row.elsewhere.clone(), row.reasons.clone());
            !row.cases.is_empty() && !other.cases.is_empty() && of(other) == of(&row)
        };
        match rows.iter_mut().find(same) {
            Some(other) => other.cases.extend(row.cases),
            None => rows.push(row),
        }
    }
    rows
}

impl Row {
    /// The table row: the test, its outcome, the outcomes elsewhere, the reasons.
    pub fn cells(&self) -> [String; 4] {
        let test = match self.cases.as_slice() {
            [] => self.file.clone(),
            [only] => format!("{}: {only}", self.file),
            [first, rest @ ..] => format!("{}: {first} and {} more", self.file, rest.len()),
        };
        let elsewhere = grouped(&self.elsewhere).into_iter().map(|(outcome, names)| format!("{outcome} on {names}"));
        [test, self.usual.clone(), elsewhere.collect::<Vec<_>>().join("; "), self.why()]
    }

    /// A reason that applies to all runners is shown alone; otherwise each reason is shown with its runners.
    fn why(&self) -> String {
        let reasons = grouped(&self.reasons);
        match reasons.as_slice() {
            [(only, _)] if self.reasons.len() == self.elsewhere.len() => (*only).to_owned(),
            all => all.iter().map(|(reason, names)| format!("{names}: {reason}")).collect::<Vec<_>>().join("; "),
        }
    }
}

/// Each value with its names.
fn grouped(values: &BTreeMap<String, String>) -> Vec<(&str, String)> {
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    values.iter().for_each(|(name, value)| names.entry(value).or_default().push(name));
    names.into_iter().map(|(value, names)| (value, names.join(", "))).collect()
}

fn words(outcome: Option<impl ToString>) -> String {
    outcome.map_or_else(|| ABSENT.to_owned(), |outcome| outcome.to_string())
}

/// Whether a file did not finish.
fn errored(side: &Side<'_>, file: &str) -> bool {
    side.results.file(file).is_some_and(|file| file.outcome == crate::regrtest::FileOutcome::Error)
}

/// The recorded reason, or the test's own message.
fn reason(side: &Side<'_>, file: &str, case: Option<&str>) -> Option<String> {
    let message = || {
        let result = side.results.file(file)?;
        let Some(id) = case else { return Some(result.reason.clone()) };
        let cases = Observed::of(result).cases;
        cases.iter().find(|case| case.result.id == id).map(|case| summary_line(&case.result.text).to_owned())
    };
    (side.known)(file, case).or_else(message).filter(|reason| !reason.is_empty())
}

#[cfg(test)]
mod tests;
