//! Scopes: the names by which shared recipe files say which hosts a fact is about.

use super::raw::HostFamily;

/// The scope of every host.
pub const ALL: &str = "all";

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
