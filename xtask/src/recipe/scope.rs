//! Scopes: the names by which shared recipe files say which hosts a fact is about, and which of several facts decides.

use super::model::HostFamily;
use super::raw::HostMinor;
use crate::name::Minor;

/// The scope of every host.
pub const ALL: &str = "all";

/// One minor on one host, as files that several hosts share see it.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    pub host: &'a str,
    pub family: HostFamily,
    pub minor: Minor,
    /// The most specific first.
    pub levels: Vec<Level<'a>>,
}

/// Facts that are equally specific.
#[derive(Debug, Clone, Copy)]
pub enum Level<'a> {
    /// The entries of shared files with this scope.
    Scope(&'a str),
    /// The file of a host for the minor.
    Exceptions { host: &'a str, recipe: &'a HostMinor },
}

impl Place<'_> {
    /// The file of a level's exceptions.
    pub fn file(&self, host: &str) -> String {
        format!("recipes/hosts/{host}/{}.toml", self.minor)
    }
}

/// The scopes that a host is in, the most specific first: itself, the host that it extends, its platform, `all`.
pub fn of(host: &str, extends: Option<&str>, family: HostFamily) -> Vec<String> {
    let platform = family.sys_platform();
    let mut scopes = vec![host.to_owned()];
    scopes.extend(extends.map(str::to_owned));
    if !scopes.iter().any(|scope| scope == platform) {
        scopes.push(platform.to_owned());
    }
    scopes.push(ALL.to_owned());
    scopes
}

/// Every scope that a recipe may name, given the names and families of all hosts.
pub fn valid<'a>(hosts: impl Iterator<Item = (&'a str, HostFamily)>) -> Vec<String> {
    let mut scopes = vec![ALL.to_owned()];
    for (host, family) in hosts {
        scopes.extend([host.to_owned(), family.sys_platform().to_owned()]);
    }
    scopes.sort();
    scopes.dedup();
    scopes
}
