//! The command line: its arguments and help text, without logic.

mod options;
mod packages;

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::suite::schedule::Shard;

pub use options::{BuildOptions, Format, FormatName, OutputArgs};
pub use packages::{CheckPackages, Packages, RunPackages};

/// Build, run and test CPython for WebAssembly.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, max_term_width = 110)]
#[command(
    after_help = "Exit codes:\n  0    success\n  1    failure\n  2    wrong usage, or an unknown name\n  3    an invalid recipe, lock or patch\n  \
                  4    something is missing on this machine, or a download failed\n  130  interrupted\n\
                  `run` exits with the code of the program that it ran."
)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Build Python for a host, with everything that it needs, and run a smoke test.
    Build(Build),
    /// Run the Python that was built; arguments after `--` are passed to it.
    Run(Run),
    /// Run CPython's own tests and compare the results with the recorded expectations.
    Test(Test),
    /// Show information about the Python that was built, as `make pythoninfo` does.
    Info(Info),
    /// Serve the browser package, or with `serve status` the status page, on this machine, until Ctrl-C.
    Serve(Serve),
    /// Show the stages of a build and which are up to date. Does not use the network.
    Plan(Plan),
    /// Download everything that a build needs, so that it can run with --offline.
    Fetch(Fetch),
    /// Explain why a stage has to run: the inputs that changed.
    Explain(Explain),
    /// Print the path of a package, a toolchain or another result.
    Path(Path),
    /// List, show and check recipes.
    #[command(subcommand)]
    Recipe(Recipe),
    /// Show which extension modules Python has on each host, and why it lacks the others.
    Modules(Modules),
    /// Ask the Python of each host what works, with small programs.
    Status(Status),
    /// Check which packages of PyPI work on which host, or pin them for `run --requirement`.
    #[command(subcommand)]
    Packages(Packages),
    /// Check or update recipes/lock.toml, which pins every input by SHA-256.
    Lock(Lock),
    /// Move pinned Debian packages to the newest versions of the same upstream releases.
    Bump(Bump),
    /// List, check and edit the patch series.
    #[command(subcommand)]
    Patch(Patch),
    /// Check this machine and the store, and name the packages to install for what is missing.
    Doctor(Doctor),
    /// Remove build results from the store.
    Clean(Clean),
    /// Compare build time, test time and the finished Python with a baseline.
    #[command(disable_help_flag = true)]
    Bench {
        /// `first-build`, `build`, `test` or `run`, and its options; `cargo xtask bench --help` describes them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<String>,
    },
    /// Run the checks that CI runs: format, lints, recipes, lock, patches, tests.
    #[command(disable_help_flag = true)]
    Ci {
        /// A step and its options; `cargo xtask ci --help` lists them. The quick checks if not given.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "STEP")]
        arguments: Vec<String>,
    },
    /// Print a completion script for `xtask`, to use with `alias xtask='cargo xtask'`.
    Completions {
        #[arg(value_enum)]
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    pub options: BuildOptions,
    /// Port to listen on; 0 chooses a free one.
    #[arg(long, value_name = "N", default_value_t = 8000, help_heading = "Server options")]
    pub port: u16,
    /// Open the page in the default browser.
    #[arg(long, help_heading = "Server options")]
    pub open: bool,
}

