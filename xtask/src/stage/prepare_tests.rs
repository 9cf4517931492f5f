//! `prepare-tests`: the package's standard library with CPython's own tests in it, as an installation that has them would be.
//!
//! ```text
//! tests/prefix/lib/pythonX.Y/: that of the package, with test/ and whatever else of Lib/ it leaves out
//! tests/prefix/include/: that of the package    tests/driver/
//! ```

use super::bytecode::Bytecode;
use super::{Job, StageError};
use crate::embed;
use crate::embedded::EmbeddedFile;
use crate::plan::{PrepareTests, StageId, StageSpec};
use crate::recipe::model::HostFamily;
use crate::stage::package::{LIBRARY, PACKAGE, copy};
use crate::sys;
use crate::sys::fs::Kind;

/// Where the tests lie in the stage's result.
pub const TESTS: &str = "tests";

/// The prefix in it, which has the standard library, and the headers that sysconfig looks for.
pub const PREFIX: &str = "prefix";

/// The folder with nothing but the driver in it, for a library that is not ours.
pub const DRIVER_FOLDER: &str = "driver";

/// The program that runs a file.
pub const DRIVER: &str = "regrtest_driver.py";

/// The program that runs a test file, inside the guest.
const DRIVER_SOURCE: EmbeddedFile = embed!("xtask/src/regrtest/driver.py");

pub fn spec() -> StageSpec {
    StageSpec { files: vec![DRIVER_SOURCE], is_goal: true, ..StageSpec::new(1) }
}

/// Parts of paths of files that are no valid Python on purpose; CPython's own makefile leaves them out as well.
const NOT_COMPILED: [&str; 3] = ["bad_coding", "badsyntax", "lib2to3/tests/data"];

/// The standard library of a minor, below [`TESTS`].
pub fn library(minor: &impl std::fmt::Display) -> String {
    format!("{PREFIX}/lib/python{minor}")
}

/// Fills `tests/`.
pub fn run(job: &Job<'_>, work: &PrepareTests) -> Result<(), StageError> {
    let library_path = library(&work.minor);
    let library = job.folder(&format!("{TESTS}/{PREFIX}/lib"))?.join(format!("python{}", work.minor));
    let python = format!("python{}", work.minor);
    job.progress.line("the library and the tests");
    // A package for browsers has its library as one archive, and no headers.
    let in_browsers = work.family == HostFamily::EmscriptenBrowser;
    let package = job.result(StageId::Package).join(if in_browsers { LIBRARY } else { PACKAGE });
    let headers = job.workspace.join(TESTS).join(PREFIX).join("include");
    let copied = [(package.join("lib").join(&python), &library), (package.join("include"), &headers)];
    for (from, into) in &copied[..if in_browsers { 1 } else { 2 }] {
        sys::fs::copy_tree(from, into, &|_| true).map_err(|error| StageError::io(from, error))?;
    }
    let source = job.result(StageId::PrepareSource).join("source/Lib");
    let added = |path: &str| {
        work.paths.keys().any(|exclude| path == exclude || is_below(path, exclude)) && !path.contains("__pycache__")
    };
    for entry in sys::fs::list_tree(&source).map_err(|error| StageError::io(&source, error))? {
        if added(entry.path.as_str()) && matches!(entry.kind, Kind::File { .. }) {
            copy(&source.join(&entry.path), &library.join(&entry.path))?;
        }
    }
    job.folder(&format!("{TESTS}/{DRIVER_FOLDER}"))?;
    job.write(&format!("{TESTS}/{DRIVER_FOLDER}/{DRIVER}"), job.embedded(DRIVER_SOURCE))?;
    job.write(&format!("{TESTS}/{library_path}/{DRIVER}"), job.embedded(DRIVER_SOURCE))?;
    job.progress.line("bytecode");
    let build_python = job.result(StageId::MakeBuildPython).join("build/python");
    let bytecode = Bytecode {
        job,
        build_python: &build_python,
        folder: &library,
        guest: &format!("/usr/local/lib/{python}"),
        source_date_epoch: work.source_date_epoch,
        with_sources: true,
    };
    // The package's own modules have their bytecode.
    bytecode.compile(&|path| (added(path) || path == DRIVER) && NOT_COMPILED.iter().all(|part| !path.contains(part)))
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
