//! Records results as expectations; each failure needs a reason. Pure.

use std::collections::BTreeMap;

use super::observed::{Case, Observed, class_of, first_line};
use super::{Expectations, File, Reason, Scope, print};
use crate::name::PythonVersion;
use crate::regrtest::summary_line::summary_line;
use crate::regrtest::{FileOutcome, FileResult, Verdict};

/// The reason for a skip without one.
const SILENT: &str = "no reason given";

/// A failure that has no reason yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFailure {
    pub file: String,
    /// The case's full id; absent if the file itself failed.
    pub case: Option<String>,
    /// The outcome of the file.
    pub outcome: FileOutcome,
    /// The traceback of the case, or the file's error in one line.
    pub text: String,
}

/// The results cannot be recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    #[error("expectations cannot be recorded from some cases of a file\nhint: run all cases of the files to record")]
    CasesFiltered,
    #[error(
        "{name} was recorded with {recorded}, and this run has only some files of {ran}: the counts of two releases cannot be mixed\n\
         hint: run all files to record {ran}"
    )]
    OtherRelease { name: String, recorded: PythonVersion, ran: PythonVersion },
    #[error("these failures have no reason:{}\nhint: give a `--reason`, or fix them", lines(.0))]
    Unreasoned(Vec<NewFailure>),
}

/// The text of expectations that match these results.
///
/// `previous` are the previous expectations ([`Expectations::new`] if there are none): reasons and issues of failures are
/// taken from there, and the entries of files that were not selected. `reason_for` is asked for each failure that has no
/// reason there. Of an overlay, only entries that differ from the base are written; it cannot take away an entry of the base.
pub fn write(
    previous: &Expectations,
    results: &[FileResult],
    scope: &Scope,
    reason_for: &mut dyn FnMut(&NewFailure) -> Option<Reason>,
) -> Result<String, WriteError> {
    if scope.cases_filtered {
        return Err(WriteError::CasesFiltered);
    }
    let is_kept = |name: &String| scope.files.as_ref().is_some_and(|selected| !selected.contains(name));
    let mut files = previous.files.clone();
    files.retain(|name, _| is_kept(name));
    let mut unreasoned = Vec::new();
    for result in results {
        let mut recording = Recording {
            result,
            observed: Observed::of(result),
            previous: previous.files.get(&result.name),
            reason_for,
            unreasoned: &mut unreasoned,
        };
        files.insert(result.name.clone(), recording.file(scope.python));
    }
    if !unreasoned.is_empty() {
        return Err(WriteError::Unreasoned(unreasoned));
    }
    if let Some(base) = &previous.base {
        files.retain(|name, file| base.files.get(name).is_none_or(|inherited| !is_equal(file, inherited)));
    }
    if let Some(other) = files.values().find(|file| file.python != scope.python) {
        let (name, recorded, ran) = (previous.name.clone(), other.python, scope.python);
        return Err(WriteError::OtherRelease { name, recorded, ran });
    }
    Ok(print::print(scope.python, previous.base.as_ref().map(|base| base.name.as_str()), &files))
}

/// Whether two entries expect the same, apart from durations.
fn is_equal(one: &File, other: &File) -> bool {
    *one == File { python: one.python, seconds: one.seconds, ..other.clone() }
}

/// Creates the entry of one file.
struct Recording<'a> {
    result: &'a FileResult,
    observed: Observed<'a>,
    previous: Option<&'a File>,
    reason_for: &'a mut dyn FnMut(&NewFailure) -> Option<Reason>,
    unreasoned: &'a mut Vec<NewFailure>,
}

