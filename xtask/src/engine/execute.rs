//! One stage from its workspace to its result.

use std::time::Instant;

use camino::Utf8Path;

use crate::event::{Event, Listener, Outcome, seconds};
use crate::plan::select::Range;
use crate::plan::{Stage, StageId, Work};
use crate::progress::Progress;
use crate::stage::{self, Context, Job, StageError};
use crate::store::ResultRecord;

/// How a stage succeeded.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    /// It was done now, and not found done.
    pub built: bool,
    pub seconds: f64,
}

/// Turns a stage's progress into events.
struct Telling<'a> {
    stage: String,
    listener: &'a dyn Listener,
}

impl Progress for Telling<'_> {
    fn advance(&self, done: u64, total: Option<u64>) {
        self.listener.on_event(&Event::StageProgress { stage: self.stage.clone(), done, total });
    }

    fn line(&self, line: &str) {
        self.listener.on_event(&Event::StageLine { stage: self.stage.clone(), line: line.to_owned() });
    }
}

/// Does one stage and publishes its result. Always reports to the listener how it ended.
pub fn execute(context: &Context<'_>, id: StageId, range: Range, listener: &dyn Listener) -> Result<Ended, StageError> {
    let stage = context.plan.stage(id).expect("only stages of the plan are run");
    let started = Instant::now();
    listener.on_event(&Event::StageStarted { stage: id.to_string() });
    let telling = Telling { stage: id.to_string(), listener };
    let result = do_and_publish(context, stage, range, &telling, started);
    let took = seconds(started.elapsed());
    let outcome = match &result {
        Ok(true) => Outcome::Built,
        Ok(false) => Outcome::UpToDate,
        Err(error) if error.is_cancelled() || context.cancel.is_cancelled() => {
            Outcome::Skipped { because: "the run was stopped".to_owned() }
        }
        Err(error) => {
            let text = error.to_string();
            Outcome::Failed { summary: text.lines().next().unwrap_or_default().to_owned() }
        }
    };
    listener.on_event(&Event::StageFinished { stage: id.to_string(), outcome, seconds: took });
    result.map(|built| Ended { built, seconds: took })
}

/// Says whether it was done now; `false` when another run had done it meanwhile.
fn do_and_publish(
    context: &Context<'_>,
    stage: &Stage,
    range: Range,
    telling: &Telling<'_>,
    started: Instant,
) -> Result<bool, StageError> {
    context.cancel.check()?;
    let store = context.store;
    if matches!(stage.work, Work::Fetch { .. }) {
        let log = store.workspace(&format!("{}.log", stage.id));
        let downloads = store.downloads();
        let job = Job { context, stage, workspace: &downloads, log: &log, progress: telling };
        return stage::run(&job).map(|()| true);
    }
    let workspace = store.lock(&stage.workspace, context.cancel, telling)?;
    if range.from.is_none() && store.is_complete(&stage.folder(), &stage.key) {
        return Ok(false);
    }
    workspace.clear()?;
    let log = workspace.log();
    let job = Job { context, stage, workspace: workspace.path(), log: &log, progress: telling };
    job.link_programs()?;
    stage::run(&job).map_err(|error| with_script(error, workspace.path()))?;
    job.remove_pycache()?;
    context.cancel.check()?;
    let record = ResultRecord {
        schema: 1,
        stage: stage.id.to_string(),
        folder: stage.folder(),
        key: stage.key,
        inputs: stage.inputs.clone(),
        made_in: workspace.path().to_string(),
        bound_to_path: stage.spec.bound_to_path,
        seconds: seconds(started.elapsed()),
    };
    workspace.commit(store, &record)?;
    Ok(true)
}

/// Writes a script that runs only the failed command again, as a convenience: without it the report is shorter.
fn with_script(mut error: StageError, workspace: &Utf8Path) -> StageError {
    if let StageError::Command { error, script, .. } = &mut error {
        let path = workspace.join("repeat.sh");
        *script = fs_err::write(&path, error.command.script()).is_ok().then_some(path);
    }
    error
}