#[derive(Debug, Args)]
pub struct Build {
    #[command(flatten)]
    pub options: BuildOptions,
    #[command(flatten)]
    pub range: Range,
    /// Show what each stage would do, without running any.
    #[arg(long, help_heading = "Execution options")]
    pub dry_run: bool,
    /// After a failure, continue with the stages that do not depend on the failed one.
    #[arg(long, help_heading = "Execution options")]
    pub keep_going: bool,
    /// Run the smoke test on `host-runner` (compiled first if needed), `node` or `wasmtime` [default: the first that is ready]
    #[arg(long, value_name = "NAME", help_heading = "Execution options")]
    pub runner: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub struct Range {
    /// Run this stage and all later ones again.
    #[arg(long, value_name = "STAGE", help_heading = "Execution options")]
    pub from: Option<String>,
    /// Stop after this stage.
    #[arg(long, value_name = "STAGE", help_heading = "Execution options")]
    pub until: Option<String>,
}

#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub options: BuildOptions,
    /// The program that runs Python: `host-runner`, `wasmtime`, `node`, another recipe of recipes/runners, or a path. A program given by path is called like the runner with the same file name, or else like wasmtime. [default: for WASI, the host runner if it is compiled, or else `node` or `wasmtime` from PATH; for other hosts, the one that can run it]
    #[arg(long, value_name = "NAME|PATH")]
    pub runner: Option<String>,
    /// Give Python access to a directory besides the current one, as HOST, HOST::GUEST or HOST::GUEST::ro.
    #[arg(long, value_name = "DIR")]
    pub dir: Vec<String>,
    /// Set an environment variable, or pass on the current value.
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub env: Vec<String>,
    #[command(flatten)]
    pub packages: RunPackages,
    /// End the program after this many seconds, with exit code 124.
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u64>,
    /// Arguments for Python: `script.py …`, `-c …` or `-m …`; without any, the interactive interpreter starts.
    #[arg(last = true)]
    pub arguments: Vec<String>,
}

#[derive(Debug, Clone, Args)]
#[command(
    after_help = "`cargo xtask test merge RESULTS…` merges the results of all shards (results.json files, or the directories with them) and compares the whole with the expectations."
)]
pub struct Test {
    #[command(flatten)]
    pub options: BuildOptions,
    /// Test files such as `test_os`, or packages such as `test_asyncio` [default: all].
    pub tests: Vec<String>,
    /// The runner, as for `run`, or `all` to compare all runners.
    #[arg(long, help_heading = "Test selection")]
    pub runner: Option<String>,
    /// Run only the test cases that match, as regrtest's --match does.
    #[arg(short = 'm', long = "match", value_name = "PATTERN", help_heading = "Test selection")]
    pub patterns: Vec<String>,
    /// Resources that tests may use, as for regrtest's -u [default: all,-cpu].
    #[arg(short = 'u', long = "use", value_name = "RESOURCES", help_heading = "Test selection")]
    pub resources: Option<String>,
    /// Run part K of N; the parts are the same on every machine.
    #[arg(long, value_name = "K/N", help_heading = "Test selection")]
    pub shard: Option<Shard>,
    /// Run only the files with unexpected results in the previous run.
    #[arg(long, help_heading = "Test selection")]
    pub rerun_failed: bool,
    /// Run the files `DIR/test_*.py` instead of CPython's, as regrtest's --testdir does. All are expected to pass.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["accept", "shard"], help_heading = "Test selection")]
    pub testdir: Option<Utf8PathBuf>,
    /// List the test files that would run.
    #[arg(long, conflicts_with = "list_cases", help_heading = "Test selection")]
    pub list_tests: bool,
    /// List the test cases that would run.
    #[arg(long, help_heading = "Test selection")]
    pub list_cases: bool,
    /// Build the package first if it is missing.
    #[arg(long, help_heading = "Execution options")]
    pub build: bool,
    /// Test the build directory of `make-host` instead of the package.
    #[arg(long, help_heading = "Execution options")]
    pub from_build: bool,
    /// Start a new interpreter for each file, instead of forking one that has already imported regrtest.
    #[arg(long, help_heading = "Execution options")]
    pub fresh: bool,
    /// Run the files in random order, and use this seed for the order and for the tests' random numbers.
    #[arg(long, value_name = "SEED", help_heading = "Execution options")]
    pub randomize: Option<u32>,
    /// Time limit for one file, in seconds.
    #[arg(long, value_name = "SECONDS", help_heading = "Execution options")]
    pub file_timeout: Option<u64>,
    /// Time limit for the whole run, in seconds.
    #[arg(long, value_name = "SECONDS", help_heading = "Execution options")]
    pub timeout: Option<u64>,
    /// Find a minimal set of test cases that makes a file fail.
    #[arg(long, conflicts_with_all = ["shard", "accept", "patterns"], help_heading = "Execution options")]
    pub bisect: bool,
    /// Directory for results.json, junit.xml and the logs [default: a directory in dist/test-results].
    #[arg(long, value_name = "DIR", help_heading = "Result options")]
    pub results: Option<Utf8PathBuf>,
    /// Record the results as the new expectations. New failures need a --reason; without it, xtask asks for one on a terminal.
    #[arg(long, help_heading = "Result options")]
    pub accept: bool,
    /// The reason for the new failures, in one line.
    #[arg(long, requires = "accept", value_name = "TEXT", help_heading = "Result options")]
    pub reason: Option<String>,
    /// The upstream issue about the new failures.
    #[arg(long, requires = "reason", value_name = "URL", help_heading = "Result options")]
    pub issue: Option<String>,
}

