//! `package`: the folder that people get, in the layout of CPython's own packaging for WASI.
//!
//! ```text
//! python.wasm            bin/pythonX.Y          lib/pythonX.Y/        lib/libpythonX.Y.a and helpers
//! build-details.json     bin/pythonX.Y-config   include/pythonX.Y/    lib/pkgconfig/
//! for Emscripten also python.js and *.cjs, which run python.wasm
//! ```
//!
//! `PYTHON.json` is added when the package is published: it has reasons and licenses, which are in no key.
//!
//! A package for browsers has another layout: see `browser`.

mod browser;
mod embedding;
mod launcher;
mod library;
mod metadata;
mod paths;
mod python_json;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Job, StageError};
use crate::event::Unit;
use crate::plan::{Package, StageId, StageSpec};
use crate::recipe::model::HostFamily;
use crate::sys;
use crate::wasm;

/// Where the package lies in the stage's result.
pub const PACKAGE: &str = "package";

/// What was found out about the package, beside it in the stage's result. `PYTHON.json` is made of it.
pub const FACTS: &str = "facts.json";

/// Where the standard library lies as files, below `lib/`, in the result for a host whose package has a bundle instead.
pub const LIBRARY: &str = "library";

pub use python_json::python_json;

/// Everything that the parts of the packaging use.
struct Layout<'a> {
    job: &'a Job<'a>,
    work: &'a Package,
    /// The folder that is put together.
    package: Utf8PathBuf,
    /// The folder whose `lib/pythonX.Y` the standard library is put into: mostly the package's.
    library: Utf8PathBuf,
    source: Utf8PathBuf,
    /// The result of `make-host`.
    made: Utf8PathBuf,
    build_python: Utf8PathBuf,
}

pub fn spec(work: &Package) -> StageSpec {
    let mut files = vec![library::REWRITE_SYSCONFIG_DATA];
    files.extend(launcher::files(work));
    files.extend(browser::files(work));
    StageSpec { files, unit: Unit::Items, is_goal: true, ..StageSpec::new(1) }
}

/// Fills `package/`.
pub fn run(job: &Job<'_>, work: &Package) -> Result<(), StageError> {
    let in_browsers = work.family == HostFamily::EmscriptenBrowser;
    let layout = Layout {
        job,
        work,
        package: job.folder(PACKAGE)?,
        library: job.folder(if in_browsers { LIBRARY } else { PACKAGE })?,
        source: job.result(StageId::PrepareSource).join("source"),
        made: job.result(StageId::MakeHost),
        build_python: job.result(StageId::MakeBuildPython).join("build/python"),
    };
    job.progress.line("python.wasm");
    let module = layout.python_wasm()?;
    if in_browsers {
        layout.for_browsers(&module)?;
        return layout.finish();
    }
    layout.program_files()?;
    job.progress.line("headers, libraries and build data");
    let data = layout.build_data()?;
    layout.headers()?;
    layout.static_libraries()?;
    layout.pkg_config()?;
    job.progress.line("the standard library");
    layout.standard_library()?;
    layout.sysconfig_data(&data)?;
    layout.bytecode(true)?;
    layout.launcher()?;
    layout.metadata(&module)?;
    layout.finish()
}

impl Layout<'_> {
    /// `pythonX.Y`.
    fn python(&self) -> String {
        format!("python{}", self.work.minor)
    }

    /// `pythonX.Y` with the ABI flags: CPython's LDVERSION, in the names of libpython, headers and tools.
    fn python_with_flags(&self) -> String {
        format!("{}{}", self.python(), self.work.abi_flags)
    }

    /// `lib/pythonX.Y` of the standard library.
    fn lib_python(&self) -> Utf8PathBuf {
        self.library.join("lib").join(self.python())
    }

    /// What is done with every file of every package.
    fn finish(&self) -> Result<(), StageError> {
        self.normalise()?;
        self.check_paths()
    }

    /// What `make inclinstall libainstall` laid out.
    fn installed(&self) -> Utf8PathBuf {
        self.made.join("install/usr/local")
    }

    fn python_wasm(&self) -> Result<Vec<u8>, StageError> {
        let path = self.made.join("build/python.wasm");
        let mut module = fs_err::read(&path).map_err(|error| StageError::io(&path, error))?;
        if self.work.strip {
            module = wasm::strip(&module).map_err(|error| StageError::Wasm { path, error })?;
        }
        write(&self.package.join("python.wasm"), &module)?;
        Ok(module)
    }

    /// What python.wasm needs beside it.
    fn program_files(&self) -> Result<(), StageError> {
        for name in &self.work.program_files {
            self.copy_text(&self.made.join("build").join(name), &self.package.join(name))?;
        }
        Ok(())
    }

    fn headers(&self) -> Result<(), StageError> {
        copy_tree(&self.installed().join("include"), &self.package.join("include"))
    }

    /// Modes and times that do not depend on the user's umask or on the day.
    fn normalise(&self) -> Result<(), StageError> {
        self.normalise_folder(&self.package)?;
        if self.library == self.package { Ok(()) } else { self.normalise_folder(&self.library) }
    }

    fn normalise_folder(&self, folder: &Utf8Path) -> Result<(), StageError> {
        use std::os::unix::fs::PermissionsExt as _;
        use sys::fs::Kind;
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(self.work.source_date_epoch);
        let entries = sys::fs::list_tree(folder).map_err(|error| StageError::io(folder, error))?;
        // A folder's time changes when its contents do: deepest first.
        for entry in entries.iter().rev() {
            let path = folder.join(&entry.path);
            let mode = match entry.kind {
                Kind::File { executable: false, .. } => 0o644,
                Kind::File { executable: true, .. } | Kind::Folder => 0o755,
                Kind::Symlink { .. } => continue,
            };
            let file = fs_err::File::open(&path).map_err(|error| StageError::io(&path, error))?;
            let done = file.set_permissions(std::fs::Permissions::from_mode(mode));
            let done = done.and_then(|()| file.file().set_modified(time));
            done.map_err(|error| StageError::io(&path, error))?;
        }
        Ok(())
    }
}

fn write(path: &Utf8Path, bytes: &[u8]) -> Result<(), StageError> {
    let folder = path.parent().unwrap_or(path);
    fs_err::create_dir_all(folder).map_err(|error| StageError::io(folder, error))?;
    fs_err::write(path, bytes).map_err(|error| StageError::io(path, error))
}

fn write_executable(path: &Utf8Path, text: &str) -> Result<(), StageError> {
    use std::os::unix::fs::PermissionsExt as _;
    write(path, text.as_bytes())?;
    let mode = std::fs::Permissions::from_mode(0o755);
    fs_err::set_permissions(path, mode).map_err(|error| StageError::io(path, error))
}

/// Copies a file, and makes the folder that it goes to.
pub fn copy(from: &Utf8Path, to: &Utf8Path) -> Result<(), StageError> {
    let folder = to.parent().unwrap_or(to);
    fs_err::create_dir_all(folder).map_err(|error| StageError::io(folder, error))?;
    sys::fs::copy_file(from, to).map_err(|error| StageError::io(from, error))
}

fn copy_tree(from: &Utf8Path, to: &Utf8Path) -> Result<(), StageError> {
    sys::fs::copy_tree(from, to, &|_| true).map_err(|error| StageError::io(from, error))
}
