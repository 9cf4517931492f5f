//! `ci deny`: licenses and sources of all dependencies, which deny.toml limits.

use anyhow::{Result, bail};

use crate::context::Context;

pub fn run(context: &Context) -> Result<()> {
    let version = context.call(context.shell.cmd("cargo").args(["deny", "--version"])).with_stderr().run()?;
    if version.code != 0 {
        bail!("cargo-deny is not installed\nhint: run `cargo install --locked cargo-deny`");
    }
    let deny = context.shell.cmd("cargo").args(["deny", "--offline", "check", "bans", "licenses", "sources"]);
    context.call(deny).show().expect_code("licenses and sources of dependencies", 0)?;
    Ok(())
}
