//! Which extension modules a Python has, and why: the matrix of `recipes/modules.toml` and the exceptions, answered for one minor on one host.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Serialize;
use toml::Spanned;

use super::mistakes::Mistakes;
use super::model::Modules;
use super::placeholder::ReasonWord;
use super::raw::{HostFamily, Matrix, Minors, ModuleEntry, ModuleExceptions, Reason, Scoped, SpannedReasons};
use super::scope::ALL;
use crate::name::Minor;

/// The file of the matrix.
pub const FILE: &str = "recipes/modules.toml";

/// What becomes of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Part of python.wasm: in `sys.builtin_module_names`.
    Builtin,
    /// A file in `lib-dynload`.
    Shared,
    /// CPython's configure finds no library for it (`MODULE_NAME_STATE=missing`).
    Missing,
    /// CPython's configure leaves it off (`MODULE_NAME_STATE=disabled`).
    Disabled,
    /// CPython's configure says that the host cannot have it (`MODULE_NAME_STATE=n/a`).
    NotAvailable,
    /// CPython's configure says `MODULE_NAME_STATE=yes`, and make does not build it.
    NotBuilt,
    /// These recipes leave it out: `py_cv_module_NAME=n/a` in config.site.
    Exclude,
}

/// What becomes of one module for one minor on one host, and where that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub state: State,
    /// Empty for modules that are there.
    pub reason: String,
    pub file: String,
    /// The bytes of `file` that decide.
    pub span: Range<usize>,
}

/// All modules of one minor on one host.
pub type Decisions = BTreeMap<String, Decision>;

/// One minor on one host, as the matrix sees it.
pub struct Place<'a> {
    pub host: &'a str,
    pub family: HostFamily,
    pub minor: Minor,
    /// The most specific first.
    pub levels: Vec<Level<'a>>,
    /// The libraries that are built for the host.
    pub libraries: &'a [String],
    /// The libraries that have a recipe.
    pub recipes: &'a [&'a str],
}

/// Facts that are equally specific.
pub enum Level<'a> {
    /// The entries of the matrix with this scope.
    Scope(&'a str),
    /// `[modules]` in a host's file for a minor.
    Exceptions { file: String, exceptions: &'a ModuleExceptions },
}

impl State {
    pub const ALL: [Self; 7] =
        [Self::Builtin, Self::Shared, Self::Missing, Self::Disabled, Self::NotAvailable, Self::NotBuilt, Self::Exclude];

    /// The key in recipes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Builtin => "builtin",
            Self::Shared => "shared",
            Self::Missing => "missing",
            Self::Disabled => "disabled",
            Self::NotAvailable => "not-available",
            Self::NotBuilt => "not-built",
            Self::Exclude => "exclude",
        }
    }
}

impl Modules {
    /// The modules by state.
    pub fn of(decisions: &Decisions) -> Self {
        let names = |state| {
            let found = decisions.iter().filter(move |(_, decision)| decision.state == state);
            found.map(|(name, _)| name.clone()).collect()
        };
        let reasons = |state| {
            let found = decisions.iter().filter(move |(_, decision)| decision.state == state);
            found.map(|(name, decision)| (name.clone(), decision.reason.clone())).collect()
        };
        Self {
            builtin: names(State::Builtin),
            shared: names(State::Shared),
            missing: reasons(State::Missing),
            disabled: reasons(State::Disabled),
            not_available: reasons(State::NotAvailable),
            not_built: reasons(State::NotBuilt),
            exclude: reasons(State::Exclude),
        }
    }
}

/// A statement of the matrix or of a table of exceptions.
struct Fact<'a> {
    state: State,
    /// `None` for a module that is there.
    reason: Option<&'a Reason>,
    scope: &'a str,
    minors: Minors,
    span: Range<usize>,
}

impl ModuleEntry {
    fn facts(&self) -> Vec<Fact<'_>> {
        let mut facts = Vec::new();
        for (state, scopes) in [(State::Builtin, &self.builtin), (State::Shared, &self.shared)] {
            facts.extend(scopes.iter().map(|scope| Fact {
                state,
                reason: None,
                scope: scope.get_ref(),
                minors: Minors::default(),
                span: scope.span(),
            }));
        }
        let tables: [(State, &Scoped); 5] = [
            (State::Missing, &self.missing),
            (State::Disabled, &self.disabled),
            (State::NotAvailable, &self.not_available),
            (State::NotBuilt, &self.not_built),
            (State::Exclude, &self.exclude),
        ];
        for (state, table) in tables {
            facts.extend(table.0.iter().map(|entry| Fact {
                state,
                reason: Some(&entry.reason),
                scope: entry.scope.as_ref().map_or(ALL, |scope| scope.get_ref()),
                minors: entry.minors,
                span: entry.span.clone(),
            }));
        }
        facts
    }

    fn minors(&self) -> Minors {
        Minors { since: self.since, until: self.until }
    }
}

