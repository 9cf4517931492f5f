//! A session: the request, its plan, and what is needed to run it. Every verb that uses a build opens one.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use camino::Utf8PathBuf;

use super::inputs;
use super::request::{self, SourceFolder};
use crate::app::App;
use crate::cli::{BuildOptions, Range as RangeArguments};
use crate::engine::{self, RunError};
use crate::event::Listener as _;
use crate::failure::{Failed, usage};
use crate::lock::Lock;
use crate::pick::{self, Runners};
use crate::plan::select::{Range, StageStatus};
use crate::plan::{self, Plan, SmokeTestRunner, StageId, Work};
use crate::progress::Silent;
use crate::provider::choose::Candidates;
use crate::provider::debian::Surroundings;
use crate::provider::runner::{Picked, ReadyRunner};
use crate::provider::{FetchPolicy, choose, machine, replace};
use crate::recipe::model::{HostFamily, RunnerRecipe};
use crate::recipe::runner::{Ability, HOST_RUNNER};
use crate::recipe::{BuildRequest, Catalogue, Recipe};
use crate::stage::build_runner::BROWSER_RUNNER;
use crate::stage::{self, Cargo, Checkout, Context};
use crate::store::Store;
use crate::suggest;
use crate::sys;

/// Whether choosing a release and a toolchain may use the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    Online,
    Offline,
}

/// What the plan has to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Package,
    /// The package, and CPython's tests.
    Tests,
}

/// Said before a runner is compiled.
const COMPILES_RUNNER: &str = "compiling the program that runs the new Python, which takes some minutes, once";

/// Everything that a verb needs to show a plan or to run it.
pub struct Session<'a> {
    pub app: &'a App,
    pub store: &'a Store,
    pub policy: FetchPolicy,
    pub recipe: Recipe,
    pub plan: Plan,
    /// What the smoke test of a host for WASI runs on.
    pub picked: Picked,
    /// One line: which release and toolchain were chosen, and why.
    pub note: String,
    /// The command that builds what the plan makes.
    resume_command: String,
    cargo: Cargo,
    jobs: usize,
    catalogue: &'a Catalogue,
    lock: Lock,
}

impl<'a> Session<'a> {
    /// Reads the recipes and the lock, chooses a release and a toolchain, and plans a package.
    pub fn open(app: &'a App, options: &BuildOptions, network: Network) -> Result<Self> {
        Self::open_for(app, options, network, Purpose::Package, None)
    }

