//! `cargo xtask bench build HOST`: CPython's own script and this xtask side by side, on one machine, from one source, with one toolchain.
//!
//! It measures and shows; it judges nothing and keeps nothing. docs/bench.md says what the figures mean.

mod machine;
mod own;
mod report;
mod script;

use std::time::Instant;

use anyhow::{Result, bail};

use super::Failed;
use super::build::again;
use super::session::{Asking, Session};
use crate::app::App;
use crate::cancel::Cancelled;
use crate::cli::{Bench, Format, What};
use crate::event::{Event, Listener as _, Outcome, PlannedStage, Unit, seconds};
use crate::plan::StageId;
use crate::plan::select::Range;
use crate::progress::{Progress, Silent};
use crate::recipe::raw::Reference;
use crate::sys::{self, CommandError};
use crate::ui::Ui;

/// What both sides take as given: downloads, and the program that runs host binaries. Source and toolchain are given to CPython's script only.
const GIVEN: [StageId; 5] = [
    StageId::FetchSource,
    StageId::FetchToolchain,
    StageId::PrepareSource,
    StageId::PrepareToolchain,
    StageId::BuildHostRunner,
];

/// The four things that are measured in each round, in this order: what slows the machine down meets both sides.
const MEASUREMENTS: [(&str, &str); 4] = [
    ("script-cold", "CPython's own script, from nothing"),
    ("xtask-cold", "this xtask, from nothing"),
    ("script-again", "CPython's own script, with nothing changed"),
    ("xtask-again", "this xtask, with nothing changed"),
];

/// Measures, and prints what came of it.
pub fn run(app: &App, arguments: &Bench) -> Result<()> {
    let Bench::Build { what, rounds } = arguments;
    build(app, what, rounds.get())
}

fn build(app: &App, what: &What, rounds: usize) -> Result<()> {
    let load = machine::load_average()?;
    // Whether there is anything to compare with is known without asking anybody.
    let reference = reference(app, &Session::open(app, what, Asking::Nobody)?)?;
    let session = Session::open(app, what, Asking::Network)?;
    let python = script::python(app, &reference)?;
    if load.is_high() {
        app.ui.warning(format!("{load}: something else is running, and what is measured now is worth little"));
    }
    for id in GIVEN {
        session.run(Range { from: None, until: Some(id) }, false, &again(what))?;
    }
    let machine = machine::look(app, &session, &python, load)?;
    let scratch = session.store.lock("bench", &app.cancel, &Silent)?;
    scratch.clear()?;
    let script = script::Script::new(&session, &reference, python, scratch.path())?;
    let own = own::Own::new(&session, what, scratch.path())?;

    let showing = Showing::begin(&app.ui, rounds);
    let mut measured = Vec::new();
    let measure = |round| -> Result<report::Round> {
        Ok(report::Round {
            script_cold: showing.stage(0, round, |progress| script.cold(progress))?,
            xtask_cold: showing.stage(1, round, |progress| own.cold(progress))?,
            script_again: showing.stage(2, round, |progress| script.again(progress))?,
            xtask_again: showing.stage(3, round, |progress| own.again(progress))?,
        })
    };
    let result = (1..=rounds).try_for_each(|round| measure(round).map(|round| measured.push(round)));
    showing.end(result.is_ok());
    result?;
    sys::fs::remove_tree(scratch.path())?;

    let recipe = &session.recipe;
    let report = report::Report {
        python: recipe.python.to_string(),
        host: recipe.host.clone(),
        profile: recipe.profile.clone(),
        build_python: recipe.build_python.flavour.clone(),
        toolchain: recipe.toolchain.title(),
        script: reference.script,
        machine,
        rounds: measured,
    };
    app.ui.data(&match app.format {
        Format::Text => report.text(),
        Format::Json => report.json(),
    });
    Ok(())
}

/// CPython's own script for what is to be built.
fn reference(app: &App, session: &Session<'_>) -> Result<Reference> {
    let catalogue = app.catalogue()?;
    let (host, minor) = (&session.recipe.host, session.recipe.python.minor);
    match catalogue.hosts[host].minors[&minor].reference.clone() {
        Some(reference) => Ok(reference),
        None => bail!(
            "no script of CPython {minor}'s own for {host} is known here, so there is nothing to compare with\n\
             hint: `[reference]` in recipes/hosts/{host}/{minor}.toml names it"
        ),
    }
}

/// The report on a command of either side that failed. What it left stays where it is, to be looked at.
fn failed(what: &str, error: &CommandError, told: &str) -> anyhow::Error {
    if matches!(error.kind, sys::Failure::Cancelled) {
        return Cancelled.into();
    }
    let command = &error.command;
    let mut report = format!("{what} failed: {error}\n\ncommand:\n  {command}\nfolder:\n  {}\n", command.directory);
    if told.is_empty() {
        report += &format!("last lines of its output:\n  {}", error.tail.join("\n  "));
    } else {
        report += &format!("what it told:\n  {}", told.replace('\n', "\n  "));
    }
    if let Some(log) = &error.log {
        report += &format!("\nwhole output: {log}");
    }
    Failed { report, code: 1 }.into()
}

/// Shows measurements as a build's stages are shown.
struct Showing<'a> {
    ui: &'a Ui,
    began: Instant,
}

impl<'a> Showing<'a> {
    fn begin(ui: &'a Ui, rounds: usize) -> Self {
        let stages = (1..=rounds).flat_map(|round| MEASUREMENTS.iter().map(move |what| (round, what)));
        let stages = stages.map(|(round, (name, title))| PlannedStage {
            stage: format!("{name}-{round}"),
            title: (*title).to_owned(),
            up_to_date: false,
            expected_seconds: None,
            unit: Unit::None,
            needs: Vec::new(),
        });
        ui.hear(&Event::Planned { stages: stages.collect() });
        Self { ui, began: Instant::now() }
    }

    fn stage<T>(&self, index: usize, round: usize, work: impl FnOnce(&dyn Progress) -> Result<T>) -> Result<T> {
        let stage = format!("{}-{round}", MEASUREMENTS[index].0);
        let began = Instant::now();
        self.ui.hear(&Event::StageStarted { stage: stage.clone() });
        let result = work(&Line { ui: self.ui, stage: stage.clone() });
        let outcome = match &result {
            Ok(_) => Outcome::Built,
            Err(error) => Outcome::Failed { summary: error.to_string().lines().next().unwrap_or_default().to_owned() },
        };
        self.ui.hear(&Event::StageFinished { stage, outcome, seconds: seconds(began.elapsed()) });
        result
    }

    fn end(&self, ok: bool) {
        self.ui.hear(&Event::Finished { ok, seconds: seconds(self.began.elapsed()) });
    }
}

/// Turns what a measurement tells into events.
struct Line<'a> {
    ui: &'a Ui,
    stage: String,
}

impl Progress for Line<'_> {
    fn advance(&self, _done: u64, _total: Option<u64>) {}

    fn line(&self, line: &str) {
        self.ui.hear(&Event::StageLine { stage: self.stage.clone(), line: line.to_owned() });
    }
}
