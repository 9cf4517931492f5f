//! Recipes exactly as they are written: one struct per kind of file. Nothing is resolved here; `resolve.rs` gives meaning to it.
//!
//! These files are the reference of the format, with `model` for the tables that resolved recipes have unchanged.
//! Every table refuses keys that it does not know. `mistakes.rs` compares `schema` before a file is read as one of these.

mod baseline;
mod build_machine;
mod cpython;
mod host;
mod host_defaults;
mod library;
mod minors;
mod modules;
mod text_or;
mod toolchain;
mod variant;

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::placeholder::ConfigureVariable;
use super::reasons::Reason;
use super::template::Template;

pub use baseline::Baseline;
pub use build_machine::{BuildMachine, BuildPython};
pub use cpython::{Cpython, CpythonCommon, Micro};
pub use host::{Host, HostMinor, Preset, Vendored, Verified, Wasm};
pub use host_defaults::HostDefaults;
pub use library::{Library, LibrarySource};
pub use minors::Minors;
pub use modules::{Matrix, ModuleEntry, ModuleExceptions, Scoped, SpannedReasons};
pub use toolchain::{Toolchain, ToolchainVersion};
pub use variant::{HostFile, HostVariant, HostVariantMinor};

/// How `configure` is called.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Configure {
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Environment variables.
    #[serde(default)]
    pub environment: BTreeMap<String, Template<ConfigureVariable>>,
}

/// `recipes/standard-library.toml`: what is left out of the standard library, by scope (see [`Matrix`]).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Exclusions {
    #[serde(rename = "schema")]
    _schema: u32,
    /// Paths below `Lib/`. A path that a minor does not have is no error: the list serves all minors.
    pub exclude: BTreeMap<Spanned<String>, BTreeMap<String, Reason>>,
}

/// `recipes/profiles/NAME.toml`: what kind of build it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Profile {
    #[serde(rename = "schema")]
    _schema: u32,
    pub description: String,
    pub build_python: Spanned<String>,
    pub configure: Configure,
    pub output: Output,
}

/// What is done with python.wasm after the make.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Output {
    /// Drop names and debug information from python.wasm.
    pub strip: bool,
    /// `sys.abiflags` of the build: part of the names of libpython, headers and build data.
    pub abi_flags: String,
}
