//! Recipes: what changes with upstream, as data. Text in, resolved values or diagnostics out; no files are read here.
//!
//! `raw` is the format as written, `catalogue` parses all files and checks them against each other,
//! `resolve` answers "this Python, for this host, with this toolchain" with a `model::Recipe` that leaves nothing open.

pub mod catalogue;
pub mod mistakes;
pub mod model;
pub mod raw;
pub mod resolve;

pub use catalogue::{Catalogue, Texts};
pub use model::{Artifact, Origin, Recipe, Source, Toolchain};
pub use resolve::{ResolveError, Wish};

#[cfg(test)]
pub(crate) mod tests;
