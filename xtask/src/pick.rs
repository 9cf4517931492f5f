//! Which runner of WASI binaries is used: the named one, or the best one that is compiled or installed.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use crate::app::App;
use crate::failure::usage;
use crate::lock::Lock;
use crate::name::ProgramVersion;
use crate::plan::SmokeTestRunner;
use crate::provider::runner::{self, Found, Picked, ReadyRunner, RunnerError};
use crate::recipe::runner::{Ability, HOST_RUNNER};
use crate::recipe::{Catalogue, Runner};

/// The variables of the user's environment that runners get: enough to find their settings and to draw on a terminal.
const PASSED_ON: [&str; 3] = ["HOME", "PATH", "TERM"];

/// Looks for runners, and prepares them to be started.
#[derive(Clone, Copy)]
pub struct Runners<'a> {
    pub app: &'a App,
    pub catalogue: &'a Catalogue,
    pub lock: &'a Lock,
}

impl Runners<'_> {
    /// A runner's recipe by name.
    pub fn recipe(self, name: &str) -> Result<Runner> {
        Ok(self.catalogue.runner(name, &self.app.build_machine, self.lock)?)
    }

    /// What `PATH` has of a runner.
    pub fn look(self, runner: &Runner) -> Result<Found> {
        Ok(runner::look(runner, &self.app.path, &self.app.cancel)?)
    }

    /// The runner that is used if none is named, for a run that needs these abilities.
    pub fn pick(self, host_runner_is_compiled: bool, needs: &[Ability]) -> Result<Picked> {
        let names = self.catalogue.automatic_runners();
        let runners = names.into_iter().map(|name| self.recipe(name)).collect::<Result<Vec<_>>>()?;
        runner::pick(host_runner_is_compiled, &runners, needs, |runner| self.look(runner))
    }

    /// The runner that `build --runner` names. The smoke test can use those that are picked if none is named.
    pub fn named(self, name: &str) -> Result<Picked> {
        let reason = "as requested".to_owned();
        let picked = |installed| Picked { name: name.to_owned(), installed, reason, rejected: Vec::new() };
        if name == HOST_RUNNER {
            return Ok(picked(None));
        }
        let automatic = self.catalogue.automatic_runners();
        let runner = self.recipe(name)?;
        if !automatic.contains(&name) {
            let names = automatic.join(" or ");
            return Err(usage(format!("the smoke test cannot run on {name}\nhint: use {HOST_RUNNER}, {names}")));
        }
        match self.look(&runner)? {
            Found::Usable { program, version } => Ok(picked(Some((program, version)))),
            Found::Unusable { reasons, .. } => {
                let (reasons, install) = (reasons.join("; "), runner.recipe.program.install);
                Err(RunnerError { name: runner.name, reasons, install }.into())
            }
        }
    }

    /// What a plan says about the runner of its smoke test.
    pub fn for_plan(self, picked: &Picked) -> Result<SmokeTestRunner> {
        let version = picked.installed.as_ref().and_then(|(_, version)| version.clone());
        Ok(SmokeTestRunner { name: picked.name.clone(), version, guest: self.recipe(&picked.name)?.recipe.guest })
    }

    /// A runner that can be started.
    pub fn ready(
        self,
        runner: Runner,
        program: Utf8PathBuf,
        version: Option<ProgramVersion>,
        driver: Option<Utf8PathBuf>,
    ) -> Result<ReadyRunner> {
        let script = runner.recipe.program.script.as_ref().map(|file| self.app.checkout.join(file));
        if let Some(missing) = script.iter().find(|script| !script.is_file()) {
            anyhow::bail!("{missing} does not exist, and {} needs it\nhint: the checkout is not complete", runner.name);
        }
        let passed_on = |name: &str| Some((name.to_owned(), self.app.variable(name)?.to_owned()));
        let environment: BTreeMap<String, String> = PASSED_ON.into_iter().filter_map(passed_on).collect();
        Ok(ReadyRunner { runner, program, driver, version, script, environment, launcher: None })
    }

    /// The picked runner; `host_runner` is the host runner's program.
    pub fn ready_picked(self, picked: &Picked, host_runner: &Utf8Path) -> Result<ReadyRunner> {
        let (program, version) = picked.installed.clone().unwrap_or_else(|| (host_runner.to_owned(), None));
        self.ready(self.recipe(&picked.name)?, program, version, None)
    }
}

/// One line that says which runner is used and why, and one for each that was rejected.
pub fn lines(picked: &Picked, what: &str) -> Vec<String> {
    let version = picked.installed.iter().find_map(|(_, version)| version.as_ref());
    let title = [Some(picked.name.clone()), version.map(ToString::to_string)];
    let title = title.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let rejected = picked.rejected.iter().map(|reason| format!("{reason}; using {title} instead"));
    rejected.chain([format!("{what} runs on {title}: {}", picked.reason)]).collect()
}
