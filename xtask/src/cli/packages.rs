//! The arguments about packages of PyPI.

use camino::Utf8PathBuf;
use clap::{Args, Subcommand};

use super::options::{FormatName, formats};

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

/// Which packages are checked, and where.
#[derive(Debug, Args)]
pub struct CheckPackages {
    /// Packages, as NAME or NAME==VERSION.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub names: Vec<String>,
    /// The packages of recipes/packages/index.toml.
    #[arg(long)]
    pub all: bool,
    /// A host, which must be built; all that are built if not given.
    #[arg(long)]
    pub host: Vec<String>,
    /// The minor, such as `3.13`, or a release of it [default: `default-minor` in recipes/cpython.toml].
    #[arg(long)]
    pub python: Option<String>,
    /// Choose the newest versions again, instead of those that were chosen before.
    #[arg(long)]
    pub upgrade: bool,
    /// Write docs/packages.md from this run.
    #[arg(long, requires = "all", conflicts_with = "host")]
    pub write: bool,
    /// Fail if docs/packages.md differs from this run, which installs the versions in it.
    #[arg(long, requires = "all", conflicts_with_all = ["host", "write", "upgrade"])]
    pub check: bool,
    /// Number of parallel jobs [default: one more than the number of processors].
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<std::num::NonZero<usize>>,
    /// `json`: all results with what the programs printed; `md`: the table of the page.
    #[arg(long, default_value = "text", value_parser = formats(&FormatName::TABLES), help_heading = "Output options")]
    pub format: FormatName,
}

/// What can be done with packages, besides `run --with`.
#[derive(Debug, Subcommand)]
pub enum Packages {
    /// Install packages on each host and use them, and show which work.
    Check(CheckPackages),
    /// Compare what the compiled code of packages imports with what a Python offers, and load it.
    Inspect {
        /// Packages that have wheels for Emscripten, as NAME or NAME==VERSION.
        #[arg(required = true)]
        names: Vec<String>,
        /// The host, which must be built and able to load extension modules.
        #[arg(long, default_value = "emscripten-node-dl")]
        host: String,
        /// The minor, such as `3.13`, or a release of it [default: `default-minor` in recipes/cpython.toml].
        #[arg(long)]
        python: Option<String>,
    },
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
