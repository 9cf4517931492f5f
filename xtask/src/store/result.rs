//! Results of stages: looking them up, throwing them away.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::manifest::{Difference, MANIFEST, Manifest};
use super::{Store, StoreError, io_error};
use crate::digest::Sha256;
use crate::sys;

/// What `result.json` says: which stage made the result, and from what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ResultRecord {
    pub schema: u32,
    pub stage: String,
    pub folder: String,
    pub key: Sha256,
    /// The key's inputs as text, for `explain`.
    pub inputs: BTreeMap<String, String>,
    /// The workspace in which it was made: its path may be written in the result's files.
    pub made_in: String,
    /// The result cannot be used once the store has moved.
    pub bound_to_path: bool,
    /// How long it took.
    pub seconds: f64,
}

/// What a result is like, compared with its manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// How many files, folders and links the manifest has.
    pub entries: usize,
    pub differences: Vec<Difference>,
}

/// The name of the record inside a result.
pub const RECORD: &str = "result.json";

/// The name of the log inside a result.
pub const LOG: &str = "log.txt";

impl Store {
    /// The record of a result, if the result is complete.
    pub fn record(&self, folder: &str) -> Option<ResultRecord> {
        let text = fs_err::read_to_string(self.result(folder).join(RECORD)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Whether the result with this key is there.
    pub fn is_complete(&self, folder: &str, key: &Sha256) -> bool {
        self.record(folder).is_some_and(|record| record.key == *key)
    }

    /// The records of all results that are there, in the order of their folders' names.
    pub fn records(&self) -> Vec<ResultRecord> {
        let Ok(entries) = self.result("").read_dir_utf8() else { return Vec::new() };
        let mut records: Vec<ResultRecord> =
            entries.flatten().filter_map(|entry| self.record(entry.file_name())).collect();
        records.sort_by(|a, b| a.folder.cmp(&b.folder));
        records
    }

    /// The names of all folders among the results, with a record or without.
    pub fn result_folders(&self) -> Vec<String> {
        let entries = self.result("").read_dir_utf8().into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_owned()).collect();
        names.sort();
        names
    }

    /// Compares a result with its manifest, reading every file.
    pub fn check(&self, folder: &str) -> Result<Checked, StoreError> {
        let root = self.result(folder);
        let manifest = fs_err::read_to_string(root.join(MANIFEST)).ok().and_then(|text| Manifest::parse(&text));
        let Some(manifest) = manifest else {
            let difference = Difference { path: MANIFEST.into(), what: "is missing or damaged" };
            return Ok(Checked { entries: 0, differences: vec![difference] });
        };
        let found = Manifest::of(&root).map_err(io_error("reading", &root))?;
        let mut differences = manifest.differences(&found);
        if differences.is_empty() && self.record(folder).is_none_or(|record| record.folder != folder) {
            differences.push(Difference { path: RECORD.into(), what: "belongs to another result" });
        }
        Ok(Checked { entries: manifest.count(), differences })
    }

    /// Removes a result.
    pub fn discard(&self, folder: &str) -> Result<(), StoreError> {
        let path = self.result(folder);
        sys::fs::remove_tree(&path).map_err(io_error("removing", &path))
    }
}
