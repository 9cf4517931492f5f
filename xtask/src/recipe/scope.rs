//! Scopes: the names by which shared recipe files say which hosts a fact is about.

use std::collections::BTreeMap;

use super::catalogue::Host;

/// The scope of every host.
pub const ALL: &str = "all";

/// The scopes that a host is in, the most specific first: itself, the host that it extends, its platform, `all`.
pub fn of(name: &str, host: &Host) -> Vec<String> {
    let platform = host.common.family.sys_platform();
    let mut scopes = vec![name.to_owned()];
    scopes.extend(host.extends.clone());
    if !scopes.iter().any(|scope| scope == platform) {
        scopes.push(platform.to_owned());
    }
    scopes.push(ALL.to_owned());
    scopes
}

/// Every scope that a recipe may name.
pub fn valid(hosts: &BTreeMap<String, Host>) -> Vec<String> {
    let mut scopes = vec![ALL.to_owned()];
    scopes.extend(hosts.values().map(|host| host.common.family.sys_platform().to_owned()));
    scopes.extend(hosts.keys().cloned());
    scopes.sort();
    scopes.dedup();
    scopes
}
