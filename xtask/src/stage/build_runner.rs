//! `build-host-runner` and `build-browser-runner`: compile the small programs of this workspace that run what was built.

use super::{Job, StageError};
use crate::plan::StageSpec;
use crate::sys::Command;

/// The cargo profile that they are compiled with; see the workspace's Cargo.toml.
const PROFILE: &str = "runner";

/// Runs WASI binaries. Also where its folder lies in the stage's result.
pub const HOST_RUNNER: &str = "host-runner";

/// Runs packages for browsers. Also where its folder lies in the stage's result.
pub const BROWSER_RUNNER: &str = "browser-runner";

pub fn spec() -> StageSpec {
    StageSpec { takes_slot: false, ..StageSpec::new(1) }
}

/// Fills `NAME/bin/NAME`. Cargo keeps its own folder in the store, so that a change of the program compiles only that.
pub fn run(job: &Job<'_>, name: &str) -> Result<(), StageError> {
    let cargo = job.context.cargo;
    let target = job.context.store.file("host-runner-target");
    let mut environment = cargo.environment.clone();
    environment.extend(job.context.policy.network_environment.clone());
    environment.insert("CARGO_TERM_COLOR".to_owned(), "never".to_owned());
    // Nothing but the very last stage needs it: whatever else runs goes first.
    let mut args: Vec<String> = ["-n", "19", cargo.program.as_str(), "build", "--package", name, "--profile", PROFILE]
        .map(str::to_owned)
        .into();
    args.extend(["--jobs".to_owned(), cargo.jobs.to_string()]);
    args.extend(["--locked", "--target-dir", target.as_str()].map(str::to_owned));
    if cargo.offline {
        args.push("--offline".to_owned());
    }
    let command = Command {
        program: job.context.programs.join("nice"),
        args,
        directory: job.context.checkout.path_for_cargo_and_leaks().to_owned(),
        environment,
        timeout: None,
    };
    job.run(&command)?;
    let bin = job.folder(&format!("{name}/bin"))?.join(name);
    let built = target.join(PROFILE).join(name);
    fs_err::copy(&built, &bin).map_err(|error| StageError::io(&built, error))?;
    Ok(())
}
