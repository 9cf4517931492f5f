//! `prepare-tests`: what a package goes without and CPython's own tests need, compiled to bytecode, beside the program that runs them.
//!
//! ```text
//! tests/driver/driver.py    tests/lib/: test/, and whatever else of Lib/ the package leaves out
//! ```

use super::bytecode::Bytecode;
use super::{Job, StageError};
use crate::plan::{PrepareTests, StageId};
use crate::regrtest::DRIVER;
use crate::sys;

/// Where the tests lie in the stage's result.
pub const TESTS: &str = "tests";

/// The modules in it, and where a guest sees them.
pub const LIBRARY: [&str; 2] = ["lib", "/tests"];

/// The folder with the program that runs them, and where a guest sees it.
pub const DRIVER_FOLDER: [&str; 2] = ["driver", "/driver"];

/// Parts of paths of files that are no valid Python on purpose; CPython's own makefile leaves them out as well.
const NOT_COMPILED: [&str; 3] = ["bad_coding", "badsyntax", "lib2to3/tests/data"];

/// Fills `tests/`.
pub fn run(job: &Job<'_>, work: &PrepareTests) -> Result<(), StageError> {
    let [name, guest] = LIBRARY;
    let tests = job.folder(TESTS)?.join(name);
    let library = job.result(StageId::PrepareSource).join("source/Lib");
    job.progress.line("the tests");
    let excluded = |path: &str| work.paths.keys().any(|excluded| path == excluded || is_below(path, excluded));
    let leads_to_one = |path: &str| work.paths.keys().any(|excluded| is_below(excluded, path));
    let wanted = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name != "__pycache__" && (excluded(path) || leads_to_one(path))
    };
    sys::fs::copy_tree(&library, &tests, &|entry| wanted(entry.path.as_str()))
        .map_err(|error| StageError::io(&library, error))?;
    job.progress.line("bytecode");
    let build_python = job.result(StageId::MakeBuildPython).join("build/python");
    let bytecode =
        Bytecode { job, build_python: &build_python, folder: &tests, guest, source_date_epoch: work.source_date_epoch };
    bytecode.compile(&|path| NOT_COMPILED.iter().all(|part| !path.contains(part)))?;
    let folder = format!("{TESTS}/{}", DRIVER_FOLDER[0]);
    job.folder(&folder)?;
    job.write(&format!("{folder}/driver.py"), DRIVER)
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
