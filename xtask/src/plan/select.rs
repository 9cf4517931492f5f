//! Which stages of a plan have to run: those that are wanted and whose results are not there. Pure.

use std::collections::BTreeSet;

use super::{Plan, StageId};

/// Which part of the plan is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Range {
    /// Do this stage and all that follow it again, even if their results are there.
    pub from: Option<StageId>,
    /// Stop after this stage.
    pub until: Option<StageId>,
}

/// What will happen to one stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageStatus {
    /// It runs.
    Run,
    /// Its result is there.
    UpToDate,
    /// Not needed: the stages that use it are up to date, or it comes after `--until`.
    NotNeeded,
}

/// Decides what happens to every stage, in the plan's order. `is_there` says whether a stage's result is in the store.
pub fn statuses(plan: &Plan, range: Range, is_there: impl Fn(StageId) -> bool) -> Vec<(StageId, StageStatus)> {
    let forced = forced(plan, range.from);
    let mut wanted: BTreeSet<StageId> = match range.until {
        Some(until) => BTreeSet::from([until]),
        None => plan.stages.iter().filter(|stage| stage.spec.is_goal).map(|stage| stage.id).collect(),
    };
    let mut statuses: Vec<(StageId, StageStatus)> = Vec::new();
    for stage in plan.stages.iter().rev() {
        let there = is_there(stage.id);
        let status = if forced.contains(&stage.id) && within(plan, stage.id, range.until) {
            StageStatus::Run
        } else if !wanted.contains(&stage.id) {
            if there { StageStatus::UpToDate } else { StageStatus::NotNeeded }
        } else if there {
            StageStatus::UpToDate
        } else {
            StageStatus::Run
        };
        if status == StageStatus::Run {
            wanted.extend(&stage.needs);
        }
        statuses.push((stage.id, status));
    }
    statuses.reverse();
    statuses
}

/// `from` and everything that uses its result, directly or not.
fn forced(plan: &Plan, from: Option<StageId>) -> BTreeSet<StageId> {
    let mut forced: BTreeSet<StageId> = from.into_iter().collect();
    for stage in &plan.stages {
        if stage.needs.iter().any(|need| forced.contains(need)) {
            forced.insert(stage.id);
        }
    }
    forced
}

/// Whether a stage is `until` or something that `until` needs; everything, where there is no `until`.
fn within(plan: &Plan, id: StageId, until: Option<StageId>) -> bool {
    let Some(until) = until else { return true };
    let mut needed = BTreeSet::from([until]);
    for stage in plan.stages.iter().rev() {
        if needed.contains(&stage.id) {
            needed.extend(&stage.needs);
        }
    }
    needed.contains(&id)
}
