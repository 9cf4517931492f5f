//! `cargo xtask explain HOST [STAGE]`: why a stage has to run, by the name of the input that changed.

use anyhow::Result;
use serde_json::json;

use super::session::{Network, Session};
use crate::app::App;
use crate::cli::{Explain, Format};
use crate::plan::Stage;
use crate::plan::explain::{self, Change};

/// How much of a value is shown in text.
const SHOWN: usize = 60;

/// Explains one stage, or all that have no result.
pub fn run(app: &App, arguments: &Explain) -> Result<()> {
    let session = Session::open(app, &arguments.options, Network::Offline)?;
    let stages: Vec<&Stage> = match &arguments.stage {
        Some(name) => {
            let id = session.stage_id(name)?;
            session.plan.stages.iter().filter(|stage| stage.id == id).collect()
        }
        None => session.plan.stages.iter().filter(|stage| !session.is_there(stage.id)).collect(),
    };
    if stages.is_empty() {
        app.ui.note("every stage is up to date");
    }
    let records = session.store.records();
    let mut all = Vec::new();
    for stage in stages {
        let there = session.is_there(stage.id);
        let same_stage = records.iter().filter(|record| record.stage == stage.id.name());
        let changes = explain::nearest(same_stage.map(|record| &record.inputs), &stage.inputs);
        match app.format {
            Format::Json => all.push(json!({ "stage": stage.id, "up-to-date": there, "changes": changes })),
            Format::Text => app.ui.data(&text(stage, there, changes.as_deref())),
        }
    }
    if app.format == Format::Json {
        app.ui.data(&(serde_json::to_string_pretty(&all)? + "\n"));
    }
    Ok(())
}

fn text(stage: &Stage, there: bool, changes: Option<&[Change]>) -> String {
    let head = format!("{}: {}\n", stage.id, stage.title);
    match (there, changes) {
        (true, _) => format!("{head}  up to date: the store has the result of exactly these inputs\n"),
        (false, None) => format!("{head}  the store has no result of this stage yet\n"),
        (false, Some([])) => format!("{head}  its inputs are unchanged, but the result is missing\n"),
        (false, Some(changes)) => {
            let lines: Vec<String> = changes.iter().map(line).collect();
            format!("{head}  differs from the nearest result that is there in:\n{}", lines.concat())
        }
    }
}

fn line(change: &Change) -> String {
    let value = |value: &Option<String>| match value {
        Some(text) if text.chars().count() > SHOWN => format!("{}…", text.chars().take(SHOWN).collect::<String>()),
        Some(text) => text.clone(),
        None => "(nothing)".to_owned(),
    };
    format!("    {}: {} -> {}\n", change.input, value(&change.before), value(&change.now))
}
