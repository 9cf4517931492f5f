//! What every step gets: the checkout, the store, a folder for its files, and the checks that passed.

use std::io::ErrorKind;

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use xshell::{Cmd, Shell};
use xtask::cancel::Cancel;
use xtask::sys::fs::remove_tree;

use crate::call::Call;
use crate::checks::Checks;
use crate::matrix::Matrix;

/// The surroundings of a step.
pub struct Context {
    pub checkout: Utf8PathBuf,
    pub matrix: Matrix,
    /// The default store of commands.
    pub store: Utf8PathBuf,
    /// Where packages are put.
    pub dist: Utf8PathBuf,
    pub cancel: Cancel,
    /// In the checkout, and with the store and the packages in its environment.
    pub shell: Shell,
    scratch: Utf8PathBuf,
    /// `scratch` is removed at the end.
    pub is_temporary: bool,
    pub checks: Checks,
}

impl Context {
    /// Makes the folder for files: `scratch`, or a temporary one. With either `scratch` or `own_store`, the store is in there.
    pub fn new(
        checkout: Utf8PathBuf,
        matrix: Matrix,
        scratch: Option<Utf8PathBuf>,
        own_store: bool,
        cancel: Cancel,
    ) -> Result<Self> {
        let shell = Shell::new()?;
        let current: Utf8PathBuf = shell.current_dir().try_into()?;
        let own_store = own_store || scratch.is_some();
        let is_temporary = scratch.is_none();
        let scratch = match scratch {
            Some(folder) => {
                fs_err::create_dir_all(&folder)?;
                folder
            }
            None => tempfile::Builder::new().prefix("xtask-ci-").tempdir()?.keep().try_into()?,
        };
        // Without links: the kernel reports the folders of processes so.
        let scratch = scratch.canonicalize_utf8().with_context(|| format!("{scratch} cannot be used"))?;
        let place = |variable: &str, inside: &str, default: &str| match shell.var(variable) {
            _ if own_store => scratch.join(inside),
            Ok(folder) if !folder.is_empty() => current.join(folder),
            _ => checkout.join(default),
        };
        let store = place("XTASK_STORE", "store", "cross-build");
        let dist = place("XTASK_DIST", "dist", "dist");
        shell.change_dir(&checkout);
        shell.set_var("XTASK_STORE", &store);
        shell.set_var("XTASK_DIST", &dist);
        Ok(Self { checkout, matrix, store, dist, cancel, shell, scratch, is_temporary, checks: Checks::default() })
    }

    /// Removes the folder for files, unless the user named it.
    pub fn close(self) -> Result<()> {
        if self.is_temporary {
            remove_tree(&self.scratch).with_context(|| format!("{} could not be removed", self.scratch))?;
        }
        Ok(())
    }

    /// A new and empty folder, whose name begins with `name`.
    pub fn folder(&self, name: &str) -> Result<Utf8PathBuf> {
        let mut folder = self.scratch.join(name);
        for number in 2.. {
            match fs_err::create_dir(&folder) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                result => {
                    result?;
                    break;
                }
            }
            folder = self.scratch.join(format!("{name}-{number}"));
        }
        Ok(folder)
    }

    /// A folder that stays the same when a step runs again.
    pub fn kept_folder(&self, name: &str) -> Result<Utf8PathBuf> {
        let folder = self.scratch.join(name);
        fs_err::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// A command that can be run.
    pub fn call(&self, command: Cmd<'_>) -> Call<'_> {
        Call::new(&self.cancel, &self.checks, command)
    }

    /// `cargo xtask` with arguments.
    pub fn xtask<S: AsRef<str>>(&self, arguments: impl IntoIterator<Item = S>) -> Call<'_> {
        let command = self.shell.cmd("cargo").arg("xtask");
        self.call(arguments.into_iter().fold(command, |command, argument| command.arg(argument.as_ref())))
    }

    /// Compiles xtask and returns its program, for steps that must call it without cargo in between.
    pub fn xtask_program(&self) -> Result<Utf8PathBuf> {
        self.call(self.shell.cmd("cargo").args([
            "build",
            "--quiet",
            "--locked",
            "--package",
            "xtask",
            "--bin",
            "xtask",
        ]))
        .succeed()?;
        // This program is built into the same folder.
        let own: Utf8PathBuf = std::env::current_exe()?.try_into()?;
        let program = own.parent().unwrap_or(Utf8Path::new("/")).join("xtask");
        if !program.is_file() {
            bail!("cargo built xtask, and {program} does not exist");
        }
        Ok(program)
    }

    /// The host runner's program, compiled if it is not in the store.
    pub fn host_runner(&self, host: &str, python: Option<&str>) -> Result<Utf8PathBuf> {
        let target = || [Some(host), python.map(|_| "--python"), python].into_iter().flatten();
        self.xtask(["build"].into_iter().chain(target()).chain(["--runner", "host-runner"])).succeed()?;
        Ok(self.xtask(["path"].into_iter().chain(target()).chain(["host-runner"])).succeed()?.into())
    }

    /// Copies this store's downloads, and what was chosen from them, to a new store, so that it can build without a network.
    pub fn copy_inputs(&self, to: &Utf8Path) -> Result<()> {
        self.copy_into(&[self.store.join("downloads"), self.store.join("choices.json")], to)
    }

    /// Copies files and folders, as they are and where they exist, into a folder.
    fn copy_into(&self, paths: &[Utf8PathBuf], folder: &Utf8Path) -> Result<()> {
        fs_err::create_dir_all(folder)?;
        for path in paths.iter().filter(|path| path.exists()) {
            self.call(self.shell.cmd("cp").args(["-a", path.as_str(), folder.as_str()])).succeed()?;
        }
        Ok(())
    }
}
