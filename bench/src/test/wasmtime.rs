//! The program that runs CPython's side: this machine's, or one compiled from the release of the engine that the host runner embeds.

use anyhow::{Result, anyhow};
use camino::Utf8PathBuf;

use crate::failed;
use xtask::cli::BuildOptions;
use xtask::cmd::Failed;
use xtask::cmd::runner;
use xtask::cmd::session::Session;
use xtask::progress::Silent;
use xtask::provider::runner::{ReadyRunner, RunnerError};
use xtask::sys::{self, Command};

/// The runner that CPython's documentation names.
const WASMTIME: &str = "wasmtime";

/// The crate with wasmtime's own command line.
const CRATE: &str = "wasmtime-cli";

/// The runner that a name or a path means. Where this machine has no wasmtime, it is compiled into the store, once.
pub fn obtain(session: &Session<'_>, options: &BuildOptions, given: &str) -> Result<ReadyRunner> {
    match runner::obtain(session, given) {
        Err(error) if given == WASMTIME && error.is::<RunnerError>() => {
            let program = compile(session, options, &error)?;
            runner::obtain(session, program.as_str())
        }
        obtained => obtained,
    }
}

/// Whether it was done already, and done to its end, is cargo's to know.
fn compile(session: &Session<'_>, options: &BuildOptions, lacking: &anyhow::Error) -> Result<Utf8PathBuf> {
    let app = session.app;
    let version = engine_version(&fs_err::read_to_string(app.checkout.join("Cargo.lock"))?)?;
    let jobs = options.jobs.unwrap_or_else(sys::machine::jobs).get();
    let cargo = app.cargo(options.offline, jobs);
    let root = session.store.file(CRATE).join(&version);
    let program = root.join("bin").join(WASMTIME);
    if !program.is_file() {
        let lacking = lacking.to_string();
        let lacking = lacking.lines().next().unwrap_or_default();
        app.ui.note(format!(
            "{lacking}: compiling {CRATE} {version}; with 2 processors that takes about 9 minutes, once"
        ));
    }
    let target = session.store.workspace(&format!("{CRATE}-target"));
    let mut args: Vec<String> = ["install", CRATE, "--locked", "--version"].map(str::to_owned).into();
    args.extend([format!("={version}"), "--root".to_owned(), root.to_string()]);
    args.extend(["--target-dir".to_owned(), target.to_string(), "--jobs".to_owned(), jobs.to_string()]);
    args.extend(cargo.offline.then(|| "--offline".to_owned()));
    let mut environment = cargo.environment;
    environment.extend(session.policy.network_environment.clone());
    let command = Command { program: cargo.program, args, directory: app.checkout.clone(), environment, timeout: None };
    let log = session.store.workspace("cargo-install.log");
    if let Err(error) = sys::run(&command, &log, None, &app.cancel, &Silent) {
        let report = failed(&format!("compiling {CRATE} {version}"), &error, "");
        return Err(match report.downcast::<Failed>() {
            Ok(Failed { report, code }) => {
                let report = format!("{report}\nhint: put a wasmtime into PATH, or give its path to --runner");
                Failed { report, code }.into()
            }
            Err(interrupted) => interrupted,
        });
    }
    sys::fs::remove_tree(&target)?;
    Ok(program)
}

/// The engine's release, as cargo's lock has it.
fn engine_version(lock: &str) -> Result<String> {
    #[derive(serde::Deserialize)]
    struct Lock {
        package: Vec<Package>,
    }
    #[derive(serde::Deserialize)]
    struct Package {
        name: String,
        version: String,
    }
    let lock: Lock = toml::from_str(lock)?;
    let engine = lock.package.into_iter().find(|package| package.name == WASMTIME);
    Ok(engine.ok_or_else(|| anyhow!("Cargo.lock has no {WASMTIME}, which the host runner embeds"))?.version)
}

#[cfg(test)]
mod tests {
    use super::engine_version;

    #[test]
    fn the_release_is_that_of_the_engine_itself() {
        let lock = "version = 4\n[[package]]\nname = \"wasmtime-wasi\"\nversion = \"2.0.0\"\n\
                    [[package]]\nname = \"wasmtime\"\nversion = \"1.2.3\"\nsource = \"x\"\n";
        assert_eq!(engine_version(lock).unwrap(), "1.2.3");
        assert!(engine_version("version = 4\npackage = []\n").unwrap_err().to_string().contains("has no wasmtime"));
    }
}
