//! `cargo xtask test merge`: the results of shards become those of the whole, judged anew.

use anyhow::Result;
use camino::Utf8Path;

use super::report;
use crate::app::App;
use crate::cmd::test::report::Judge;
use crate::cmd::test::results_dir::ResultsDir;
use crate::cmd::usage;
use crate::suite::judge::judge;
use crate::suite::results::{Results, merge};

/// Merges, writes and judges. Gives the exit code.
pub fn run(app: &App, files: &[String], into: Option<&Utf8Path>) -> Result<u8> {
    if files.is_empty() {
        return Err(usage(
            "which results?\nhint: `cargo xtask test merge shard-1 shard-2`, with folders that `--results` named",
        ));
    }
    let mut parts = Vec::new();
    for file in files {
        // A folder of results is as good as the document in it.
        let path = app.current_folder()?.join(file);
        let path = if path.is_dir() { path.join("results.json") } else { path };
        let text = fs_err::read_to_string(&path)?;
        parts.push((path.to_string(), Results::read(path.as_str(), &text)?));
    }
    let results = merge(parts)?;
    let run = &results.run;
    let judge_of = Judge::of(app, run)?;
    let scope = judge_of.scope(&results, run.selection.is_empty());
    let judgement = judge(&results.files, judge_of.expectations.as_ref(), &scope);
    let folder = match into {
        Some(folder) => app.current_folder()?.join(folder),
        None => app.dist_folder()?.join("test-results").join("merged"),
    };
    let results_dir = ResultsDir::at(folder)?;
    results_dir.write(&results, &judgement.mismatches, &judge_of)?;
    report::tell(app, &results_dir, &results, &judgement, None);
    Ok(u8::from(!judgement.mismatches.is_empty()))
}
