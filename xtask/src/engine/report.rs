//! What is said when stages failed: everything that a person needs to see why, and to go on. Pure.

use std::fmt::Write as _;

use camino::Utf8PathBuf;

use super::RunError;
use crate::plan::{Plan, StageId};
use crate::stage::StageError;
use crate::store::Store;

/// How many of the last lines of a child's own log are shown.
const LINES_OF_OWN_LOG: usize = 15;

/// The report on a run that failed. `resume_command` is the command that continues, without the stage.
pub fn report(error: &RunError, plan: &Plan, store: &Store, resume_command: &str) -> String {
    match error {
        RunError::Interrupted => {
            format!(
                "interrupted; nothing half made is kept\nhint: `{resume_command}` goes on after the last stage that ended"
            )
        }
        RunError::Failed(failures) => {
            let reports: Vec<String> =
                failures.iter().map(|(id, error)| stage_report(*id, error, plan, store, resume_command)).collect();
            reports.join("\n\n")
        }
    }
}

fn stage_report(id: StageId, error: &StageError, plan: &Plan, store: &Store, resume_command: &str) -> String {
    let mut text = format!("{id} failed: {error}\n");
    if let StageError::Command { error, also_read } = error {
        let command = &error.command;
        let _ = write!(text, "\ncommand:\n  {command}\nfolder:\n  {}\nenvironment:\n", command.directory);
        for (name, value) in &command.environment {
            let _ = writeln!(text, "  {name}={value}");
        }
        if !error.tail.is_empty() {
            let _ = writeln!(text, "last lines of its output:");
            for line in &error.tail {
                let _ = writeln!(text, "  {line}");
            }
        }
        for path in also_read.iter().filter(|path| path.is_file()) {
            let _ = writeln!(text, "from {path}:");
            for line in telling_lines(path) {
                let _ = writeln!(text, "  {line}");
            }
        }
        if let Some(log) = &error.log {
            let _ = writeln!(text, "whole output: {log}");
        }
        if let Some(stage) = plan.stage(id) {
            let script = store.workspace(&stage.workspace).join("repeat.sh");
            let written = std::fs::write(&script, command.script());
            if written.is_ok() {
                let _ = writeln!(text, "to repeat only this command: sh {script}");
            }
        }
        if let Some(hint) = error.hint() {
            let _ = writeln!(text, "hint: {hint}");
        }
    }
    let _ = write!(text, "hint: `{resume_command}` goes on from here");
    text
}

/// The lines of config.log that tell why: those around the last error, without the dump of variables that follows.
fn telling_lines(path: &Utf8PathBuf) -> Vec<String> {
    let bytes = fs_err::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().take_while(|line| !line.contains("## Cache variables. ##")).collect();
    // What the compiler said; configure's own last words are among its output already.
    let tells = |line: &&str| line.contains("error:") && !line.starts_with("configure:") && !line.starts_with('|');
    let end = lines.iter().rposition(tells).map_or(lines.len(), |at| at + 1);
    lines[end.saturating_sub(LINES_OF_OWN_LOG)..end].iter().map(|line| (*line).to_owned()).collect()
}
