//! Runs a WASI (preview 1) command, above all CPython's `python.wasm`: one process per run.
//!
//! This is CPython's HOSTRUNNER, and what `cargo xtask run`, `test` and the checks start.
//! It is not a general WebAssembly runtime: no components, no network, no threads, and no knowledge of Python.

mod arguments;
mod cache;
mod engine;
mod fork_server;
mod guest;
mod guest_env;
mod read_only_dirs;
mod stdio;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use arguments::{Command, USAGE};
use cache::Origin;
use guest::Outcome;
use runner_shared::failure::Failure;
use runner_shared::output::print;

fn main() -> ExitCode {
    let result = arguments::parse(std::env::args_os().skip(1)).and_then(|command| match command {
        Command::Run(run) => run_guest(&run),
        Command::ForkServer(run) => serve(run),
        Command::Compile { module, cache } => compile(&module, &cache),
        Command::Version => {
            print(&format!("host-runner {} (wasmtime {})\n", env!("CARGO_PKG_VERSION"), engine::VERSION))
        }
        Command::Help => print(USAGE),
    });
    result.unwrap_or_else(|failure| {
        say(&failure.to_string());
        failure.exit_code()
    })
}

fn run_guest(run: &arguments::Run) -> Result<ExitCode, Failure> {
    let module = load(run)?;
    let outcome = guest::run(&module, run)?;
    Ok(ExitCode::from(report(&outcome, &run.arguments)))
}

fn serve(run: arguments::Run) -> Result<ExitCode, Failure> {
    let module = load(&run)?;
    fork_server::serve(module, run).map(ExitCode::from)
}

fn load(run: &arguments::Run) -> Result<wasmtime::Module, Failure> {
    let engine = engine::new(run.max_wasm_stack, &run.module)?;
    let (module, origin) = cache::load(&engine, &run.module, run.cache.as_deref())?;
    match &origin {
        Origin::Memory { not_cached: Some(reason) } => say(&format!("warning: {reason}; compiled in memory instead")),
        _ if run.verbose => say(&origin.to_string()),
        _ => {}
    }
    Ok(module)
}

/// Reports a guest that did not exit normally, and returns the exit code.
fn report(outcome: &Outcome, arguments: &[String]) -> u8 {
    match outcome {
        Outcome::Exited(code) => *code,
        Outcome::Trapped(report) => {
            say(&format!("the guest trapped: {report}"));
            guest::TRAPPED
        }
        Outcome::TimedOut { limit, processor_time } => {
            say(&format!(
                "timeout: `{}` did not end within {limit:?}, the limit of `--timeout`; it used {processor_time:.2?} of processor time",
                arguments.join(" ")
            ));
            guest::TIMED_OUT
        }
    }
}

fn compile(module: &Path, cache: &Path) -> Result<ExitCode, Failure> {
    let engine = engine::new(arguments::DEFAULT_MAX_WASM_STACK, module)?;
    let entry = cache::ensure(&engine, module, cache)?;
    print(&format!("{}\n", entry.display()))
}

/// Writes a message to stderr. If that fails, there is nowhere to report it.
fn say(message: &str) {
    let _ = writeln!(std::io::stderr(), "host-runner: {}", message.trim_end());
}
