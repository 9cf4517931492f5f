//! The smoke test: compares the result with the recipe, and runs the new Python.

use std::collections::BTreeSet;
use std::time::Duration;

use camino::Utf8Path;
use serde::Deserialize;

use super::{Job, StageError, read};
use crate::embed;
use crate::embedded::EmbeddedFile;
use crate::plan::{SmokeTest, StageId, StageSpec};
use crate::provider::runner::ReadyRunner;
use crate::recipe::model::HostFamily;
use crate::recipe::runner::{Directory, Guest};
use crate::stage::package::PACKAGE;
use crate::sys;
use crate::sys::Command;
use crate::verify::{Mismatches, compare, modules};
use crate::wasm;

/// A Python that does not start at once has hung: toolchains with that fault exist.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// Run by the new Python.
const QUESTION: EmbeddedFile = embed!("xtask/src/stage/smoke_test.py");

/// Runs a package for browsers with Node.js.
const IN_NODE: EmbeddedFile = embed!("xtask/src/stage/smoke_test_browser.mjs");

pub fn spec(work: &SmokeTest) -> StageSpec {
    let mut files = vec![QUESTION];
    if work.family == HostFamily::EmscriptenBrowser {
        files.push(IN_NODE);
    }
    StageSpec { files, is_goal: true, ..StageSpec::new(1) }
}

/// What the new Python answers.
#[derive(Debug, Deserialize)]
struct Answer {
    version: String,
    platform: String,
    machine: String,
    os: String,
    builtin: Vec<String>,
    shared: Vec<String>,
    threads: bool,
    modules_in: String,
    bytecode: bool,
}

/// Leaves `answer.json`: what the new Python said of itself.
pub fn run(job: &Job<'_>, work: &SmokeTest) -> Result<(), StageError> {
    let package = job.result(StageId::Package).join(PACKAGE);
    let module_path = package.join("python.wasm");
    let module = fs_err::read(&module_path).map_err(|error| StageError::io(&module_path, error))?;
    let interface = wasm::interface(&module).map_err(|error| StageError::Wasm { path: module_path, error })?;
    let mut mismatches = Vec::new();
    if let Some(promised) = &work.wasm {
        mismatches.extend(compare("export", strs(&promised.exports), strs(&interface.exports)));
        for name in promised.imports.keys().chain(interface.imports.keys()).collect::<BTreeSet<_>>() {
            let promised = promised.imports.get(name).map(Vec::as_slice).unwrap_or_default();
            let found = interface.imports.get(name).map(Vec::as_slice).unwrap_or_default();
            mismatches.extend(compare(&format!("import from {name}"), strs(promised), strs(found)));
        }
    }
    let makefile = read(&job.result(StageId::MakeHost).join("build/Makefile"))?;
    mismatches.extend(modules::compare_states(&work.modules, &modules::states(&makefile)));

    job.progress.line("running the new Python");
    let answer = ask(job, work, &package)?;
    mismatches.extend(compare("built-in module", strs(&work.modules.builtin), strs(&answer.builtin)));
    mismatches.extend(compare("shared module", strs(&work.modules.shared), strs(&answer.shared)));
    // Some have the package in a world of their own; what the package's launcher starts sees it where it is, without links.
    let real = package.canonicalize_utf8().map_err(|error| StageError::io(&package, error))?;
    let prefix = if work.family.needs_launcher() { real.as_str() } else { "/usr/local" };
    let library = format!("{prefix}/lib/python{}", work.minor);
    let facts = [
        ("platform.python_version()", &answer.version, work.python.as_str()),
        ("sys.platform", &answer.platform, work.family.sys_platform()),
        ("platform.machine()", &answer.machine, "wasm32"),
        ("os.name", &answer.os, "posix"),
        ("the standard library's folder", &answer.modules_in, library.as_str()),
    ];
    mismatches.extend(
        facts
            .into_iter()
            .filter(|(_, found, promised)| found != promised)
            .map(|(what, found, promised)| format!("{what} is `{found}`, and should be `{promised}`")),
    );
    match (work.threads, answer.threads) {
        (true, false) => mismatches.push("the recipe has threads, but none can be started".to_owned()),
        (false, true) => mismatches.push("a thread can be started, but the recipe has no threads".to_owned()),
        _ => {}
    }
    if !answer.bytecode {
        mismatches.push("the standard library's bytecode is not where the interpreter looks for it".to_owned());
    }
    if work.unverified {
        for mismatch in mismatches.drain(..) {
            (job.context.note)(format!("unverified build differs from its recipe: {mismatch}"));
        }
    }
    if mismatches.is_empty() {
        return Ok(());
    }
    let hint = format!("if this is intended, update recipes/hosts/*/{}.toml, with the reason", work.minor);
    Err(Mismatches { mismatches, hint }.into())
}

fn ask(job: &Job<'_>, work: &SmokeTest, package: &Utf8Path) -> Result<Answer, StageError> {
    let mut environment = job.environment(0);
    let (program, args) = match (&work.runs_on, work.family) {
        (Some(_), _) => {
            let runner = job.context.runner.expect("a plan whose smoke test needs a runner is run with it");
            let command = runner.command(&guest(job, work, runner, package), job.workspace);
            let command = command.map_err(|error| StageError::Unexpected(error.to_string()))?;
            environment.extend(command.environment);
            (command.program, command.args)
        }
        (None, HostFamily::EmscriptenBrowser) => {
            job.write("smoke_test_browser.mjs", job.embedded(IN_NODE))?;
            let args = ["smoke_test_browser.mjs", package.as_str(), job.embedded(QUESTION)].map(str::to_owned).into();
            (job.context.programs.join("node"), args)
        }
        (None, _) => (package.join("bin").join(format!("python{}", work.minor)), arguments(job)),
    };
    let command =
        Command { program, args, directory: job.workspace.to_owned(), environment, timeout: Some(TIME_LIMIT) };
    let said = sys::output(&command, job.context.cancel)?;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    job.write("answer.json", &text)?;
    serde_json::from_str(&text)
        .map_err(|error| StageError::Unexpected(format!("the new Python did not answer as asked: {error}: {text}")))
}

fn guest(job: &Job<'_>, work: &SmokeTest, runner: &ReadyRunner, package: &Utf8Path) -> Guest {
    Guest {
        argv0: format!("/usr/local/bin/python{}", work.minor),
        directories: vec![Directory::read_only(package, "/usr/local")],
        arguments: arguments(job),
        stack_size: work.runner.stack_size,
        cache: Some(job.context.store.file(runner.cache_folder())),
        ..Guest::new(package.join("python.wasm"))
    }
}

fn arguments(job: &Job<'_>) -> Vec<String> {
    ["-c", job.embedded(QUESTION)].map(str::to_owned).into()
}

fn strs(names: &[String]) -> impl Iterator<Item = &str> {
    names.iter().map(String::as_str)
}
