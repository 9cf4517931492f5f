//! Extension modules: what configure decided (`MODULE_NAME_STATE` in the Makefile) against the recipe's promises. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::recipe::Modules;
use crate::recipe::model::Reasons;

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
    let tables: [(&Reasons, &str, &str); 5] = [
        (&promised.missing, "missing", "missing"),
        (&promised.disabled, "disabled", "disabled"),
        (&promised.not_available, "not-available", "n/a"),
        (&promised.not_built, "not-built", "yes"),
        (&promised.exclude, "exclude", "n/a"),
    ];
    let mut mismatches = Vec::new();
    let mut promised_states: BTreeMap<&str, &str> = BTreeMap::new();
    for (names, table, state) in tables {
        for name in names.keys() {
            promised_states.insert(name, state);
            match found.get(name).map(String::as_str) {
                Some(found) if found == state => {}
                Some(found) => {
                    mismatches
                        .push(format!("module `{name}`: the recipe says `{table}`, but configure says `{found}`"));
                }
                None => mismatches
                    .push(format!("module `{name}`: the recipe says `{table}`, but configure does not know it")),
            }
        }
    }
    // Names that differ in case are one name here, as they are in the Makefile.
    let there: BTreeSet<String> =
        promised.builtin.iter().chain(&promised.shared).map(|name| name.to_lowercase()).collect();
    for (name, state) in found {
        if promised_states.contains_key(name.as_str()) || (state == "yes" && there.contains(name)) {
            continue;
        }
        if state == "yes" {
            mismatches.push(format!(
                "module `{name}`: configure says `yes`, but the recipe lists it neither as built-in nor as shared"
            ));
        } else {
            mismatches.push(format!("module `{name}`: configure says `{state}`, but the recipe has no such entry"));
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
            builtin: vec!["_io".to_owned()],
            missing: table(missing),
            not_available: table(not_available),
            ..Modules::default()
        }
    }

    #[test]
    fn nothing_is_reported_where_configure_agrees() {
        assert!(compare_states(&modules(&["zlib"], &["pwd"]), &states(MAKEFILE)).is_empty());
    }

    #[test]
    fn a_mismatch_names_the_module_and_both_states() {
        let makefile = format!("{MAKEFILE}MODULE_XXLIMITED_STATE=yes\n");
        let mismatches = compare_states(&modules(&["_io", "_ssl"], &["pwd"]), &states(&makefile));
        assert_eq!(
            mismatches,
            [
                "module `_io`: the recipe says `missing`, but configure says `yes`",
                "module `_ssl`: the recipe says `missing`, but configure does not know it",
                "module `xxlimited`: configure says `yes`, but the recipe lists it neither as built-in nor as shared",
                "module `zlib`: configure says `missing`, but the recipe has no such entry",
            ]
        );
    }

    #[test]
    fn a_module_that_configure_wants_and_make_does_not_build_is_expected_as_such() {
        let not_built = Reasons::from([("xxlimited".to_owned(), "a reason".to_owned())]);
        let promised = Modules { not_built, ..modules(&["zlib"], &["pwd"]) };
        let yes = states(&format!("{MAKEFILE}MODULE_XXLIMITED_STATE=yes\n"));
        assert_eq!(compare_states(&promised, &yes), [""; 0]);
        let disabled = states(&format!("{MAKEFILE}MODULE_XXLIMITED_STATE=disabled\n"));
        let mismatch = "module `xxlimited`: the recipe says `not-built`, but configure says `disabled`";
        assert_eq!(compare_states(&promised, &disabled), [mismatch]);
    }
}
