//! The matrix of extension modules as commands show it: each module with its state, its reason, and the line that decides. Pure.

use std::collections::BTreeSet;

use serde::Serialize;

use super::modules::{Decision, FILE, State};
use super::{Catalogue, Texts};
use crate::name::Minor;
use crate::suggest;

/// What the table has for a module that a minor lacks.
const ABSENT: &str = "-";

/// One module on one host, as JSON has it.
#[derive(Debug, Serialize)]
pub struct Entry<'a> {
    pub module: &'a str,
    pub host: &'a str,
    pub python: Minor,
    /// `None` where this minor does not have the module.
    pub state: Option<State>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub reason: &'a str,
    /// The file and the line that decide.
    pub file: &'a str,
    pub line: usize,
}

/// One module on one host, which must have the minor.
pub fn entry<'a>(catalogue: &'a Catalogue, texts: &Texts, module: &'a str, host: &'a str, minor: Minor) -> Entry<'a> {
    let line = |file: &str, start: usize| texts[file][..start].lines().count().max(1);
    match catalogue.hosts[host].modules[&minor].get(module) {
        Some(Decision { state, reason, file, span }) => {
            // A span at the beginning of a line has only whole lines before it.
            let line = line(file, span.start + 1);
            Entry { module, host, python: minor, state: Some(*state), reason, file, line }
        }
        None => {
            let file = FILE;
            let start = catalogue.place_of_module(module).map_or(0, |span| span.start);
            Entry { module, host, python: minor, state: None, reason: "", file, line: line(file, start + 1) }
        }
    }
}

/// The module of this name, if any host or minor has it.
///
/// # Errors
/// The message about an unknown name, with a hint.
pub fn known<'a>(catalogue: &'a Catalogue, name: &str) -> Result<&'a str, String> {
    let decided = catalogue.hosts.values().flat_map(|host| host.modules.values()).flat_map(|modules| modules.keys());
    let names: BTreeSet<&str> = decided.map(String::as_str).chain(catalogue.module_names()).collect();
    if let Some(known) = names.get(name) {
        return Ok(known);
    }
    let near = suggest::near(name, names.iter().copied());
    let hint = match near.is_empty() {
        true => "`cargo xtask modules` lists them".to_owned(),
        false => format!("did you mean `{}`?", near.join("` or `")),
    };
    Err(format!("unknown module `{name}`\nhint: {hint}"))
}

/// A table in Markdown.
pub fn markdown(heading: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(heading.to_vec()) + &line(vec!["---"; heading.len()]);
    text.extend(rows.iter().map(|row| line(row.iter().map(String::as_str).collect())));
    text
}

/// The state in words.
pub fn state_name(entry: &Entry) -> &'static str {
    entry.state.map_or(ABSENT, State::name)
}

/// A row: a module, and its state on each host.
pub fn states(entries: &[Entry]) -> Vec<String> {
    let states = entries.iter().map(|entry| state_name(entry).to_owned());
    entries.iter().take(1).map(|entry| entry.module.to_owned()).chain(states).collect()
}

/// The paragraph that `--why` prints about one module on one host, which must have the minor.
pub fn why(catalogue: &Catalogue, texts: &Texts, module: &str, host: &str, minor: Minor) -> String {
    paragraph(&entry(catalogue, texts, module, host, minor), texts)
}

/// The same for an entry.
pub fn paragraph(entry: &Entry, texts: &Texts) -> String {
    let Entry { module, host, python, reason, file, line, .. } = entry;
    let mut text = match entry.state {
        Some(state) => format!("{module} on {host}, Python {python}: {}\n", state.name()),
        None => format!("{module} on {host}: Python {python} does not have this module\n"),
    };
    if !reason.is_empty() {
        text.push_str(&format!("  reason: {reason}\n"));
    }
    let written = texts[*file].lines().nth(line - 1).unwrap_or_default().trim();
    text.push_str(&format!("  decided by {file}:{line}: {written}\n"));
    text
}
