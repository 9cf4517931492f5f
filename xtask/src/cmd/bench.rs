//! `cargo xtask bench`: placeholder while the house is built.

use anyhow::{Result, bail};

use crate::app::App;
use crate::cli::Bench;

/// Not there yet.
pub fn run(_app: &App, _arguments: &Bench) -> Result<()> {
    bail!("not there yet")
}
