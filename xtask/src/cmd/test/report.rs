//! Prints the comparison of results with expectations.

use super::results_dir::ResultsDir;
use crate::app::App;
use crate::cli::Format;
use crate::regrtest::FileResult;
use crate::suite::judge::{Judgement, Mismatch};
use crate::suite::results::Results;
use crate::suite::summary::{summary, words};

/// Prints the summary, or the `test-results` event.
pub fn print(app: &App, results_dir: &ResultsDir, results: &Results, judgement: &Judgement, last: Option<&Results>) {
    let same = |last: &&Results| {
        let (last, now) = (&last.run, &results.run);
        last.selection == now.selection && last.patterns == now.patterns
    };
    let totals = last.filter(same).filter(|last| last.shard == results.shard).map(|last| &last.totals);
    let log = |file: &str| Some(results_dir.logs.join(format!("{file}.log")).into_string());
    let ok = judgement.mismatches.is_empty();
    app.ui.data(&match app.format {
        Format::Text => format!(
            "{}results: {}\nJUnit:   {}\n",
            summary(results, &judgement.mismatches, &judgement.notes, totals, log),
            results_dir.results(),
            results_dir.junit(),
        ),
        Format::Json => {
            let result = serde_json::json!({
                "event": "test-results", "ok": ok, "totals": results.totals, "mismatches": judgement.mismatches,
                "results": results_dir.results(), "junit": results_dir.junit(),
            });
            format!("{result}\n")
        }
    });
}

/// One line for a file with unexpected results.
pub fn one_line(result: &FileResult, mismatches: &[Mismatch]) -> String {
    match mismatches {
        [only] if only.case.is_none() => words(only),
        [first, ..] => {
            let cases = mismatches.iter().filter(|mismatch| mismatch.case.is_some()).count();
            format!("{cases} {}: {}", if cases == 1 { "case" } else { "cases" }, words(first))
        }
        [] => result.reason.clone(),
    }
}
