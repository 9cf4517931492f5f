//! The house rules that a machine can check. Each test collects all that is wrong before it fails.

mod cycles;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use xtask::sys::fs::{Kind, list_tree};

fn checkout() -> &'static Utf8Path {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// All files below a folder of the checkout, with their texts.
fn texts(folder: &str, extension: &str) -> BTreeMap<Utf8PathBuf, String> {
    let root = checkout().join(folder);
    let files = list_tree(&root).unwrap().into_iter().filter(|entry| matches!(entry.kind, Kind::File { .. }));
    files
        .filter(|entry| entry.path.extension() == Some(extension))
        .map(|entry| (Utf8Path::new(folder).join(&entry.path), fs_err::read_to_string(root.join(&entry.path)).unwrap()))
        .collect()
}

fn rust() -> BTreeMap<Utf8PathBuf, String> {
    let runners = [
        "runners/host/src",
        "runners/host/tests",
        "runners/browser/src",
        "runners/browser/tests",
        "runners/shared/src",
    ];
    ["xtask/src", "xtask/tests", "xtask/testing", "bench/src", "bench/tests", "ci/src"]
        .into_iter()
        .chain(runners)
        .flat_map(|folder| texts(folder, "rs"))
        .collect()
}

#[track_caller]
fn check(wrong: Vec<String>, rule: &str) {
    assert!(wrong.is_empty(), "{rule}:\n  {}", wrong.join("\n  "));
}

#[test]
fn every_file_says_what_it_is() {
    let mut wrong = Vec::new();
    for (path, text) in rust() {
        if !text.starts_with("//!") {
            wrong.push(format!("{path} does not begin with `//!`"));
        }
    }
    check(wrong, "every file begins with what it is");
}

/// The groups of `pub mod` in lib.rs are the floors, lowest first.
#[test]
fn modules_use_only_floors_below_them() {
    let library = fs_err::read_to_string(checkout().join("xtask/src/lib.rs")).unwrap();
    let floors: Vec<Vec<&str>> = library
        .split("\n\n")
        .map(|floor| floor.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect())
        .filter(|floor: &Vec<&str>| !floor.is_empty())
        .collect();
    assert!(floors.len() == 8, "lib.rs lists the floors");
    let floor = |name: &str| floors.iter().position(|floor| floor.contains(&name));
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (path, text) in texts("xtask/src", "rs") {
        let inside = path.strip_prefix("xtask/src").unwrap();
        let own = inside.components().next().unwrap().as_str().trim_end_matches(".rs").to_owned();
        let Some(own_floor) = floor(&own) else { continue };
        // Tests look at whatever they need.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        if path.as_str().ends_with("tests.rs") || path.as_str().contains("/tests/") {
            continue;
        }
        for used in used_modules(code) {
            if floor(&used).is_some_and(|used_floor| used_floor > own_floor) {
                wrong.push(format!("{path} uses {used}, which is on a higher floor than {own}"));
            }
            if floor(&used).is_some() && used != own {
                uses.entry(own.clone()).or_default().insert(used);
            }
        }
    }
    // On one floor, too, no two modules need each other: what is left after taking away those that need nothing is a ring.
    while let Some(free) = uses.keys().find(|name| uses[*name].iter().all(|used| !uses.contains_key(used))).cloned() {
        uses.remove(&free);
    }
    wrong.extend(uses.iter().map(|(name, used)| format!("{name} is in a ring with {used:?}")));
    check(wrong, "a module uses only modules on its own floor or on one below, and no ring");
}

/// The modules of the crate that a file names, in `use crate::{a, b::c}` or in `crate::a::b`.
fn used_modules(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let list = rest.strip_prefix('{').map_or(rest, |list| list.split("};").next().unwrap_or(list));
        let names = if rest.starts_with('{') { list.split(',').collect() } else { vec![list] };
        used.extend(names.into_iter().map(|name| {
            let name = name.trim();
            name.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default().to_owned()
        }));
    }
    used
}

