//! Finds or makes the program that runs host binaries: it is compiled, installed on this machine, or unpacked from pinned packages.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::session::Session;
use super::usage;
use crate::engine;
use crate::name::ProgramVersion;
use crate::pick;
use crate::plan::{self, Plan, StageId};
use crate::provider::debian::Surroundings;
use crate::provider::runner::{Found, ReadyRunner, RunnerError};
use crate::provider::{machine, precompile, replace};
use crate::recipe::Runner;
use crate::recipe::model::{Driver, HostFamily};
use crate::recipe::runner::{Ability, HOST_RUNNER, Packages};
use crate::stage;
use crate::stage::package::PACKAGE;

/// The runner whose options a program of unknown name gets, on hosts with several runners.
const OPTIONS_OF_UNKNOWN: &str = "wasmtime";

/// The name of the runner that tests use: the one that the user named, or the host's reference.
pub fn for_tests<'a>(session: &Session<'_>, given: Option<&'a str>) -> &'a str {
    given.unwrap_or(session.recipe.family.usual_runner())
}

/// The runner for `run` and similar commands: the one that the user named, or the best one that is compiled or installed.
pub fn choose(session: &Session<'_>, given: Option<&str>, needs: &[Ability]) -> Result<ReadyRunner> {
    let family = session.recipe.family;
    if given.is_some() || family != HostFamily::Wasi {
        return obtain(session, given.unwrap_or(family.usual_runner()));
    }
    let picked = session.pick(needs)?;
    let lines = pick::lines(&picked, "Python");
    for line in &lines[..picked.rejected.len()] {
        session.app.ui.note(line);
    }
    match &picked.installed {
        None => obtain(session, HOST_RUNNER),
        Some((program, _)) => session.runners().ready_picked(&picked, program),
    }
}

/// The runner with a name or a path, ready to be started. Compiles or downloads it if necessary.
///
/// # Errors
/// A [`RunnerError`] if this machine has no usable program and no package is pinned for it.
pub fn obtain(session: &Session<'_>, given: &str) -> Result<ReadyRunner> {
    let family = session.recipe.family;
    let runner = obtain_any(session, given)?;
    let only_others = runner.driver.is_some() && !family.has_one_runner();
    if only_others || (family.has_one_runner() && runner.runner.name != family.usual_runner()) {
        let (host, usual) = (&session.recipe.host, family.usual_runner());
        return Err(usage(format!("{} cannot run {host}\nhint: omit `--runner`, or use {usual}", runner.runner.name)));
    }
    if !family.needs_launcher() {
        return Ok(runner);
    }
    let package = session.result(StageId::Package)?.join(PACKAGE);
    let launcher = package.join("bin").join(format!("python{}", session.recipe.python.minor));
    Ok(ReadyRunner { launcher: Some(launcher), ..runner })
}

/// The same for something else than the host's own package.
pub fn obtain_any(session: &Session<'_>, given: &str) -> Result<ReadyRunner> {
    if given.contains('/') {
        return by_path(session, given);
    }
    let runner = session.runners().recipe(given)?;
    if given == HOST_RUNNER {
        let program = session.compiled_host_runner()?;
        let stage = session.plan.stage(StageId::BuildHostRunner).expect("it was compiled as a stage of this plan");
        // The launcher of a package looks for it there.
        session.app.publish(HOST_RUNNER, stage.key, &session.result(stage.id)?.join(HOST_RUNNER), None)?;
        return ready(session, runner, program, None);
    }
    if let Some(reason) = &runner.recipe.unverified {
        session.app.ui.note(format!("unverified: {reason}"));
    }
    let mut reasons = match session.runners().look(&runner)? {
        Found::Usable { program, version } => return ready(session, runner, program, version),
        Found::Unusable { reasons, .. } => reasons,
    };
    match &runner.packages {
        Some(packages) => {
            let (program, version) = (unpack(session, &runner, packages)?, packages.version.clone());
            ready(session, runner, program, Some(version))
        }
        None => {
            if !runner.recipe.packaged.is_empty() {
                reasons.push(format!("no package of it is pinned for {}", session.app.build_machine));
            }
            let reasons = reasons.join("; ");
            Err(RunnerError { name: runner.name, reasons, install: runner.recipe.program.install }.into())
        }
    }
}

