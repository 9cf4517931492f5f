//! `cargo xtask bench build HOST`: CPython's own script and this xtask side by side, from one source, with one toolchain.

use anyhow::{Result, bail};

use super::round_runner::RoundRunner;
use super::subject::Subject;
use super::{machine, report, script, tell, xtask_build};
use crate::app::App;
use crate::cli::BuildOptions;
use crate::cmd::session::{Network, Session};
use crate::plan::StageId;
use crate::plan::select::Range;
use crate::progress::Silent;
use crate::recipe::raw::Reference;
use crate::sys;

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
pub fn run(app: &App, options: &BuildOptions, rounds: usize) -> Result<()> {
    let load = machine::load_average()?;
    // Whether there is anything to compare with is known without asking anybody.
    let reference = reference(app, &Session::open(app, options, Network::Offline)?)?;
    let session = Session::open(app, options, Network::Online)?;
    let python = script::python(app, &reference)?;
    machine::warn(app, load);
    for id in GIVEN {
        session.run(Range { from: None, until: Some(id) }, false)?;
    }
    let machine = machine::with_compilers(&session, &python, load)?;
    let scratch = session.store.lock("bench", &app.cancel, &Silent)?;
    scratch.clear()?;
    let script = script::Script::new(&session, &reference, python, scratch.path())?;
    let own = xtask_build::Own::new(&session, options, scratch.path())?;

    let measured = RoundRunner::rounds(&app.ui, &MEASUREMENTS, rounds, |runner, round| {
        Ok(report::Round {
            script_cold: runner.stage(0, round, |progress| script.cold(progress))?,
            xtask_cold: runner.stage(1, round, |progress| own.cold(progress))?,
            script_again: runner.stage(2, round, |progress| script.resume_command(progress))?,
            xtask_again: runner.stage(3, round, |progress| own.resume_command(progress))?,
        })
    })?;
    sys::fs::remove_tree(scratch.path())?;

    let recipe = &session.recipe;
    let report = report::Report {
        subject: Subject::of(recipe),
        build_python: recipe.build_python.flavour.clone(),
        script: reference.script,
        machine,
        rounds: measured,
    };
    tell(app, || report.text(), || report.json());
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
