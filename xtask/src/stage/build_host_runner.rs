//! `build-host-runner`: compiles the small program of this workspace that runs WASI binaries.

use super::{Job, StageError};
use crate::sys::Command;

/// The cargo profile that it is compiled with; see the workspace's Cargo.toml.
const PROFILE: &str = "host-runner";

/// Fills `bin/host-runner`. Cargo keeps its own folder in the store, so that a change of the runner compiles only that.
pub fn run(job: &Job<'_>) -> Result<(), StageError> {
    let cargo = job.context.cargo;
    let target = job.context.store.file("host-runner-target");
    let mut environment = cargo.environment.clone();
    environment.extend(job.context.roads.network_environment.clone());
    environment.insert("CARGO_TERM_COLOR".to_owned(), "never".to_owned());
    let mut args: Vec<String> =
        ["build", "--package", "host-runner", "--profile", PROFILE, "--locked", "--target-dir", target.as_str()]
            .map(str::to_owned)
            .into();
    if cargo.offline {
        args.push("--offline".to_owned());
    }
    let command = Command {
        program: cargo.program.clone(),
        args,
        directory: job.context.checkout.to_owned(),
        environment,
        timeout: None,
    };
    job.run(&command)?;
    let bin = job.folder("bin")?.join("host-runner");
    let built = target.join(PROFILE).join("host-runner");
    fs_err::copy(&built, &bin).map_err(|error| StageError::io(&built, error))?;
    Ok(())
}
