//! Results in the form of expectations: short names with one outcome each.

use std::collections::BTreeMap;

use crate::regrtest::{CaseOutcome, CaseResult, FileOutcome, FileResult, Verdict, is_set_up};

/// The results of a file.
#[derive(Debug)]
pub struct Observed<'a> {
    /// A file with a failed case has failed.
    pub outcome: FileOutcome,
    /// One for each name, in the order in which they were planned.
    pub cases: Vec<Case<'a>>,
}

/// The result of a case.
#[derive(Debug)]
pub struct Case<'a> {
    pub name: &'a str,
    /// The worst result, if several have this name.
    pub result: &'a CaseResult,
}

impl<'a> Observed<'a> {
    pub fn of(file: &'a FileResult) -> Self {
        let mut cases: Vec<Case<'a>> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for result in &file.cases {
            let name = short_name(&file.name, &result.id);
            let place = *places.entry(name).or_insert(cases.len());
            match cases.get_mut(place) {
                None => cases.push(Case { name, result }),
                Some(case) if badness(result.outcome) > badness(case.result.outcome) => case.result = result,
                Some(_) => {}
            }
        }
        let from_cases = if cases.iter().any(|case| case.verdict() == Some(Verdict::Fail)) {
            FileOutcome::Failed
        } else if cases.iter().any(|case| case.verdict().is_none()) {
            FileOutcome::Error
        } else {
            FileOutcome::Passed
        };
        Self { outcome: file.outcome.max(from_cases), cases }
    }

    /// The file's own outcome, without what follows from its cases.
    pub fn own_outcome(&self) -> FileOutcome {
        let explained = self.outcome == FileOutcome::Failed && self.failing().next().is_some();
        if explained { FileOutcome::Passed } else { self.outcome }
    }

    pub fn failing(&self) -> impl Iterator<Item = &Case<'a>> {
        self.cases.iter().filter(|case| case.verdict() == Some(Verdict::Fail))
    }

    /// How many cases finished.
    pub fn count(&self) -> u32 {
        self.number_of(|case| case.verdict().is_some() && !is_set_up(&case.result.id))
    }

    /// How many cases did not run.
    pub fn not_run(&self) -> u32 {
        self.number_of(|case| case.verdict().is_none())
    }

    fn number_of(&self, kind: impl Fn(&Case) -> bool) -> u32 {
        u32::try_from(self.cases.iter().filter(|case| kind(case)).count()).unwrap_or(u32::MAX)
    }
}

impl Case<'_> {
    /// Its verdict. A case that did not run has none: the failure of its file or set-up is reported instead.
    pub fn verdict(&self) -> Option<Verdict> {
        (self.result.outcome != CaseOutcome::NotRun).then(|| self.result.outcome.verdict())
    }
}

fn badness(outcome: CaseOutcome) -> u8 {
    match (outcome, outcome.verdict()) {
        (CaseOutcome::NotRun, _) => 2,
        (_, Verdict::Pass) => 0,
        (_, Verdict::Skip) => 1,
        (_, Verdict::Fail) => 3,
    }
}

/// A case's id without the prefix of its file: `FileTests.test_access` for `test.test_os.FileTests.test_access`.
pub fn short_name<'a>(file: &str, id: &'a str) -> &'a str {
    // Files in test packages have full names, such as `test.test_asyncio.test_events`.
    let module = |id: &'a str| id.strip_prefix(file).and_then(|rest| rest.strip_prefix('.'));
    let rest = module(id).or_else(|| id.strip_prefix("test.").and_then(module));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(id)
}

/// The class of a case, by its short name; `None` if the name is not a dotted Python name.
pub fn class_of(name: &str) -> Option<&str> {
    let (class, _) = name.rsplit_once('.')?;
    is_class(class).then_some(class)
}

/// Whether it can be the qualified name of a class, such as `FileTests` or `make.<locals>.FileTests`.
pub fn is_class(text: &str) -> bool {
    let plain = |part: &str| part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '<' | '>'));
    text.split('.').all(|part| !part.is_empty() && plain(part))
}

/// The first non-empty line, or an empty text.
pub fn first_line(text: &str) -> &str {
    text.split(['\n', '\r']).map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_outcome_of_a_name_counts() {
        use CaseOutcome::{Error, Failure, Passed, Skipped};
        let case = |id: &str, outcome| CaseResult {
            id: id.to_owned(),
            outcome,
            text: String::new(),
            seconds: 0.25,
            skipped_subtests: 0,
        };
        let cases = [("a", Passed), ("b", Skipped), ("test_x.a", Failure), ("a", Skipped), ("a", Error), ("b", Passed)];
        let cases = cases.map(|(id, outcome)| case(id, outcome)).into();
        let (name, outcome) = ("test_x".to_owned(), FileOutcome::Failed);
        let file = FileResult { name, outcome, reason: String::new(), seconds: 1.5, cases, output: String::new() };
        let worst: Vec<_> = Observed::of(&file).cases.iter().map(|case| (case.name, case.result.outcome)).collect();
        // Of two that are as bad, the first.
        assert_eq!(worst, [("a", Failure), ("b", Skipped)]);
    }
}
