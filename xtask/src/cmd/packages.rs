//! Packages of PyPI for a Python that was built: `run --with`, and `cargo xtask packages`.

use anyhow::Result;

use super::python::site_packages;
use super::session::{Network, Session};
use super::{Failed, usage};
use crate::app::App;
use crate::cli::{BuildOptions, Packages, RunPackages};
use crate::packages::Request;
use crate::packages::report::pins;
use crate::packages::request::{Requirement, parse_file};
use crate::plan::StageId;
use crate::provider::pip::{BytecodeCompiler, Layer, PipError};

/// Runs `cargo xtask packages`.
pub fn run(app: &App, what: &Packages) -> Result<()> {
    match what {
        Packages::Lock { names, host, python } => {
            let options = BuildOptions::new(host.clone(), python.clone());
            let session = Session::open(app, &options, Network::Offline)?;
            let requirements = names.iter().map(|name| Requirement::parse(name, "the command line"));
            let request = request(&session, requirements.collect::<Result<_, _>>().map_err(usage)?, false)?;
            let wheels = app.pip(false, true)?.choose(&request).map_err(failed)?;
            app.ui.data(&pins(&wheels));
            Ok(())
        }
    }
}

/// The packages that are asked for, installed; `None` if there are none.
pub fn layer(session: &Session<'_>, arguments: &RunPackages, locked: bool) -> Result<Option<Layer>> {
    let mut requirements = Vec::new();
    for text in &arguments.with {
        requirements.push(Requirement::parse(text, "--with").map_err(usage)?);
    }
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
