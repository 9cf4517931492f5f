//! `cargo xtask info HOST`: what the new Python says of itself, as `make pythoninfo` prints it.

use std::collections::BTreeMap;

use anyhow::Result;
use camino::Utf8Path;

use super::build::again;
use super::runner;
use super::session::{Asking, Purpose, Session};
use crate::app::App;
use crate::cli::Info;
use crate::plan::StageId;
use crate::plan::select::Range;
use crate::progress::Silent;
use crate::recipe::runner::{Directory, Guest};
use crate::stage::package::PACKAGE;
use crate::stage::prepare_tests::{LIBRARY, TESTS};
use crate::sys;

/// Prints it. Gives the program's exit code.
pub fn run(app: &App, arguments: &Info) -> Result<u8> {
    let session = Session::open_for(app, &arguments.what, Asking::Nobody, Purpose::Tests)?;
    let package = session.result(StageId::Package)?.join(PACKAGE);
    let until = Some(StageId::PrepareTests);
    session.run(Range { from: None, until }, false, &again(&arguments.what))?;
    let library = session.result(StageId::PrepareTests)?.join(TESTS).join(LIBRARY);
    let python = format!("python{}", session.recipe.python.minor);
    let runner = runner::obtain(&session, &arguments.runner)?;
    // pythoninfo makes files, some of them in the current folder.
    let temporary = session.store.lock(&format!("info-{}", session.recipe.package_name()), &app.cancel, &Silent)?;
    temporary.clear()?;
    fs_err::create_dir_all(temporary.path().join("tmp"))?;
    let guest = Guest {
        module: package.join("python.wasm"),
        argv0: format!("/usr/local/bin/{python}"),
        directories: vec![
            Directory::read_only(package, "/usr/local"),
            Directory::read_only(library, format!("/usr/local/lib/{python}")),
            Directory::writable(temporary.path(), "/"),
        ],
        environment: BTreeMap::from([("TMPDIR".to_owned(), "/tmp".to_owned())]),
        arguments: ["-m", "test.pythoninfo"].map(str::to_owned).into(),
        max_wasm_stack: session.recipe.runner.max_wasm_stack,
        timeout: None,
        cache: Some(session.store.file(runner.cache_folder())),
    };
    let command = runner.command(&guest, Utf8Path::new("/"))?;
    let code = sys::interactive(&command)?;
    sys::fs::remove_tree(temporary.path())?;
    Ok(u8::try_from(code).unwrap_or(u8::MAX))
}
