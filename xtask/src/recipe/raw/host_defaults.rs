//! `recipes/hosts.toml`: what several hosts, or several minors of a host, have in common.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::Minors;
use super::text_or::{LongForm, TextOr};
use crate::name::Minor;
use crate::recipe::reasons::{Reason, SharedReasons};

/// Facts by scope; see [`Matrix`](super::Matrix) for scopes. `recipes/hosts/HOST/MINOR.toml` is more specific than all of them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HostDefaults {
    #[serde(rename = "schema")]
    _schema: u32,
    /// Reasons that several presets share.
    #[serde(default)]
    pub reason: SharedReasons,
    /// Answers that CPython's `configure` is given, by variable.
    #[serde(default)]
    pub preset: BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, PresetDefault>>,
    /// What python.wasm imports and exports. No scope is right for a host whose python.wasm is of use to nothing but the JavaScript
    /// beside it: there, the names for both sides are short and arbitrary.
    #[serde(default)]
    pub wasm: BTreeMap<Spanned<String>, WasmDefaults>,
}

/// An answer for the hosts of a scope.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PresetDefault {
    pub value: String,
    pub reason: Reason,
    /// The first minor that is given it.
    since: Option<Minor>,
    /// The last minor that is given it.
    until: Option<Minor>,
}

/// What python.wasm imports and exports on the hosts of a scope.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WasmDefaults {
    /// The imports by module, exactly.
    #[serde(default)]
    pub imports: BTreeMap<String, Vec<Import>>,
    /// The exports, exactly.
    pub exports: Option<Vec<String>>,
}

/// A name, alone or with a range of minors.
pub type Import = TextOr<RangedImport>;

/// An import that only some minors have.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RangedImport {
    name: String,
    /// The first minor that has it.
    since: Option<Minor>,
    /// The last minor that has it.
    until: Option<Minor>,
}

impl PresetDefault {
    pub fn minors(&self) -> Minors {
        Minors { since: self.since, until: self.until }
    }
}

impl LongForm for RangedImport {
    const EXPECTED: &'static str = "a name, or a table with `name`, `since` and `until`";
}

impl Import {
    pub fn name(&self) -> &str {
        match self {
            Self::Text(name) | Self::Table(RangedImport { name, .. }) => name,
        }
    }

    pub fn minors(&self) -> Minors {
        match self {
            Self::Text(_) => Minors::default(),
            Self::Table(RangedImport { since, until, .. }) => Minors { since: *since, until: *until },
        }
    }
}
