//! Host binaries for runners that compile them first: once, into the store.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::runner::ReadyRunner;
use crate::cancel::Cancel;
use crate::digest::Sha256;
use crate::progress::Silent;
use crate::recipe::runner::compile_arguments;
use crate::store::Store;
use crate::sys::{self, Command};

/// The file that a runner runs for a host binary: the binary itself, or what the runner compiled it to.
pub fn module(
    runner: &ReadyRunner,
    binary: &Utf8Path,
    store: &Store,
    cancel: &Cancel,
    note: &dyn Fn(String),
) -> Result<Utf8PathBuf> {
    let Some(compile) = &runner.runner.recipe.compile else { return Ok(binary.to_owned()) };
    let title = runner.title();
    let (wasm, _) = Sha256::of_reader(fs_err::File::open(binary)?)?;
    let what = [title.as_str(), runner.program.as_str(), &wasm.to_string(), &compile.arguments.to_string()].join("\n");
    let key = Sha256::of(what.as_bytes());
    let folder = store.file(runner.cache_folder()).join(format!("{}-{}", runner.runner.name, key.short()));
    let compiled = folder.join(&compile.file_name);
    let workspace = store.lock(&format!("compile-{}", runner.runner.name), cancel, &Silent)?;
    if compiled.is_file() {
        return Ok(compiled);
    }
    note(format!("{title} compiles {} once: {}", binary.file_name().unwrap_or_default(), compile.reason));
    workspace.clear()?;
    let made = workspace.path().join("made");
    fs_err::create_dir_all(&made)?;
    fs_err::create_dir_all(store.file(runner.cache_folder()))?;
    let command = Command {
        program: runner.program.clone(),
        args: compile_arguments(compile, binary, &made.join(&compile.file_name)),
        directory: workspace.path().to_owned(),
        environment: runner.environment.clone(),
        timeout: None,
    };
    sys::run(&command, &workspace.log(), None, cancel, &Silent)?;
    // The rename publishes it whole or not at all.
    sys::fs::fsync_tree(&made)?;
    fs_err::rename(&made, &folder)?;
    Ok(compiled)
}
