//! The command line of `cargo xtask bench`: its grammar and its help, no logic.

use std::num::NonZero;

use clap::{Args, Parser, Subcommand};
use xtask::cli::{BuildOptions, OutputArgs};

/// Compare build time, test time and the finished Python with a baseline.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench", max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run the first build in new clones of this and of an earlier revision, and compare the times.
    FirstBuild(FirstBuild),
    /// Build with CPython's own script and with `cargo xtask build`, and compare the times.
    Build {
        #[command(flatten)]
        options: BuildOptions,
        /// Repeat the comparison N times, and show the median and the spread.
        #[arg(long, value_name = "N", default_value = "1", help_heading = "Execution options")]
        rounds: NonZero<usize>,
    },
    /// Run CPython's tests with CPython's own regrtest and with `cargo xtask test`, and compare the times.
    Test(Test),
    /// Compare start time, memory, speed and download size with Pyodide.
    Run(Run),
}

#[derive(Debug, Clone, Args)]
pub struct FirstBuild {
    /// The host to build for, such as `wasi`.
    pub host: String,
    /// The earlier revision of this repository.
    #[arg(long, value_name = "REVISION", help_heading = "Execution options")]
    pub against: String,
    /// Repeat the comparison N times, and show the median and the spread.
    #[arg(long, value_name = "N", default_value = "1", help_heading = "Execution options")]
    pub rounds: NonZero<usize>,
}

#[derive(Debug, Clone, Args)]
pub struct Run {
    #[command(flatten)]
    pub options: BuildOptions,
    /// Repeat the comparison N times, and show the median and the spread.
    #[arg(long, value_name = "N", default_value = "5", help_heading = "Execution options")]
    pub rounds: NonZero<usize>,
}

#[derive(Debug, Clone, Args)]
pub struct Test {
    #[command(flatten)]
    pub options: BuildOptions,
    /// Test files such as `test_os`, or packages such as `test_asyncio` [default: all].
    pub tests: Vec<String>,
    /// The runner for CPython's side: `wasmtime` from PATH (compiled if it is missing), or a path.
    #[arg(long, default_value = "wasmtime", value_name = "NAME|PATH", help_heading = "Execution options")]
    pub runner: String,
    /// Resources that tests may use, as for regrtest's -u [default: all,-cpu].
    #[arg(short = 'u', long = "use", value_name = "RESOURCES", help_heading = "Execution options")]
    pub resources: Option<String>,
    /// Repeat the comparison N times, and show the median and the spread.
    #[arg(long, value_name = "N", default_value = "1", help_heading = "Execution options")]
    pub rounds: NonZero<usize>,
}
