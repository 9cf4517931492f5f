//! `cargo xtask status`: asks the Python of each column which features work, and shows the answers side by side.

use std::time::Duration;

use anyhow::{Result, bail};

use super::python::{guest, without_tests};
use super::runner;
use super::session::{Network, Purpose, Session};
use super::usage;
use crate::app::App;
use crate::cli::{BuildOptions, FormatName, Status as Arguments};
use crate::plan::StageId;
use crate::probe::Probe;
use crate::probe::columns::ColumnRecipe;
use crate::probe::table::{Column, Document, rows};
use crate::provider::runner::RunnerError;
use crate::status::measure::Measure;
use crate::status::{Reasons, Status, native, peer};
use crate::tester::probe::Interpreter;
use crate::tester::{self, Scratch};

/// Runs the probes, and prints or writes the answers. Fails if they were to be checked and differ.
pub fn run(app: &App, arguments: &Arguments) -> Result<()> {
    let mut status = open(app, Reasons::Optional)?;
    let chosen = status.probes.select(&arguments.probe).map_err(usage)?;
    let mut columns = status.answers(&arguments.answers)?;
    let running =
        if columns.is_empty() { status.columns.select(&arguments.columns).map_err(usage)? } else { Vec::new() };
    for recipe in running {
        match column(app, arguments, recipe, &chosen) {
            Ok(column) => columns.push(column),
            Err(error) if arguments.columns.is_empty() && error.is::<NotThere>() => {
                note(app, arguments, format!("{} is left out: {error}", recipe.name()));
            }
            Err(error) => return Err(error),
        }
    }
    if columns.is_empty() {
        bail!("no Python is built\nhint: `cargo xtask build wasi` builds one");
    }
    if arguments.probe.is_empty() && arguments.answers.is_empty() {
        status.remember(app.store()?, &columns)?;
    }
    status.expect(&mut columns);
    if arguments.check {
        return status.check(&app.checkout, &columns, &|text| app.ui.data(text));
    }
    if arguments.write {
        app.ui.note(status.write(&app.checkout, &mut columns)?);
        return Ok(());
    }
    match arguments.format {
        FormatName::Json => {
            let missing = if arguments.columns.is_empty() { status.not_measured(&columns) } else { Vec::new() };
            app.ui.data(&(serde_json::to_string_pretty(&Document::new(&status.probes, &columns, missing))? + "\n"));
        }
        FormatName::Html => app.ui.data(&status.html(&app.checkout, &columns, arguments.since.as_deref())?),
        FormatName::Md => app.ui.data(&status.contents(&columns, &Default::default()).text()),
        FormatName::Text if chosen.len() == 1 => columns.iter().for_each(|column| app.ui.data(&column.evidence())),
        FormatName::Text => {
            let (heading, rows) = rows(&status.probes, &columns);
            app.ui.table_of(&heading.iter().map(String::as_str).collect::<Vec<_>>(), &rows);
            columns.iter().for_each(|column| app.ui.data(&format!("{}: {}\n", column.name, column.totals().text())));
        }
    }
    Ok(())
}

/// What the recipes say about the page.
pub fn open(app: &App, reasons: Reasons) -> Result<Status<'_>> {
    let mut texts = app.recipe_texts()?;
    texts.extend(app.probe_texts()?);
    Ok(Status::parse(texts, app.catalogue()?, reasons)?)
}

/// Why a column that was not named is left out.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotThere(String);

/// Runs the probes on the Python of one column.
fn column(app: &App, arguments: &Arguments, recipe: &ColumnRecipe, probes: &[&Probe]) -> Result<Column> {
    let named_runner = arguments.runner.as_deref().or(recipe.runner());
    let answers = |python: String, runner: String, interpreter: Interpreter<'_>| {
        note(app, arguments, format!("running {} with {runner}", recipe.name()));
        let jobs = arguments.jobs.unwrap_or_else(tester::jobs).get();
        let limit = Duration::from_secs(arguments.time_limit);
        let measure = Measure { probes, jobs, limit, store: app.store()?, cancel: &app.cancel };
        measure.column(recipe, (python, runner), interpreter)
    };
    if let Some(host) = recipe.host() {
        let session = session(app, arguments, recipe, host)?;
        if arguments.columns.is_empty() && !session.is_there(StageId::Package) {
            return Err(NotThere("it is not built".to_owned()).into());
        }
        session.result(StageId::Package)?;
        let given = named_runner.filter(|_| !session.recipe.family.has_one_runner());
        let runner = runner::choose(&session, given, &[]).map_err(not_there)?;
        let guest = guest(&session, &runner, &without_tests(&session, &runner)?)?;
        let python = session.recipe.python.to_string();
        let interpreter = Interpreter::Guest { runner: &runner, guest };
        return answers(python, runner.title(), interpreter);
    }
    let Some(name) = recipe.peer() else {
        let Some((program, version)) = native::find(&recipe.programs, &app.path, &app.cancel) else {
            return Err(NotThere(format!("PATH has no {}", recipe.programs.join(" or "))).into());
        };
        let interpreter = native::interpreter(program, &app.path);
        return answers(version, "this machine".to_owned(), interpreter);
    };
    let catalogue = app.catalogue()?;
    let baseline = &catalogue.baselines[name];
    let Some(host) = peer::host(catalogue, baseline, named_runner) else {
        bail!("{name} runs with none of the runners of its hosts")
    };
    let session = Session::open(app, &BuildOptions::new(host, None), Network::Offline)?;
    let runner = runner::obtain_any(&session, named_runner.unwrap_or_default()).map_err(not_there)?;
    let scratch = Scratch::open(session.store, &format!("status-of-{}", recipe.name()), &app.cancel)?;
    let artifact = catalogue.baseline(name, &app.lock()?)?;
    peer::unpack(&artifact, &app.checkout, session.store, &session.policy, scratch.path(), &app.cancel)?;
    let interpreter = peer::interpreter(scratch.path(), &runner, session.store.file(runner.cache_folder()));
    let title = format!("{name} {}, {}", baseline.version, runner.title());
    answers(baseline.python.get_ref().to_string(), title, interpreter)
}

/// The newest release of a column's minor that is built; without one, what would be built.
fn session<'a>(app: &'a App, arguments: &Arguments, recipe: &ColumnRecipe, host: &str) -> Result<Session<'a>> {
    let open = |python: Option<String>| {
        let mut options = BuildOptions::new(host.to_owned(), python);
        options.profile = recipe.profile().map_or(options.profile, str::to_owned);
        Session::open_for(app, &options, Network::Offline, Purpose::Package, None)
    };
    let python = arguments.python.clone().or(recipe.python().map(str::to_owned));
    let session = open(python.clone())?;
    if session.is_there(StageId::Package) || arguments.python.is_some() {
        return Ok(session);
    }
    for micro in &app.catalogue()?.cpython[&session.recipe.python.minor].micro {
        let other = open(Some(micro.version.to_string()))?;
        if other.is_there(StageId::Package) {
            return Ok(other);
        }
    }
    Ok(session)
}

fn not_there(error: anyhow::Error) -> anyhow::Error {
    if error.is::<RunnerError>() { NotThere(error.to_string()).into() } else { error }
}

/// Says something, unless the output is one JSON document.
fn note(app: &App, arguments: &Arguments, text: String) {
    if arguments.format != FormatName::Json {
        app.ui.note(text);
    }
}