/// Downloads a runner's packages, so that it can be unpacked offline. Runners without packages need nothing.
pub fn fetch(session: &Session<'_>, name: &str) -> Result<Option<Plan>> {
    let runner = session.runners().recipe(name)?;
    let Some(packages) = &runner.packages else { return Ok(None) };
    run_packages(session, &runner, packages, StageId::FetchRunner).map(Some)
}

/// Downloads or unpacks a runner's packages, with replacements for those that the archive no longer has.
fn run_packages(session: &Session<'_>, runner: &Runner, packages: &Packages, until: StageId) -> Result<Plan> {
    let app = session.app;
    let surroundings = Surroundings { store: session.store, policy: &session.policy, cancel: &app.cancel };
    let plan = |packages| plan::build_runner(&stage::spec, runner, &packages, &app.build_machine);
    let recorded = plan(replace::in_runner(packages, surroundings).0);
    if engine::is_there(&recorded, session.store, until) {
        return Ok(recorded);
    }
    let (packages, unpinned) = replace::find_in_runner(packages, surroundings);
    let plan = plan(packages);
    unpinned.into_iter().for_each(|line| app.ui.note(format!("unverified: {line}")));
    // It gets the packages again.
    let resume_command = format!("cargo xtask fetch {} --runner {}", session.recipe.host, runner.name);
    session.run_plan(&plan, until, &resume_command)?;
    Ok(plan)
}

/// A program by path: it is used as it is, with the options of the runner that its file name belongs to.
fn by_path(session: &Session<'_>, given: &str) -> Result<ReadyRunner> {
    let program = session.app.current_folder()?.join(given);
    if !program.is_file() {
        return Err(usage(format!("{program} does not exist\nhint: --runner takes a runner's name or a path")));
    }
    let file = program.file_name().unwrap_or_default();
    let family = session.recipe.family;
    let unknown = if family.has_one_runner() { family.usual_runner() } else { OPTIONS_OF_UNKNOWN };
    let name = session.runner_with_program(file).unwrap_or(unknown).to_owned();
    let runner = session.runners().recipe(&name)?;
    ready(session, runner, program, None)
}

fn ready(
    session: &Session<'_>,
    runner: Runner,
    program: Utf8PathBuf,
    version: Option<ProgramVersion>,
) -> Result<ReadyRunner> {
    let driver = match runner.recipe.program.driver {
        Some(Driver::BrowserRunner) if session.recipe.family == HostFamily::EmscriptenBrowser => {
            Some(session.compiled_browser_runner()?)
        }
        // `obtain` reports that it cannot run this host.
        Some(Driver::BrowserRunner) => Some(Utf8PathBuf::new()),
        None => None,
    };
    session.runners().ready(runner, program, version, driver)
}

/// Unpacks a runner's packages into the store, unless they are there, and gives the program.
fn unpack(session: &Session<'_>, runner: &Runner, packages: &Packages) -> Result<Utf8PathBuf> {
    let plan = run_packages(session, runner, packages, StageId::PrepareRunner)?;
    let stage = plan.stage(StageId::PrepareRunner).expect("the plan of a runner has it");
    let bin = session.store.result(&stage.folder()).join("root/bin");
    let names = &runner.recipe.program.names;
    let program = names.iter().find_map(|name| machine::find(name, bin.as_str()));
    program.ok_or_else(|| {
        let names = names.join(" or ");
        anyhow::anyhow!(
            "the packages of {} contain no program {names}\nhint: [packaged.debian.launchers] in its recipe names the programs",
            runner.name
        )
    })
}

/// The file that a runner runs for a host binary: the binary itself, or what the runner compiled it to, once.
pub fn module(session: &Session<'_>, runner: &ReadyRunner, binary: &Utf8Path) -> Result<Utf8PathBuf> {
    let note = |text: String| session.app.ui.note(text);
    precompile::module(runner, binary, session.store, &session.app.cancel, &note)
}
