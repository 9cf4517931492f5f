//! `make-host`: python.wasm, libpython and what CPython's own makefile installs of headers and build data.

use super::compile_host::environment;
use super::make_build_python::continue_from;
use super::{Job, StageError};
use crate::plan::{StageId, StageSpec};

pub fn spec() -> StageSpec {
    StageSpec::new(2)
}

/// Continues where `compile-host` ended, in the same workspace: its path is written in the makefile.
/// Leaves `build/` and, as `make install` would lay them out, headers and build data in `install/`.
pub fn run(job: &Job<'_>, source_date_epoch: u64) -> Result<(), StageError> {
    continue_from(job, StageId::CompileHost)?;
    let build_python = job.workspace.join("build-python");
    fs_err::remove_file(&build_python).map_err(|error| StageError::io(&build_python, error))?;
    job.link("build-python", StageId::MakeBuildPython, "build/python")?;
    let environment = environment(job, source_date_epoch);
    job.run_with_tokens(&job.command("build", "make", &["all"], environment.clone()))?;
    let python = job.workspace.join("build/python.wasm");
    if !python.is_file() {
        return Err(StageError::Unexpected(format!("make succeeded but did not produce {python}")));
    }
    let destination = format!("DESTDIR={}", job.workspace.join("install"));
    // Not `make install`: that compiles the whole library to bytecode three times over.
    let install = ["inclinstall", "libainstall", &destination];
    job.run_with_tokens(&job.command("build", "make", &install, environment))?;
    Ok(())
}
