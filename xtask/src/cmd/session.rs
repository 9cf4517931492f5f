//! From the arguments that all verbs share to a plan.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use super::build::resume_command;
use super::usage;
use crate::app::App;
use crate::cli::{BuildOptions, Range as RangeArguments};
use crate::digest::Sha256;
use crate::engine::{self, RunError};
use crate::event::Listener as _;
use crate::lock::Lock;
use crate::name::PythonVersion;
use crate::patch;
use crate::plan::select::Range;
use crate::plan::{self, CheckoutFile, Facts, Plan, StageId};
use crate::progress::Silent;
use crate::provider::choose::Candidates;
use crate::provider::{FetchPolicy, choose, machine};
use crate::recipe::model::{Origin, ToolchainContents};
use crate::recipe::raw;
use crate::recipe::runner::HOST_RUNNER as HOST_RUNNER_NAME;
use crate::recipe::{Artifact, BuildRequest, Catalogue, Recipe, Runner, Source, Toolchain};
use crate::stage::build_runner::{BROWSER_RUNNER, HOST_RUNNER};
use crate::stage::package::BROWSER_FILES;
use crate::stage::prepare_source::hash_folder;
use crate::stage::{Cargo, Context};
use crate::store::Store;
use crate::suggest;
use crate::sys;

/// The files that the host runner is compiled from.
const HOST_RUNNER_SOURCES: [&str; 4] = ["runners/host/src", "runners/host/Cargo.toml", "Cargo.lock", "Cargo.toml"];

/// The files that the browser runner is compiled from.
const BROWSER_RUNNER_SOURCES: [&str; 5] =
    ["runners/browser/src", "runners/browser/harness", "runners/browser/Cargo.toml", "Cargo.lock", "Cargo.toml"];

/// A failure that was reported as events already; the code is what the process ends with.
#[derive(Debug, thiserror::Error)]
#[error("{report}")]
pub struct Failed {
    pub report: String,
    pub code: u8,
}

/// How choices are made: by asking the network if need be, or from what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    Online,
    Offline,
}

/// What a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Package,
    /// The package, and CPython's own tests beside it.
    Tests,
}

/// Everything that a verb needs to look at a plan or to run it.
pub struct Session<'a> {
    pub app: &'a App,
    pub store: &'a Store,
    pub policy: FetchPolicy,
    pub recipe: Recipe,
    pub plan: Plan,
    /// One line about what was chosen and why.
    pub note: String,
    /// The command that makes what the plan makes.
    resume_command: String,
    cargo: Cargo,
    jobs: usize,
    catalogue: Catalogue,
    lock: Lock,
}

impl<'a> Session<'a> {
    /// Reads recipes and lock, chooses, and plans.
    pub fn open(app: &'a App, options: &BuildOptions, network: Network) -> Result<Self> {
        Self::open_for(app, options, network, Purpose::Package)
    }

