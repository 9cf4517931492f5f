//! `cargo xtask bench build HOST`: builds with CPython's own script and with `cargo xtask build`, from the same source and toolchain.

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
use xtask::recipe::model::Reference;
use xtask::sys;

/// The stages that run before anything is measured. Both sides get the downloads and the host runner; only CPython's script gets the unpacked source and toolchain.
const GIVEN: [StageId; 5] = [
    StageId::FetchSource,
    StageId::FetchToolchain,
    StageId::PrepareSource,
    StageId::PrepareToolchain,
    StageId::BuildHostRunner,
];

/// The four measurements of each round, in this order. The sides alternate, so that a slow phase of the machine affects both.
const MEASUREMENTS: [(&str, &str); 4] = [
    ("script-cold", "CPython's own script, from scratch"),
    ("xtask-cold", "cargo xtask build, from scratch"),
    ("script-again", "CPython's own script, with nothing to do"),
    ("xtask-again", "cargo xtask build, with nothing to do"),
];

/// Runs the measurements and prints the report.
pub fn run(app: &App, options: &BuildOptions, rounds: usize) -> Result<()> {
    let load = machine::load_average()?;
    // This needs no network, so it is checked first.
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
    match catalogue.hosts[host].reference(minor).cloned() {
        Some(reference) => Ok(reference),
        None => bail!(
            "there is no recipe for building CPython {minor} for {host} with CPython's own script\n\
             hint: it would be `[reference]` in recipes/hosts/{host}/{minor}.toml"
        ),
    }
}
