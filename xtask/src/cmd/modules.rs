//! `cargo xtask modules`: which extension modules Python has on each host, and why it lacks the others.

use std::collections::BTreeSet;

use anyhow::Result;
use serde::Serialize;

use super::usage;
use crate::app::App;
use crate::cli::{FormatName, Modules};
use crate::name::Minor;
use crate::recipe::modules::{Decision, State};
use crate::recipe::{Catalogue, Texts};
use crate::suggest;

/// What the table has for a module that a minor lacks.
const ABSENT: &str = "-";

/// One module on one host, as JSON has it.
#[derive(Debug, Serialize)]
struct Entry<'a> {
    module: &'a str,
    host: &'a str,
    python: Minor,
    /// `None` where this minor does not have the module.
    state: Option<State>,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
    /// The file and the line that decide.
    file: &'a str,
    line: usize,
}

/// Prints the matrix for one minor: one module, one host, or everything.
pub fn run(app: &App, arguments: &Modules) -> Result<()> {
    let catalogue = app.catalogue()?;
    let python = catalogue.python(arguments.python.as_deref());
    let minor = catalogue.minor(&python)?;
    let hosts: Vec<&str> = match &arguments.host {
        Some(host) => {
            catalogue.modules(host, &python)?;
            vec![host]
        }
        None => {
            let hosts = catalogue.hosts.iter().filter(|(_, host)| host.modules.contains_key(&minor));
            hosts.map(|(name, _)| name.as_str()).collect()
        }
    };
    let modules: Vec<&str> = match &arguments.why {
        Some(name) => vec![known(catalogue, name)?],
        None => {
            let named = hosts.iter().flat_map(|host| catalogue.hosts[*host].modules[&minor].keys());
            named.map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect()
        }
    };
    let texts = app.recipe_texts()?;
    let mut entries = Vec::new();
    for module in &modules {
        for host in &hosts {
            entries.push(entry(catalogue, &texts, module, host, minor));
        }
    }
    match (arguments.format, &arguments.why, &arguments.host) {
        (FormatName::Json, ..) => app.ui.data(&(serde_json::to_string_pretty(&entries)? + "\n")),
        (FormatName::Text, Some(_), _) => {
            app.ui.data(&entries.iter().map(|entry| paragraph(entry, &texts)).collect::<String>())
        }
        (format, None, None) => {
            let heading: Vec<&str> = std::iter::once("module").chain(hosts.iter().copied()).collect();
            let rows: Vec<Vec<String>> = entries.chunks(hosts.len()).map(states).collect();
            print(app, format, &heading, &rows);
        }
        (format, ..) => {
            let row = |entry: &Entry| {
                let state = entry.state.map_or(ABSENT, State::name);
                let place = format!("{}:{}", entry.file, entry.line);
                [entry.module, entry.host, state, entry.reason, &place].map(str::to_owned).to_vec()
            };
            let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
            match format {
                FormatName::Md => print(app, format, &["module", "host", "state", "reason", "decided by"], &rows),
                _ => {
                    let rows = rows.into_iter().map(|row| [row[0].clone(), row[2].clone(), row[3].clone()].to_vec());
                    print(app, format, &["module", "state", "reason"], &rows.collect::<Vec<_>>());
                }
            }
        }
    }
    Ok(())
}

/// The module of this name, if any host or minor has it.
fn known<'a>(catalogue: &'a Catalogue, name: &str) -> Result<&'a str> {
    let decided = catalogue.hosts.values().flat_map(|host| host.modules.values()).flat_map(|modules| modules.keys());
    let names: BTreeSet<&str> = decided.map(String::as_str).chain(catalogue.module_names()).collect();
    if let Some(known) = names.get(name) {
        return Ok(known);
    }
    let near = suggest::near(name, names.iter().copied());
    let hint = match near.is_empty() {
        true => "`cargo xtask modules` lists them".to_owned(),
        false => {
            format!("did you mean {}?", near.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or "))
        }
    };
    Err(usage(format!("unknown module `{name}`\nhint: {hint}")))
}

fn entry<'a>(catalogue: &'a Catalogue, texts: &Texts, module: &'a str, host: &'a str, minor: Minor) -> Entry<'a> {
    let line = |file: &str, start: usize| texts[file][..start].lines().count().max(1);
    match catalogue.hosts[host].modules[&minor].get(module) {
        Some(Decision { state, reason, file, span }) => {
            // A span at the beginning of a line has only whole lines before it.
            let line = line(file, span.start + 1);
            Entry { module, host, python: minor, state: Some(*state), reason, file, line }
        }
        None => {
            let file = crate::recipe::modules::FILE;
            let start = catalogue.place_of_module(module).map_or(0, |span| span.start);
            Entry { module, host, python: minor, state: None, reason: "", file, line: line(file, start + 1) }
        }
    }
}

fn states(entries: &[Entry]) -> Vec<String> {
    let states = entries.iter().map(|entry| entry.state.map_or(ABSENT, State::name).to_owned());
    entries.iter().take(1).map(|entry| entry.module.to_owned()).chain(states).collect()
}

/// The paragraph that `--why` prints about one module on one host, which must have the minor.
pub fn why(catalogue: &Catalogue, texts: &Texts, module: &str, host: &str, minor: Minor) -> String {
    paragraph(&entry(catalogue, texts, module, host, minor), texts)
}

fn paragraph(entry: &Entry, texts: &Texts) -> String {
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

fn print(app: &App, format: FormatName, heading: &[&str], rows: &[Vec<String>]) {
    if format != FormatName::Md {
        app.ui.table_of(heading, rows);
        return;
    }
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(heading.to_vec()) + &line(vec!["---"; heading.len()]);
    text.extend(rows.iter().map(|row| line(row.iter().map(String::as_str).collect())));
    app.ui.data(&text);
}
