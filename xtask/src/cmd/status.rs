//! `cargo xtask status`: asks the Python of each host which features work, and shows the answers side by side.

use std::time::Duration;

use anyhow::{Result, bail};

use super::python::{guest, without_tests};
use super::runner;
use super::session::{Network, Purpose, Session};
use super::usage;
use crate::app::App;
use crate::cli::{BuildOptions, FormatName, Status};
use crate::line_diff;
use crate::plan::StageId;
use crate::probe::table::{Column, markdown, rows};
use crate::probe::{Probe, Probes, page};
use crate::sys;
use crate::tester::probe::{ProbeConfig, run as run_probes};
use crate::tester::{self, Scratch};

/// The slowest programs take a few seconds, of which most is the start of a browser.
const LIMIT: Duration = Duration::from_secs(30);

/// Runs the probes, and prints or writes the answers. Fails if a page was to be checked and differs.
pub fn run(app: &App, arguments: &Status) -> Result<()> {
    let probes = Probes::parse(&app.probe_texts()?)?;
    let whole_page = arguments.check || arguments.write;
    let chosen = probes.select(&arguments.probe).map_err(usage)?;
    let mut columns = Vec::new();
    for host in hosts(app, arguments)? {
        let options = BuildOptions::new(host, arguments.python.clone());
        let session = Session::open_for(app, &options, Network::Offline, Purpose::Package, None)?;
        if arguments.hosts.is_empty() && !session.is_there(StageId::Package) {
            app.ui.note(format!("{} is left out: it is not built", options.host));
            continue;
        }
        columns.push(column(&session, arguments, &chosen)?);
    }
    if columns.is_empty() {
        bail!("no Python is built\nhint: `cargo xtask build wasi` builds one");
    }
    if whole_page {
        return page(app, arguments, &page::text(&probes, &columns));
    }
    match arguments.format {
        FormatName::Json => app.ui.data(&(serde_json::to_string_pretty(&columns)? + "\n")),
        FormatName::Md => app.ui.data(&markdown(&probes, &columns)),
        FormatName::Text if chosen.len() == 1 => columns.iter().for_each(|column| show(app, column)),
        FormatName::Text => {
            let (heading, rows) = rows(&probes, &columns);
            app.ui.table_of(&heading.iter().map(String::as_str).collect::<Vec<_>>(), &rows);
            for column in &columns {
                app.ui.data(&format!("{}: {}\n", column.host, column.totals().text()));
            }
        }
    }
    Ok(())
}

/// The hosts that are named, or all that have a recipe for the Python.
fn hosts(app: &App, arguments: &Status) -> Result<Vec<String>> {
    if !arguments.hosts.is_empty() {
        return Ok(arguments.hosts.clone());
    }
    let catalogue = app.catalogue()?;
    let minor = catalogue.minor(&catalogue.python(arguments.python.as_deref()))?;
    Ok(catalogue.hosts_with(minor).into_iter().map(str::to_owned).collect())
}

/// Runs the probes on the Python of one host.
fn column(session: &Session<'_>, arguments: &Status, probes: &[&Probe]) -> Result<Column> {
    let (app, recipe) = (session.app, &session.recipe);
    session.result(StageId::Package)?;
    let given = arguments.runner.as_deref().filter(|_| !recipe.family.has_one_runner());
    let runner = runner::choose(session, given, &[])?;
    let scratch = Scratch::open(session.store, &format!("status-{}", recipe.package_name()), &app.cancel)?;
    app.ui.note(format!("running {} with {}", recipe.host, runner.title()));
    let config = ProbeConfig {
        runner: &runner,
        guest: guest(session, &runner, &without_tests(session, &runner)?)?,
        jobs: arguments.jobs.unwrap_or_else(tester::jobs).get(),
        limit: LIMIT,
        folder: scratch.path(),
        cancel: &app.cancel,
    };
    let answers = run_probes(&config, probes)?;
    Ok(Column { host: recipe.host.clone(), python: recipe.python.to_string(), runner: runner.title(), answers })
}

/// One probe with its evidence.
fn show(app: &App, column: &Column) {
    for (name, answer) in &column.answers {
        let Column { host, python, runner, .. } = column;
        app.ui.data(&format!("{}\n", answer.evidence.trim_end()));
        app.ui.data(&format!("\n{name} on {host}, Python {python}, {runner}: {}\n", answer.text()));
    }
}

/// Writes the page, or compares its tables with what they would be now.
fn page(app: &App, arguments: &Status, text: &str) -> Result<()> {
    let path = app.checkout.join(page::FILE);
    let written = fs_err::read_to_string(&path).unwrap_or_default();
    if arguments.write {
        sys::fs::write_atomic(&path, text.as_bytes())?;
        app.ui.note(format!("{} is written", page::FILE));
    } else if page::tables(&written) != page::tables(text) {
        app.ui.data(&line_diff::line_diff(page::tables(&written), page::tables(text)));
        bail!(
            "{} differs from this run\nhint: if this is intended, `cargo xtask status --write` updates it",
            page::FILE
        );
    }
    Ok(())
}
