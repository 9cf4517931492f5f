//! How a verb fails: what is printed, and the code that the process ends with.

use crate::app::App;
use crate::diagnostic::Diagnostics;
use crate::provider::choose::ChooseError;
use crate::provider::machine::MachineError;
use crate::provider::runner::RunnerError;
use crate::recipe::ResolveError;
use crate::store::StoreError;

/// A report that is complete as it is, and the code that the process ends with.
#[derive(Debug, thiserror::Error)]
#[error("{report}")]
pub struct Failed {
    pub report: String,
    pub code: u8,
}

/// Wrong usage, or an unknown name: ends the process with 2.
pub fn usage(report: impl Into<String>) -> anyhow::Error {
    Failed { report: report.into(), code: 2 }.into()
}

/// An error with its causes, one per line.
pub fn words(error: &anyhow::Error) -> String {
    let mut lines: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string();
        // Some errors repeat their cause in their own words.
        if !lines.iter().any(|line| line.contains(&text)) {
            lines.push(text);
        }
    }
    lines.join("\n")
}

/// What the process ends with: see `cargo xtask --help`.
pub fn exit_code(app: &App, error: &anyhow::Error) -> u8 {
    if let Some(failed) = error.downcast_ref::<Failed>() {
        failed.code
    } else if app.cancel.is_cancelled() {
        130
    } else if error.is::<Diagnostics>() {
        3
    } else if error.is::<ResolveError>() {
        2
    } else if error.is::<MachineError>()
        || error.is::<ChooseError>()
        || error.is::<StoreError>()
        || error.is::<RunnerError>()
    {
        4
    } else {
        1
    }
}