    /// The same, for what follows a package.
    pub fn open_for(app: &'a App, options: &BuildOptions, network: Network, purpose: Purpose) -> Result<Self> {
        let catalogue = app.catalogue()?;
        let lock = app.lock()?;
        let request = request(app, options);
        refuse_unlocked(options)?;
        // The host and the minor are looked at before anything is opened or asked.
        let folder = options.source.as_deref().map(|source| SourceFolder::open(app, source)).transpose()?;
        let request = match &folder {
            Some(folder) => BuildRequest { python: folder.python.minor.to_string(), ..request },
            None => request,
        };
        let sources = catalogue.sources(&request, &lock)?;
        let toolchains = match options.toolchain.as_str() {
            "path" => vec![toolchain_of_the_user(app, options, &catalogue)?],
            _ => catalogue.toolchains(&request, &lock)?,
        };
        let store = app.store()?;
        let policy = app.policy(options.offline);
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
            // A source of the user's has no release day: the newest pinned one of its minor will do.
            recipe.source_date_epoch = catalogue.cpython[&folder.python.minor]
                .micro
                .first()
                .map(|micro| micro.source_date_epoch)
                .unwrap_or_default();
        }
        let facts = facts(app, store, &recipe.toolchain)?;
        let patches = if folder.is_some() { Vec::new() } else { patches(app, &recipe.source.patches)? };
        let (toolchain_patches, toolchain_files) = toolchain_additions(app, &recipe.toolchain)?;
        let source_folder = folder.map(|folder| (folder.spec, folder.hash));
        let tests = purpose == Purpose::Tests;
        let host_runner = catalogue.runner(HOST_RUNNER_NAME, &app.build_machine, &lock)?.recipe.guest;
        let plan = plan::build(&plan::Inputs {
            recipe: &recipe,
            patches,
            toolchain_patches,
            toolchain_files,
            browser_files: browser_files(app, &recipe)?,
            source_folder,
            host_runner: &host_runner,
            facts: &facts,
            tests,
        });
        let jobs = options.jobs.unwrap_or_else(sys::machine::jobs).get();
        let cargo = app.cargo(options.offline, jobs);
        Ok(Self {
            app,
            store,
            policy,
            recipe,
            plan,
            note: choice.note,
            resume_command: resume_command(options),
            cargo,
            jobs,
            catalogue,
            lock,
        })
    }

    /// The range of stages that arguments name.
    pub fn range(&self, arguments: &RangeArguments) -> Result<Range> {
        let stage = |name: &Option<String>| name.as_deref().map(|name| self.stage_id(name)).transpose();
        Ok(Range { from: stage(&arguments.from)?, until: stage(&arguments.until)? })
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

    /// Runs the plan, or what of it is wanted.
    pub fn run(&self, range: Range, keep_going: bool, resume_command: &str) -> Result<()> {
        if self.nothing_to_do(&self.plan, range) {
            return Ok(());
        }
        self.app.ui.note(&self.note);
        for reason in &self.recipe.unverified {
            self.app.ui.note(format!("unverified: {reason}"));
        }
        self.carry_out(&self.plan, range, keep_going, resume_command)
    }

    /// Runs a plan of its own, up to a stage: the one for a runner.
    pub fn run_plan(&self, plan: &Plan, until: StageId, resume_command: &str) -> Result<()> {
        let range = Range { from: None, until: Some(until) };
        if self.nothing_to_do(plan, range) { Ok(()) } else { self.carry_out(plan, range, false, resume_command) }
    }

    fn nothing_to_do(&self, plan: &Plan, range: Range) -> bool {
        engine::planned(plan, self.store, range).iter().all(|(_, status)| *status != plan::select::StageStatus::Run)
    }

    fn carry_out(&self, plan: &Plan, range: Range, keep_going: bool, resume_command: &str) -> Result<()> {
        let mut programs = self.catalogue.build_machine_programs.clone();
        programs.extend(self.recipe.toolchain.build_machine_programs.clone());
        let programs = machine::require(&programs, &self.app.path)?;
        let programs = machine::folder_of_links(&programs, self.store, &self.app.cancel)?;
        let jobserver = jobserver::Client::new(self.jobs)?;
        let ui = &self.app.ui;
        let context = Context {
            plan,
            store: self.store,
            policy: &self.policy,
            checkout: &self.app.checkout,
            programs: &programs,
            cargo: &self.cargo,
            jobserver: &jobserver,
            cancel: &self.app.cancel,
            note: &|text| ui.hear(&crate::event::Event::Note { text }),
        };
        let options = engine::Options { jobs: self.jobs, keep_going, range };
        engine::run(&context, options, ui).map_err(|error| {
            let report = engine::report::report(&error, plan, self.store, resume_command);
            let code = exit_code(&error);
            Failed { report, code }.into()
        })
    }

    /// Whether a stage's result is there.
    pub fn is_there(&self, id: StageId) -> bool {
        engine::is_there(&self.plan, self.store, id)
    }

    /// Lets cargo download the crates that the host runner is compiled from.
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
        let hint = "\nhint: the host runner is compiled from crates, which cargo downloads";
        sys::run(&command, &log, None, &self.app.cancel, &Silent)
            .map_err(|error| anyhow::anyhow!("{error}: {}{hint}", error.tail.join("\n")))?;
        Ok(())
    }

    /// The program that runs host binaries.
    pub fn host_runner(&self) -> Result<Utf8PathBuf> {
        if self.plan.stage(StageId::BuildHostRunner).is_none() {
            let host = &self.recipe.host;
            return Err(usage(format!("the host runner cannot run {host}\nhint: `cargo xtask run {host}` can")));
        }
        Ok(self.result(StageId::BuildHostRunner)?.join(HOST_RUNNER).join("bin/host-runner"))
    }

    /// The program that runs packages for browsers.
    pub fn browser_runner(&self) -> Result<Utf8PathBuf> {
        Ok(self.result(StageId::BuildBrowserRunner)?.join(BROWSER_RUNNER).join("bin").join(BROWSER_RUNNER))
    }

    /// A runner by name.
    pub fn runner(&self, name: &str) -> Result<Runner> {
        Ok(self.catalogue.runner(name, &self.app.build_machine, &self.lock)?)
    }

    /// The name of the runner whose program is called so.
    pub fn runner_with_program(&self, program: &str) -> Option<&str> {
        let named = |runner: &raw::Runner| runner.program.names.iter().any(|name| name == program);
        let mut runners = self.catalogue.runners.iter();
        runners.find(|(name, runner)| *name == program || named(runner)).map(|(name, _)| name.as_str())
    }

    /// The folder of a stage's result, or an error that says how to make it.
    pub fn result(&self, id: StageId) -> Result<Utf8PathBuf> {
        let stage = self.plan.stage(id).ok_or_else(|| anyhow::anyhow!("the plan has no stage {id}"))?;
        if !self.is_there(id) {
            bail!("{} is not there yet\nhint: `{}` makes it", stage.title, self.resume_command);
        }
        Ok(self.store.result(&stage.folder()))
    }
}

