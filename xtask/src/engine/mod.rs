//! Runs a plan: stages side by side where they do not need each other, under one jobserver. It prints nothing.
//!
//! One thread owns the state; each running stage has its own thread and reports its end.

mod execute;
pub mod report;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use crate::event::{Event, Listener, Outcome, PlannedStage, seconds};
use crate::plan::select::{Range, StageStatus, statuses};
use crate::plan::{Plan, Stage, StageId, Work};
use crate::stage::{self, Context, StageError};
use crate::store::Store;

use execute::{Ended, execute};

/// Where the durations of earlier runs are kept in the store.
const DURATIONS: &str = "durations.json";

/// How a plan is run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many stages may run at once, of those that take a slot.
    pub jobs: usize,
    /// After a failure, go on with what does not need it.
    pub keep_going: bool,
    pub range: Range,
}

/// The plan was not carried out.
#[derive(Debug)]
pub enum RunError {
    /// These stages failed.
    Failed(Vec<(StageId, StageError)>),
    /// The user stopped it.
    Interrupted,
}

/// Whether a stage's result is there.
pub fn is_there(plan: &Plan, store: &Store, id: StageId) -> bool {
    let Some(stage) = plan.stage(id) else { return false };
    match &stage.work {
        Work::Fetch { artifacts } => stage::fetch::is_done(artifacts, store),
        _ => store.is_complete(&stage.folder(), &stage.key),
    }
}

/// What will happen to each stage that matters, as it is reported to the listener.
pub fn planned(plan: &Plan, store: &Store, range: Range) -> Vec<(PlannedStage, StageStatus)> {
    let durations: BTreeMap<String, f64> = store.read_json(DURATIONS).unwrap_or_default();
    let statuses = statuses(plan, range, |id| is_there(plan, store, id));
    plan.stages
        .iter()
        .zip(statuses)
        .map(|(stage, (_, status))| {
            let planned = PlannedStage {
                stage: stage.id.to_string(),
                title: stage.title.clone(),
                up_to_date: status == StageStatus::UpToDate,
                expected_seconds: durations.get(&duration_key(plan, stage.id)).copied(),
                unit: stage.spec.unit,
                needs: stage.needs.iter().map(StageId::to_string).collect(),
            };
            (planned, status)
        })
        .collect()
}

