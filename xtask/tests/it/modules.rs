//! All commands that report extension modules agree about each module, for every minor on every host of the shipped recipes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use xtask::recipe::Catalogue;
use xtask::recipe::module_table::why;

use crate::kit::invocation::Invocation;
use crate::kit::sandbox::Sandbox;
use crate::recipes::{checkout, shipped_texts};

/// State and reason, by module.
type States = BTreeMap<String, (String, String)>;

fn xtask<'a>(sandbox: &'a Sandbox, arguments: &[&str]) -> Invocation<'a> {
    sandbox.xtask(arguments).env("CARGO_MANIFEST_DIR", checkout().join("xtask").to_str().unwrap()).unredacted()
}

fn json(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    serde_json::from_str(&xtask(sandbox, arguments).succeed().stdout).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn string(value: &toml::Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What `cargo xtask recipe show --resolved` has.
fn resolved(sandbox: &Sandbox, host: &str, minor: &str) -> States {
    let shown = xtask(sandbox, &["recipe", "show", host, "--python", minor, "--resolved"]).succeed().stdout;
    let recipe: toml::Table = shown.parse().unwrap();
    let mut states = States::new();
    for (state, modules) in recipe["modules"].as_table().unwrap() {
        let modules: Vec<(String, String)> = match modules {
            toml::Value::Array(names) => names.iter().map(|name| (string(name), String::new())).collect(),
            reasons => {
                reasons.as_table().unwrap().iter().map(|(name, reason)| (name.clone(), string(reason))).collect()
            }
        };
        for (module, reason) in modules {
            let before = states.insert(module.clone(), (state.clone(), reason));
            assert_eq!(before, None, "{module} has two states");
        }
    }
    states
}

/// What the paragraphs of `cargo xtask modules HOST --why NAME` have.
fn explained(paragraph: &str, module: &str, host: &str, minor: &str) -> Option<(String, String)> {
    let mut lines = paragraph.lines();
    let heading = lines.next().unwrap();
    if heading == format!("{module} on {host}: Python {minor} does not have this module") {
        return None;
    }
    let state = heading.strip_prefix(&format!("{module} on {host}, Python {minor}: ")).expect(paragraph).to_owned();
    let reason = lines.find_map(|line| line.strip_prefix("  reason: ")).unwrap_or_default().to_owned();
    Some((state, reason))
}

/// The file and the line that a paragraph names exist, and are about the module or about the library that it lacks.
fn check_place(paragraph: &str, module: &str) {
    let place = paragraph.lines().find_map(|line| line.strip_prefix("  decided by ")).expect(paragraph);
    let (file, rest) = place.split_once(':').expect(place);
    let (number, written) = rest.split_once(": ").expect(place);
    let number: usize = number.parse().unwrap();
    let text = fs_err::read_to_string(checkout().join(file)).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[number - 1].trim(), written, "{paragraph}");
    // A line below `[module.NAME]`, or one with the name in it.
    let heading = lines[..number].iter().rev().find(|line| line.starts_with('['));
    let names = |line: &str| line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == module);
    assert!(names(written) || heading.is_some_and(|heading| names(heading)), "{paragraph}");
}

#[test]
fn all_commands_agree_about_every_module() {
    let sandbox = Sandbox::new();
    let texts = shipped_texts();
    let catalogue = Catalogue::parse(&texts).unwrap_or_else(|mistakes| panic!("\n{mistakes}"));
    let mut compared = 0;
    for minor in catalogue.cpython.keys() {
        let minor_name = minor.to_string();
        let mut listed: BTreeMap<String, States> = BTreeMap::new();
        let mut modules = BTreeSet::new();
        for entry in json(&sandbox, &["modules", "--python", &minor_name, "--format", "json"]).as_array().unwrap() {
            assert_eq!(text(&entry["python"]), minor_name);
            let states = listed.entry(text(&entry["host"])).or_default();
            modules.insert(text(&entry["module"]));
            if !entry["state"].is_null() {
                states.insert(text(&entry["module"]), (text(&entry["state"]), text(&entry["reason"])));
            }
        }
        let with_minor = catalogue.hosts.iter().filter(|(_, host)| host.has(*minor));
        let hosts: Vec<&String> = with_minor.map(|(name, _)| name).collect();
        assert_eq!(listed.keys().collect::<Vec<_>>(), hosts);
        for (host, states) in &listed {
            assert_eq!(resolved(&sandbox, host, &minor_name), *states, "Python {minor} on {host}");
            for module in &modules {
                let paragraph = why(&catalogue, &texts, module, host, *minor);
                assert_eq!(
                    explained(&paragraph, module, host, &minor_name).as_ref(),
                    states.get(module),
                    "{paragraph}"
                );
                check_place(&paragraph, module);
                compared += 1;
            }
            // The program prints what the library says.
            let module = modules.iter().nth(compared % modules.len()).unwrap();
            let printed =
                xtask(&sandbox, &["modules", host, "--python", &minor_name, "--why", module]).succeed().stdout;
            assert_eq!(printed, why(&catalogue, &texts, module, host, *minor));
        }
    }
    assert!(compared > 1000, "only {compared} modules were compared");
    let _ = xtask(&sandbox, &["recipe", "check"]).succeed();
}
