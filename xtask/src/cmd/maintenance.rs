//! Verbs for maintainers, which are packages of their own in this workspace: users do not compile them.

use anyhow::{Context as _, Result};

use crate::app::App;
use crate::sys;

/// Compiles such a package and becomes its program, which gets the arguments as they are.
pub fn run(app: &App, package: &str, arguments: &[String]) -> Result<()> {
    let manifest = app.checkout.join("Cargo.toml");
    let cargo = ["run", "--quiet", "--locked", "--manifest-path", manifest.as_str(), "--package", package, "--"];
    let arguments: Vec<&str> = cargo.into_iter().chain(arguments.iter().map(String::as_str)).collect();
    let program = app.variable("CARGO").unwrap_or("cargo");
    Err(sys::replace(program, &arguments, &app.set_by_cargo_run()))
        .with_context(|| format!("could not start `{program}`"))
}
