//! `recipes/modules.toml`: which extension modules each minor has on each host, and the exceptions in `recipes/hosts/HOST/MINOR.toml`.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::Minors;
use super::text_or::{LongForm, TextOr};
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

/// A reason with a range of minors.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RangedReason {
    reason: Reason,
    since: Option<Minor>,
    until: Option<Minor>,
}

impl LongForm for RangedReason {
    const EXPECTED: &'static str = "a reason, or a table with `reason`, `since` and `until`";
}

/// A reason for each scope.
#[derive(Deserialize)]
#[serde(transparent)]
struct Scopes(BTreeMap<Spanned<String>, Spanned<TextOr<RangedReason>>>);

impl LongForm for Scopes {
    const EXPECTED: &'static str = "a reason, or a table with a reason for each host";
}

impl<'de> Deserialize<'de> for Scoped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scopes = Spanned::<TextOr<Scopes>>::deserialize(deserializer)?;
        let span = scopes.span();
        let scopes = match scopes.into_inner() {
            TextOr::Text(text) => {
                let (reason, minors) = (Template::at(&text, span.clone())?, Minors::default());
                return Ok(Self(vec![ScopedReason { scope: None, span, reason, minors }]));
            }
            TextOr::Table(Scopes(scopes)) => scopes,
        };
        let entry = |(scope, entry): (Spanned<String>, Spanned<TextOr<RangedReason>>)| {
            let place = entry.span();
            let (reason, minors) = match entry.into_inner() {
                TextOr::Text(text) => (Template::at(&text, place)?, Minors::default()),
                TextOr::Table(RangedReason { reason, since, until }) => (reason, Minors { since, until }),
            };
            Ok(ScopedReason { span: scope.span(), scope: Some(scope), reason, minors })
        };
        scopes.into_iter().map(entry).collect::<Result<_, _>>().map(Self)
    }
}
