//! `configure-build-python`: CPython's configure for the machine that builds.

use std::fmt::Write as _;

use camino::Utf8Path;

use super::error::Excerpt;
use super::{Job, StageError};
use crate::plan::{StageId, StageSpec};
use crate::recipe::model::BuildPython;
use crate::recipe::model::Reasons;

pub fn spec() -> StageSpec {
    StageSpec { bound_to_path: true, ..StageSpec::new(1) }
}

/// Fills `build/`, beside a link `source`.
pub fn run(job: &Job<'_>, python: &BuildPython, source_date_epoch: u64) -> Result<(), StageError> {
    job.link("source", StageId::PrepareSource, "source")?;
    job.folder("build")?;
    job.write("config.site", &exclude(&python.left_out_modules))?;
    write_setup_local(job, &python.setup_local)?;
    let mut environment = job.environment(source_date_epoch);
    environment.insert("CONFIG_SITE".to_owned(), "../config.site".to_owned());
    // Libraries of the build machine are none of our business.
    environment.insert("PKG_CONFIG".to_owned(), "false".to_owned());
    environment.extend(python.environment.clone());
    let mut arguments = vec!["../source/configure"];
    arguments.extend(python.arguments.iter().map(String::as_str));
    configure(job, &arguments, environment)
}

/// Writes what has the first word on how extension modules are built; CPython's own file says nothing.
pub fn write_setup_local(job: &Job<'_>, lines: &[String]) -> Result<(), StageError> {
    if lines.is_empty() {
        return Ok(());
    }
    job.folder("build/Modules")?;
    job.write("build/Modules/Setup.local", &(lines.join("\n") + "\n"))
}

/// How many lines of config.log are shown when configure fails.
const LINES_OF_CONFIG_LOG: usize = 15;

/// Runs configure in `build/`. When it fails, config.log says more than its output.
pub fn configure(
    job: &Job<'_>,
    arguments: &[&str],
    environment: std::collections::BTreeMap<String, String>,
) -> Result<(), StageError> {
    let command = job.command("build", "sh", arguments, environment);
    // Object files may be compiled beside it: it counts as one job.
    job.run_with_tokens(&command).map_err(|error| {
        let excerpt = error_in_config_log(&job.workspace.join("build/config.log"));
        StageError::Command { error: Box::new(error), excerpt, script: None }
    })
}

/// The lines of config.log around the last error of a compiler, without the dump of variables at its end.
fn error_in_config_log(path: &Utf8Path) -> Option<Excerpt> {
    let bytes = fs_err::read(path).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().take_while(|line| !line.contains("## Cache variables. ##")).collect();
    // configure's own last lines are in its output already.
    let is_error = |line: &&str| line.contains("error:") && !line.starts_with("configure:") && !line.starts_with('|');
    let end = lines.iter().rposition(is_error).map_or(lines.len(), |at| at + 1);
    let lines = lines[end.saturating_sub(LINES_OF_CONFIG_LOG)..end].iter().map(|line| (*line).to_owned()).collect();
    Some(Excerpt { path: path.to_owned(), lines })
}

/// The lines of a config.site that leave modules out.
pub fn exclude(modules: &Reasons) -> String {
    let mut text = String::new();
    for name in modules.keys() {
        writeln!(text, "py_cv_module_{name}=n/a").expect("writing to a string does not fail");
    }
    text
}
