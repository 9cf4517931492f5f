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

/// Parts of an artifact that say where its bytes come from and under which terms. Its hash identifies the bytes.
const NOT_INPUTS: [&str; 2] = ["origin", "license"];

/// The inputs of a stage in clear text.
pub fn inputs(
    work: &Work,
    spec: &StageSpec,
    needs: &[(StageId, Sha256)],
    facts: &[(&str, &str)],
) -> BTreeMap<String, String> {
    let mut inputs = BTreeMap::from([("stage version".to_owned(), spec.version.to_string())]);
    // A package tells where its inputs come from; to every other stage that makes no difference.
    let dropped: &[&str] = if matches!(work, Work::Package(_)) { &[] } else { &NOT_INPUTS };
    flatten("", &to_value(work), dropped, &mut inputs);
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
