//! The columns of the status page, from `recipes/status/columns.toml`: Pythons, and how each is run. Pure.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use crate::diagnostic::Diagnostics;
use crate::name::Minor;
use crate::recipe::mistakes::Mistakes;
use crate::recipe::model::Reasons;
use crate::recipe::modules::Decisions;
use crate::recipe::{Catalogue, Texts};
use crate::suggest;

/// The file, relative to the checkout.
pub const FILE: &str = "recipes/status/columns.toml";

/// The scope of every column.
const ALL: &str = "all";

/// All columns, in their order.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Columns {
    #[serde(rename = "schema")]
    _schema: u32,
    #[serde(rename = "column")]
    columns: Vec<ColumnRecipe>,
    pub summary: Summary,
}

/// What the README shows of the page.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Summary {
    pub columns: Vec<Spanned<String>>,
    pub probes: Vec<Spanned<String>>,
}

/// One column: a Python that is a package of a host, another distribution of CPython, or installed on this machine.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ColumnRecipe {
    pub name: Spanned<String>,
    /// The heading in tables.
    pub title: String,
    pub host: Option<Spanned<String>>,
    /// A minor of the host; the default minor if not given.
    pub python: Option<Spanned<String>>,
    /// What runs it, if not what usually runs the host.
    pub runner: Option<Spanned<String>>,
    /// The kind of build of the host's Python.
    pub profile: Option<Spanned<String>>,
    /// A distribution of `recipes/baselines`.
    pub peer: Option<Spanned<String>>,
    /// The programs in `PATH` of which the first is asked.
    #[serde(default)]
    pub programs: Vec<String>,
    /// Why the values of its answers depend on the machine, so that the page does not have them.
    pub values_vary: Option<String>,
}

/// What decides which answers a column is expected to give.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The names by which expectations name it, the most specific first.
    pub scopes: Vec<String>,
    /// What `{platform}` is in a reason.
    pub platform: &'a str,
    /// For a package of a host: its minor, its extension modules, and what is left out of its standard library.
    pub package: Option<(Minor, &'a Decisions, &'a Reasons)>,
}

impl Columns {
    /// Reads the columns, and compares the names in them with the recipes.
    ///
    /// # Errors
    /// Everything that is wrong in the file.
    pub fn parse(texts: &Texts, catalogue: &Catalogue, probes: &[&str]) -> Result<Self, Diagnostics> {
        let mut mistakes = Mistakes::new(texts);
        if !texts.contains_key(FILE) {
            mistakes.add(FILE, None, "the file does not exist", None);
        }
        let columns: Option<Self> = if texts.contains_key(FILE) { mistakes.parse(FILE) } else { None };
        let Some(columns) = columns else {
            return mistakes.none_or(()).map(|()| unreachable!("a file that cannot be read is a mistake"));
        };
        columns.check(catalogue, probes, &mut mistakes);
        mistakes.none_or(columns)
    }

