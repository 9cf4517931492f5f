//! `configure-build-python`: CPython's configure for the machine that builds.

use std::fmt::Write as _;

use super::{Job, StageError};
use crate::plan::{StageId, StageSpec};
use crate::recipe::model::BuildPython;
use crate::recipe::raw::Reasons;

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

/// Runs configure in `build/`. When it fails, config.log tells more than its output.
pub fn configure(
    job: &Job<'_>,
    arguments: &[&str],
    environment: std::collections::BTreeMap<String, String>,
) -> Result<(), StageError> {
    let command = job.command("build", "sh", arguments, environment);
    job.run(&command).map_err(|error| {
        let also_read = vec![job.workspace.join("build/config.log")];
        StageError::Command { error: Box::new(error), also_read }
    })
}

/// The lines of a config.site that leave modules out.
pub fn exclude(modules: &Reasons) -> String {
    let mut text = String::new();
    for name in modules.keys() {
        writeln!(text, "py_cv_module_{name}=n/a").expect("writing to a string does not fail");
    }
    text
}
