//! The steps. Each is a file, and says what it does in its first line of help.

mod audit;
mod broken_function;
mod build;
mod check;
mod chromium;
mod deny;
mod kills;
mod page;
mod reproducible;
mod status;
mod tests;
mod upstream;

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
    /// Give `cargo xtask test` broken test files and broken runners, each of which must be reported.
    Audit,
    /// Use the page and the JavaScript interface of a built emscripten-browser, and the status page, in a real Chromium.
    Page {
        /// Only tests whose name matches.
        pattern: Option<String>,
    },
    /// Compare what works on the built Pythons with the status page.
    Status,
    /// Build from upstream's URLs, which a server on this machine plays, with faults on the way.
    Upstream,
    /// Run all of CPython's own tests on every host.
    Suites,
    /// Build twice, as differently as possible, and compare the packages.
    Reproducible {
        /// A minor or a release; the default minor if not given.
        #[arg(long)]
        python: Option<String>,
        #[arg(long, default_value = "release")]
        profile: String,
    },
    /// Kill builds at random moments; re-runs must end with the same package.
    Kills {
        /// How often.
        #[arg(long, default_value_t = 50)]
        count: u32,
        /// Decides the moments.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Break one C function of CPython: exactly its own test must fail.
    BrokenFunction {
        /// Test files; all if not given.
        tests: Vec<String>,
    },
    /// Check licenses and sources of all dependencies with cargo-deny.
    Deny,
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
            Self::Audit => "audit",
            Self::Page { .. } => "page",
            Self::Status => "status",
            Self::Upstream => "upstream",
            Self::Suites => "suites",
            Self::Reproducible { .. } => "reproducible",
            Self::Kills { .. } => "kills",
            Self::BrokenFunction { .. } => "broken-function",
            Self::Deny => "deny",
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
            Self::Audit => audit::run(context),
            Self::Page { pattern } => page::run(context, pattern.as_deref()),
            Self::Status => status::run(context),
            Self::Upstream => upstream::run(context),
            Self::Suites => tests::run_suites(context),
            Self::Reproducible { python, profile } => reproducible::run(context, python.as_deref(), profile),
            Self::Kills { count, seed } => kills::run(context, *count, *seed),
            Self::BrokenFunction { tests } => broken_function::run(context, tests),
            Self::Deny => deny::run(context),
            Self::Chromium => chromium::run(context),
        }
    }
}