impl ModuleExceptions {
    fn facts(&self) -> Vec<(&str, Fact<'_>)> {
        let mut facts = Vec::new();
        let fact = |state, reason, name: &Spanned<String>| Fact {
            state,
            reason,
            scope: ALL,
            minors: Minors::default(),
            span: name.span(),
        };
        for (state, names) in [(State::Builtin, &self.builtin), (State::Shared, &self.shared)] {
            facts.extend(names.iter().map(|name| (name.get_ref().as_str(), fact(state, None, name))));
        }
        let tables: [(State, &SpannedReasons); 5] = [
            (State::Missing, &self.missing),
            (State::Disabled, &self.disabled),
            (State::NotAvailable, &self.not_available),
            (State::NotBuilt, &self.not_built),
            (State::Exclude, &self.exclude),
        ];
        for (state, table) in tables {
            facts.extend(table.iter().map(|(name, reason)| (name.get_ref().as_str(), fact(state, Some(reason), name))));
        }
        facts
    }
}

impl Matrix {
    /// The libraries that are built for a host with these scopes, in the order in which they are written.
    pub fn libraries(&self, scopes: &[String]) -> Vec<String> {
        let mut found: Vec<&Spanned<String>> = self
            .library
            .iter()
            .filter(|(_, hosts)| hosts.iter().any(|host| scopes.contains(host.get_ref())))
            .map(|(name, _)| name)
            .collect();
        found.sort_by_key(|name| name.span().start);
        found.into_iter().map(|name| name.get_ref().clone()).collect()
    }

