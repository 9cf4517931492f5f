//! The report on a run that failed: why each stage failed, and how to continue. Pure.

use std::fmt::Write as _;

use super::RunError;
use crate::plan::StageId;
use crate::stage::StageError;
use crate::stage::error::Excerpt;

/// The report on a run that failed. `resume_command` is the command that continues, without the stage.
pub fn report(error: &RunError, resume_command: &str) -> String {
    match error {
        RunError::Interrupted => {
            format!("interrupted; completed stages are kept\nhint: `{resume_command}` resumes")
        }
        RunError::Failed(failures) => {
            let reports: Vec<String> =
                failures.iter().map(|(id, error)| stage_report(*id, error, resume_command)).collect();
            reports.join("\n\n")
        }
    }
}

fn stage_report(id: StageId, error: &StageError, resume_command: &str) -> String {
    let mut text = format!("{id} failed: {error}\n");
    if let StageError::Command { error, excerpt, script } = error {
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
        if let Some(Excerpt { path, lines }) = excerpt {
            let _ = writeln!(text, "from {path}:");
            for line in lines {
                let _ = writeln!(text, "  {line}");
            }
        }
        if let Some(log) = &error.log {
            let _ = writeln!(text, "whole output: {log}");
        }
        if let Some(script) = script {
            let _ = writeln!(text, "to repeat only this command: sh {script}");
        }
        if let Some(hint) = error.hint() {
            let _ = writeln!(text, "hint: {hint}");
        }
    }
    let _ = write!(text, "hint: `{resume_command}` resumes from here");
    text
}
