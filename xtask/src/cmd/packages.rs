//! Packages of PyPI for a Python that was built: `run --with`, and `cargo xtask packages`.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::time::Duration;

use anyhow::{Result, bail};

use super::python::{guest, site_packages, without_tests};
use super::runner;
use super::session::{Network, Session};
use super::{Failed, usage};
use crate::app::App;
use crate::cli::{BuildOptions, CheckPackages, FormatName, Packages, RunPackages};
use crate::line_diff;
use crate::packages::check::Column;
use crate::packages::inspect::Offered;
use crate::packages::report::pins;
use crate::packages::request::{Requirement, parse_file};
use crate::packages::target::INDEX;
use crate::packages::{Index, Request, page};
use crate::plan::StageId;
use crate::provider::pip::{BytecodeCompiler, Layer, PipError};
use crate::stage::package::PACKAGE;
use crate::sys;
use crate::tester::packages::{CheckError, PackageConfig, check as check_all};
use crate::tester::{self, Scratch};
use crate::wasm::linking::linking;

/// The slowest programs import hundreds of modules, in a browser.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs `cargo xtask packages`.
pub fn run(app: &App, what: &Packages) -> Result<()> {
    match what {
        Packages::Check(arguments) => check(app, arguments),
        Packages::Inspect { names, host, python } => {
            let options = BuildOptions::new(host.clone(), python.clone());
            inspect(&Session::open(app, &options, Network::Offline)?, names)
        }
        Packages::Lock { names, host, python } => {
            let options = BuildOptions::new(host.clone(), python.clone());
            let session = Session::open(app, &options, Network::Offline)?;
            let request = request(&session, requirements(names)?, false)?;
            let wheels = app.pip(false, true)?.choose(&request).map_err(failed)?;
            app.ui.data(&pins(&wheels));
            Ok(())
        }
    }
}

fn check(app: &App, arguments: &CheckPackages) -> Result<()> {
    let index = app.package_index()?;
    let path = app.checkout.join(page::FILE);
    let written = fs_err::read_to_string(&path).unwrap_or_default();
    let versions = if arguments.check { page::versions(&written) } else { BTreeMap::new() };
    let pinned =
        |name: &String| versions.get(name.as_str()).map_or(name.clone(), |version| format!("{name}=={version}"));
    let texts = if arguments.all { index.sample.names.iter().map(pinned).collect() } else { arguments.names.clone() };
    let packages = requirements(&texts)?;
    let catalogue = app.catalogue()?;
    let minor = catalogue.minor(&catalogue.python(arguments.python.as_deref()))?;
    let all = || catalogue.hosts_with(minor).into_iter().map(str::to_owned).collect();
    let hosts: Vec<String> = if arguments.host.is_empty() { all() } else { arguments.host.clone() };
    let mut columns = Vec::new();
    for host in hosts {
        let options = BuildOptions::new(host, arguments.python.clone());
        let session = Session::open(app, &options, Network::Offline)?;
        if arguments.host.is_empty() && !session.is_there(StageId::Package) {
            app.ui.note(format!("{} is left out: it is not built", options.host));
            continue;
        }
        let cells =
            with_config(&session, &index, arguments.upgrade, arguments.jobs, |config| check_all(config, &packages))?;
        let (python, runner, packages) = (session.recipe.python.to_string(), cells.0, cells.1);
        columns.push(Column { host: options.host, python, runner, packages });
    }
    if columns.is_empty() {
        bail!("no Python is built\nhint: `cargo xtask build wasi` builds one");
    }
    let names: Vec<String> = packages.iter().map(|package| package.name.clone()).collect();
    let text = page::text(&index.sample, &columns);
    if arguments.write {
        sys::fs::write_atomic(&path, text.as_bytes())?;
        app.ui.note(format!("{} is written", page::FILE));
    } else if arguments.check && page::results(&written) != page::results(&text) {
        app.ui.data(&line_diff::line_diff(page::results(&written), page::results(&text)));
        bail!("{} differs from this run\nhint: `cargo xtask packages check --all --write` updates it", page::FILE);
    } else if !arguments.check {
        app.ui.data(&match arguments.format {
            FormatName::Json => serde_json::to_string_pretty(&columns)? + "\n",
            FormatName::Md => page::table(&names, &columns),
            FormatName::Text | FormatName::Html => page::lines(&names, &columns),
        });
    }
    Ok(())
}

