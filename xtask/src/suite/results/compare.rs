//! Whether two runs came to the same, file by file and case by case. Times, reasons and output are no part of that.

use std::collections::{BTreeMap, BTreeSet};

use super::Results;
use crate::expectations::observed::Observed;
use crate::regrtest::{CaseOutcome, FileOutcome, FileResult};

/// One thing of which two runs came to different outcomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// `None`: that run has no such file.
    File { file: String, left: Option<FileOutcome>, right: Option<FileOutcome> },
    /// `None`: in that run, the file has no such case.
    Case { file: String, case: String, left: Option<CaseOutcome>, right: Option<CaseOutcome> },
}

/// All differences, sorted by file; a file's own before those of its cases, which are sorted by name.
///
/// No cases are listed of a file that only one run has.
/// Where a file broke in one run only, cases are not listed that did not run because of it.
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
    let one_broke = left.outcome != right.outcome && [left.outcome, right.outcome].contains(&FileOutcome::Error);
    let did_not_run = |outcome: Option<CaseOutcome>| outcome.is_none_or(|outcome| outcome == CaseOutcome::NotRun);
    for id in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
        let (left_outcome, right_outcome) = (ours.get(id).copied(), theirs.get(id).copied());
        let is_told = one_broke && (did_not_run(left_outcome) || did_not_run(right_outcome));
        if left_outcome != right_outcome && !is_told {
            let (file, case) = (left.name.clone(), (*id).to_owned());
            differences.push(Difference::Case { file, case, left: left_outcome, right: right_outcome });
        }
    }
}
