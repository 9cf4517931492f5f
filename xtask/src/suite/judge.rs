//! Compares test results with expectations. Pure.
//!
//! An unexpected pass is a mismatch just like a new failure, so that the expectations stay correct.

use std::collections::BTreeSet;
use std::fmt::Display;

use serde::{Deserialize, Serialize};

use crate::expectations::observed::{Observed, class_of, first_line};
use crate::expectations::{Expectations, Expected, File, Reason, Scope};
use crate::regrtest::summary_line::summary_line;
use crate::regrtest::{CaseOutcome, CaseResult, FileOutcome, FileResult, Verdict};

/// One difference from the expectations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mismatch {
    /// The file's name in regrtest.
    pub file: String,
    /// The case's full id, as in the results, or for a missing case its name in the expectations. Absent for the file itself.
    pub case: Option<String>,
    pub kind: Kind,
    /// The actual outcome.
    pub was: String,
    /// The expected outcome.
    pub expected: String,
    /// The exception, the reason for a skip, or the recorded reason, in one line. May be empty.
    pub detail: String,
}

/// The kinds of mismatches, in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It failed, or failed in a worse way than expected.
    NewFailure,
    /// It passed, or failed in a less severe way than expected.
    UnexpectedPass,
    /// It was skipped, so less is tested than before.
    UnexpectedSkip,
    /// The file does not exist.
    MissingFile,
    /// The file does not have a case or class that the expectations name.
    MissingCase,
    /// The number of cases changed.
    CaseCount,
    /// The expectations do not contain the file.
    UnrecordedFile,
}

impl Kind {
    /// Whether it only concerns which tests exist, which is normal for another release than the recorded one.
    fn is_bookkeeping(self) -> bool {
        match self {
            Self::NewFailure | Self::UnexpectedPass | Self::UnexpectedSkip => false,
            Self::MissingFile | Self::MissingCase | Self::CaseCount | Self::UnrecordedFile => true,
        }
    }
}

/// All mismatches, by kind and then by file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judgement {
    /// The mismatches that make the run fail.
    pub mismatches: Vec<Mismatch>,
    /// Differences in files, cases and counts, if the expectations were recorded with another release; they are only shown.
    pub notes: Vec<Mismatch>,
}

/// Compares. Without expectations, everything is expected to pass or to be skipped.
pub fn judge(results: &[FileResult], expectations: Option<&Expectations>, scope: &Scope) -> Judgement {
    let mut judgement = Judgement::default();
    for result in results {
        let observed = Observed::of(result);
        let mut found = Found { file: &result.name, mismatches: Vec::new() };
        let known = expectations.and_then(|expectations| expectations.files.get(&result.name));
        match known {
            Some(expected) => compare(&mut found, result, &observed, expected, scope),
            None => failures(&mut found, result, &observed, scope),
        }
        if let (None, Some(_)) = (known, expectations) {
            found.add(Kind::UnrecordedFile, None, observed.outcome, "absent", cases(observed.count()));
        }
        let recorded = known.map(|file| file.python).or(expectations.map(|expectations| expectations.python));
        judgement.extend(found.mismatches, recorded.is_none_or(|recorded| recorded == scope.python));
    }
    let present: BTreeSet<&str> = results.iter().map(|result| result.name.as_str()).collect();
    for (name, file) in expectations.iter().flat_map(|expectations| &expectations.files) {
        let was_to_run = scope.files.as_ref().is_none_or(|selected| selected.contains(name));
        if was_to_run && !present.contains(name.as_str()) {
            let mut found = Found { file: name, mismatches: Vec::new() };
            found.add(Kind::MissingFile, None, "absent", file.outcome(), file_reason(file));
            judgement.extend(found.mismatches, file.python == scope.python);
        }
    }
    for list in [&mut judgement.mismatches, &mut judgement.notes] {
        // A stable sort: a file comes before its cases, which stay in their order.
        list.sort_by(|a, b| (a.kind, &a.file).cmp(&(b.kind, &b.file)));
    }
    judgement
}

impl Judgement {
    fn extend(&mut self, found: Vec<Mismatch>, same_release: bool) {
        let (mismatches, notes): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|mismatch| same_release || !mismatch.kind.is_bookkeeping());
        self.mismatches.extend(mismatches);
        self.notes.extend(notes);
    }
}

/// The mismatches of one file.
struct Found<'a> {
    file: &'a str,
    mismatches: Vec<Mismatch>,
}

impl Found<'_> {
    fn add(&mut self, kind: Kind, case: Option<&str>, was: impl Display, expected: impl Display, detail: String) {
        let (file, case) = (self.file.to_owned(), case.map(str::to_owned));
        let (was, expected) = (was.to_string(), expected.to_string());
        self.mismatches.push(Mismatch { file, case, kind, was, expected, detail });
    }
}

