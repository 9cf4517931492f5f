//! A plan for people: which stages there are, whether each runs, and (in a dry run) what it would do. Pure.

use std::fmt::Write as _;

use serde::Serialize;

use super::select::StageStatus;
use super::{Plan, Stage, StageId, describe};

/// A plan as `--format json` shows it: the same on every machine for the same inputs, except for results that exist already.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Shown<'a> {
    title: &'a str,
    stages: Vec<ShownStage<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ShownStage<'a> {
    state: &'static str,
    #[serde(flatten)]
    stage: &'a Stage,
}

/// The words for a status.
pub fn state(status: StageStatus) -> &'static str {
    match status {
        StageStatus::Run => "to do",
        StageStatus::UpToDate => "up to date",
        StageStatus::NotNeeded => "not needed",
    }
}

/// The plan as JSON.
pub fn json(plan: &Plan, status: impl Fn(StageId) -> StageStatus) -> String {
    let stages = plan.stages.iter().map(|stage| ShownStage { state: state(status(stage.id)), stage }).collect();
    let shown = Shown { title: &plan.title, stages };
    serde_json::to_string_pretty(&shown).expect("plain data becomes JSON") + "\n"
}

/// The plan as one line a stage: what it makes, what it needs, what happens to it.
pub fn text(plan: &Plan, status: impl Fn(StageId) -> StageStatus) -> String {
    let mut text = format!("{}\n", plan.title);
    for stage in &plan.stages {
        let needs: Vec<&str> = stage.needs.iter().map(|need| need.name()).collect();
        let arrow = if needs.is_empty() { String::new() } else { format!(" <- {}", needs.join(", ")) };
        let state = state(status(stage.id));
        writeln!(text, "  {:<23} {:<11} {}{arrow}", stage.id, state, stage.title).expect("a string takes it");
    }
    text
}

/// What each stage that runs would do.
pub fn dry_run(plan: &Plan, status: impl Fn(StageId) -> StageStatus) -> String {
    let mut text = format!("{}\n", plan.title);
    for stage in &plan.stages {
        let state = state(status(stage.id));
        writeln!(text, "\n{} ({state}): {}", stage.id, stage.title).expect("a string takes it");
        if status(stage.id) == StageStatus::Run {
            for step in describe::steps(&stage.work) {
                writeln!(text, "  {step}").expect("a string takes it");
            }
        }
    }
    text
}
