//! The results of a run, as `results.json`: written, read, merged from shards, compared. Pure.
//!
//! They do not depend on expectations, which may change later.

mod compare;
mod merge;
#[cfg(test)]
pub(super) mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use compare::{Difference, compare};
pub use merge::{MergeError, merge};

use super::schedule::Shard;
use crate::digest::Sha256;
use crate::name::PythonVersion;
use crate::regrtest::{CaseOutcome, FileOutcome, FileResult, is_set_up};

/// The schema version that is written, and the only one that is read.
pub const SCHEMA: u32 = 1;

/// The results of a run of regression tests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Results {
    pub schema: u32,
    pub run: Run,
    /// The shard; absent for a whole run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shard: Option<Shard>,
    /// How many files ran in parallel; for merged shards, the sum.
    pub jobs: usize,
    /// Wall clock time; for merged shards, that of the slowest one.
    pub seconds: f64,
    pub totals: Totals,
    /// Sorted by name, each once.
    pub files: Vec<FileResult>,
}

/// What was run and how. Shards can be merged only if this is the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Run {
    /// Name and version of the program that ran the tests.
    pub tool: String,
    /// The release that was tested, with its own tests.
    pub python: PythonVersion,
    pub host: String,
    pub triple: String,
    pub profile: String,
    /// Name and version of the toolchain of python.wasm.
    pub toolchain: String,
    /// Of python.wasm.
    pub wasm_sha256: Sha256,
    pub runner: Runner,
    /// The value of regrtest's `-u`.
    pub resources: BTreeSet<String>,
    /// The seed of regrtest's random numbers.
    pub seed: u32,
    /// The patterns that select cases; empty for all.
    #[serde(rename = "match")]
    pub patterns: Vec<String>,
    /// The files that were requested on the command line; empty for all.
    pub selection: Vec<String>,
}

/// The WebAssembly runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Runner {
    pub name: String,
    pub version: String,
}

/// The number of files and cases by outcome. Outcomes that did not occur are absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Totals {
    pub files: BTreeMap<FileOutcome, usize>,
    pub cases: BTreeMap<CaseOutcome, usize>,
    /// "tests run", as regrtest counts them: cases that started, including those that skipped themselves, without set-ups.
    pub tests_run: usize,
    /// "skipped", as regrtest counts them: cases, set-ups and subtests.
    pub tests_skipped: usize,
}

/// The document cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("`{source_name}` is not a valid results file: {error}\nhint: run the tests again to replace it")]
    Form {
        source_name: String,
        /// Ends with line and column.
        error: serde_json::Error,
    },
    #[error(
        "`{source_name}` has schema {found}, but this xtask reads schema {SCHEMA}\nhint: use the xtask that wrote it, or run the tests again"
    )]
    Schema { source_name: String, found: u32 },
    #[error("`{source_name}` has results of `{file}` twice\nhint: run the tests again to replace it")]
    Twice { source_name: String, file: String },
    #[error(
        "`{source_name}` was edited or truncated: its totals do not match its files\nhint: run the tests again to replace it"
    )]
    Totals { source_name: String },
}

impl Results {
    /// Sorts and counts the files, and rounds times to milliseconds.
    pub fn new(run: Run, shard: Option<Shard>, jobs: usize, seconds: f64, mut files: Vec<FileResult>) -> Self {
        for file in &mut files {
            file.seconds = milliseconds(file.seconds);
            file.cases.iter_mut().for_each(|case| case.seconds = milliseconds(case.seconds));
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let totals = Totals::of(&files);
        Self { schema: SCHEMA, run, shard, jobs, seconds: milliseconds(seconds), totals, files }
    }

    /// Parses `results.json`. `source_name` is its path, for messages.
    pub fn read(source_name: &str, text: &str) -> Result<Self, ReadError> {
        /// The part that all schema versions have.
        #[derive(Deserialize)]
        struct AnySchema {
            schema: u32,
        }
        let source_name = source_name.to_owned();
        let form = |error| ReadError::Form { source_name: source_name.clone(), error };
        let AnySchema { schema } = serde_json::from_str(text).map_err(form)?;
        if schema != SCHEMA {
            return Err(ReadError::Schema { source_name, found: schema });
        }
        let mut results: Self = serde_json::from_str(text).map_err(form)?;
        results.files.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(pair) = results.files.windows(2).find(|pair| pair[0].name == pair[1].name) {
            return Err(ReadError::Twice { source_name, file: pair[0].name.clone() });
        }
        if Totals::of(&results.files) != results.totals {
            return Err(ReadError::Totals { source_name });
        }
        Ok(results)
    }

    /// The document's text, ending with a line break.
    pub fn print(&self) -> String {
        serde_json::to_string_pretty(self).expect("results have only plain values and keys that are text") + "\n"
    }

    /// The result of one file.
    pub fn file(&self, name: &str) -> Option<&FileResult> {
        self.files.binary_search_by(|file| file.name.as_str().cmp(name)).ok().map(|index| &self.files[index])
    }
}

impl Totals {
    /// Counts.
    pub fn of(files: &[FileResult]) -> Self {
        let mut totals = Self::default();
        for file in files {
            *totals.files.entry(file.outcome).or_default() += 1;
            for case in &file.cases {
                *totals.cases.entry(case.outcome).or_default() += 1;
                totals.tests_run += usize::from(case.outcome != CaseOutcome::NotRun && !is_set_up(&case.id));
                totals.tests_skipped +=
                    usize::from(case.outcome == CaseOutcome::Skipped) + case.skipped_subtests as usize;
            }
        }
        totals
    }

    /// How many files there are.
    pub fn n_files(&self) -> usize {
        self.files.values().sum()
    }
}

/// More digits are noise and make the file 1.5 times as long.
fn milliseconds(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