impl Recording<'_> {
    fn file(&mut self, python: PythonVersion) -> File {
        let mut file = File {
            python,
            whole: self.whole(),
            cases: None,
            seconds: seconds(self.result.seconds, self.previous),
            skipped: BTreeMap::new(),
            skipped_classes: BTreeMap::new(),
            failed: BTreeMap::new(),
        };
        if self.observed.outcome.verdict() != Verdict::Skip {
            file.cases = Some(self.observed.count());
            self.skipped(&mut file);
            file.failed = self.failed();
        }
        file
    }

    fn whole(&mut self) -> Option<(FileOutcome, Reason)> {
        let outcome = self.observed.own_outcome();
        let before = self.previous.and_then(|previous| previous.whole.as_ref());
        let reason = match outcome.verdict() {
            Verdict::Pass => return None,
            Verdict::Skip => {
                let before = before.filter(|(before, _)| before.verdict() == Verdict::Skip);
                let issue = before.and_then(|(_, reason)| reason.issue.clone());
                Reason { text: skip_reason(&self.result.reason).to_owned(), issue, sometimes: false }
            }
            Verdict::Fail => match before.filter(|(before, _)| *before == outcome) {
                Some((_, reason)) => reason.clone(),
                None => self.ask(None, self.result.reason.clone())?,
            },
        };
        Some((outcome, reason))
    }

    fn skipped(&self, file: &mut File) {
        let mut classes: BTreeMap<&str, Vec<Option<&str>>> = BTreeMap::new();
        for case in &self.observed.cases {
            let reason = (case.verdict() == Some(Verdict::Skip)).then(|| skip_reason(&case.result.text));
            if let Some(reason) = reason {
                file.skipped.insert(case.name.to_owned(), reason.to_owned());
            }
            if let Some(class) = class_of(case.name) {
                classes.entry(class).or_default().push(reason);
            }
        }
        for (class, reasons) in classes {
            // At least two cases, all with the same reason.
            if let [Some(first), _, ..] = reasons[..]
                && reasons.iter().all(|reason| *reason == Some(first))
            {
                file.skipped.retain(|name, _| class_of(name) != Some(class));
                file.skipped_classes.insert(class.to_owned(), first.to_owned());
            }
        }
    }

    fn failed(&mut self) -> BTreeMap<String, Reason> {
        let failing: Vec<_> = self.observed.failing().map(|case| (case.name, case.result)).collect();
        // Cases that sometimes fail stay in the list when they pass.
        let passing = |name: &str| {
            let passes = |case: &&Case<'_>| case.name == name && case.verdict() == Some(Verdict::Pass);
            self.observed.cases.iter().any(|case| passes(&case))
        };
        let known = self.previous.iter().flat_map(|previous| &previous.failed);
        let sometimes_failing = known.filter(|(name, reason)| reason.sometimes && passing(name));
        let mut failed: BTreeMap<String, Reason> =
            sometimes_failing.map(|(name, reason)| (name.clone(), reason.clone())).collect();
        for (name, case) in failing {
            let before = self.previous.and_then(|previous| previous.failed.get(name)).cloned();
            if let Some(reason) = before.or_else(|| self.ask(Some(case.id.clone()), case.text.clone())) {
                failed.insert(name.to_owned(), reason);
            }
        }
        failed
    }

    fn ask(&mut self, case: Option<String>, text: String) -> Option<Reason> {
        let failure = NewFailure { file: self.result.name.clone(), case, outcome: self.observed.outcome, text };
        let reason = (self.reason_for)(&failure);
        if reason.is_none() {
            self.unreasoned.push(failure);
        }
        reason
    }
}

fn skip_reason(text: &str) -> &str {
    Some(first_line(text)).filter(|line| !line.is_empty()).unwrap_or(SILENT)
}

/// The duration to record: the previous one, unless it is wrong by more than a factor of two.
fn seconds(took: f64, previous: Option<&File>) -> Option<u32> {
    match previous.map(|previous| previous.seconds) {
        Some(Some(before)) if (f64::from(before) / 2.0..=f64::from(before) * 2.0).contains(&took) => Some(before),
        // It took less than a second.
        Some(None) if took <= 2.0 => None,
        _ => (took >= 1.0).then_some(took.round() as u32),
    }
}

fn lines(failures: &[NewFailure]) -> String {
    let line = |failure: &NewFailure| {
        let what = failure.case.as_ref().unwrap_or(&failure.file);
        format!("\n  {what}: {}", summary_line(&failure.text))
    };
    failures.iter().map(line).collect()
}
