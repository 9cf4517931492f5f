//! Which extension modules a Python has, and why: the matrix of `recipes/modules.toml` and the exceptions, answered for one minor on one host.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Serialize;
use toml::Spanned;

use super::mistakes::Mistakes;
use super::model::Modules;
use super::raw::{Matrix, Minors, ModuleEntry, ModuleExceptions, Scoped, SpannedReasons};
use super::reasons::Reason;
use super::scope::{ALL, Level, Place};

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

/// The libraries that modules may need.
pub struct Libraries<'a> {
    /// Those that are built for the host.
    pub built: &'a [String],
    /// Those that have a recipe.
    pub recipes: &'a [&'a str],
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

    /// The states that need a reason, each with its table.
    fn with_reasons<T>(missing: T, disabled: T, not_available: T, not_built: T, exclude: T) -> [(Self, T); 5] {
        [
            (Self::Missing, missing),
            (Self::Disabled, disabled),
            (Self::NotAvailable, not_available),
            (Self::NotBuilt, not_built),
            (Self::Exclude, exclude),
        ]
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
        for (state, table) in self.reasons() {
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

    fn reasons(&self) -> [(State, &Scoped); 5] {
        State::with_reasons(&self.missing, &self.disabled, &self.not_available, &self.not_built, &self.exclude)
    }

    fn scopes(&self) -> impl Iterator<Item = &Spanned<String>> {
        let named = self.reasons().into_iter().flat_map(|(_, table)| &table.0);
        self.builtin.iter().chain(&self.shared).chain(named.filter_map(|entry| entry.scope.as_ref()))
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
        let tables: [(State, &SpannedReasons); 5] =
            State::with_reasons(&self.missing, &self.disabled, &self.not_available, &self.not_built, &self.exclude);
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
                if let Some(reason) = fact.reason {
                    self.reason.check(FILE, &fact.span, reason, mistakes);
                }
            }
        }
        let tables = self.module.values().flat_map(|module| module.reasons());
        let reasons = tables.flat_map(|(_, table)| &table.0).map(|entry| &entry.reason);
        self.reason.check_used(FILE, "module", reasons, mistakes);
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
                self.reason.check(file, &fact.span, reason, mistakes);
            }
        }
    }

    /// What becomes of every module in one place. An exception that says what is so anyway is a mistake.
    pub fn decide(&self, place: &Place<'_>, libraries: &Libraries<'_>, mistakes: &mut Mistakes) -> Decisions {
        let mut decisions = self.defaults(place, libraries);
        for level in place.levels.iter().rev() {
            match level {
                Level::Scope(scope) => self.apply_scope(scope, place, &mut decisions),
                Level::Exceptions { host, recipe } => {
                    let file = &place.file(host);
                    // What a host takes from the one that it extends is checked there.
                    let is_own = *host == place.host;
                    for (name, fact) in recipe.modules.facts() {
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
    fn defaults(&self, place: &Place<'_>, libraries: &Libraries<'_>) -> Decisions {
        let builtin = |name: &Spanned<String>| Decision {
            state: State::Builtin,
            reason: String::new(),
            file: FILE.to_owned(),
            span: name.span(),
        };
        let everywhere = self.builtin.iter().map(|name| (name.get_ref().clone(), builtin(name)));
        let here = self.module.iter().filter(|(_, module)| module.minors().contains(place.minor));
        let here = here.map(|(name, module)| {
            let lacking = module.library.as_ref().filter(|library| !libraries.built.contains(library.get_ref()));
            let decision = match lacking {
                None => builtin(name),
                Some(library) => Decision {
                    state: State::Missing,
                    reason: lacking_reason(library.get_ref(), module.note.as_deref(), place.host, libraries),
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
        let resolve = |reason| self.reason.text(reason, place.host, place.family.platform());
        let reason = fact.reason.map(resolve).unwrap_or_default();
        Decision { state: fact.state, reason, file: file.to_owned(), span: fact.span.clone() }
    }
}

fn lacking_reason(library: &str, note: Option<&str>, host: &str, libraries: &Libraries<'_>) -> String {
    let why = match libraries.recipes.contains(&library) {
        true => format!("needs {library}, which is not built for {host}"),
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
