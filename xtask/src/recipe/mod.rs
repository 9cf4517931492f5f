//! Recipes: what changes with upstream, as data. Text in, resolved values or diagnostics out; no files are read here.
//!
//! `raw` is the format as written, `catalogue` parses all files and checks them against each other,
//! `resolve` answers "this Python, for this host, with this toolchain" with a `model::Recipe` that leaves nothing open.
//! `placeholder` lists the placeholders of texts, and `template` fills them in.
//! `modules` decides what becomes of each extension module, from the matrix and the exceptions; `scope` says which of its entries a host is in.
//! `variant` puts a host together that another one is the most of; `runner` makes the command line of a program that runs host binaries.

use std::collections::BTreeMap;

pub mod catalogue;
pub mod mistakes;
pub mod model;
pub mod modules;
pub mod pins;
pub mod placeholder;
pub mod raw;
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
