//! `cargo xtask plan HOST`: what a build would do. Asks nobody and changes nothing but an empty store.

use anyhow::Result;

use super::session::{Asking, Session};
use crate::app::App;
use crate::cli::{Format, Plan};
use crate::engine;
use crate::plan::select::Fate;
use crate::plan::{StageId, render};

/// Prints the plan.
pub fn run(app: &App, arguments: &Plan) -> Result<()> {
    let session = Session::open(app, &arguments.what, Asking::Nobody)?;
    let range = session.range(&arguments.range)?;
    let fates = engine::planned(&session.plan, session.store, range);
    let fate = |id: StageId| {
        fates.iter().find(|(stage, _)| stage.stage == id.name()).map_or(Fate::NotNeeded, |(_, fate)| *fate)
    };
    app.ui.data(&match app.format {
        Format::Text => render::text(&session.plan, fate),
        Format::Json => render::json(&session.plan, fate),
    });
    Ok(())
}
