//! How each stage is done: one file each. A stage fills its workspace; the engine gives it one and publishes what it made.
//!
//! Stages print nothing, read no environment variables and decide nothing: all that they do was said in the plan.

pub mod build_libraries;
pub mod build_runner;
pub mod bytecode;
pub mod checkout;
pub mod compile_host;
pub mod configure_build_python;
pub mod configure_host;
pub mod error;
pub mod fetch;
pub mod make_build_python;
pub mod make_host;
pub mod package;
pub mod prepare_source;
pub mod prepare_tests;
pub mod prepare_toolchain;
pub mod smoke_test;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::cancel::Cancel;
use crate::embedded::EmbeddedFile;
use crate::plan::{Plan, Stage, StageId, StageSpec, Work};
use crate::progress::Progress;
use crate::provider::FetchPolicy;
use crate::provider::runner::ReadyRunner;
use crate::store::Store;
use crate::sys::{self, Command, CommandError};

pub use checkout::Checkout;
pub use error::StageError;

/// The link to the folder with the build machine's programs, in each workspace.
const PROGRAMS: &str = "programs";

/// Where the build Python caches bytecode while a stage runs, in each workspace.
const PYCACHE: &str = "pycache";

/// What every stage may use.
pub struct Context<'a> {
    pub plan: &'a Plan,
    pub store: &'a Store,
    pub policy: &'a FetchPolicy,
    pub checkout: Checkout<'a>,
    /// A folder with the programs of the build machine that a stage may call: its `PATH`.
    pub programs: &'a Utf8Path,
    /// What cargo needs to compile the programs of this workspace that run the result: its program and its part of the environment.
    pub cargo: &'a Cargo,
    /// What runs the new Python in the smoke test, as the plan says; its program may be the result of a stage of this plan.
    pub runner: Option<&'a ReadyRunner>,
    pub jobserver: &'a jobserver::Client,
    pub cancel: &'a Cancel,
    /// Shows one line to the user.
    pub note: &'a (dyn Fn(String) + Sync),
}

/// How cargo is called.
#[derive(Debug, Clone)]
pub struct Cargo {
    pub program: Utf8PathBuf,
    /// `PATH`, `HOME`, `CARGO_HOME`, `RUSTUP_HOME`, `RUSTUP_TOOLCHAIN`, as far as they are set.
    pub environment: BTreeMap<String, String>,
    pub offline: bool,
    /// How many compilers it may run at once.
    pub jobs: usize,
}

/// One stage at work.
pub struct Job<'a> {
    pub context: &'a Context<'a>,
    pub stage: &'a Stage,
    /// The folder to fill.
    pub workspace: &'a Utf8Path,
    pub log: &'a Utf8Path,
    pub progress: &'a dyn Progress,
}

/// What each kind of stage says about itself.
pub fn spec(work: &Work) -> StageSpec {
    match work {
        Work::Fetch { .. } => fetch::spec(),
        Work::PrepareSource { .. } => prepare_source::spec(),
        Work::PrepareToolchain { .. } => prepare_toolchain::spec(),
        Work::BuildLibraries(_) => build_libraries::spec(),
        Work::ConfigureBuildPython { .. } => configure_build_python::spec(),
        Work::MakeBuildPython { .. } => make_build_python::spec(),
        Work::ConfigureHost(_) => configure_host::spec(),
        Work::CompileHost { .. } => compile_host::spec(),
        Work::MakeHost { .. } => make_host::spec(),
        Work::BuildHostRunner { .. } | Work::BuildBrowserRunner { .. } => build_runner::spec(),
        Work::Package(package) => package::spec(package),
        Work::SmokeTest(smoke_test) => smoke_test::spec(smoke_test),
        Work::PrepareTests(_) => prepare_tests::spec(),
    }
}

/// Does a stage's work.
pub fn run(job: &Job<'_>) -> Result<(), StageError> {
    match &job.stage.work {
        Work::Fetch { artifacts } => fetch::run(job, artifacts),
        Work::PrepareSource { artifact, folder, patches } => {
            prepare_source::run(job, artifact.as_ref(), folder.as_ref(), patches)
        }
        Work::PrepareToolchain { contents, patches, files } => prepare_toolchain::run(job, contents, patches, files),
        Work::BuildLibraries(libraries) => build_libraries::run(job, libraries),
        Work::ConfigureBuildPython { python, source_date_epoch } => {
            configure_build_python::run(job, python, *source_date_epoch)
        }
        Work::MakeBuildPython { make_targets, source_date_epoch } => {
            make_build_python::run(job, make_targets, *source_date_epoch)
        }
        Work::ConfigureHost(configure) => configure_host::run(job, configure),
        Work::CompileHost { source_date_epoch } => compile_host::run(job, *source_date_epoch),
        Work::MakeHost { source_date_epoch } => make_host::run(job, *source_date_epoch),
        Work::BuildHostRunner { .. } => build_runner::run(job, build_runner::HOST_RUNNER),
        Work::BuildBrowserRunner { .. } => build_runner::run(job, build_runner::BROWSER_RUNNER),
        Work::Package(package) => package::run(job, package),
        Work::SmokeTest(check) => smoke_test::run(job, check),
        Work::PrepareTests(tests) => prepare_tests::run(job, tests),
    }
}

