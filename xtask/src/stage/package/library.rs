//! The standard library: the modules, sysconfig's data and the bytecode.

use camino::Utf8PathBuf;

use super::{Layout, StageError, copy, write};
use crate::embed;
use crate::embedded::EmbeddedFile;
use crate::stage::bytecode::{self, Bytecode};
use crate::sys;
use crate::sys::fs::Kind;

/// Rewrites sysconfig's data with other paths, in CPython's format.
pub const REWRITE_SYSCONFIG_DATA: EmbeddedFile = embed!("xtask/src/stage/package/rewrite_sysconfig_data.py");

/// Where extension modules lie that are files, below `lib/pythonX.Y`.
const DYNLOAD: &str = "lib-dynload";

/// CPython warns at each start if this folder is not there, and archives lose empty folders.
const LIB_DYNLOAD: &str = "Extension modules would be here; on this host they are part of python.wasm.\n";

impl Layout<'_> {
    /// Copies `Lib/` without what the recipe excludes, and CPython's license.
    pub fn standard_library(&self) -> Result<(), StageError> {
        let library = self.source.join("Lib");
        let exclude = &self.work.standard_library_exclude;
        let wanted = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            name != "__pycache__" && !exclude.contains_key(path)
        };
        sys::fs::copy_tree(&library, &self.lib_python(), &|entry| wanted(entry.path.as_str()))
            .map_err(|error| StageError::io(&library, error))?;
        self.build_data_folder()?;
        if self.work.shared_modules.is_empty() {
            write(&self.lib_python().join(DYNLOAD).join("README.txt"), LIB_DYNLOAD.as_bytes())?;
        }
        copy(&self.source.join("LICENSE"), &self.lib_python().join("LICENSE.txt"))
    }

    /// CPython's makefile, setup files and others: what users need to build extensions.
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

    /// The extension modules that are files, and sysconfig's data, without paths of this machine. Its lines are broken by their length, so that replacing a path
    /// in the text would not do: the build Python rewrites it.
    pub fn sysconfig_data(&self, data: &Utf8PathBuf) -> Result<(), StageError> {
        self.job.write("rewrite_sysconfig_data.py", self.job.embedded(REWRITE_SYSCONFIG_DATA))?;
        let loads_files = !self.work.shared_modules.is_empty();
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
                // make leaves links to what it linked; even on a host that loads no such files, it links some.
                (Kind::File { .. } | Kind::Symlink { .. }, Some("so")) if loads_files => {
                    copy(&from, &self.lib_python().join(DYNLOAD).join(&entry.path))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Compiles the library to bytecode that is valid wherever and whenever it is unpacked, with the sources or without.
    pub fn bytecode(&self, with_sources: bool) -> Result<(), StageError> {
        let library = self.lib_python();
        let bytecode = Bytecode {
            job: self.job,
            build_python: &self.build_python,
            folder: &library,
            guest: &format!("/usr/local/lib/{}", self.python()),
            source_date_epoch: self.work.source_date_epoch,
            with_sources,
        };
        bytecode.compile(&|path| !path.starts_with("config-"))
    }

    fn run_build_python(&self, arguments: &[&str]) -> Result<(), StageError> {
        bytecode::run_build_python(self.job, &self.build_python, arguments, self.work.source_date_epoch)
    }
}
