//! Extension modules: what configure decided (`MODULE_NAME_STATE` in the Makefile) against the recipe's promises. Pure.

use std::collections::BTreeMap;

use crate::recipe::raw::{Modules, Reasons};

/// What configure decided about each module: `yes`, `missing`, `disabled` or `n/a`, by the module's name in lower case.
pub fn states(makefile: &str) -> BTreeMap<String, String> {
    makefile
        .lines()
        .filter_map(|line| {
            let (name, state) = line.split_once('=')?;
            let name = name.strip_prefix("MODULE_")?.strip_suffix("_STATE")?;
            Some((name.to_lowercase(), state.trim().to_owned()))
        })
        .collect()
}

/// Compares configure's decisions with the recipe's tables; each difference names the module and both states.
pub fn compare_states(promised: &Modules, found: &BTreeMap<String, String>) -> Vec<String> {
    let tables: [(&Reasons, &str, &str); 4] = [
        (&promised.missing, "missing", "missing"),
        (&promised.disabled, "disabled", "disabled"),
        (&promised.not_available, "not-available", "n/a"),
        (&promised.exclude, "left-out", "n/a"),
    ];
    let mut mismatches = Vec::new();
    let mut promised_states: BTreeMap<&str, &str> = BTreeMap::new();
    for (names, table, state) in tables {
        for name in names.keys() {
            promised_states.insert(name, state);
            match found.get(name).map(String::as_str) {
                Some(found) if found == state => {}
                Some(found) => {
                    mismatches.push(format!("module `{name}` is in [modules.{table}], and configure says `{found}`"));
                }
                None => {
                    mismatches.push(format!("module `{name}` is in [modules.{table}], and configure does not know it"))
                }
            }
        }
    }
    for (name, state) in found {
        if state != "yes" && !promised_states.contains_key(name.as_str()) {
            mismatches.push(format!("module `{name}`: configure says `{state}`, and the recipe does not promise that"));
        }
    }
    mismatches
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAKEFILE: &str = "CC=clang\nMODULE__IO_STATE=yes\nMODULE_ZLIB_STATE=missing\nMODULE_PWD_STATE=n/a\n";

    fn modules(missing: &[&str], not_available: &[&str]) -> Modules {
        let table = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), "a reason".to_owned())).collect();
        Modules {
            builtin: Vec::new(),
            shared: Vec::new(),
            missing: table(missing),
            disabled: Reasons::new(),
            not_available: table(not_available),
            exclude: Reasons::new(),
        }
    }

    #[test]
    fn what_is_as_promised_is_no_surprise() {
        assert!(compare_states(&modules(&["zlib"], &["pwd"]), &states(MAKEFILE)).is_empty());
    }

    #[test]
    fn surprises_name_the_module_and_both_states() {
        let mismatches = compare_states(&modules(&["_io", "_ssl"], &["pwd"]), &states(MAKEFILE));
        assert_eq!(
            mismatches,
            [
                "module `_io` is in [modules.missing], and configure says `yes`",
                "module `_ssl` is in [modules.missing], and configure does not know it",
                "module `zlib`: configure says `missing`, and the recipe does not promise that",
            ]
        );
    }
}
