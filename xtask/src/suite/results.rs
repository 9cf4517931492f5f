//! What came of a whole run, as the document `results.json`: written, read, merged from shards, compared. Pure.
//!
//! It says what happened, not whether that is right: the expectations of a later day may judge it again.

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

/// The version of the document's form that is written, and the only one that is read.
pub const SCHEMA: u32 = 1;

/// A run of regression tests and all that came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Results {
    pub schema: u32,
    pub run: Run,
    /// Which part of the run this is; absent for the whole.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shard: Option<Shard>,
    /// How many files ran side by side; of merged shards, the sum.
    pub jobs: usize,
    /// Wall clock; of merged shards, that of the one that took longest.
    pub seconds: f64,
    pub totals: Totals,
    /// Sorted by name; no name occurs twice.
    pub files: Vec<FileResult>,
}

/// What was run and how: all that two runs must have in common so that their results can be put together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Run {
    /// Name and version of the program that ran the tests.
    pub tool: String,
    /// The Python that was tested, and whose tests they are.
    pub python: PythonVersion,
    pub host: String,
    pub triple: String,
    pub profile: String,
    /// Name and version of what python.wasm was compiled with.
    pub toolchain: String,
    /// Of python.wasm.
    pub wasm_sha256: Sha256,
    pub runner: Runner,
    /// What regrtest was given with `-u`.
    pub resources: BTreeSet<String>,
    /// What regrtest's random numbers began with.
    pub seed: u32,
    /// The patterns that select cases; empty for all.
    #[serde(rename = "match")]
    pub patterns: Vec<String>,
    /// The files that were asked for, as they were asked for; empty for all.
    pub selection: Vec<String>,
}

/// The WebAssembly runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Runner {
    pub name: String,
    pub version: String,
}

/// What came of the files, counted. Outcomes that did not occur are absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Totals {
    pub files: BTreeMap<FileOutcome, usize>,
    pub cases: BTreeMap<CaseOutcome, usize>,
    /// "tests run", as regrtest counts them: cases that began, those among them that skipped themselves included; set-ups are none.
    pub tests_run: usize,
    /// "skipped", as regrtest counts them: cases, set-ups and subtests.
    pub tests_skipped: usize,
}

/// The document cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("`{source_name}` is not a results document: {error}\nhint: run the tests again to write it anew")]
    Form {
        source_name: String,
        /// Ends with line and column.
        error: serde_json::Error,
    },
    #[error(
        "`{source_name}` has schema {found}, and this xtask reads schema {SCHEMA}\nhint: use the xtask that wrote it, or run the tests again"
    )]
    Schema { source_name: String, found: u32 },
    #[error("`{source_name}` has results of `{file}` twice\nhint: run the tests again to write it anew")]
    Twice { source_name: String, file: String },
    #[error(
        "`{source_name}` was changed by hand or cut short: its totals are not those of its files\nhint: run the tests again to write it anew"
    )]
    Totals { source_name: String },
}

impl Results {
    /// Puts a run's results together: files are sorted and counted, seconds rounded to milliseconds.
    pub fn new(run: Run, shard: Option<Shard>, jobs: usize, seconds: f64, mut files: Vec<FileResult>) -> Self {
        for file in &mut files {
            file.seconds = milliseconds(file.seconds);
            file.cases.iter_mut().for_each(|case| case.seconds = milliseconds(case.seconds));
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let totals = Totals::of(&files);
        Self { schema: SCHEMA, run, shard, jobs, seconds: milliseconds(seconds), totals, files }
    }

    /// Reads a document. `source_name` is where it was found, for messages.
    pub fn read(source_name: &str, text: &str) -> Result<Self, ReadError> {
        /// What every version of the document has.
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

    /// What came of one file.
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

/// More is noise, and makes the document half as long again.
fn milliseconds(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
