//! `cargo xtask run HOST -- ARGS`: the Python that was built, on this terminal, with this terminal's pipes.

use anyhow::Result;
use camino::Utf8PathBuf;

use super::session::{Asking, Session};
use super::usage;
use crate::app::App;
use crate::cli::Run;
use crate::plan::StageId;
use crate::provider::machine;
use crate::stage::package::PACKAGE;
use crate::sys::{self, Command};

/// Runs the program and gives its exit code.
pub fn run(app: &App, arguments: &Run) -> Result<u8> {
    let session = Session::open(app, &arguments.what, Asking::Nobody)?;
    // The package in the store, not the copy in `dist/`, which people may change.
    let package = session.result(StageId::Package)?.join(PACKAGE);
    let here = app.current_folder()?;
    let minor = session.recipe.python.minor;
    let own = arguments.runner == "host-runner";
    let mut args: Vec<String> = vec!["run".to_owned()];
    let mut option = |name: &str, value: String| args.extend([name.to_owned(), value]);
    option("--dir", format!("{package}::/usr/local{}", if own { "::ro" } else { "" }));
    option("--dir", format!("{here}::/"));
    if here != "/" {
        option("--dir", format!("{here}::{here}"));
    }
    for folder in &arguments.dir {
        option("--dir", folder.clone());
    }
    for variable in &arguments.env {
        option("--env", variable.clone());
    }
    option("--argv0", format!("/usr/local/bin/python{minor}"));
    option("--wasm", format!("max-wasm-stack={}", session.recipe.runner.max_wasm_stack));
    if let Some(seconds) = arguments.timeout {
        if !own {
            let runner = &arguments.runner;
            return Err(usage(format!("--timeout is the host runner's\nhint: leave out `--runner {runner}`")));
        }
        option("--timeout", seconds.to_string());
    }
    if own {
        option("--cache", session.store.file("host-runner-cache").into_string());
    }
    args.push(package.join("python.wasm").into_string());
    args.extend(arguments.arguments.iter().cloned());
    let mut environment = std::collections::BTreeMap::new();
    for name in ["TERM", "HOME", "PATH"].into_iter().chain(arguments.env.iter().map(String::as_str)) {
        if let Some(value) = app.variable(name) {
            environment.insert(name.to_owned(), value.to_owned());
        }
    }
    let command = Command {
        program: runner(app, &session, &arguments.runner)?,
        args,
        directory: here,
        environment,
        timeout: None,
    };
    let code = sys::interactive(&command)?;
    // A process has no other codes; a larger one cannot come.
    Ok(u8::try_from(code).unwrap_or(u8::MAX))
}

fn runner(app: &App, session: &Session<'_>, name: &str) -> Result<Utf8PathBuf> {
    if name == "host-runner" {
        return session.host_runner();
    }
    let found = if name.contains('/') {
        Some(app.current_folder()?.join(name)).filter(|path| path.is_file())
    } else {
        machine::find(name, &app.path)
    };
    match found {
        Some(path) => Ok(path),
        None => Err(usage(format!(
            "there is no runner `{name}`\nhint: `host-runner` is always there; `wasmtime` must be in PATH; or give a path"
        ))),
    }
}