/// Compares what extension modules import with what a Python offers.
fn inspect(session: &Session<'_>, names: &[String]) -> Result<()> {
    let index = session.app.package_index()?;
    let recipe = &session.recipe;
    let Some(tag) = index.wheel_tag(recipe.family.sys_platform(), recipe.python) else {
        return Err(usage(format!(
            "no tag of wheels is known for {}\nhint: {INDEX} has them in [wheel-tag]",
            recipe.host
        )));
    };
    let package = session.result(StageId::Package)?.join(PACKAGE);
    let python = linking(&fs_err::read(package.join("python.wasm"))?)?;
    let offered = Offered::new(python, &fs_err::read_to_string(package.join("python.js"))?);
    for requirement in requirements(names)? {
        let found = with_config(session, &index, false, None, |config| {
            tester::packages::inspect(config, &requirement, tag, &offered)
        })?;
        session.app.ui.data(&found.1);
    }
    Ok(())
}

/// Does something with packages on the Python of a session; returns the title of its runner, too.
fn with_config<T>(
    session: &Session<'_>,
    index: &Index,
    upgrade: bool,
    jobs: Option<NonZero<usize>>,
    work: impl FnOnce(&PackageConfig<'_>) -> Result<T, CheckError>,
) -> Result<(String, T)> {
    let (app, recipe) = (session.app, &session.recipe);
    session.result(StageId::Package)?;
    let runner = runner::choose(session, None, &[])?;
    let scratch = Scratch::open(session.store, &format!("packages-{}", recipe.package_name()), &app.cancel)?;
    app.ui.note(format!("running {} with {}", recipe.host, runner.title()));
    let platform = recipe.family.sys_platform();
    let compiler = compiler(session);
    let config = PackageConfig {
        pip: &app.pip(session.policy.offline, upgrade)?,
        target: index.target(platform, recipe.python).map_err(usage)?,
        wheel_tag: index.wheel_tag(platform, recipe.python),
        compiler: compiler.as_ref(),
        runner: &runner,
        guest: guest(session, &runner, &without_tests(session, &runner)?)?,
        mount: &site_packages(session),
        programs: &index.programs,
        jobs: jobs.unwrap_or_else(tester::jobs).get(),
        limit: LIMIT,
        folder: scratch.path(),
        cancel: &app.cancel,
    };
    match work(&config) {
        Ok(done) => Ok((runner.title(), done)),
        Err(CheckError::Pip(error)) => Err(failed(error)),
        Err(error) => Err(error.into()),
    }
}

fn requirements(texts: &[String]) -> Result<Vec<Requirement>> {
    texts.iter().map(|text| Requirement::parse(text, "the command line").map_err(usage)).collect()
}

/// The packages that are asked for, installed; `None` if there are none.
pub fn layer(session: &Session<'_>, arguments: &RunPackages, locked: bool) -> Result<Option<Layer>> {
    let mut requirements = requirements(&arguments.with)?;
    for file in &arguments.requirement {
        let text = fs_err::read_to_string(file)?;
        requirements.extend(parse_file(&text, file.as_str()).map_err(usage)?);
    }
    if requirements.is_empty() {
        return Ok(None);
    }
    let request = request(session, requirements, locked)?;
    let pip = session.app.pip(session.policy.offline, arguments.upgrade)?;
    pip.layer(&request, compiler(session).as_ref()).map(Some).map_err(failed)
}

/// The request for packages of a session's Python.
fn request(session: &Session<'_>, requirements: Vec<Requirement>, locked: bool) -> Result<Request> {
    let recipe = &session.recipe;
    let target = session.app.package_index()?.target(recipe.family.sys_platform(), recipe.python).map_err(usage)?;
    Request::new(requirements, target, locked).map_err(usage)
}

/// The build Python, if it is there: it has the version of the Python that will import what it compiles.
fn compiler(session: &Session<'_>) -> Option<BytecodeCompiler> {
    let stage = session.plan.stage(StageId::MakeBuildPython)?;
    let python = session.result(stage.id).ok()?.join("build/python");
    Some(BytecodeCompiler { python, key: stage.key, guest: site_packages(session) })
}

fn failed(error: PipError) -> anyhow::Error {
    let code = if error.is_environmental() { 4 } else { 1 };
    Failed { report: error.to_string(), code }.into()
}
