//! `cargo xtask test merge`: merges the results of shards and compares the whole with the expectations.

use anyhow::Result;
use camino::Utf8Path;

use super::report;
use crate::app::App;
use crate::cmd::test::judge::Judge;
use crate::cmd::test::results_dir::ResultsDir;
use crate::cmd::usage;
use crate::suite::judge::judge;
use crate::suite::results::{Results, merge};

/// Merges the results, writes them and compares them. Returns the exit code.
pub fn run(app: &App, files: &[String], into: Option<&Utf8Path>) -> Result<u8> {
    if files.is_empty() {
        return Err(usage(
            "no results to merge\nhint: name the directories that `--results` wrote: `cargo xtask test merge shard-1 shard-2`",
        ));
    }
    let mut parts = Vec::new();
    for file in files {
        // A directory means the results.json in it.
        let path = app.current_folder()?.join(file);
        let path = if path.is_dir() { path.join("results.json") } else { path };
        let text = fs_err::read_to_string(&path)?;
        parts.push((path.to_string(), Results::read(path.as_str(), &text)?));
    }
    let results = merge(parts)?;
    let run = &results.run;
    let expected = Judge::for_run(app, run)?;
    let scope = expected.scope(&results, run.selection.is_empty());
    let judgement = judge(&results.files, expected.expectations.as_ref(), &scope);
    let folder = match into {
        Some(folder) => app.current_folder()?.join(folder),
        None => app.dist_folder()?.join("test-results").join("merged"),
    };
    let results_dir = ResultsDir::at(folder)?;
    results_dir.write(&results, &judgement.mismatches, &expected)?;
    report::print(app, &results_dir, &results, &judgement, None);
    Ok(u8::from(!judgement.mismatches.is_empty()))
}
