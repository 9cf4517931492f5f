//! Recipe files that say nothing on their own, exactly as they are written: shared facts, exceptions from them, and differences.
//! Only the other modules of `recipe` know them; `catalogue.rs` decides what they mean together.
//!
//! `model` has the files that are complete, and the tables that are the same in recipes and in what was decided.
//! Every table refuses keys that it does not know. `mistakes.rs` compares `schema` before a file is read as one of these.

mod build_machine;
mod cpython;
mod host;
mod host_defaults;
mod minors;
mod modules;
mod text_or;
mod variant;

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::reasons::Reason;

pub use build_machine::BuildMachine;
pub use cpython::{Cpython, CpythonCommon, Micro};
pub use host::{Host, HostMinor, Preset, Vendored, Verified, Wasm};
pub use host_defaults::HostDefaults;
pub use minors::Minors;
pub use modules::{Matrix, ModuleEntry, ModuleExceptions, Scoped, SpannedReasons};
pub use variant::{HostFile, HostVariant, HostVariantMinor};

/// `recipes/standard-library.toml`: what is left out of the standard library, by scope (see [`Matrix`]).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Exclusions {
    #[serde(rename = "schema")]
    _schema: u32,
    /// Paths below `Lib/`. A path that a minor does not have is no error: the list serves all minors.
    pub exclude: BTreeMap<Spanned<String>, BTreeMap<String, Reason>>,
}