fn compare(found: &mut Found, result: &FileResult, observed: &Observed, expected: &File, scope: &Scope) {
    let (was, wanted) = (observed.outcome, expected.outcome());
    // None of its cases was selected.
    if scope.cases_filtered && was == FileOutcome::NoTests {
        return;
    }
    match (wanted.verdict(), was.verdict()) {
        (Verdict::Skip, Verdict::Skip) => {}
        (Verdict::Skip, Verdict::Pass) => found.add(Kind::UnexpectedPass, None, was, wanted, file_reason(expected)),
        (Verdict::Skip, Verdict::Fail) => {
            found.add(Kind::NewFailure, None, was, wanted, why_it_errored(result, observed));
            failing_cases(found, observed);
        }
        (_, Verdict::Skip) => {
            found.add(Kind::UnexpectedSkip, None, was, wanted, first_line(&result.reason).to_owned());
        }
        (_, _) => {
            let errored = observed.own_outcome() > expected.own_outcome();
            if errored {
                found.add(Kind::NewFailure, None, was, wanted, why_it_errored(result, observed));
            } else if was < expected.own_outcome() && !scope.cases_filtered {
                found.add(Kind::UnexpectedPass, None, was, wanted, file_reason(expected));
            }
            compare_cases(found, observed, expected);
            // If the file did not finish, its missing cases are not reported again.
            if !errored && !scope.cases_filtered {
                find_missing(found, observed, expected);
                compare_counts(found, observed, expected);
            }
        }
    }
}

/// The failures of a file without expectations. A file without tests is not a success.
fn failures(found: &mut Found, result: &FileResult, observed: &Observed, scope: &Scope) {
    let is_empty = observed.outcome == FileOutcome::NoTests && !scope.cases_filtered;
    if is_empty || observed.own_outcome().verdict() == Verdict::Fail {
        found.add(Kind::NewFailure, None, observed.outcome, FileOutcome::Passed, why_it_errored(result, observed));
    }
    failing_cases(found, observed);
}

fn failing_cases(found: &mut Found, observed: &Observed) {
    for case in observed.failing() {
        found.add(Kind::NewFailure, Some(&case.result.id), case.result.outcome, "passed", why_it_failed(case.result));
    }
}

fn compare_cases(found: &mut Found, observed: &Observed, file: &File) {
    for case in &observed.cases {
        let Some(verdict) = case.verdict() else { continue };
        let expected = file.case(case.name);
        let (wanted, recorded) = match expected {
            Expected::Pass => ("passed", String::new()),
            Expected::Skip(reason) => ("skipped", format!("recorded: {reason}")),
            Expected::Fail(reason) => ("failed", recorded(reason)),
        };
        let (kind, detail) = match (expected, verdict) {
            (Expected::Pass, Verdict::Pass)
            | (Expected::Skip(_), Verdict::Skip)
            | (Expected::Fail(_), Verdict::Fail) => continue,
            (Expected::Fail(reason), Verdict::Pass) if reason.is_sometimes() => continue,
            (_, Verdict::Fail) => (Kind::NewFailure, why_it_failed(case.result)),
            (_, Verdict::Pass) => (Kind::UnexpectedPass, recorded),
            (_, Verdict::Skip) => (Kind::UnexpectedSkip, first_line(&case.result.text).to_owned()),
        };
        found.add(kind, Some(&case.result.id), case.result.outcome, wanted, detail);
    }
}

/// The cases of the expectations that the results do not have.
fn find_missing(found: &mut Found, observed: &Observed, expected: &File) {
    let cases: BTreeSet<&str> = observed.cases.iter().map(|case| case.name).collect();
    let classes: BTreeSet<&str> = cases.iter().filter_map(|name| class_of(name)).collect();
    for (name, reason) in expected.failed.iter().filter(|(name, _)| !cases.contains(name.as_str())) {
        found.add(Kind::MissingCase, Some(name), "absent", "failed", recorded(reason));
    }
    for (name, reason) in expected.skipped.iter().filter(|(name, _)| !cases.contains(name.as_str())) {
        found.add(Kind::MissingCase, Some(name), "absent", "skipped", format!("recorded: {reason}"));
    }
    for (class, reason) in expected.skipped_classes.iter().filter(|(class, _)| !classes.contains(class.as_str())) {
        let pattern = format!("{class}.*");
        found.add(Kind::MissingCase, Some(&pattern), "absent", "skipped", format!("recorded: {reason}"));
    }
}

fn compare_counts(found: &mut Found, observed: &Observed, expected: &File) {
    let now = observed.count();
    if let Some(before) = expected.cases.filter(|before| *before != now) {
        let detail = format!("cases: {before} recorded, {now} found");
        found.add(Kind::CaseCount, None, cases(now), cases(before), detail);
    }
}

/// Why the file did not finish, and how many cases did not run.
fn why_it_errored(result: &FileResult, observed: &Observed) -> String {
    let reason = [first_line(&result.reason), summary_line(&result.output)].into_iter().find(|line| !line.is_empty());
    let reason = reason.unwrap_or("no reason given");
    match observed.not_run() {
        0 => reason.to_owned(),
        lost => format!("{reason}; {} did not run", cases(lost)),
    }
}

fn cases(count: u32) -> String {
    if count == 1 { "1 case".to_owned() } else { format!("{count} cases") }
}

/// The exception of the case.
fn why_it_failed(case: &CaseResult) -> String {
    match (summary_line(&case.text), case.outcome) {
        ("", CaseOutcome::UnexpectedSuccess) => "passed, but is marked as an expected failure".to_owned(),
        (why, _) => why.to_owned(),
    }
}

/// The recorded reason for the file as a whole.
fn file_reason(file: &File) -> String {
    file.whole.as_ref().map(|(_, reason)| recorded(reason)).unwrap_or_default()
}

fn recorded(reason: &Reason) -> String {
    let issue = reason.issue().map(|issue| format!(" ({issue})")).unwrap_or_default();
    format!("recorded: {}{issue}", reason.text())
}

#[cfg(test)]
mod tests;