fn request(app: &App, options: &BuildOptions) -> BuildRequest {
    BuildRequest {
        host: options.host.clone(),
        python: options.python.clone(),
        profile: options.profile.clone(),
        toolchain: options.toolchain.clone(),
        build_machine: app.build_machine.clone(),
    }
}

/// See `cargo xtask --help`.
fn exit_code(error: &RunError) -> u8 {
    match error {
        RunError::Interrupted => 130,
        RunError::Failed(failures) if failures.iter().all(|(_, error)| error.is_environmental()) => 4,
        RunError::Failed(_) => 1,
    }
}

fn refuse_unlocked(options: &BuildOptions) -> Result<()> {
    if options.wasi_sdk.is_some() && options.toolchain != "path" {
        return Err(usage("--wasi-sdk names a toolchain of yours\nhint: add `--toolchain path`"));
    }
    if options.locked && options.source.is_some() {
        return Err(usage(
            "--source is not pinned by the lock, and --locked refuses options is not\nhint: leave one of them out",
        ));
    }
    if options.locked && options.toolchain == "path" {
        return Err(usage(
            "--toolchain path is not pinned by the lock, and --locked refuses options is not\nhint: leave one of them out",
        ));
    }
    Ok(())
}

fn facts(app: &App, store: &Store, toolchain: &Toolchain) -> Result<Facts> {
    let c_compiler = match machine::find("cc", &app.path) {
        Some(path) => machine::compiler_version(&path, store, &app.cancel)?,
        // The build itself says what is missing, all at once; a plan can be looked at without a compiler.
        None => String::new(),
    };
    let toolchain_folder = match &toolchain.contents {
        ToolchainContents::Folder { path } => machine::state_of_folder(path.as_ref())?,
        ToolchainContents::Archive { .. } | ToolchainContents::Debian(_) => String::new(),
    };
    let host_runner = machine::hash_sources(&app.checkout, &HOST_RUNNER_SOURCES)?;
    let browser_runner = machine::hash_sources(&app.checkout, &BROWSER_RUNNER_SOURCES)?;
    Ok(Facts { build_machine: app.build_machine.clone(), c_compiler, toolchain_folder, host_runner, browser_runner })
}

/// The patches of a series, with their hashes. The series is parsed, so that a mistake in it is told before anything runs.
fn patches(app: &App, folder: &str) -> Result<Vec<CheckoutFile>> {
    if folder.is_empty() {
        return Ok(Vec::new());
    }
    let path = app.checkout.join("patches").join(folder);
    let series = fs_err::read_to_string(path.join("series"))?;
    let series = patch::parse_series(&series, |name| fs_err::read_to_string(path.join(name)).ok());
    let series = series.map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(|mistake| format!("patches/{folder}/{mistake}")).collect();
        Failed { report: lines.join("\n"), code: 3 }
    })?;
    let files = series.patches.into_iter();
    Ok(files
        .map(|patch| CheckoutFile { file: format!("{folder}/{}", patch.file_name), sha256: patch.sha256 })
        .collect())
}

/// The patches of a toolchain, and the files of this checkout that go into it, with their hashes.
fn toolchain_additions(app: &App, toolchain: &Toolchain) -> Result<(Vec<CheckoutFile>, Vec<CheckoutFile>)> {
    let ToolchainContents::Debian(contents) = &toolchain.contents else { return Ok((Vec::new(), Vec::new())) };
    let series = contents.patched.as_ref().map(|patched| patches(app, &patched.series));
    let hashed = |own: &raw::OwnFile| {
        let file = format!("{}/{}", contents.files_folder, own.from);
        let text = fs_err::read(app.checkout.join("recipes").join(&file))?;
        Ok(CheckoutFile { file, sha256: Sha256::of(&text) })
    };
    let files = contents.files.iter().map(hashed).collect::<Result<_>>()?;
    Ok((series.transpose()?.unwrap_or_default(), files))
}

/// The files of this checkout that a package for browsers has, with their hashes.
fn browser_files(app: &App, recipe: &Recipe) -> Result<Vec<CheckoutFile>> {
    if recipe.family != raw::HostFamily::EmscriptenBrowser {
        return Ok(Vec::new());
    }
    let folder = app.checkout.join(BROWSER_FILES);
    let files =
        sys::fs::list_tree(&folder)?.into_iter().filter(|entry| matches!(entry.kind, sys::fs::Kind::File { .. }));
    let hashed = |entry: sys::fs::Entry| {
        let sha256 = Sha256::of(&fs_err::read(folder.join(&entry.path))?);
        Ok(CheckoutFile { file: entry.path.into_string(), sha256 })
    };
    files.map(hashed).collect()
}

