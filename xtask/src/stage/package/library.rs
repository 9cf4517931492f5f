//! The standard library: the modules, sysconfig's data and the bytecode.

use std::thread;

use camino::Utf8PathBuf;

use super::{Layout, StageError, copy, write};
use crate::sys;
use crate::sys::fs::Kind;

/// Writes sysconfig's data anew with other paths in it, in the form in which CPython writes it.
const REWRITE_SYSCONFIG_DATA: &str = include_str!("rewrite_sysconfig_data.py");

/// CPython warns at each start if this folder is not there, and archives lose empty folders.
const LIB_DYNLOAD: &str = "Extension modules would be here; on this host they are part of python.wasm.\n";

/// How many processes compile bytecode: a fixed number, because bytecode depends a little on what one process compiled before,
/// and the package must not depend on how many processors a machine has.
const COMPILERS: usize = 4;

impl Layout<'_> {
    /// Copies `Lib/` without what the recipe excludes, and CPython's licence.
    pub fn standard_library(&self) -> Result<(), StageError> {
        let library = self.source.join("Lib");
        let excluded = &self.work.standard_library_excluded;
        let wanted = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            name != "__pycache__" && !excluded.contains_key(path)
        };
        sys::fs::copy_tree(&library, &self.lib_python(), &|entry| wanted(entry.path.as_str()))
            .map_err(|error| StageError::io(&library, error))?;
        self.build_data_folder()?;
        write(&self.lib_python().join("lib-dynload/README.txt"), LIB_DYNLOAD.as_bytes())?;
        copy(&self.source.join("LICENSE"), &self.lib_python().join("LICENSE.txt"))
    }

    /// CPython's makefile, setup files and the like: what people need to build extensions.
    fn build_data_folder(&self) -> Result<(), StageError> {
        let from = self.installed().join("lib").join(self.python());
        for entry in sys::fs::list_tree(&from).map_err(|error| StageError::io(&from, error))? {
            let archive = entry.path.extension() == Some("a");
            if matches!(entry.kind, Kind::File { .. }) && !archive {
                self.copy_text(&from.join(&entry.path), &self.lib_python().join(&entry.path))?;
            }
        }
        Ok(())
    }

    /// The folder in which make left sysconfig's data.
    pub fn build_data(&self) -> Result<Utf8PathBuf, StageError> {
        let pointer = self.made.join("build/pybuilddir.txt");
        let text = super::super::read(&pointer)?;
        Ok(self.made.join("build").join(text.trim()))
    }

    /// sysconfig's data, without paths of this machine. Its lines are broken by their length, so that replacing a path
    /// in the text would not do: it is written anew, by the build Python.
    pub fn sysconfig_data(&self, data: &Utf8PathBuf) -> Result<(), StageError> {
        self.job.write("rewrite_sysconfig_data.py", REWRITE_SYSCONFIG_DATA)?;
        for entry in sys::fs::list_tree(data).map_err(|error| StageError::io(data, error))? {
            let from = data.join(&entry.path);
            let to = self.lib_python().join(&entry.path);
            match (&entry.kind, entry.path.extension()) {
                (Kind::File { .. }, Some("py")) => {
                    let folder = self.build_folder();
                    let arguments = ["rewrite_sysconfig_data.py", from.as_str(), to.as_str(), &folder, "/build"];
                    self.run_build_python(&arguments)?;
                }
                (Kind::File { .. }, Some("json")) => self.copy_text(&from, &to)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Compiles the library to bytecode that is valid wherever and whenever it is unpacked (PEP 552, unchecked).
    pub fn bytecode(&self) -> Result<(), StageError> {
        let library = self.lib_python();
        let entries = sys::fs::list_tree(&library).map_err(|error| StageError::io(&library, error))?;
        let modules: Vec<String> = entries
            .iter()
            .filter(|entry| matches!(entry.kind, Kind::File { .. }) && entry.path.extension() == Some("py"))
            .filter(|entry| !entry.path.as_str().starts_with("config-"))
            .map(|entry| library.join(&entry.path).into_string())
            .collect();
        let share = modules.len().div_ceil(COMPILERS).max(1);
        let results: Vec<Result<(), StageError>> = thread::scope(|scope| {
            let compile = |(number, files): (usize, &[String])| self.compile(number, files);
            let shares = modules.chunks(share).enumerate();
            let threads: Vec<_> = shares.map(|share| scope.spawn(move || compile(share))).collect();
            threads.into_iter().map(|thread| thread.join().expect("compiling does not panic")).collect()
        });
        results.into_iter().collect()
    }

    fn compile(&self, number: usize, files: &[String]) -> Result<(), StageError> {
        let list = format!("modules-{number}.txt");
        write(&self.job.workspace.join(&list), files.join("\n").as_bytes())?;
        let library = self.lib_python();
        let name = format!("/usr/local/lib/{}", self.python());
        let arguments = [
            "-m",
            "compileall",
            "-q",
            "-o",
            "0",
            "--invalidation-mode",
            "unchecked-hash",
            "-s",
            library.as_str(),
            "-p",
            &name,
            "-i",
            &list,
        ];
        self.run_build_python(&arguments)
    }

    fn run_build_python(&self, arguments: &[&str]) -> Result<(), StageError> {
        let mut environment = self.job.environment(self.work.source_date_epoch);
        // The package's bytecode belongs beside its modules, and the shared source gets none.
        environment.remove("PYTHONPYCACHEPREFIX");
        environment.insert("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned());
        Ok(self.job.run_with_tokens(&self.job.command("", self.build_python.as_str(), arguments, environment))?)
    }
}
