//! `cargo xtask bench build HOST`: CPython's own script and this xtask side by side, from one source, with one toolchain.

use anyhow::{Result, bail};

use super::round_runner::RoundRunner;
use super::subject::Subject;
use super::{machine, print_report, report, script, xtask_build};
use xtask::app::App;
use xtask::cli::BuildOptions;
use xtask::cmd::session::{Network, Session};
use xtask::plan::StageId;
use xtask::plan::select::Range;
use xtask::progress::Silent;
use xtask::recipe::raw::Reference;
use xtask::sys;

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
    let xtask = xtask_build::XtaskBuild::new(&session, options, scratch.path())?;

    let measured = RoundRunner::rounds(&app.ui, &MEASUREMENTS, rounds, |runner, round| {
        Ok(report::Round {
            script_cold: runner.stage(0, round, |progress| script.cold(progress))?,
            xtask_cold: runner.stage(1, round, |progress| xtask.cold(progress))?,
            script_again: runner.stage(2, round, |progress| script.rebuild(progress))?,
            xtask_again: runner.stage(3, round, |progress| xtask.rebuild(progress))?,
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
    print_report(app, || report.text(), || report.json());
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
