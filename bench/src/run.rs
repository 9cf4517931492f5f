//! `cargo xtask bench run HOST`: compares the package with a baseline such as Pyodide: start time, memory, programs and download size.

mod baseline;
mod browser;
mod node;
mod page_event;
mod programs;
mod report;

use anyhow::{Result, bail};

use super::subject::Subject;
use super::{machine, print_report};
use crate::cli::Run;
use xtask::app::App;
use xtask::cmd::session::{Network, Session};
use xtask::plan::StageId;
use xtask::plan::select::Range;
use xtask::progress::Silent;
use xtask::recipe::model::HostFamily;
use xtask::stage::package::PACKAGE;
use xtask::sys;

/// Runs the measurements and prints the report.
pub fn run(app: &App, arguments: &Run) -> Result<()> {
    let load = machine::load_average()?;
    let (what, rounds) = (&arguments.options, arguments.rounds.get());
    // This needs no network, so it is checked first.
    let baseline = baseline::of(app, &Session::open(app, what, Network::Offline)?)?;
    let session = Session::open(app, what, Network::Online)?;
    machine::warn(app, load);
    session.run(Range::default(), false)?;
    let package = session.result(StageId::Package)?.join(PACKAGE);
    let scratch = session.store.lock("bench", &app.cancel, &Silent)?;
    scratch.clear()?;
    let folder = scratch.path().join("baseline");
    baseline.unpack(&session, &folder)?;

    let measured = match session.recipe.family {
        HostFamily::EmscriptenNode => node::measure(&session, &folder, scratch.path(), rounds)?,
        HostFamily::EmscriptenBrowser => browser::measure(&session, &package, &folder, scratch.path(), rounds)?,
        HostFamily::Wasi => bail!("`bench run` does not support WASI hosts\nhint: `bench build` and `bench test` do"),
    };
    sys::fs::remove_tree(scratch.path())?;
    let recipe = &session.recipe;
    let report = report::Report {
        subject: Subject::of(recipe),
        baseline: baseline.title(),
        baseline_python: baseline.python.to_string(),
        runner: measured.runner,
        machine: machine::look(load),
        rounds,
        figures: report::side_by_side(&measured.rounds),
        downloads: measured.downloads,
    };
    print_report(app, || report.text(), || report.json());
    Ok(())
}

/// The results of all rounds.
struct Measured {
    /// What ran both sides.
    runner: String,
    rounds: Vec<Vec<report::Figure>>,
    downloads: Vec<report::Download>,
}
