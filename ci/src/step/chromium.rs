//! `ci chromium`: installs Chromium on a machine that CI has to itself. On your own, `cargo xtask doctor` says what is missing.

use anyhow::{Result, bail};
use camino::Utf8PathBuf;
use xtask::sys::machine::is_root;

use crate::context::Context;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

pub fn run(context: &Context) -> Result<()> {
    if let Some(program) = find(context) {
        context.checks.pass(format!("Chromium is at {program}"));
        return Ok(());
    }
    if !is_root() || in_path(context, "apt-get").is_none() {
        bail!(
            "no Chromium in PATH, and only root can install it, with apt-get\n\
             hint: on Debian, run `apt-get install chromium`"
        );
    }
    context.call(context.shell.cmd("apt-get").arg("update")).show().expect_code("apt-get update", 0)?;
    let install = ["install", "--yes", "--no-install-recommends", "chromium"];
    let install = context.call(context.shell.cmd("apt-get").args(install)).env("DEBIAN_FRONTEND", "noninteractive");
    install.show().expect_code("apt-get install chromium", 0)?;
    Ok(())
}

/// Chromium's program: what the variable CHROMIUM names, or the first of the usual names in PATH.
pub fn find(context: &Context) -> Option<Utf8PathBuf> {
    match context.shell.var("CHROMIUM") {
        Ok(name) if !name.is_empty() => in_path(context, &name),
        _ => NAMES.iter().find_map(|name| in_path(context, name)),
    }
}

fn in_path(context: &Context, name: &str) -> Option<Utf8PathBuf> {
    let path = context.shell.var("PATH").unwrap_or_default();
    path.split(':').map(|folder| Utf8PathBuf::from(folder).join(name)).find(|program| program.is_file())
}