    fn check(&self, catalogue: &Catalogue, probes: &[&str], mistakes: &mut Mistakes<'_>) {
        let hosts: Vec<&str> = catalogue.hosts.keys().map(String::as_str).collect();
        let runners: Vec<&str> = catalogue.runners.keys().map(String::as_str).collect();
        let profiles: Vec<&str> = catalogue.profiles.keys().map(String::as_str).collect();
        let peers: Vec<&str> = catalogue.baselines.keys().map(String::as_str).collect();
        let mut seen = BTreeSet::new();
        for column in &self.columns {
            let span = Some(column.name.span());
            if !seen.insert(column.name()) {
                mistakes.add(FILE, span.clone(), &format!("two columns have the name `{}`", column.name()), None);
            }
            let kinds = [column.host.is_some(), column.peer.is_some(), !column.programs.is_empty()];
            if kinds.iter().filter(|is| **is).count() != 1 {
                let message = "a column has one of `host`, `peer` and `programs`";
                mistakes.add(FILE, span.clone(), message, None);
            }
            for (name, kind, valid) in [
                (&column.host, "host", &hosts),
                (&column.runner, "runner", &runners),
                (&column.profile, "profile", &profiles),
                (&column.peer, "baseline", &peers),
            ] {
                name.iter().for_each(|name| mistakes.known(FILE, name, kind, valid));
            }
            let host = column.host.as_ref().and_then(|host| catalogue.hosts.get(host.get_ref()));
            if let (Some(host), Some(python)) = (host, &column.python) {
                let minors: Vec<String> = host.minors().map(|minor| minor.to_string()).collect();
                let minors: Vec<&str> = minors.iter().map(String::as_str).collect();
                mistakes.known(FILE, python, "minor", &minors);
            }
        }
        let names: Vec<&str> = self.iter().map(ColumnRecipe::name).collect();
        self.summary.columns.iter().for_each(|name| mistakes.known(FILE, name, "column", &names));
        for name in self.summary.probes.iter().filter(|name| !probes.contains(&name.get_ref().as_str())) {
            mistakes.add(FILE, Some(name.span()), &format!("no probe has the name `{}`", name.get_ref()), None);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &ColumnRecipe> {
        self.columns.iter()
    }

    /// The columns with these names, or all if none is named. A host is the first of its columns.
    ///
    /// # Errors
    /// The message about a name that no column has, with a hint.
    pub fn select(&self, names: &[String]) -> Result<Vec<&ColumnRecipe>, String> {
        if names.is_empty() {
            return Ok(self.iter().collect());
        }
        let find = |name: &String| {
            let of_host = || self.iter().find(|column| column.host() == Some(name));
            self.iter().find(|column| column.name() == name).or_else(of_host).ok_or_else(|| {
                let all: Vec<&str> = self.iter().map(ColumnRecipe::name).collect();
                let near = suggest::near(name, all.iter().copied());
                let hint = match near.is_empty() {
                    true => format!("{FILE} has these columns: {}", all.join(", ")),
                    false => format!("did you mean `{}`?", near.join("` or `")),
                };
                format!("unknown column `{name}`\nhint: {hint}")
            })
        };
        names.iter().map(find).collect()
    }

    /// Every name by which expectations may name columns.
    pub fn scopes(&self, catalogue: &Catalogue) -> Vec<String> {
        let scopes: BTreeSet<String> = self.iter().flat_map(|column| column.place(catalogue).scopes).collect();
        scopes.into_iter().collect()
    }
}

impl ColumnRecipe {
    pub fn name(&self) -> &str {
        self.name.get_ref()
    }

    pub fn host(&self) -> Option<&str> {
        self.host.as_ref().map(|host| host.get_ref().as_str())
    }

    pub fn python(&self) -> Option<&str> {
        self.python.as_ref().map(|python| python.get_ref().as_str())
    }

    pub fn runner(&self) -> Option<&str> {
        self.runner.as_ref().map(|runner| runner.get_ref().as_str())
    }

    pub fn profile(&self) -> Option<&str> {
        self.profile.as_ref().map(|profile| profile.get_ref().as_str())
    }

    pub fn peer(&self) -> Option<&str> {
        self.peer.as_ref().map(|peer| peer.get_ref().as_str())
    }

    /// What the catalogue, which has its host, says about it.
    pub fn place<'a>(&self, catalogue: &'a Catalogue) -> Place<'a> {
        let mut scopes = vec![self.name().to_owned()];
        let host = self.host().and_then(|name| Some((name, catalogue.hosts.get(name)?)));
        let Some((name, host)) = host else {
            scopes.extend(self.peer().map(str::to_owned));
            scopes.push(ALL.to_owned());
            return Place { scopes, platform: "", package: None };
        };
        let python = catalogue.python(self.python());
        for scope in [Some(name), host.extends.as_deref(), Some(host.family().sys_platform()), Some(ALL)] {
            if let Some(scope) = scope.filter(|scope| !scopes.iter().any(|known| known == scope)) {
                scopes.push(scope.to_owned());
            }
        }
        let minor = catalogue.minor(&python).ok();
        let package = minor.and_then(|minor| Some((minor, host.modules.get(&minor)?, host.excluded_library())));
        Place { scopes, platform: host.family().platform(), package }
    }
}

/// Why a column has no answers, and the command that would get some. It says the same on every machine.
pub fn why_not_measured(column: &ColumnRecipe, catalogue: &Catalogue) -> (String, String) {
    let name = column.name();
    let status = format!("cargo xtask status {name}");
    let runner = column.runner().and_then(|runner| catalogue.runners.get(runner).map(|recipe| (runner, recipe)));
    if let Some(host) = column.host() {
        let python = column.python().map(|python| format!(" --python {python}")).unwrap_or_default();
        let profile = column.profile().map(|profile| format!(" --profile {profile}")).unwrap_or_default();
        let minor = catalogue.minor(&catalogue.python(column.python())).ok();
        let unverified = minor.and_then(|minor| catalogue.hosts.get(host)?.unverified_minor(minor));
        let reason = match (unverified, runner) {
            (Some(reason), _) => reason.to_owned(),
            (None, Some((runner, recipe))) => format!("it needs {runner}: {}", recipe.program.install),
            (None, None) => "it was not built".to_owned(),
        };
        return (reason, format!("cargo xtask build {host}{python}{profile} && {status}"));
    }
    let reason = match runner {
        Some((runner, recipe)) => format!("it needs {runner}: {}", recipe.program.install),
        None => format!("it needs {} in PATH", column.programs.join(" or ")),
    };
    (reason, status)
}
