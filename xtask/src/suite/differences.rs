//! The same tests on several runners: where they differ, and why, in few lines. Pure.
//!
//! It does not say which runner is right, nor whether an outcome was expected: `judge` says that of each run by itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::results::{Difference, Results, compare};
use crate::expectations::observed::{Observed, short_name};
use crate::regrtest::summary_line::summary_line;

/// Gives the reason for a file, or a case of it by its whole id.
pub type Known<'a> = Box<dyn Fn(&str, Option<&str>) -> Option<String> + 'a>;

/// A run on one runner.
pub struct Side<'a> {
    pub runner: &'a str,
    pub results: &'a Results,
    /// Why a case of a file fails there, or the file as a whole, where somebody wrote it down.
    pub known: Known<'a>,
}

/// A file, or cases of it that came to the same on all runners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    pub file: String,
    /// Names of cases; none if it is the file as a whole that differs.
    pub cases: Vec<String>,
    /// What came of it on the runner that the others are compared with.
    pub usual: String,
    /// What came of it on those that differ.
    pub elsewhere: BTreeMap<String, String>,
    /// Why, in one line, on those that can say it.
    pub reasons: BTreeMap<String, String>,
}

/// What a test that one of the runs does not have came to.
const ABSENT: &str = "absent";

/// Where the others differ from the first, sorted by file, in a file by its first case.
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
                // Its cases say more.
                Difference::File { file, .. } if with_cases.contains(file.as_str()) && !broke(other, file) => continue,
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
    /// The cells of a table: the test, what came of it, what came of it elsewhere, why.
    pub fn cells(&self) -> [String; 4] {
        let test = match self.cases.as_slice() {
            [] => self.file.clone(),
            [only] => format!("{}: {only}", self.file),
            [first, rest @ ..] => format!("{}: {first} and {} more", self.file, rest.len()),
        };
        let elsewhere = grouped(&self.elsewhere).into_iter().map(|(outcome, names)| format!("{outcome} on {names}"));
        [test, self.usual.clone(), elsewhere.collect::<Vec<_>>().join("; "), self.why()]
    }

    /// One reason that holds wherever it differs stands alone; else it is said for which runners each is.
    fn why(&self) -> String {
        let reasons = grouped(&self.reasons);
        match reasons.as_slice() {
            [(only, _)] if self.reasons.len() == self.elsewhere.len() => (*only).to_owned(),
            all => all.iter().map(|(reason, names)| format!("{names}: {reason}")).collect::<Vec<_>>().join("; "),
        }
    }
}

/// Each value with the names that have it.
fn grouped(values: &BTreeMap<String, String>) -> Vec<(&str, String)> {
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    values.iter().for_each(|(name, value)| names.entry(value).or_default().push(name));
    names.into_iter().map(|(value, names)| (value, names.join(", "))).collect()
}

fn words(outcome: Option<impl ToString>) -> String {
    outcome.map_or_else(|| ABSENT.to_owned(), |outcome| outcome.to_string())
}

/// Whether a file did not come to its end.
fn broke(side: &Side<'_>, file: &str) -> bool {
    side.results.file(file).is_some_and(|file| file.outcome == crate::regrtest::FileOutcome::Error)
}

/// What somebody wrote down of it, or else what the test itself says.
fn reason(side: &Side<'_>, file: &str, case: Option<&str>) -> Option<String> {
    let said = || {
        let result = side.results.file(file)?;
        let Some(id) = case else { return Some(result.reason.clone()) };
        let cases = Observed::of(result).cases;
        cases.iter().find(|case| case.result.id == id).map(|case| summary_line(&case.result.text).to_owned())
    };
    (side.known)(file, case).or_else(said).filter(|reason| !reason.is_empty())
}

#[cfg(test)]
mod tests;
