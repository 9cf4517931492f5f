//! Stage keys: what must be equal for a result to be used again. Pure.
//!
//! A key is the hash of the stage's inputs in clear text, so that `explain` can name the input that changed.
//! The inputs are the stage's whole work, the version of its code, the files that it declares, the keys of the stages
//! that it needs, and facts about the build machine.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{StageId, StageSpec, Work};
use crate::digest::{Hasher, Sha256};

/// The part of an artifact that says where its bytes come from. Its hash identifies the bytes.
const NOT_AN_INPUT: &str = "origin";

/// The inputs of a stage in clear text.
pub fn inputs(
    work: &Work,
    spec: &StageSpec,
    needs: &[(StageId, Sha256)],
    facts: &[(&str, &str)],
) -> BTreeMap<String, String> {
    let mut inputs = BTreeMap::from([("stage version".to_owned(), spec.version.to_string())]);
    flatten("", &to_value(work), &mut inputs);
    inputs.extend(spec.files.iter().map(|file| (format!("file {}", file.path()), file.sha256().to_string())));
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

fn flatten(prefix: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    let join = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| *name != NOT_AN_INPUT) {
                flatten(&join(name), value, into);
            }
        }
        Value::Array(items) => {
            into.insert(join("count"), items.len().to_string());
            for (index, item) in items.iter().enumerate() {
                flatten(&join(&index.to_string()), item, into);
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
