//! `cargo xtask recipe configure-cache`: records what the host's `configure` finds out, or checks what is recorded.

use anyhow::Result;

use super::session::{Network, Session};
use crate::app::App;
use crate::cli::BuildOptions;
use crate::configure_cache::file;
use crate::line_diff::line_diff;
use crate::plan::StageId;
use crate::plan::select::Range;
use crate::stage::configure_host::record;
use crate::sys;

/// Runs all checks, and compares their results with the recorded ones, or records them.
pub fn run(app: &App, options: &BuildOptions, update: bool) -> Result<()> {
    let options = BuildOptions { no_configure_cache: true, ..options.clone() };
    let session = Session::open(app, &options, Network::Online)?;
    session.run(Range { from: None, until: Some(StageId::ConfigureHost) }, false)?;
    let result = session.result(StageId::ConfigureHost)?;
    let stage = session.plan.stage(StageId::ConfigureHost).expect("every plan has this stage");
    let found = record(stage, &result)?.print();
    let name = format!("recipes/{}", file(&session.recipe));
    let path = app.checkout.join(&name);
    let recorded = if path.is_file() { fs_err::read_to_string(&path)? } else { String::new() };
    if recorded == found {
        app.ui.note(format!("{name} has what configure finds out"));
    } else if update {
        fs_err::create_dir_all(path.parent().expect("the file is in a folder"))?;
        sys::fs::write_atomic(&path, found.as_bytes())?;
        app.ui.note(format!("{name} is written"));
    } else {
        app.ui.data(&line_diff(&recorded, &found));
        let update = BuildOptions { no_configure_cache: false, ..options }.command_line("recipe configure-cache");
        let report = format!("{name} is not what configure finds out\nhint: run `{update} --update`");
        return Err(super::Failed { report, code: 3 }.into());
    }
    Ok(())
}
