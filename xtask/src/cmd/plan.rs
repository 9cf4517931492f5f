//! `cargo xtask plan HOST`: what a build would do. It uses no network and changes nothing except an empty store.

use anyhow::Result;

use super::session::{Network, Session};
use crate::app::App;
use crate::cli::{Format, Plan};
use crate::engine;
use crate::plan::select::StageStatus;
use crate::plan::{StageId, render};

/// Prints the plan.
pub fn run(app: &App, arguments: &Plan) -> Result<()> {
    let session = Session::open(app, &arguments.options, Network::Offline)?;
    let range = session.range(&arguments.range)?;
    let statuses = engine::planned(&session.plan, session.store, range);
    let status = |id: StageId| {
        statuses
            .iter()
            .find(|(stage, _)| stage.stage == id.name())
            .map_or(StageStatus::NotNeeded, |(_, status)| *status)
    };
    app.ui.data(&match app.format {
        Format::Text => render::text(&session.plan, status),
        Format::Json => render::json(&session.plan, status),
    });
    Ok(())
}
