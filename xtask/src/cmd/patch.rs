//! `cargo xtask patch`: placeholder while the house is built.

use anyhow::{Result, bail};

use crate::app::App;
use crate::cli::Patch;

/// Not there yet.
pub fn run(_app: &App, _arguments: &Patch) -> Result<()> {
    bail!("not there yet")
}
