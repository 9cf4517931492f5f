//! The arguments about packages of PyPI.

use camino::Utf8PathBuf;
use clap::{Args, Subcommand};

/// Packages of PyPI that a Python gets.
#[derive(Debug, Clone, Default, Args)]
pub struct RunPackages {
    /// Install a package without compiled code from PyPI, with what it needs: NAME, NAME==VERSION or another requirement.
    #[arg(long, value_name = "NAME", help_heading = "Package options")]
    pub with: Vec<String>,
    /// Install the packages that a requirements file lists.
    #[arg(long, value_name = "FILE", help_heading = "Package options")]
    pub requirement: Vec<Utf8PathBuf>,
    /// Choose the newest versions again, instead of those that were chosen before.
    #[arg(long, help_heading = "Package options")]
    pub upgrade: bool,
}

/// What can be done with packages, besides `run --with`.
#[derive(Debug, Subcommand)]
pub enum Packages {
    /// Print packages with everything that they need, pinned by hashes, as lines of a requirements file.
    Lock {
        /// Requirements, such as NAME or NAME==VERSION.
        #[arg(required = true)]
        names: Vec<String>,
        /// The host that they are for.
        #[arg(long, default_value = "wasi")]
        host: String,
        /// The minor, such as `3.13`, or a release of it [default: `default-minor` in recipes/cpython.toml].
        #[arg(long)]
        python: Option<String>,
    },
}