    /// The same for another purpose, or with the smoke test on a runner that the user named.
    pub fn open_for(
        app: &'a App,
        options: &BuildOptions,
        network: Network,
        purpose: Purpose,
        smoke_test_runner: Option<&str>,
    ) -> Result<Self> {
        let catalogue = app.catalogue()?;
        let lock = app.lock()?;
        let request = request::request(app, options, catalogue);
        request::check_options(options)?;
        // Unknown names are reported before anything is opened.
        let runners = Runners { app, catalogue, lock: &lock };
        let named = smoke_test_runner.map(|name| runners.named(name)).transpose()?;
        let folder = options.source.as_deref().map(|source| SourceFolder::open(app, source)).transpose()?;
        let request = match &folder {
            Some(folder) => BuildRequest { python: folder.python.minor.to_string(), ..request },
            None => request,
        };
        let sources = catalogue.sources(&request, &lock)?;
        let toolchains = match options.toolchain.as_str() {
            "path" => vec![request::own_toolchain(app, options, catalogue)?],
            _ => catalogue.toolchains(&request, &lock)?,
        };
        let store = app.store()?;
        let policy = FetchPolicy { locked: options.locked, ..app.policy(options.offline) };
        let sources = match &folder {
            Some(folder) => vec![(folder.python, folder.as_source())],
            None => sources,
        };
        let candidates = Candidates { sources, toolchains, libraries: catalogue.libraries(&request, &lock)? };
        let choice = match network {
            Network::Online if folder.is_none() && !candidates.nothing_to_choose() => {
                choose::choose(&candidates, store, &policy, &app.cancel)?
            }
            Network::Online | Network::Offline => choose::expected(&candidates, store),
        };
        let mut recipe =
            catalogue.recipe(&request, choice.python, choice.source, choice.toolchain, choice.libraries, &lock)?;
        if let Some(folder) = &folder {
            // A source of the user's has no release date: use that of its minor's newest pinned release.
            recipe.source_date_epoch = catalogue.cpython[&folder.python.minor]
                .micro
                .first()
                .map(|micro| micro.source_date_epoch)
                .unwrap_or_default();
        }
        if network == Network::Online && !policy.offline {
            replace::find_for(&recipe, Surroundings { store, policy: &policy, cancel: &app.cancel });
            app.cancel.check()?;
        }
        let unpinned = replace::apply(&mut recipe, store, policy.locked);
        recipe.unverified.extend(unpinned);
        let facts = inputs::facts(app, store, &recipe.toolchain)?;
        let files = inputs::checkout_files(&app.checkout, &recipe, options)?;
        let source_folder = folder.map(|folder| plan::SourceFolder { path: folder.spec, contents: folder.hash });
        let plan = |smoke_test_runner: &SmokeTestRunner| {
            plan::build(&plan::Inputs {
                spec: &stage::spec,
                recipe: &recipe,
                files: &files,
                source_folder: source_folder.clone(),
                smoke_test_runner,
                facts: &facts,
                tests: purpose == Purpose::Tests,
            })
        };
        // Whether the host runner is compiled depends on its key, and every key on the plan.
        let with_host_runner = plan(&runners.for_plan(&runners.named(HOST_RUNNER)?)?);
        let picked = match named {
            _ if recipe.family != HostFamily::Wasi => runners.named(HOST_RUNNER)?,
            Some(picked) => picked,
            None => runners.pick(engine::is_there(&with_host_runner, store, StageId::BuildHostRunner), &[])?,
        };
        let plan = match picked.installed {
            None => with_host_runner,
            Some(_) => plan(&runners.for_plan(&picked)?),
        };
        let jobs = options.jobs.unwrap_or_else(sys::machine::jobs).get();
        let cargo = app.cargo(options.offline, jobs);
        Ok(Self {
            app,
            store,
            policy,
            recipe,
            plan,
            picked,
            note: choice.note,
            resume_command: options.command_line("build"),
            cargo,
            jobs,
            catalogue,
            lock,
        })
    }

    /// The range of stages that `--from` and `--until` name.
    pub fn range(&self, arguments: &RangeArguments) -> Result<Range> {
        let stage = |name: &Option<String>| name.as_deref().map(|name| self.stage_id(name)).transpose();
        Ok(Range { from: stage(&arguments.from)?, until: stage(&arguments.until)? })
    }

    /// What a run of this range would do with each stage.
    pub fn statuses(&self, range: Range) -> impl Fn(StageId) -> StageStatus + use<> {
        let planned = engine::planned(&self.plan, self.store, range).into_iter().map(|(_, status)| status);
        let statuses: BTreeMap<StageId, StageStatus> =
            self.plan.stages.iter().map(|stage| stage.id).zip(planned).collect();
        move |id| statuses.get(&id).copied().unwrap_or(StageStatus::NotNeeded)
    }

    /// A stage of the plan by name.
    pub fn stage_id(&self, name: &str) -> Result<StageId> {
        let names: Vec<&str> = self.plan.stages.iter().map(|stage| stage.id.name()).collect();
        match self.plan.stages.iter().find(|stage| stage.id.name() == name) {
            Some(stage) => Ok(stage.id),
            None => {
                let names = suggest::valid_names("stages", name, &names);
                Err(usage(format!("unknown stage `{name}`\nhint: {names}")))
            }
        }
    }

