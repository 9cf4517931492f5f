//! Bytecode that is valid wherever and whenever its modules are unpacked (PEP 552, unchecked), made by the build Python.

use std::thread;

use camino::Utf8Path;

use super::{Job, StageError};
use crate::sys;
use crate::sys::fs::Kind;

/// How many processes compile bytecode: a fixed number, because bytecode depends a little on what one process compiled before,
/// and a package must not depend on how many processors a machine has.
const COMPILERS: usize = 4;

/// A folder of modules to be compiled.
pub struct Bytecode<'a> {
    pub job: &'a Job<'a>,
    pub build_python: &'a Utf8Path,
    pub folder: &'a Utf8Path,
    /// The folder's name in the world where the modules will be imported.
    pub guest: &'a str,
    pub source_date_epoch: u64,
    /// Whether the modules' sources will be there. Without them no traceback can mark a part of a line, and where the parts
    /// are makes a fifth of the bytecode.
    pub with_sources: bool,
}

impl Bytecode<'_> {
    /// Compiles the modules whose path in the folder is wanted.
    pub fn compile(&self, wanted: &dyn Fn(&str) -> bool) -> Result<(), StageError> {
        let entries = sys::fs::list_tree(self.folder).map_err(|error| StageError::io(self.folder, error))?;
        let modules: Vec<String> = entries
            .iter()
            .filter(|entry| matches!(entry.kind, Kind::File { .. }) && entry.path.extension() == Some("py"))
            .filter(|entry| wanted(entry.path.as_str()))
            .map(|entry| self.folder.join(&entry.path).into_string())
            .collect();
        let share = modules.len().div_ceil(COMPILERS).max(1);
        let results: Vec<Result<(), StageError>> = thread::scope(|scope| {
            let compile = |(number, files): (usize, &[String])| self.compile_share(number, files);
            let shares = modules.chunks(share).enumerate();
            let threads: Vec<_> = shares.map(|share| scope.spawn(move || compile(share))).collect();
            threads.into_iter().map(|thread| thread.join().expect("compiling does not panic")).collect()
        });
        results.into_iter().collect()
    }

    fn compile_share(&self, number: usize, files: &[String]) -> Result<(), StageError> {
        let list = format!("modules-{number}.txt");
        self.job.write(&list, &files.join("\n"))?;
        let options: &[&str] = if self.with_sources { &[] } else { &["-X", "no_debug_ranges"] };
        let compileall = [
            "-m",
            "compileall",
            "-q",
            "-o",
            "0",
            "--invalidation-mode",
            "unchecked-hash",
            "-s",
            self.folder.as_str(),
            "-p",
            self.guest,
            "-i",
            &list,
        ];
        let arguments = [options, &compileall].concat();
        run_build_python(self.job, self.build_python, &arguments, self.source_date_epoch)
    }
}

/// Runs the build Python on what the stage makes.
pub fn run_build_python(
    job: &Job<'_>,
    build_python: &Utf8Path,
    arguments: &[&str],
    source_date_epoch: u64,
) -> Result<(), StageError> {
    let mut environment = job.environment(source_date_epoch);
    // Bytecode belongs beside the modules that are made, and the shared source gets none.
    environment.remove("PYTHONPYCACHEPREFIX");
    environment.insert("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned());
    Ok(job.run_with_tokens(&job.command("", build_python.as_str(), arguments, environment))?)
}
