//! `cargo xtask fetch HOST`: all downloads of a build, verified, so that the build itself can be offline.

use anyhow::Result;

use super::output::tell_path;
use super::runner;
use super::session::{Network, Session};
use crate::app::App;
use crate::cli::Fetch;
use crate::plan::select::Range;
use crate::plan::{StageId, Work};
use crate::provider::{choose, obtain};

/// Downloads missing inputs and verifies the others.
pub fn run(app: &App, arguments: &Fetch) -> Result<()> {
    if arguments.again {
        choose::forget(app.store()?)?;
    }
    let session = Session::open(app, &arguments.options, Network::Online)?;
    for id in [StageId::FetchSource, StageId::FetchToolchain, StageId::FetchLibraries] {
        if session.plan.stage(id).is_some() {
            let range = Range { from: None, until: Some(id) };
            session.run(range, false)?;
        }
    }
    session.fetch_host_runner_crates()?;
    let runners = arguments.runner.iter().map(|name| runner::fetch(&session, name));
    let runners = runners.collect::<Result<Vec<_>>>()?;
    for stage in session.plan.stages.iter().chain(runners.iter().flatten().flat_map(|plan| &plan.stages)) {
        let Work::Fetch { artifacts } = &stage.work else { continue };
        for artifact in artifacts {
            // Reads the whole file: `fetch` is for those who want to be sure.
            obtain::obtain(
                std::slice::from_ref(artifact),
                session.store,
                &session.policy,
                &app.cancel,
                &crate::progress::Silent,
            )?;
            tell_path(app, &session.store.download(&artifact.sha256, &artifact.file));
        }
    }
    Ok(())
}