    /// Every module that the matrix names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let builtin = self.builtin.iter().map(|name| name.get_ref().as_str());
        builtin.chain(self.module.keys().map(|name| name.get_ref().as_str()))
    }

    /// Where the matrix has a module.
    pub fn place_of(&self, module: &str) -> Option<Range<usize>> {
        let name = self.builtin.iter().chain(self.module.keys()).find(|name| name.get_ref() == module);
        name.map(Spanned::span)
    }

    /// What can be wrong in the matrix, whatever is asked of it. `recipes` are the libraries that have one.
    pub fn check(&self, scopes: &[&str], recipes: &[&str], mistakes: &mut Mistakes) {
        for (name, hosts) in &self.library {
            if !hosts.is_empty() {
                mistakes.known(FILE, name, "library", recipes);
            }
            hosts.iter().for_each(|host| mistakes.known(FILE, host, "host", scopes));
        }
        let mut seen = BTreeSet::new();
        for name in &self.builtin {
            if !seen.insert(name.get_ref().as_str()) {
                two_states(FILE, name.span(), name.get_ref(), "it is listed twice in `builtin`", mistakes);
            }
        }
        let libraries: Vec<&str> = self.library.keys().map(|name| name.get_ref().as_str()).collect();
        let mut used = BTreeSet::new();
        for (name, module) in &self.module {
            if seen.contains(name.get_ref().as_str()) {
                let why = format!("it is in `builtin` and in [module.{}]", name.get_ref());
                two_states(FILE, name.span(), name.get_ref(), &why, mistakes);
            }
            if let Some(library) = &module.library {
                mistakes.known(FILE, library, "library", &libraries);
            }
            if module.note.is_some() && module.library.is_none() {
                mistakes.add(FILE, Some(name.span()), "`note` is only for a module with `library`", None);
            }
            for scope in module.scopes() {
                mistakes.known(FILE, scope, "host", scopes);
            }
            let facts = module.facts();
            for (index, fact) in facts.iter().enumerate() {
                let same = |other: &&Fact| other.scope == fact.scope && other.minors.overlaps(fact.minors);
                if let Some(other) = facts[..index].iter().find(same) {
                    let why = format!("`{}` and `{}` for `{}`", other.state.name(), fact.state.name(), fact.scope);
                    two_states(FILE, fact.span.clone(), name.get_ref(), &why, mistakes);
                }
                let Some(reason) = fact.reason else { continue };
                used.extend(reason.to_string().strip_prefix('@').map(str::to_owned));
                self.check_reason(FILE, &fact.span, reason, mistakes);
            }
        }
        for name in self.reason.keys() {
            if !used.contains(name.get_ref()) {
                let message = format!("no module has the reason `@{}`", name.get_ref());
                mistakes.add(FILE, Some(name.span()), &message, Some("remove it".to_owned()));
            }
        }
    }

    fn check_reason(&self, file: &str, span: &Range<usize>, reason: &Reason, mistakes: &mut Mistakes) {
        let reason = reason.to_string();
        if reason.trim().is_empty() {
            mistakes.add(file, Some(span.clone()), "the reason is empty", Some("say why, in one line".to_owned()));
        }
        if let Some(name) = reason.strip_prefix('@').filter(|name| !self.reason.contains_key(*name)) {
            let names: Vec<&str> = self.reason.keys().map(|name| name.get_ref().as_str()).collect();
            mistakes.known(file, &Spanned::new(span.clone(), name.to_owned()), "reason", &names);
        }
    }

    /// Checks `[modules]` of one file.
    pub fn check_exceptions(&self, file: &str, exceptions: &ModuleExceptions, mistakes: &mut Mistakes) {
        let mut seen: BTreeMap<&str, State> = BTreeMap::new();
        for (name, fact) in exceptions.facts() {
            if let Some(other) = seen.insert(name, fact.state) {
                let why = format!("`{}` and `{}`", other.name(), fact.state.name());
                two_states(file, fact.span.clone(), name, &why, mistakes);
            }
            if let Some(reason) = fact.reason {
                self.check_reason(file, &fact.span, reason, mistakes);
            }
        }
    }

    /// What becomes of every module in one place. An exception that says what is so anyway is a mistake.
    pub fn decide(&self, place: &Place<'_>, mistakes: &mut Mistakes) -> Decisions {
        let mut decisions = self.defaults(place);
        for level in place.levels.iter().rev() {
            match level {
                Level::Scope(scope) => self.apply_scope(scope, place, &mut decisions),
                Level::Exceptions { file, exceptions } => {
                    // What a host takes from the one that it extends is checked there.
                    let is_own = *file == format!("recipes/hosts/{}/{}.toml", place.host, place.minor);
                    for (name, fact) in exceptions.facts() {
                        let decision = self.decision(&fact, file, place);
                        let before = decisions.get(name);
                        if is_own
                            && before
                                .is_some_and(|before| before.state == fact.state && before.reason == decision.reason)
                        {
                            let message = format!("`{name}` is no exception: it is `{}` anyway", fact.state.name());
                            mistakes.add(file, Some(fact.span.clone()), &message, Some("remove it".to_owned()));
                        }
                        decisions.insert(name.to_owned(), decision);
                    }
                }
            }
        }
        decisions
    }

    /// Before any scope is considered: built in, or missing for want of a library.
    fn defaults(&self, place: &Place<'_>) -> Decisions {
        let builtin = |name: &Spanned<String>| Decision {
            state: State::Builtin,
            reason: String::new(),
            file: FILE.to_owned(),
            span: name.span(),
        };
        let everywhere = self.builtin.iter().map(|name| (name.get_ref().clone(), builtin(name)));
        let here = self.module.iter().filter(|(_, module)| module.minors().contains(place.minor));
        let here = here.map(|(name, module)| {
            let lacking = module.library.as_ref().filter(|library| !place.libraries.contains(library.get_ref()));
            let decision = match lacking {
                None => builtin(name),
                Some(library) => Decision {
                    state: State::Missing,
                    reason: lacking_reason(library.get_ref(), module.note.as_deref(), place),
                    file: FILE.to_owned(),
                    span: library.span(),
                },
            };
            (name.get_ref().clone(), decision)
        });
        everywhere.chain(here).collect()
    }

    fn apply_scope(&self, scope: &str, place: &Place<'_>, decisions: &mut Decisions) {
        for (name, module) in &self.module {
            if !module.minors().contains(place.minor) {
                continue;
            }
            let facts = module.facts();
            let fact = facts.iter().find(|fact| fact.scope == scope && fact.minors.contains(place.minor));
            if let Some(fact) = fact {
                decisions.insert(name.get_ref().clone(), self.decision(fact, FILE, place));
            }
        }
    }

    fn decision(&self, fact: &Fact<'_>, file: &str, place: &Place<'_>) -> Decision {
        let resolve = |written: &Reason| {
            let text = written.to_string();
            let shared = text.strip_prefix('@').and_then(|name| self.reason.get(name));
            shared.unwrap_or(written).fill(|word| match word {
                ReasonWord::Host => place.host,
                ReasonWord::Platform => place.family.platform(),
            })
        };
        let reason = fact.reason.map(resolve).unwrap_or_default();
        Decision { state: fact.state, reason, file: file.to_owned(), span: fact.span.clone() }
    }
}

impl ModuleEntry {
    fn scopes(&self) -> impl Iterator<Item = &Spanned<String>> {
        let tables = [&self.missing, &self.disabled, &self.not_available, &self.not_built, &self.exclude];
        let named = tables.into_iter().flat_map(|table| &table.0).filter_map(|entry| entry.scope.as_ref());
        self.builtin.iter().chain(&self.shared).chain(named)
    }
}

fn lacking_reason(library: &str, note: Option<&str>, place: &Place<'_>) -> String {
    let why = match place.recipes.contains(&library) {
        true => format!("needs {library}, which is not built for {}", place.host),
        false => format!("needs {library}, which has no recipe"),
    };
    note.map_or(why.clone(), |note| format!("{why}; {note}"))
}

fn two_states(file: &str, span: Range<usize>, name: &str, why: &str, mistakes: &mut Mistakes) {
    let message = format!("module `{name}` has two states: {why}");
    mistakes.add(file, Some(span), &message, Some("keep one of them".to_owned()));
}

#[cfg(test)]
mod tests;