    /// Runs the stages in the range that have no result.
    pub fn run(&self, range: Range, keep_going: bool) -> Result<()> {
        if self.nothing_to_do(&self.plan, range) {
            return Ok(());
        }
        self.app.ui.note(&self.note);
        for reason in &self.recipe.unverified {
            self.app.ui.note(format!("unverified: {reason}"));
        }
        let planned = engine::planned(&self.plan, self.store, range);
        let runs =
            |id: StageId| planned.iter().any(|(stage, status)| stage.stage == id.name() && *status == StageStatus::Run);
        if self.recipe.family == HostFamily::Wasi && runs(StageId::SmokeTest) {
            pick::lines(&self.picked, "the smoke test").into_iter().for_each(|line| self.app.ui.note(line));
        }
        if runs(StageId::BuildHostRunner) || runs(StageId::BuildBrowserRunner) {
            self.app.ui.note(COMPILES_RUNNER);
        }
        self.execute(&self.plan, range, keep_going, &self.resume_command)
    }

    /// Runs another plan, such as a runner's, up to a stage.
    pub fn run_plan(&self, plan: &Plan, until: StageId, resume_command: &str) -> Result<()> {
        let range = Range { from: None, until: Some(until) };
        if self.nothing_to_do(plan, range) { Ok(()) } else { self.execute(plan, range, false, resume_command) }
    }

    fn nothing_to_do(&self, plan: &Plan, range: Range) -> bool {
        engine::planned(plan, self.store, range).iter().all(|(_, status)| *status != StageStatus::Run)
    }

    fn execute(&self, plan: &Plan, range: Range, keep_going: bool, resume_command: &str) -> Result<()> {
        let mut programs = self.catalogue.build_machine_programs.clone();
        programs.extend(self.recipe.toolchain.build_machine_programs.clone());
        let programs = machine::require(&programs, &self.app.path)?;
        let programs = machine::folder_of_links(&programs, self.store, &self.app.cancel)?;
        let jobserver = jobserver::Client::new(self.jobs)?;
        let ui = &self.app.ui;
        let runner = match self.recipe.family {
            // In a stage, it gets the stage's environment and nothing of the user's.
            HostFamily::Wasi => Some(ReadyRunner {
                environment: BTreeMap::new(),
                ..self.runners().ready_picked(&self.picked, &self.host_runner_program()?)?
            }),
            HostFamily::EmscriptenNode | HostFamily::EmscriptenBrowser => None,
        };
        let context = Context {
            plan,
            store: self.store,
            policy: &self.policy,
            checkout: Checkout::new(&self.app.checkout),
            programs: &programs,
            cargo: &self.cargo,
            runner: runner.as_ref(),
            jobserver: &jobserver,
            cancel: &self.app.cancel,
            note: &|text| ui.on_event(&crate::event::Event::Note { text }),
        };
        let options = engine::Options { jobs: self.jobs, keep_going, range };
        engine::run(&context, options, ui).or_else(|error| {
            let report = engine::report::report(&error, resume_command);
            if fetch_failed(&error, plan) {
                // The next run chooses again, among what can be downloaded then.
                choose::forget(self.store)?;
            }
            let code = exit_code(&error);
            Err(Failed { report, code }.into())
        })
    }

    /// Whether the store has a stage's result.
    pub fn is_there(&self, id: StageId) -> bool {
        engine::is_there(&self.plan, self.store, id)
    }

    /// Downloads the crates that the host runner is compiled from.
    pub fn fetch_host_runner_crates(&self) -> Result<()> {
        let mut environment = self.cargo.environment.clone();
        environment.extend(self.policy.network_environment.clone());
        let mut args = vec!["fetch".to_owned(), "--locked".to_owned()];
        args.extend(self.cargo.offline.then(|| "--offline".to_owned()));
        let command = sys::Command {
            program: self.cargo.program.clone(),
            args,
            directory: self.app.checkout.clone(),
            environment,
            timeout: None,
        };
        let log = self.store.workspace("cargo-fetch.log");
        let hint = "\nhint: cargo could not download the crates that the host runner is compiled from";
        sys::run(&command, &log, None, &self.app.cancel, &Silent)
            .map_err(|error| anyhow::anyhow!("{error}: {}{hint}", error.tail.join("\n")))?;
        Ok(())
    }

