//! `cargo xtask bench run HOST`: what a peer distributes and the package side by side: their starts, memory, programs and downloads.

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
use xtask::recipe::raw::HostFamily;
use xtask::stage::package::PACKAGE;
use xtask::sys;

/// Measures, and prints what came of it.
pub fn run(app: &App, arguments: &Run) -> Result<()> {
    let load = machine::load_average()?;
    let (what, rounds) = (&arguments.options, arguments.rounds.get());
    // Whether there is anything to compare with is known without asking anybody.
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
        HostFamily::Wasi => bail!("nothing measures a peer in WASI yet\nhint: `bench build` and `bench test` can"),
    };
    sys::fs::remove_tree(scratch.path())?;
    let recipe = &session.recipe;
    let report = report::Report {
        subject: Subject::of(recipe),
        baseline: baseline.title(),
        peer_python: baseline.python.to_string(),
        runner: measured.runner,
        machine: machine::look(load),
        rounds,
        figures: report::side_by_side(&measured.rounds),
        downloads: measured.downloads,
    };
    print_report(app, || report.text(), || report.json());
    Ok(())
}

/// What came of all rounds.
struct Measured {
    /// What ran both sides.
    runner: String,
    rounds: Vec<Vec<report::Figure>>,
    downloads: Vec<report::Download>,
}