/// Effects at the edges: only these modules may name these things.
#[test]
fn effects_stay_where_they_belong() {
    let rules: [(&str, &[&str]); 7] = [
        ("std::process::Command", &["xtask/src/sys/"]),
        ("process::Command::new", &["xtask/src/sys/"]),
        ("reqwest", &["xtask/src/fetch/"]),
        ("std::net", &["xtask/src/serve", "xtask/src/fetch/"]),
        ("std::env::var", &["xtask/src/app.rs"]),
        ("println!", &["xtask/src/ui/"]),
        ("SystemTime::now", &[]),
    ];
    let mut wrong = Vec::new();
    for (path, text) in texts("xtask/src", "rs").into_iter().chain(texts("bench/src", "rs")) {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for (name, allowed) in rules {
                let tests = path.as_str().contains("tests");
                if line.contains(name) && !tests && !allowed.iter().any(|place| path.as_str().starts_with(place)) {
                    wrong.push(format!("{path}:{}: {name}", number + 1));
                }
            }
        }
    }
    check(wrong, "an effect is named only by the module that it belongs to");
}

/// No shell is started anywhere but to run a script that configure or the launcher is.
#[test]
fn no_shell_interprets_a_command() {
    let mut wrong = Vec::new();
    for (path, text) in texts("xtask/src", "rs") {
        for (number, line) in text.lines().enumerate() {
            if line.contains("\"sh\", \"-c\"") || line.contains("\"-c\", format!") || line.contains("\"bash\"") {
                wrong.push(format!("{path}:{}", number + 1));
            }
        }
    }
    check(wrong, "a command is a program and a list of arguments");
}

#[test]
fn every_test_file_is_part_of_the_one_test_binary() {
    let main = fs_err::read_to_string(checkout().join("xtask/tests/it/main.rs")).unwrap();
    let folder = checkout().join("xtask/tests/it");
    let forgotten: Vec<String> = folder
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().trim_end_matches(".rs").to_owned())
        .filter(|name| name != "main" && name != "snapshots" && !main.contains(&format!("mod {name};")))
        .collect();
    check(forgotten, "a file in tests/it is declared in main.rs");
}

/// Versions are data: a difference between minors is a difference between files.
#[test]
fn no_code_knows_a_minor() {
    let mut wrong = Vec::new();
    for (path, text) in texts("xtask/src", "rs") {
        if path.as_str().contains("tests") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            // Neither the default nor an example in a message is a condition.
            let minors = ["\"3.11", "\"3.12", "\"3.14", "\"3.15", "\"3.16", "minor == 3", "minor >= 3", "minor < 3"];
            if minors.iter().any(|minor| code.contains(minor)) {
                wrong.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    check(wrong, "no conditionals on versions: differences between minors belong in recipes");
}

#[test]
fn documents_have_one_sentence_a_line_and_no_dead_links() {
    let mut wrong = Vec::new();
    let mut documents = texts("docs", "md");
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "recipes/README.md",
        "patches/README.md",
        "ci/README.md",
    ] {
        documents.insert(name.into(), fs_err::read_to_string(checkout().join(name)).unwrap_or_default());
    }
    for (path, text) in documents {
        if text.is_empty() {
            wrong.push(format!("{path} is missing or empty"));
        }
        let mut in_code = false;
        for (number, line) in text.lines().enumerate() {
            if line.starts_with("```") {
                in_code = !in_code;
            }
            if in_code || line.starts_with('|') {
                continue;
            }
            let line = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(". ");
            if line.contains(". ")
                && line.split(". ").skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
            {
                wrong.push(format!("{path}:{}: more than one sentence", number + 1));
            }
            for link in line.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let file = link.split('#').next().unwrap_or_default();
                let target = path.parent().unwrap_or(Utf8Path::new("")).join(file);
                if !file.is_empty() && !link.contains("://") && !checkout().join(&target).exists() {
                    wrong.push(format!("{path}:{}: {link} leads nowhere", number + 1));
                }
            }
        }
    }
    check(wrong, "Markdown has one sentence a line, and its links lead somewhere");
}
