//! `cargo xtask test HOST FILE --bisect`: finds a minimal set of cases that still makes a file fail.
//!
//! CPython's own `test.bisect_cmd` starts processes, which guests cannot do; this does the same from outside.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use super::TestRun;
use crate::cmd::usage;
use crate::regrtest::{FileResult, Verdict, is_set_up};

/// Prints the cases. Returns the exit code: 1 if the file does not fail.
pub fn run(test_run: &TestRun<'_>) -> Result<u8> {
    if test_run.arguments.tests.len() != 1 {
        return Err(usage("--bisect needs one test file\nhint: for example, `cargo xtask test wasi test_os --bisect`"));
    }
    let whole = once(test_run, &[])?;
    if whole.outcome.verdict() != Verdict::Fail {
        test_run.app.ui.note(format!("{} does not fail", whole.name));
        return Ok(1);
    }
    let ids: BTreeSet<String> = whole.cases.iter().map(|case| case.id.clone()).filter(|id| !is_set_up(id)).collect();
    let found = fewest(ids.into_iter().collect(), &mut |cases| {
        test_run.app.ui.note(format!("with {} cases", cases.len()));
        Ok(once(test_run, cases)?.outcome.verdict() == Verdict::Fail)
    })?;
    test_run.app.ui.data(&found.iter().map(|case| format!("{case}\n")).collect::<String>());
    Ok(0)
}

fn once(test_run: &TestRun<'_>, cases: &[String]) -> Result<FileResult> {
    let patterns: Vec<String> = cases.iter().flat_map(|case| ["--match".to_owned(), case.clone()]).collect();
    let mut results = test_run.results(&patterns)?;
    match results.files.len() {
        1 => Ok(results.files.remove(0)),
        n => bail!("the name matches {n} files\nhint: name one of them"),
    }
}

/// The fewest of the cases, by halves and then quarters and so on, that still fail together (delta debugging).
fn fewest(mut cases: Vec<String>, fails: &mut dyn FnMut(&[String]) -> Result<bool>) -> Result<Vec<String>> {
    let mut parts = 2;
    while cases.len() > 1 {
        let size = cases.len().div_ceil(parts);
        let mut smaller = None;
        for start in (0..cases.len()).step_by(size) {
            let rest: Vec<String> = cases
                .iter()
                .enumerate()
                .filter(|(at, _)| !(start..start + size).contains(at))
                .map(|(_, case)| case.clone())
                .collect();
            if !rest.is_empty() && fails(&rest)? {
                smaller = Some(rest);
                break;
            }
        }
        match smaller {
            Some(rest) => {
                cases = rest;
                parts = (parts - 1).max(2);
            }
            None if size == 1 => break,
            None => parts = (parts * 2).min(cases.len()),
        }
    }
    Ok(cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_needed_stays() {
        let cases: Vec<String> = (0..100).map(|n| format!("case-{n}")).collect();
        for needed in [vec!["case-7"], vec!["case-0", "case-99"], vec!["case-3", "case-50", "case-51"]] {
            let mut fails = |cases: &[String]| Ok(needed.iter().all(|need| cases.iter().any(|case| case == need)));
            assert_eq!(fewest(cases.clone(), &mut fails).unwrap(), needed);
        }
    }

    #[test]
    fn a_file_that_fails_without_any_case_keeps_one() {
        assert_eq!(fewest(vec!["a".to_owned(), "b".to_owned()], &mut |_| Ok(true)).unwrap().len(), 1);
    }
}
