//! A host that is another one with differences: `recipes/hosts/HOST.toml` with `extends`, and the files of its minors.
//! `recipe/variant.rs` merges them.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::de::DeTable;

use super::{Host, ModuleExceptions, Preset, Verified};
use crate::recipe::model::{Configure, RunnerNeeds};
use crate::recipe::placeholder::ConfigureVariable;
use crate::recipe::template::Template;

/// `recipes/hosts/HOST.toml`, of either kind.
#[derive(Debug)]
pub enum HostFile {
    Own(Host),
    /// It has `extends`.
    Variant(HostVariant),
}

impl HostFile {
    /// Reads it as what it is: then, an error is about that kind of file.
    pub fn read(table: Spanned<DeTable<'_>>) -> Result<Self, toml::de::Error> {
        let extends = table.get_ref().contains_key("extends");
        let table = toml::Deserializer::from(table);
        match extends {
            true => HostVariant::deserialize(table).map(Self::Variant),
            false => Host::deserialize(table).map(Self::Own),
        }
    }
}

/// `recipes/hosts/HOST.toml` of a host that is another one with differences.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HostVariant {
    #[serde(rename = "schema")]
    _schema: u32,
    /// The host that it is like. That one must not be a variant itself.
    pub extends: Spanned<String>,
    pub description: String,
    /// As in [`super::Host`]: the two have the same triples.
    pub package_suffix: String,
    /// As in [`super::Host`].
    #[serde(default)]
    pub threads: bool,
    /// Arguments come behind the other host's; a variable takes the place of the other host's.
    pub configure: Configure,
}

/// `recipes/hosts/HOST/MINOR.toml` of such a host. The other host must have the minor.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HostVariantMinor {
    #[serde(rename = "schema")]
    _schema: u32,
    /// As in [`super::HostMinor`]: that the other host was tried says nothing about this one.
    pub unverified: Option<String>,
    #[serde(default)]
    pub verified: Verified,
    #[serde(default)]
    pub configure: HostVariantMinorConfigure,
    /// Takes the place of the other host's.
    pub runner: Option<RunnerNeeds>,
    /// As in [`super::HostMinor`].
    #[serde(default)]
    pub modules: ModuleExceptions,
}

/// How `configure` is called otherwise.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HostVariantMinorConfigure {
    /// They come behind the other host's.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Each takes the place of the other host's.
    #[serde(default)]
    pub environment: BTreeMap<String, Template<ConfigureVariable>>,
    /// Each takes the place of the other host's.
    #[serde(default)]
    pub preset: BTreeMap<Spanned<String>, Preset>,
    /// They come behind the other host's.
    #[serde(default)]
    pub setup_local: Vec<String>,
}