impl Job<'_> {
    /// The text of a file of this repository that the stage's [`StageSpec`] declares.
    pub fn embedded(&self, file: EmbeddedFile) -> &'static str {
        file.text(&self.stage.spec.files)
    }

    /// Links the build machine's programs into the workspace: like everything whose path configure writes down,
    /// they are reached through it.
    pub fn link_programs(&self) -> Result<(), StageError> {
        let link = self.workspace.join(PROGRAMS);
        fs_err::os::unix::fs::symlink(self.context.programs, &link).map_err(|error| StageError::io(&link, error))
    }

    /// Whether this stage uses the result of another one.
    pub fn needs(&self, id: StageId) -> bool {
        self.stage.needs.contains(&id)
    }

    /// Removes the bytecode that the build Python cached while the stage ran: its folders are named after the store's path.
    pub fn remove_pycache(&self) -> Result<(), StageError> {
        let pycache = self.workspace.join(PYCACHE);
        sys::fs::remove_tree(&pycache).map_err(|error| StageError::io(&pycache, error))
    }

    /// The folder with the result of a stage that this one needs.
    pub fn result(&self, id: StageId) -> Utf8PathBuf {
        let stage = self.context.plan.stage(id).expect("a stage names only stages of its plan");
        self.context.store.result(&stage.folder())
    }

    /// The environment of every child: nothing of the user's, nothing that differs between machines or days.
    pub fn environment(&self, source_date_epoch: u64) -> BTreeMap<String, String> {
        let pycache = self.workspace.join(PYCACHE);
        let programs = self.workspace.join(PROGRAMS);
        [
            ("PATH", programs.as_str()),
            ("HOME", self.workspace.as_str()),
            ("LC_ALL", "C"),
            ("TZ", "UTC"),
            ("PYTHONHASHSEED", "0"),
            // The source is shared and never written to, and yet the interpreter need not compile its modules each time.
            ("PYTHONPYCACHEPREFIX", pycache.as_str()),
            ("SOURCE_DATE_EPOCH", &source_date_epoch.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// A command of this stage, in a folder of its workspace.
    pub fn command(
        &self,
        folder: &str,
        program: &str,
        arguments: &[&str],
        mut environment: BTreeMap<String, String>,
    ) -> Command {
        let directory = self.workspace.join(folder);
        // Shells and compilers take the path from here, where it is the path of a link, and not from the kernel.
        environment.insert("PWD".to_owned(), directory.as_str().trim_end_matches('/').to_owned());
        Command {
            program: program.into(),
            args: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            directory,
            environment,
            timeout: None,
        }
    }

    /// Runs a command that is one job by itself; its output goes to the log.
    pub fn run(&self, command: &Command) -> Result<(), CommandError> {
        sys::run(command, self.log, None, self.context.cancel, self.progress).map(|_| ())
    }

    /// Runs a command that starts parallel jobs, such as make, or one of many: together they run at most as many jobs as there are tokens.
    pub fn run_with_tokens(&self, command: &Command) -> Result<(), CommandError> {
        let jobserver = Some(self.context.jobserver);
        sys::run(command, self.log, jobserver, self.context.cancel, self.progress).map(|_| ())
    }

    /// Makes a link in the workspace to a result: `source` means the same from every workspace and every result,
    /// so that no key and no machine's path gets into what is compiled.
    pub fn link(&self, name: &str, id: StageId, below: &str) -> Result<(), StageError> {
        let stage = self.context.plan.stage(id).expect("a stage names only stages of its plan");
        let target = format!("../../results/{}/{below}", stage.folder());
        let link = self.workspace.join(name);
        fs_err::os::unix::fs::symlink(target.trim_end_matches('/'), &link).map_err(|error| StageError::io(&link, error))
    }

    /// Makes a folder in the workspace.
    pub fn folder(&self, name: &str) -> Result<Utf8PathBuf, StageError> {
        let path = self.workspace.join(name);
        fs_err::create_dir_all(&path).map_err(|error| StageError::io(&path, error))?;
        Ok(path)
    }

    /// Writes a file in the workspace.
    pub fn write(&self, name: &str, text: &str) -> Result<(), StageError> {
        let path = self.workspace.join(name);
        fs_err::write(&path, text).map_err(|error| StageError::io(&path, error))
    }
}

/// Reads a file that a stage needs.
pub fn read(path: &Utf8Path) -> Result<String, StageError> {
    fs_err::read_to_string(path).map_err(|error| StageError::io(path, error))
}
