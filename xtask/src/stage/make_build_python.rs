//! `make-build-python`: the interpreter that the cross build calls.

use super::configure_host::LIBRARIES;
use super::{Job, StageError};
use crate::plan::{StageId, StageSpec};
use crate::sys;

pub fn spec() -> StageSpec {
    StageSpec::new(2)
}

/// Continues where `configure-build-python` ended, in the same workspace: its path is written in the makefile.
pub fn run(job: &Job<'_>, make_targets: &[String], source_date_epoch: u64) -> Result<(), StageError> {
    continue_from(job, StageId::ConfigureBuildPython)?;
    let mut arguments: Vec<&str> = make_targets.iter().map(String::as_str).collect();
    // Both ignore the environment, and so PYTHONPYCACHEPREFIX: without -B they would write bytecode into the shared source.
    arguments.extend(["PYTHON_FOR_BUILD=./$(BUILDPYTHON) -E -B", "PYTHON_FOR_FREEZE=./_bootstrap_python -B"]);
    let command = job.command("build", "make", &arguments, job.environment(source_date_epoch));
    job.run_with_tokens(&command)?;
    let python = job.workspace.join("build/python");
    if !python.is_file() {
        return Err(StageError::Unexpected(format!("make succeeded but did not produce {python}")));
    }
    Ok(())
}

/// Copies an earlier stage's result into the workspace, without its record and log.
pub fn continue_from(job: &Job<'_>, id: StageId) -> Result<(), StageError> {
    let from = job.result(id);
    for name in ["source", "toolchain", LIBRARIES, "build", "config.site", "build-python"] {
        let path = from.join(name);
        let to = job.workspace.join(name);
        let result = match fs_err::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() => {
                fs_err::read_link(&path).and_then(|target| fs_err::os::unix::fs::symlink(target, &to))
            }
            Ok(found) if found.is_dir() => sys::fs::copy_tree(&path, &to, &|_| true),
            Ok(_) => sys::fs::copy_file(&path, &to),
            Err(_) => Ok(()),
        };
        result.map_err(|error| StageError::io(&to, error))?;
    }
    Ok(())
}
