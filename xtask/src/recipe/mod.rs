//! Recipes: what changes with upstream, as data. Text in, resolved values or diagnostics out; no files are read here.
//!
//! `raw` has the files that mean something only together, as they are written; nothing outside of `recipe` sees them.
//! `catalogue` parses all files and checks them against each other,
//! `resolve` answers "this Python, for this host, with this toolchain" with a `model::Recipe` that leaves nothing open.
//! `host` is a host of the catalogue; `model` has all other values that the rest of the code uses.
//! `placeholder` lists the placeholders of texts, and `template` fills them in.
//! `modules` decides what becomes of each extension module, from the matrix and the exceptions; `host_defaults` does the same for presets,
//! imports and exports; `scope` says which entries a host is in, and which of them decides. `releases` completes the minors of CPython.
//! `variant` puts a host together that another one is the most of; `runner` makes the command line of a program that runs host binaries.

// A value of a private type in a public place would let other code depend on `raw`.
#![warn(unnameable_types)]

use std::collections::BTreeMap;

pub mod catalogue;
pub mod host;
mod host_defaults;
pub mod mistakes;
pub mod model;
pub mod module_table;
pub mod modules;
pub mod pins;
pub mod placeholder;
mod raw;
mod reasons;
mod releases;
pub mod resolve;
pub mod runner;
mod scope;
pub mod template;
mod variant;

pub use catalogue::Catalogue;
pub use model::{Artifact, Library, Modules, Origin, Recipe, Source, Toolchain};
pub use resolve::{BuildRequest, ResolveError};
pub use runner::{Directory, Guest, Runner};

/// The texts of all files below `recipes/`, by path relative to the checkout, such as `recipes/cpython/3.13.toml`.
pub type Texts = BTreeMap<String, String>;

#[cfg(test)]
pub(crate) mod tests;