    /// The host runner, which has to be compiled.
    pub fn host_runner(&self) -> Result<Utf8PathBuf> {
        let program = self.host_runner_program()?;
        if !self.is_there(StageId::BuildHostRunner) {
            bail!("the host runner is not compiled\nhint: run `{} --runner {HOST_RUNNER}`", self.resume_command);
        }
        Ok(program)
    }

    /// The host runner's program, which may not exist yet.
    fn host_runner_program(&self) -> Result<Utf8PathBuf> {
        let Some(stage) = self.plan.stage(StageId::BuildHostRunner) else {
            let host = &self.recipe.host;
            return Err(usage(format!("the host runner cannot run {host}\nhint: use `cargo xtask run {host}`")));
        };
        Ok(self.store.result(&stage.folder()).join(HOST_RUNNER).join("bin").join(HOST_RUNNER))
    }

    /// The host runner, compiled first if it is not there.
    pub fn compiled_host_runner(&self) -> Result<Utf8PathBuf> {
        let program = self.host_runner_program()?;
        self.compile(StageId::BuildHostRunner)?;
        Ok(program)
    }

    /// The program that runs packages for browsers, compiled first if it is not there.
    pub fn compiled_browser_runner(&self) -> Result<Utf8PathBuf> {
        self.compile(StageId::BuildBrowserRunner)?;
        Ok(self.result(StageId::BuildBrowserRunner)?.join(BROWSER_RUNNER).join("bin").join(BROWSER_RUNNER))
    }

    fn compile(&self, runner: StageId) -> Result<()> {
        if !self.is_there(runner) {
            self.app.ui.note(COMPILES_RUNNER);
        }
        self.run_plan(&self.plan, runner, &self.resume_command)
    }

    /// Looks for runners.
    pub fn runners(&self) -> Runners<'_> {
        Runners { app: self.app, catalogue: self.catalogue, lock: &self.lock }
    }

    /// The runner of WASI binaries for a run that needs these abilities, if the user names none.
    pub fn pick(&self, needs: &[Ability]) -> Result<Picked> {
        self.runners().pick(self.is_there(StageId::BuildHostRunner), needs)
    }

    /// The name of the runner whose program has this file name.
    pub fn runner_with_program(&self, program: &str) -> Option<&str> {
        let named = |runner: &RunnerRecipe| runner.program.names.iter().any(|name| name == program);
        let mut runners = self.catalogue.runners.iter();
        runners.find(|(name, runner)| *name == program || named(runner)).map(|(name, _)| name.as_str())
    }

    /// The folder of a stage's result, or an error that says how to make it.
    pub fn result(&self, id: StageId) -> Result<Utf8PathBuf> {
        let stage = self.plan.stage(id).ok_or_else(|| anyhow::anyhow!("the plan has no stage {id}"))?;
        if !self.is_there(id) {
            bail!("{} is not built yet\nhint: run `{}`", stage.title, self.resume_command);
        }
        Ok(self.store.result(&stage.folder()))
    }
}

/// Whether the download failed of something that was chosen among alternatives. A runner is named by the user.
fn fetch_failed(error: &RunError, plan: &Plan) -> bool {
    let RunError::Failed(failures) = error else { return false };
    let is_fetch = |id: StageId| plan.stage(id).is_some_and(|stage| matches!(stage.work, Work::Fetch { .. }));
    failures.iter().any(|(id, _)| is_fetch(*id) && *id != StageId::FetchRunner)
}

/// See `cargo xtask --help`.
fn exit_code(error: &RunError) -> u8 {
    match error {
        RunError::Interrupted => 130,
        RunError::Failed(failures) if failures.iter().all(|(_, error)| error.is_environmental()) => 4,
        RunError::Failed(_) => 1,
    }
}
