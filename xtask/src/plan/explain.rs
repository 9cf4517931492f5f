//! Why a stage has to run: the inputs that differ from a result that is there, by name. Pure.

use std::collections::{BTreeMap, BTreeSet};

/// One input that differs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    pub input: String,
    pub before: Option<String>,
    pub now: Option<String>,
}

/// The inputs that differ between a result that is there and what is wanted now.
pub fn changes(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<Change> {
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    names
        .into_iter()
        .filter(|name| before.get(*name) != now.get(*name))
        .map(|name| Change { input: name.clone(), before: before.get(name).cloned(), now: now.get(name).cloned() })
        .collect()
}

/// The result among several that differs in the fewest inputs: the one that a person has in mind.
pub fn nearest<'a>(
    results: impl IntoIterator<Item = &'a BTreeMap<String, String>>,
    now: &BTreeMap<String, String>,
) -> Option<Vec<Change>> {
    results.into_iter().map(|before| changes(before, now)).min_by_key(Vec::len)
}
