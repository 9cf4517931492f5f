//! `recipes/modules.toml`: which extension modules each minor has on each host, and the exceptions in `recipes/hosts/HOST/MINOR.toml`.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use super::Minors;
use crate::name::Minor;
use crate::recipe::reasons::{Reason, SharedReasons};
use crate::recipe::template::Template;

/// The matrix of minors, hosts and modules.
///
/// A scope names hosts: `all`, a platform (`wasi` or `emscripten`, Python's `sys.platform`), or a host.
/// A host that extends another one is in the other host's scope as well. The most specific scope decides.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Matrix {
    #[serde(rename = "schema")]
    _schema: u32,
    /// Modules that are built in for every minor on every host.
    pub builtin: Vec<Spanned<String>>,
    /// The scopes that a library is built for, in the order in which libraries are built.
    /// A library with scopes needs a recipe in `recipes/libraries/`.
    #[serde(default)]
    pub library: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    /// Reasons that several modules share, written `@NAME` there.
    /// `{host}` stands for the host's name and `{platform}` for WASI or Emscripten.
    #[serde(default)]
    pub reason: SharedReasons,
    /// Modules that are not the same everywhere.
    #[serde(default)]
    pub module: BTreeMap<Spanned<String>, ModuleEntry>,
}

/// One extension module. Where no state applies, it is built in.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ModuleEntry {
    /// The first minor that has the module.
    pub since: Option<Minor>,
    /// The last minor that has the module.
    pub until: Option<Minor>,
    /// A library of `[library]` that it needs: where the host does not have the library, the module is missing.
    pub library: Option<Spanned<String>>,
    /// What a reader wants to know besides that the library is missing.
    pub note: Option<String>,
    #[serde(default)]
    pub builtin: Vec<Spanned<String>>,
    #[serde(default)]
    pub shared: Vec<Spanned<String>>,
    #[serde(default)]
    pub missing: Scoped,
    #[serde(default)]
    pub disabled: Scoped,
    #[serde(default)]
    pub not_available: Scoped,
    #[serde(default)]
    pub not_built: Scoped,
    #[serde(default)]
    pub exclude: Scoped,
}

/// A reason for each scope. A text alone is the reason for `all`.
#[derive(Debug, Default)]
pub struct Scoped(pub Vec<ScopedReason>);

/// Why a module is in a state on the hosts of a scope.
#[derive(Debug)]
pub struct ScopedReason {
    /// `None` for `all`, when only a reason is given.
    pub scope: Option<Spanned<String>>,
    pub span: Range<usize>,
    pub reason: Reason,
    pub minors: Minors,
}

/// What is different from the matrix for one minor on one host, by state.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ModuleExceptions {
    #[serde(default)]
    pub builtin: Vec<Spanned<String>>,
    #[serde(default)]
    pub shared: Vec<Spanned<String>>,
    #[serde(default)]
    pub missing: SpannedReasons,
    #[serde(default)]
    pub disabled: SpannedReasons,
    #[serde(default)]
    pub not_available: SpannedReasons,
    #[serde(default)]
    pub not_built: SpannedReasons,
    #[serde(default)]
    pub exclude: SpannedReasons,
}

/// Modules with their reasons.
pub type SpannedReasons = BTreeMap<Spanned<String>, Reason>;

/// A reason, alone or with a range of minors.
enum Entry {
    Plain(String),
    Full { reason: Reason, minors: Minors },
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct FullEntry {
    reason: Reason,
    since: Option<Minor>,
    until: Option<Minor>,
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Entry;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a reason, or a table with `reason`, `since` and `until`")
            }

            fn visit_str<E: de::Error>(self, reason: &str) -> Result<Entry, E> {
                Ok(Entry::Plain(reason.to_owned()))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Entry, A::Error> {
                let FullEntry { reason, since, until } = Deserialize::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Entry::Full { reason, minors: Minors { since, until } })
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// A reason for `all`, or one for each scope.
enum Scopes {
    All(String),
    Each(Vec<(Spanned<String>, Spanned<Entry>)>),
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Scopes;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a reason, or a table with a reason for each host")
            }

            fn visit_str<E: de::Error>(self, reason: &str) -> Result<Scopes, E> {
                Ok(Scopes::All(reason.to_owned()))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Scopes, A::Error> {
                let mut scopes = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    scopes.push(entry);
                }
                Ok(Scopes::Each(scopes))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl<'de> Deserialize<'de> for Scoped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scopes = Spanned::<Scopes>::deserialize(deserializer)?;
        let span = scopes.span();
        let scopes = match scopes.into_inner() {
            Scopes::All(text) => {
                let (reason, minors) = (Template::at(&text, span.clone())?, Minors::default());
                return Ok(Self(vec![ScopedReason { scope: None, span, reason, minors }]));
            }
            Scopes::Each(scopes) => scopes,
        };
        let entry = |(scope, entry): (Spanned<String>, Spanned<Entry>)| {
            let place = entry.span();
            let (reason, minors) = match entry.into_inner() {
                Entry::Plain(text) => (Template::at(&text, place)?, Minors::default()),
                Entry::Full { reason, minors } => (reason, minors),
            };
            Ok(ScopedReason { span: scope.span(), scope: Some(scope), reason, minors })
        };
        scopes.into_iter().map(entry).collect::<Result<_, _>>().map(Self)
    }
}
