//! `compile-host`: the object files for the host that need no Python to be made, which are most of the work of its makefile.
//!
//! A stage of its own, because it can run while the build Python is made, whose configure uses one processor only.

use std::collections::BTreeMap;

use super::make_build_python::continue_from;
use super::{Job, StageError};
use crate::plan::{StageId, StageSpec};

/// What is read after CPython's own makefile, whose variable has the objects without those of frozen modules.
const MAKEFILE: &str = "compile-host: $(LIBRARY_OBJS_OMIT_FROZEN)\n";

pub fn spec() -> StageSpec {
    StageSpec { bound_to_path: true, ..StageSpec::new(1) }
}

/// Continues where `configure-host` ended, in the same workspace: its path is written in the makefile.
pub fn run(job: &Job<'_>, source_date_epoch: u64) -> Result<(), StageError> {
    continue_from(job, StageId::ConfigureHost)?;
    job.write("compile-host.mk", MAKEFILE)?;
    let arguments = ["--makefile=Makefile", "--makefile=../compile-host.mk", "compile-host"];
    Ok(job.run_with_tokens(&job.command("build", "make", &arguments, environment(job, source_date_epoch)))?)
}

/// The environment of the host's makefile.
pub fn environment(job: &Job<'_>, source_date_epoch: u64) -> BTreeMap<String, String> {
    let mut environment = job.environment(source_date_epoch);
    let path = format!("{}/bin:{}", job.workspace.join("toolchain"), environment["PATH"]);
    environment.insert("PATH".to_owned(), path);
    environment
}
