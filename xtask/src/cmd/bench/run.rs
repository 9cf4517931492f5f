//! `cargo xtask bench run HOST`: what a peer distributes and the package side by side: their starts, memory, programs and downloads.

mod browser;
mod node;
mod peer;
mod programs;
mod report;
mod told;

use anyhow::{Result, bail};

use super::subject::Subject;
use super::{machine, tell};
use crate::app::App;
use crate::cli::BenchRun;
use crate::cmd::build::again;
use crate::cmd::session::{Asking, Session};
use crate::plan::StageId;
use crate::plan::select::Range;
use crate::progress::Silent;
use crate::recipe::raw::HostFamily;
use crate::stage::package::PACKAGE;
use crate::sys;

/// Measures, and prints what came of it.
pub fn run(app: &App, arguments: &BenchRun) -> Result<()> {
    let load = machine::load_average()?;
    let (what, rounds) = (&arguments.what, arguments.rounds.get());
    // Whether there is anything to compare with is known without asking anybody.
    let peer = peer::of(app, &Session::open(app, what, Asking::Nobody)?)?;
    let session = Session::open(app, what, Asking::Network)?;
    machine::warn(app, load);
    session.run(Range::default(), false, &again(what))?;
    let package = session.result(StageId::Package)?.join(PACKAGE);
    let scratch = session.store.lock("bench", &app.cancel, &Silent)?;
    scratch.clear()?;
    let folder = scratch.path().join("peer");
    peer.unpack(&session, &folder)?;

    let measured = match session.recipe.family {
        HostFamily::EmscriptenNode => node::measure(&session, &folder, scratch.path(), rounds)?,
        HostFamily::EmscriptenBrowser => browser::measure(&session, &package, &folder, scratch.path(), rounds)?,
        HostFamily::Wasi => bail!("nothing measures a peer in WASI yet\nhint: `bench build` and `bench test` can"),
    };
    sys::fs::remove_tree(scratch.path())?;
    let recipe = &session.recipe;
    let report = report::Report {
        subject: Subject::of(recipe),
        peer: peer.title(),
        peer_python: peer.python.to_string(),
        runner: measured.runner,
        machine: machine::look(load),
        rounds,
        figures: report::side_by_side(&measured.rounds),
        downloads: measured.downloads,
    };
    tell(app, || report.text(), || report.json());
    Ok(())
}

/// What came of all rounds.
struct Measured {
    /// What ran both sides.
    runner: String,
    rounds: Vec<Vec<report::Figure>>,
    downloads: Vec<report::Download>,
}
