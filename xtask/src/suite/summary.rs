//! The summary at the end of a test run: mismatches, logs, totals and verdict. Pure.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::judge::{Kind, Mismatch};
use super::results::{Results, Totals};
use crate::regrtest::FileOutcome;

/// How many of the slowest files are shown.
const SLOWEST: usize = 10;

/// The whole text, ending with a line break; its last line starts with `passed` or `failed`.
///
/// `notes` are differences that do not make the run fail, because the expectations were recorded with another release.
/// `last` are the totals of the previous run of the same tests.
/// `log` returns the path of a file's log, if it has one.
pub fn summary(
    results: &Results,
    mismatches: &[Mismatch],
    notes: &[Mismatch],
    last: Option<&Totals>,
    log: impl Fn(&str) -> Option<String>,
) -> String {
    let mut by_kind: BTreeMap<Kind, BTreeMap<&str, Vec<&Mismatch>>> = BTreeMap::new();
    for mismatch in mismatches {
        by_kind.entry(mismatch.kind).or_default().entry(&mismatch.file).or_default().push(mismatch);
    }
    let mut text = String::new();
    for (kind, files) in &by_kind {
        let n: usize = files.values().map(Vec::len).sum();
        line(&mut text, &format!("{} {}:", thousands(n), title(*kind, n)));
        for (file, mismatches) in files {
            of_file(&mut text, file, mismatches);
            if let (Kind::NewFailure, Some(log)) = (kind, log(file)) {
                line(&mut text, &format!("    log: {log}"));
            }
        }
        text.push('\n');
    }
    if let Some(noted) = noted(notes) {
        line(&mut text, &noted);
    }
    if let Some(slowest) = slowest(results) {
        line(&mut text, &slowest);
    }
    line(&mut text, &totals(&results.totals, last));
    line(&mut text, &verdict(mismatches.len()));
    text
}

fn of_file(text: &mut String, file: &str, mismatches: &[&Mismatch]) {
    let own = mismatches.iter().find(|mismatch| mismatch.case.is_none());
    line(text, &own.map_or(format!("  {file}"), |own| format!("  {file}: {}", words(own))));
    for mismatch in mismatches {
        if let Some(case) = &mismatch.case {
            line(text, &format!("    {}: {}", without_module(case, file), words(mismatch)));
        }
    }
}

/// A mismatch in one line, without its file and case.
pub fn words(mismatch: &Mismatch) -> String {
    let Mismatch { kind, was, expected, detail, .. } = mismatch;
    let detail = detail.trim().lines().next().unwrap_or_default();
    match (kind, detail) {
        (_, "") => format!("{was}, expected {expected}"),
        (Kind::NewFailure | Kind::CaseCount, _) => detail.to_owned(),
        (
            Kind::UnexpectedPass | Kind::UnexpectedSkip | Kind::MissingFile | Kind::MissingCase | Kind::UnrecordedFile,
            _,
        ) => format!("{was}, expected {expected} ({detail})"),
    }
}

/// The name of a kind of mismatch, after its number.
fn title(kind: Kind, n: usize) -> &'static str {
    match (kind, n) {
        (Kind::NewFailure, 1) => "unexpected failure",
        (Kind::NewFailure, _) => "unexpected failures",
        (Kind::UnexpectedPass, 1) => "unexpected pass",
        (Kind::UnexpectedPass, _) => "unexpected passes",
        (Kind::UnexpectedSkip, 1) => "unexpected skip",
        (Kind::UnexpectedSkip, _) => "unexpected skips",
        (Kind::MissingFile, 1) => "missing file",
        (Kind::MissingFile, _) => "missing files",
        (Kind::MissingCase, 1) => "missing case",
        (Kind::MissingCase, _) => "missing cases",
        (Kind::CaseCount, 1) => "file with a different number of cases",
        (Kind::CaseCount, _) => "files with a different number of cases",
        (Kind::UnrecordedFile, 1) => "file without expectations",
        (Kind::UnrecordedFile, _) => "files without expectations",
    }
}

