//! `cargo xtask path HOST [WHAT]`: where something lies, for scripts.

use anyhow::{Result, bail};

use super::output::tell_path;
use super::session::{Network, Session};
use crate::app::App;
use crate::cli::{Path, Place};
use crate::plan::StageId;

/// Prints the path, if the thing is there.
pub fn run(app: &App, arguments: &Path) -> Result<()> {
    let session = Session::open(app, &arguments.options, Network::Offline)?;
    let package = || -> Result<camino::Utf8PathBuf> {
        session.result(StageId::Package)?;
        let package = app.dist_folder()?.join(session.recipe.package_name());
        if !package.is_dir() {
            bail!("{package} does not exist\nhint: run `{}`", arguments.options.command_line("build"));
        }
        Ok(package)
    };
    let minor = session.recipe.python.minor;
    let path = match arguments.place {
        Place::Package => package()?,
        Place::Launcher => package()?.join(format!("bin/python{minor}")),
        Place::PythonWasm => package()?.join("python.wasm"),
        Place::Libpython => package()?.join(format!("lib/libpython{minor}{}.a", session.recipe.abi_flags)),
        Place::Store => session.store.location().to_owned(),
        Place::BuildPython => session.result(StageId::MakeBuildPython)?.join("build/python"),
        Place::Source => session.result(StageId::PrepareSource)?.join("source"),
        Place::Toolchain => session.result(StageId::PrepareToolchain)?.join("root"),
        Place::Build => session.result(StageId::MakeHost)?.join("build"),
        Place::HostRunner => session.host_runner()?,
    };
    tell_path(app, &session.store.real_path(&path));
    Ok(())
}
