//! `cargo xtask modules`: which extension modules Python has on each host, and why it lacks the others.

use std::collections::BTreeSet;

use anyhow::Result;

use super::usage;
use crate::app::App;
use crate::cli::{FormatName, Modules};
use crate::recipe::module_table::{Entry, entry, known, markdown, paragraph, state_name, states};

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
        None => catalogue.hosts_with(minor),
    };
    let modules: Vec<&str> = match &arguments.why {
        Some(name) => vec![known(catalogue, name).map_err(usage)?],
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
                let state = state_name(entry);
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

fn print(app: &App, format: FormatName, heading: &[&str], rows: &[Vec<String>]) {
    if format != FormatName::Md {
        app.ui.table_of(heading, rows);
        return;
    }
    app.ui.data(&markdown(heading, rows));
}
