//! Stage keys: what must be equal for a result to be used again. Pure.
//!
//! A key is the hash of the stage's inputs in clear, so that `explain` can name the input that changed.
//! Where an input was downloaded from is not an input; its hash is.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{StageId, Work};
use crate::digest::{Hasher, Sha256};

/// Bumped when the *way* a stage is done changes, so that results of an older xtask are not taken for ours.
///
/// - 1: the first.
pub const KEY_VERSION: u32 = 1;

/// Parts of the data that say where bytes come from or what they are called, and change nothing in the result.
const NOT_INPUTS: [&str; 2] = ["origin", "license"];

/// Files of ours that become part of a package, or decide what does.
const PACKAGING: [&str; 6] = [
    include_str!("../../../package-files/launcher/find_package.sh"),
    include_str!("../../../package-files/launcher/launcher.sh"),
    include_str!("../../../package-files/launcher/launcher_node.sh"),
    include_str!("../../../package-files/launcher/start_node.cjs"),
    include_str!("../../../package-files/launcher/compiled_code.cjs"),
    include_str!("../stage/package/rewrite_sysconfig_data.py"),
];

/// What the stage `check` asks the new Python.
const CHECKING: [&str; 1] = [include_str!("../stage/smoke_test.py")];

/// The inputs of a stage in clear: its own data, the keys of what it needs, and facts about the build machine.
pub fn inputs(work: &Work, needs: &[(StageId, Sha256)], facts: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut inputs = BTreeMap::from([("key-version".to_owned(), KEY_VERSION.to_string())]);
    // A package tells where its inputs come from; to every other stage that makes no difference.
    let dropped: &[&str] = if matches!(work, Work::Package(_)) { &[] } else { &NOT_INPUTS };
    flatten("", &to_value(work), dropped, &mut inputs);
    let files: Option<(&str, &[&str])> = match work {
        Work::Package(_) => Some(("packaging", &PACKAGING)),
        Work::SmokeTest(_) => Some(("checking", &CHECKING)),
        _ => None,
    };
    if let Some((name, files)) = files {
        inputs.insert(name.to_owned(), Sha256::of(files.concat().as_bytes()).to_string());
    }
    inputs.extend(needs.iter().map(|(id, key)| (format!("result of {id}"), key.to_string())));
    inputs.extend(facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    inputs
}

/// The key that belongs to inputs.
pub fn key(id: StageId, inputs: &BTreeMap<String, String>) -> Sha256 {
    let mut hasher = Hasher::new();
    hasher.field(id.name().as_bytes());
    for (name, value) in inputs {
        hasher.field(name.as_bytes());
        hasher.field(value.as_bytes());
    }
    hasher.finish()
}

fn to_value(work: &impl Serialize) -> Value {
    serde_json::to_value(work).expect("plain data becomes JSON")
}

fn flatten(prefix: &str, value: &Value, dropped: &[&str], into: &mut BTreeMap<String, String>) {
    let join = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| !dropped.contains(&name.as_str())) {
                flatten(&join(name), value, dropped, into);
            }
        }
        Value::Array(items) => {
            into.insert(join("count"), items.len().to_string());
            for (index, item) in items.iter().enumerate() {
                flatten(&join(&index.to_string()), item, dropped, into);
            }
        }
        Value::Null => {}
        Value::String(text) => {
            into.insert(prefix.to_owned(), text.clone());
        }
        Value::Bool(_) | Value::Number(_) => {
            into.insert(prefix.to_owned(), value.to_string());
        }
    }
}
