//! Compares the outcomes of two runs, by file and case. Times, reasons and output are ignored.

use std::collections::{BTreeMap, BTreeSet};

use super::Results;
use crate::expectations::observed::Observed;
use crate::regrtest::{CaseOutcome, FileOutcome, FileResult};

/// One difference between two runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// `None`: the run does not have the file.
    File { file: String, left: Option<FileOutcome>, right: Option<FileOutcome> },
    /// `None`: the file does not have the case in that run.
    Case { file: String, case: String, left: Option<CaseOutcome>, right: Option<CaseOutcome> },
}

/// All differences, sorted by file; first the file's own, then those of its cases, by name.
///
/// If only one run has a file, its cases are not listed.
/// If a file did not finish in one run, the cases that did not run are not listed.
pub fn compare(left: &Results, right: &Results) -> Vec<Difference> {
    let names: BTreeSet<&str> = left.files.iter().chain(&right.files).map(|file| file.name.as_str()).collect();
    let mut differences = Vec::new();
    for name in names {
        let (left, right) = (left.file(name), right.file(name));
        let (ours, theirs) = (left.map(|file| file.outcome), right.map(|file| file.outcome));
        if ours != theirs {
            differences.push(Difference::File { file: name.to_owned(), left: ours, right: theirs });
        }
        if let (Some(left), Some(right)) = (left, right) {
            compare_cases(left, right, &mut differences);
        }
    }
    differences
}

fn compare_cases(left: &FileResult, right: &FileResult, differences: &mut Vec<Difference>) {
    let outcomes = |file| {
        let cases = Observed::of(file).cases.into_iter().map(|case| case.result);
        cases.map(|case| (case.id.as_str(), case.outcome)).collect()
    };
    let (ours, theirs): (BTreeMap<&str, _>, BTreeMap<&str, _>) = (outcomes(left), outcomes(right));
    let one_errored = left.outcome != right.outcome && [left.outcome, right.outcome].contains(&FileOutcome::Error);
    let did_not_run = |outcome: Option<CaseOutcome>| outcome.is_none_or(|outcome| outcome == CaseOutcome::NotRun);
    for id in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
        let (left_outcome, right_outcome) = (ours.get(id).copied(), theirs.get(id).copied());
        let is_covered = one_errored && (did_not_run(left_outcome) || did_not_run(right_outcome));
        if left_outcome != right_outcome && !is_covered {
            let (file, case) = (left.name.clone(), (*id).to_owned());
            differences.push(Difference::Case { file, case, left: left_outcome, right: right_outcome });
        }
    }
}
