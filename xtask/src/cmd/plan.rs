//! `cargo xtask plan HOST`: what a build would do. It uses no network and changes nothing except an empty store.

use anyhow::Result;

use super::session::{Network, Session};
use crate::app::App;
use crate::cli::{Format, Plan};
use crate::plan::render;

/// Prints the plan.
pub fn run(app: &App, arguments: &Plan) -> Result<()> {
    let session = Session::open(app, &arguments.options, Network::Offline)?;
    let range = session.range(&arguments.range)?;
    let status = session.statuses(range);
    app.ui.data(&match app.format {
        Format::Text => render::text(&session.plan, status),
        Format::Json => render::json(&session.plan, status),
    });
    Ok(())
}