fn toolchain_of_the_user(app: &App, options: &BuildOptions, catalogue: &Catalogue) -> Result<Toolchain> {
    let Some(folder) = &options.wasi_sdk else {
        return Err(usage("--toolchain path needs to know which\nhint: add `--wasi-sdk DIR`"));
    };
    let path = app.current_folder()?.join(folder);
    for needed in ["bin/clang", "share/wasi-sysroot"] {
        if !path.join(needed).exists() {
            return Err(usage(format!(
                "{path} is not a WASI SDK: it has no {needed}\nhint: --wasi-sdk takes the folder that the SDK's archive unpacks to"
            )));
        }
    }
    let path = path.canonicalize_utf8()?;
    let version = fs_err::read_to_string(path.join("VERSION")).unwrap_or_default();
    let version = version.lines().next().unwrap_or_default().trim();
    let major = version.split('.').next().unwrap_or_default();
    if let Some(reason) = catalogue.toolchains.get("wasi-sdk").and_then(|toolchain| toolchain.reject.get(major)) {
        return Err(usage(format!(
            "WASI SDK {version} in {path} must not be used: {reason}\nhint: take another version"
        )));
    }
    Ok(Toolchain {
        name: "path".to_owned(),
        version: if version.is_empty() { path.to_string() } else { format!("{version} in {path}") },
        sysroot: "share/wasi-sysroot".to_owned(),
        configure_programs: String::new(),
        build_machine_programs: BTreeMap::new(),
        contents: ToolchainContents::Folder { path: path.into_string() },
    })
}

/// CPython's source as the user gave it.
struct SourceFolder {
    /// An absolute folder, or `FOLDER@TREE`.
    spec: String,
    python: PythonVersion,
    hash: Sha256,
}

impl SourceFolder {
    fn open(app: &App, spec: &str) -> Result<Self> {
        let here = app.current_folder()?;
        let folder = here.join(spec);
        if folder.is_dir() {
            let folder = folder.canonicalize_utf8()?;
            let header = fs_err::read_to_string(folder.join("Include/patchlevel.h")).map_err(|error| {
                usage(format!("{folder} is not CPython's source: {error}\nhint: --source takes the root of its tree"))
            })?;
            let hash = hash_folder(&folder)?;
            return Ok(Self { python: version(&header, &folder)?, spec: folder.into_string(), hash });
        }
        let Some((repository, tree)) = spec.rsplit_once('@') else {
            return Err(usage(format!(
                "there is no folder {folder}\nhint: --source takes a folder, or FOLDER@TREE for a tree of a git repository"
            )));
        };
        let repository = here.join(repository).canonicalize_utf8()?;
        let id = git(app, &repository, &["rev-parse", "--verify", &format!("{tree}^{{tree}}")])?;
        let header = git(app, &repository, &["show", &format!("{tree}:Include/patchlevel.h")])?;
        let spec = format!("{repository}@{}", id.trim());
        Ok(Self { python: version(&header, &repository)?, hash: Sha256::of(id.trim().as_bytes()), spec })
    }

    fn as_source(&self) -> Source {
        let origin = Origin::default();
        let file = self.spec.clone();
        let artifact = Artifact { file, size: None, sha256: self.hash, license: "Python-2.0.1".to_owned(), origin };
        Source { patches: String::new(), artifact }
    }
}

/// `#define PY_VERSION "3.13.15+"`: a checkout between releases has a plus sign.
fn version(header: &str, folder: &Utf8Path) -> Result<PythonVersion> {
    let text = header.lines().find_map(|line| line.strip_prefix("#define PY_VERSION")).unwrap_or_default();
    let text = text.trim().trim_matches('"').trim_end_matches('+');
    text.parse().map_err(|_| anyhow::anyhow!("{folder}: Include/patchlevel.h does not say which Python it is"))
}

fn git(app: &App, repository: &Utf8Path, arguments: &[&str]) -> Result<String> {
    let Some(program) = machine::find("git", &app.path) else {
        bail!(
            "git is needed to read a tree of {repository}, and is not in PATH\nhint: on Debian, `apt-get install git`"
        );
    };
    let mut args = vec!["-C".to_owned(), repository.to_string()];
    args.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    let command = sys::Command {
        program,
        args,
        directory: repository.to_owned(),
        environment: [("LC_ALL".to_owned(), "C".to_owned())].into(),
        timeout: None,
    };
    let answer =
        sys::output(&command, &app.cancel).map_err(|error| anyhow::anyhow!("{error}: {}", error.tail.join(" ")))?;
    Ok(String::from_utf8_lossy(&answer.stdout).into_owned())
}