#[derive(Debug, Args)]
pub struct Info {
    #[command(flatten)]
    pub options: BuildOptions,
    /// The runner, as for `run`.
    #[arg(long)]
    pub runner: Option<String>,
}

#[derive(Debug, Args)]
pub struct Plan {
    #[command(flatten)]
    pub options: BuildOptions,
    #[command(flatten)]
    pub range: Range,
}

#[derive(Debug, Args)]
pub struct Fetch {
    #[command(flatten)]
    pub options: BuildOptions,
    /// Choose release and toolchain again, in case other download sources are reachable now.
    #[arg(long)]
    pub again: bool,
    /// Also download the packages of a runner, such as `wazero`.
    #[arg(long, value_name = "NAME")]
    pub runner: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Explain {
    #[command(flatten)]
    pub options: BuildOptions,
    /// The stage, such as `make-host` [default: all that have to run].
    pub stage: Option<String>,
}

#[derive(Debug, Args)]
pub struct Path {
    #[command(flatten)]
    pub options: BuildOptions,
    #[arg(value_enum, default_value_t = Place::Package)]
    pub place: Place,
}

/// Something whose path can be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Place {
    /// The finished package.
    Package,
    /// The launcher of the package.
    Launcher,
    /// python.wasm of the package.
    PythonWasm,
    /// libpython of the package.
    Libpython,
    /// The store: downloads, toolchains and results.
    Store,
    /// The native interpreter for --with-build-python.
    BuildPython,
    /// The patched source of CPython.
    Source,
    /// The cross compiler.
    Toolchain,
    /// The build directory of `make-host`.
    Build,
    /// The host runner, which embeds wasmtime.
    HostRunner,
}

#[derive(Debug, Subcommand)]
pub enum Recipe {
    /// List minors, hosts, toolchains and runners, and which combinations are verified.
    List,
    /// Print a recipe, as written or resolved.
    Show {
        #[command(flatten)]
        options: BuildOptions,
        /// Print the recipe after all files are merged and all placeholders are filled in.
        #[arg(long, conflicts_with = "runner")]
        resolved: bool,
        /// Print the recipe of this runner instead.
        #[arg(long, value_name = "NAME")]
        runner: Option<String>,
    },
    /// Check that all recipes are valid and agree with each other and with the lock.
    Check,
    /// Let the host's `configure` run all of its checks, and compare the results with those recorded in recipes/configure.
    ConfigureCache {
        #[command(flatten)]
        options: BuildOptions,
        /// Record the results.
        #[arg(long)]
        update: bool,
    },
}

#[derive(Debug, Args)]
pub struct Modules {
    /// Show the modules of one host with their reasons; all hosts side by side if not given.
    pub host: Option<String>,
    /// The minor, such as `3.13`, or a release of it [default: `default-minor` in recipes/cpython.toml].
    #[arg(long)]
    pub python: Option<String>,
    /// Show one module: its state, the reason, and the line of the recipe that decides.
    #[arg(long, value_name = "NAME")]
    pub why: Option<String>,
    /// `json`: one array; `md`: a table in Markdown.
    #[arg(long, default_value = "text", value_parser = options::formats(&FormatName::TABLES), help_heading = "Output options")]
    pub format: FormatName,
}

