//! The steps. Each is a file, and says what it does in its first line of help.

mod build;
mod check;
mod chromium;
mod tests;

use anyhow::Result;
use clap::Subcommand;

use crate::context::Context;

/// One step with its options.
#[derive(Debug, Subcommand)]
pub enum Step {
    /// Quick checks: format, clippy, recipes, lock, patches, and the tests of xtask and of the runners.
    Check,
    /// Build each minor and host, and use the packages as their users do.
    Build {
        /// Only this host.
        host: Option<String>,
        /// Only this minor or release.
        #[arg(long)]
        python: Option<String>,
    },
    /// Build and use variants of hosts: extension modules that are loaded, threads.
    Variants {
        /// Such as `emscripten-node-dl`; all if not given.
        hosts: Vec<String>,
    },
    /// Run a share of CPython's own tests on what `build` built.
    Tests,
    /// Run all of CPython's own tests on every host.
    Suites,
    /// Install Chromium if there is none. Only root can, with apt-get.
    Chromium,
}

impl Step {
    /// As on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Build { .. } => "build",
            Self::Variants { .. } => "variants",
            Self::Tests => "tests",
            Self::Suites => "suites",
            Self::Chromium => "chromium",
        }
    }

    /// Runs the step to its first failed check.
    pub fn run(&self, context: &Context) -> Result<()> {
        match self {
            Self::Check => check::run(context),
            Self::Build { host, python } => build::run(context, host.as_deref(), python.as_deref()),
            Self::Variants { hosts } => build::run_variants(context, hosts),
            Self::Tests => tests::run(context),
            Self::Suites => tests::run_suites(context),
            Self::Chromium => chromium::run(context),
        }
    }
}