/// Runs what has to be run.
pub fn run(context: &Context<'_>, options: Options, listener: &dyn Listener) -> Result<(), RunError> {
    let plan = context.plan;
    let started = Instant::now();
    let planned = planned(plan, context.store, options.range);
    let wanted: Vec<PlannedStage> = planned
        .iter()
        .filter(|(_, status)| *status != StageStatus::NotNeeded)
        .map(|(stage, _)| stage.clone())
        .collect();
    let to_run = planned.iter().filter(|(_, status)| *status == StageStatus::Run).count();
    if to_run > 0 {
        listener.on_event(&Event::Planned { stages: wanted });
    }
    let mut run = Run { states: BTreeMap::new(), failures: Vec::new(), durations: BTreeMap::new() };
    for (stage, (_, status)) in plan.stages.iter().zip(&planned) {
        let state = match status {
            StageStatus::Run => State::Waiting,
            StageStatus::UpToDate => {
                if to_run > 0 {
                    finished(listener, stage.id, Outcome::UpToDate, 0.0);
                }
                State::Done
            }
            StageStatus::NotNeeded => State::Done,
        };
        run.states.insert(stage.id, state);
    }
    run.carry_out(context, options, listener);
    let interrupted = context.cancel.is_cancelled() && run.failures.is_empty();
    let ok = run.failures.is_empty() && !interrupted;
    if to_run > 0 {
        listener.on_event(&Event::Finished { ok, seconds: seconds(started.elapsed()) });
    }
    remember(context.store, plan, &run.durations);
    match (ok, interrupted) {
        (true, _) => Ok(()),
        (_, true) => Err(RunError::Interrupted),
        _ => Err(RunError::Failed(run.failures)),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Done,
    /// It failed, or it needs something that did.
    Lost,
}

struct Run {
    states: BTreeMap<StageId, State>,
    failures: Vec<(StageId, StageError)>,
    durations: BTreeMap<StageId, f64>,
}

impl Run {
    fn carry_out(&mut self, context: &Context<'_>, options: Options, listener: &dyn Listener) {
        thread::scope(|scope| {
            let (sender, ends) = mpsc::channel();
            loop {
                self.skip_lost(context.plan, listener);
                while let Some(id) = self.next(context, options) {
                    self.states.insert(id, State::Running);
                    let sender = sender.clone();
                    scope.spawn(move || {
                        let end = catch_unwind(AssertUnwindSafe(|| execute(context, id, options.range, listener)));
                        // The receiver is gone only if the scheduler itself panicked.
                        let _ = sender.send((id, end));
                    });
                }
                if !self.states.values().any(|state| *state == State::Running) {
                    break;
                }
                let Ok((id, end)) = ends.recv() else { break };
                let end = end.unwrap_or_else(|panic| {
                    // The scope waits for the other stages.
                    context.cancel.cancel();
                    resume_unwind(panic)
                });
                self.ended(id, end, context, options);
            }
            let because = if self.failures.is_empty() { "the run was interrupted" } else { "another stage failed" };
            for (id, state) in &self.states {
                if *state == State::Waiting {
                    finished(listener, *id, Outcome::Skipped { because: because.to_owned() }, 0.0);
                }
            }
        });
    }

    fn ended(&mut self, id: StageId, end: Result<Ended, StageError>, context: &Context<'_>, options: Options) {
        match end {
            Ok(ended) => {
                self.states.insert(id, State::Done);
                if ended.built {
                    self.durations.insert(id, ended.seconds);
                }
            }
            Err(error) => {
                self.states.insert(id, State::Lost);
                // What a stage says when its children were killed under it is no failure of the stage.
                if !error.is_cancelled() && !context.cancel.is_cancelled() {
                    self.failures.push((id, error));
                    if !options.keep_going {
                        context.cancel.cancel();
                    }
                }
            }
        }
    }

    /// The first stage, by priority, that can start now.
    fn next(&self, context: &Context<'_>, options: Options) -> Option<StageId> {
        if context.cancel.is_cancelled() {
            return None;
        }
        let is = |id: &StageId, state: State| self.states.get(id) == Some(&state);
        let stages = &context.plan.stages;
        let running = stages.iter().filter(|stage| stage.spec.takes_slot && is(&stage.id, State::Running)).count();
        let can_start = |stage: &&Stage| {
            is(&stage.id, State::Waiting)
                && (!stage.spec.takes_slot || running < options.jobs)
                && stage.needs.iter().all(|need| is(need, State::Done))
        };
        context.plan.by_priority().into_iter().find(can_start).map(|stage| stage.id)
    }

    /// What needs something that was lost is lost too.
    fn skip_lost(&mut self, plan: &Plan, listener: &dyn Listener) {
        for stage in &plan.stages {
            let lost = stage.needs.iter().find(|need| self.states.get(need) == Some(&State::Lost));
            if let (Some(State::Waiting), Some(need)) = (self.states.get(&stage.id), lost) {
                let because = format!("{need} failed");
                finished(listener, stage.id, Outcome::Skipped { because }, 0.0);
                self.states.insert(stage.id, State::Lost);
            }
        }
    }
}

fn finished(listener: &dyn Listener, id: StageId, outcome: Outcome, seconds: f64) {
    listener.on_event(&Event::StageFinished { stage: id.to_string(), outcome, seconds });
}

fn duration_key(plan: &Plan, id: StageId) -> String {
    format!("{id} of {}", plan.title)
}

/// Keeps how long stages took, for the next run's estimate. Losing it loses nothing else.
fn remember(store: &Store, plan: &Plan, durations: &BTreeMap<StageId, f64>) {
    if durations.is_empty() {
        return;
    }
    let mut known: BTreeMap<String, f64> = store.read_json(DURATIONS).unwrap_or_default();
    known.extend(durations.iter().map(|(id, seconds)| (duration_key(plan, *id), *seconds)));
    let _ = store.write_json(DURATIONS, &known);
}