#[derive(Debug, Args)]
pub struct Status {
    /// Columns of recipes/status/columns.toml, such as `wasi` or `pyodide-node`; all that are here if not given.
    #[arg(value_name = "COLUMN")]
    pub columns: Vec<String>,
    /// Another minor of the columns' hosts, such as `3.13`, or a release of it.
    #[arg(long, help_heading = "Build options")]
    pub python: Option<String>,
    /// Run only this probe of recipes/probes, such as `threads/start`, and show what it printed.
    #[arg(long, value_name = "GROUP/NAME")]
    pub probe: Vec<String>,
    /// Another program that runs Pythons for WASI, as for `run`.
    #[arg(long, value_name = "NAME|PATH")]
    pub runner: Option<String>,
    /// How long a program may run; one that runs longer crashed.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub time_limit: u64,
    /// Take the answers of a file that `--format json` printed, instead of running programs.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["probe", "python", "runner"])]
    pub answers: Vec<Utf8PathBuf>,
    /// Write docs/status.md, the table in README.md, and the answers that are new, from this run.
    #[arg(long, conflicts_with_all = ["columns", "probe", "python", "runner"])]
    pub write: bool,
    /// Fail if an answer is not as expected, or if docs/status.md or README.md has another one.
    #[arg(long, conflicts_with_all = ["probe", "python", "runner", "write"])]
    pub check: bool,
    /// Number of parallel jobs [default: one more than the number of processors].
    #[arg(short, long, value_name = "N", help_heading = "Execution options")]
    pub jobs: Option<std::num::NonZero<usize>>,
    /// `json`: all answers with what the programs printed; `md`: the page of this run; `html`: the same as one file for browsers.
    #[arg(long, default_value = "text", value_parser = options::formats(&FormatName::ALL), help_heading = "Output options")]
    pub format: FormatName,
    /// Mark in `--format html` what has changed since this file, which `--format json` printed.
    #[arg(long, value_name = "FILE", help_heading = "Output options")]
    pub since: Option<Utf8PathBuf>,
}

#[derive(Debug, Args)]
pub struct Lock {
    /// Fail if the lock does not match the recipes. Does not use the network.
    #[arg(long, conflicts_with = "update")]
    pub check: bool,
    /// Download and hash inputs that are missing in the lock, and remove unused entries.
    #[arg(long)]
    pub update: bool,
}

#[derive(Debug, Args)]
pub struct Bump {
    /// Show what would change in the recipes and the lock, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub enum Patch {
    /// List the patches with their reasons and upstream status.
    Status {
        /// A minor version such as `3.11` [default: all].
        minor: Option<String>,
    },
    /// Create a git repository with the original source and one commit per patch.
    Checkout {
        /// A minor version, for its newest release with patches, or a release such as `3.11.2`.
        minor: String,
        /// The directory to create [default: a directory in the store].
        #[arg(long, value_name = "DIR")]
        into: Option<Utf8PathBuf>,
    },
    /// Write the commits of a checkout back to the patch series.
    Export {
        /// The version, as for `checkout`.
        minor: String,
        /// The repository that `checkout` created [default: the one in the store].
        #[arg(long, value_name = "DIR")]
        from: Option<Utf8PathBuf>,
    },
    /// Check the format of all patches, and that each series applies to every release that uses it
    Check {
        /// Download the sources of all pinned releases first, where a source provides them
        #[arg(long)]
        fetch: bool,
    },
}

#[derive(Debug, Args)]
pub struct Doctor {
    /// Verify the contents of all results in the store, and remove damaged ones.
    #[arg(long)]
    pub store: bool,
}

#[derive(Debug, Args)]
pub struct Clean {
    /// Remove only the results for this host.
    #[arg(conflicts_with_all = ["all", "downloads"])]
    pub host: Option<String>,
    /// Remove the whole store, including downloads.
    #[arg(long, conflicts_with = "downloads")]
    pub all: bool,
    /// Remove only the downloads.
    #[arg(long)]
    pub downloads: bool,
}

/// The shells with completion scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}
