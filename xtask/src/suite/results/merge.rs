//! Merges the results of shards, and rejects results of different runs.

use std::collections::BTreeMap;

use super::{Results, Run};
use crate::suite::schedule::Shard;

/// The results are not the shards of one run. Messages name the files as they were given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    #[error("no results to merge\nhint: name the results.json of each shard")]
    Nothing,
    #[error("`{document}` is not the result of a shard\nhint: merge only results of runs with `--shard K/N`")]
    NotAShard { document: String },
    #[error(
        "`{left}` and `{right}` are of different runs: {what} is {left_value} in the first and {right_value} in the second\nhint: merge only shards of the same run"
    )]
    DifferentRuns { left: String, right: String, what: &'static str, left_value: String, right_value: String },
    #[error("`{left}` and `{right}` are both shard {shard}\nhint: omit one of them")]
    SameShard { left: String, right: String, shard: Shard },
    #[error("{} missing\nhint: name the results of all shards", are(.0))]
    MissingShards(Vec<Shard>),
    #[error(
        "`{left}` and `{right}` both have results of {}\nhint: run all shards with the same expectations and the same tests",
        listed(files)
    )]
    Overlap { left: String, right: String, files: Vec<String> },
}

/// Merges shards, given in any order, with the paths of their files.
///
/// The result is that of a run without shards, except for times and the number of jobs.
pub fn merge(parts: Vec<(String, Results)>) -> Result<Results, MergeError> {
    let (first_name, first) = parts.first().ok_or(MergeError::Nothing)?;
    let mut shards: BTreeMap<Shard, &str> = BTreeMap::new();
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, part) in &parts {
        let shard = part.shard.ok_or_else(|| MergeError::NotAShard { document: name.clone() })?;
        if let Some((what, left_value, right_value)) = first_difference(first, part) {
            let (left, right) = (first_name.clone(), name.clone());
            return Err(MergeError::DifferentRuns { left, right, what, left_value, right_value });
        }
        if let Some(other) = shards.insert(shard, name) {
            return Err(MergeError::SameShard { left: other.to_owned(), right: name.clone(), shard });
        }
    }
    for (name, part) in &parts {
        let mut twice: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for file in &part.files {
            if let Some(other) = owners.insert(&file.name, name) {
                twice.entry(other).or_default().push(file.name.clone());
            }
        }
        if let Some((other, files)) = twice.pop_first() {
            return Err(MergeError::Overlap { left: other.to_owned(), right: name.clone(), files });
        }
    }
    let count = first.shard.map_or(1, Shard::count);
    let missing: Vec<Shard> = Shard::all(count).filter(|shard| !shards.contains_key(shard)).collect();
    if !missing.is_empty() {
        return Err(MergeError::MissingShards(missing));
    }
    let jobs = parts.iter().map(|(_, part)| part.jobs).sum();
    let seconds = parts.iter().map(|(_, part)| part.seconds).fold(0.0, f64::max);
    let run = first.run.clone();
    let files = parts.into_iter().flat_map(|(_, part)| part.files).collect();
    Ok(Results::new(run, None, jobs, seconds, files))
}

/// The first property in which two runs differ, with both values.
fn first_difference(left: &Results, right: &Results) -> Option<(&'static str, String, String)> {
    let [ours, theirs] = [left, right].map(|results| {
        // A full pattern, so that a new field cannot be forgotten.
        let Run {
            tool,
            python,
            host,
            triple,
            profile,
            toolchain,
            wasm_sha256,
            runner,
            resources,
            seed,
            patterns,
            selection,
        } = &results.run;
        let resources: Vec<String> = resources.iter().cloned().collect();
        [
            ("the number of shards", results.shard.map(|shard| shard.count().to_string()).unwrap_or_default()),
            ("the host", host.clone()),
            ("the Python", python.to_string()),
            ("the triple", triple.clone()),
            ("the profile", profile.clone()),
            ("the toolchain", toolchain.clone()),
            ("the runner", format!("{} {}", runner.name, runner.version)),
            ("python.wasm's SHA-256", wasm_sha256.short()),
            ("the list of resources", in_words(&resources)),
            ("the random seed", seed.to_string()),
            ("the list of patterns", in_words(patterns)),
            ("the selection", in_words(selection)),
            ("the tool", tool.clone()),
        ]
    });
    ours.into_iter()
        .zip(theirs)
        .find(|(ours, theirs)| ours != theirs)
        .map(|((what, ours), (_, theirs))| (what, ours, theirs))
}

fn in_words(list: &[String]) -> String {
    if list.is_empty() { "empty".to_owned() } else { format!("`{}`", list.join(" ")) }
}

fn are(shards: &[Shard]) -> String {
    let names: Vec<String> = shards.iter().map(ToString::to_string).collect();
    format!("{} {}", names.join(", "), if shards.len() == 1 { "is" } else { "are" })
}

/// The first few names, and the number of the others.
fn listed(files: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = files.iter().take(SHOWN).map(|file| format!("`{file}`")).collect();
    let more = files.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