/// One line for the differences that do not make the run fail.
fn noted(notes: &[Mismatch]) -> Option<String> {
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    notes.iter().for_each(|note| *counts.entry(note.kind).or_default() += 1);
    let parts: Vec<String> = counts.iter().map(|(kind, n)| format!("{} {}", thousands(*n), title(*kind, *n))).collect();
    (!parts.is_empty())
        .then(|| format!("differences from the recorded release, which are not failures: {}", parts.join(", ")))
}

/// `slowest: test_a 83.0 s, test_b 12.4 s`, if there are several files.
fn slowest(results: &Results) -> Option<String> {
    let mut files: Vec<_> = results.files.iter().filter(|file| file.seconds >= 1.0).collect();
    files.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    let named: Vec<String> =
        files.iter().take(SLOWEST).map(|file| format!("{} {:.1} s", file.name, file.seconds)).collect();
    (results.files.len() > 1 && !named.is_empty()).then(|| format!("slowest: {}", named.join(", ")))
}

/// `476 files: 315 passed, 161 skipped; 30,515 tests run (+3), 3,365 skipped`.
fn totals(totals: &Totals, last: Option<&Totals>) -> String {
    let change =
        |now: usize, before: fn(&Totals) -> usize| last.map(|last| change(before(last), now)).unwrap_or_default();
    let n_files = totals.n_files();
    let outcomes: Vec<String> =
        totals.files.iter().map(|(outcome, n)| format!("{} {}", thousands(*n), word(*outcome))).collect();
    format!(
        "{} {}{}: {}; {} tests run{}, {} skipped{}",
        thousands(n_files),
        if n_files == 1 { "file" } else { "files" },
        change(n_files, Totals::n_files),
        if outcomes.is_empty() { "no tests ran".to_owned() } else { outcomes.join(", ") },
        thousands(totals.tests_run),
        change(totals.tests_run, |totals| totals.tests_run),
        thousands(totals.tests_skipped),
        change(totals.tests_skipped, |totals| totals.tests_skipped),
    )
}

fn verdict(n_mismatches: usize) -> String {
    match n_mismatches {
        0 => "passed: all results are as expected".to_owned(),
        1 => "failed: 1 result is not as expected".to_owned(),
        n => format!("failed: {} results are not as expected", thousands(n)),
    }
}

/// The name of an outcome, after the number of files.
fn word(outcome: FileOutcome) -> &'static str {
    match outcome {
        FileOutcome::Passed => "passed",
        FileOutcome::Skipped => "skipped",
        FileOutcome::ResourceDenied => "denied a resource",
        FileOutcome::NoTests => "without tests",
        FileOutcome::EnvironmentChanged => "changed the environment",
        FileOutcome::Failed => "failed",
        FileOutcome::Error => "errored",
    }
}

/// ` (+3)`, ` (-1,200)`, or nothing if nothing changed.
fn change(before: usize, now: usize) -> String {
    match now.cmp(&before) {
        std::cmp::Ordering::Equal => String::new(),
        std::cmp::Ordering::Greater => format!(" (+{})", thousands(now - before)),
        std::cmp::Ordering::Less => format!(" (-{})", thousands(before - now)),
    }
}

/// `30,515`.
fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let first = digits.len() % 3;
    let groups: Vec<&str> = std::iter::once(&digits[..first])
        .chain((first..digits.len()).step_by(3).map(|start| &digits[start..start + 3]))
        .filter(|group| !group.is_empty())
        .collect();
    groups.join(",")
}

/// A case's id without the name of its file: `FileTests.test_access`.
fn without_module<'a>(case: &'a str, file: &str) -> &'a str {
    let inside = case.find(file).and_then(|start| case[start + file.len()..].strip_prefix('.'));
    // The id of a set-up has the module in the middle.
    if case.contains(' ') { case } else { inside.unwrap_or(case) }
}

fn line(text: &mut String, line: &str) {
    let _ = writeln!(text, "{}", line.trim_end());
}

#[cfg(test)]
mod tests;
