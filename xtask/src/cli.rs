//! The command line: its grammar and its help, no logic.

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::recipe::resolve::DEFAULT_MINOR;
use crate::suite::schedule::Shard;

/// Python for WebAssembly: fetches pinned toolchains and CPython, patches, cross-builds, checks and runs the result.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, max_term_width = 110)]
#[command(
    after_help = "Exit codes: 0 done; 1 failed; 2 wrong usage or an unknown name; 3 a recipe, the lock or a patch is wrong; \
                        4 this machine or the network lacks something; 130 interrupted. \
                        `run` gives the code of the program that it ran."
)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// How much is said, and in which form.
#[derive(Debug, Clone, Args)]
pub struct OutputArgs {
    /// `json`: one event a line on standard output.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    pub format: Format,
    /// Show what every child prints.
    #[arg(short, long, global = true, conflicts_with = "quiet", help_heading = "Output")]
    pub verbose: bool,
    /// Show warnings and errors only.
    #[arg(short, long, global = true, help_heading = "Output")]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Build Python for a host: everything needed, from nothing, ending with a Python that ran.
    Build(Build),
    /// Run the Python that was built; what follows `--` goes to it. The current folder is its root folder.
    Run(Run),
    /// Run CPython's own tests on the package, and compare what comes with what is expected.
    Test(Test),
    /// Show what the new Python says of itself, as `make pythoninfo` does.
    Info(Info),
    /// Serve the package for browsers that was built, to browsers on this machine, until Ctrl-C.
    Serve(Serve),
    /// Show what a build would do, and what of it is done already. Connects to nothing.
    Plan(Plan),
    /// Download everything that a build needs, so that it can be done offline.
    Fetch(Fetch),
    /// Say why a stage has to run: the changed input, by name.
    Explain(Explain),
    /// Print where something lies.
    Path(Path),
    /// Look at recipes.
    #[command(subcommand)]
    Recipe(Recipe),
    /// Look after recipes/lock.toml, which pins the bytes of every input.
    Lock(Lock),
    /// Work on the patch series.
    #[command(subcommand)]
    Patch(Patch),
    /// Check this machine and the store; say what to install for each thing that is missing.
    Doctor(Doctor),
    /// Remove what builds left, and say how much room that made.
    Clean(Clean),
    /// Measure, side by side with the named peer.
    #[command(subcommand)]
    Bench(Bench),
    /// Check a change to this checkout as CI does: format, lints, recipes, lock, patches, tests.
    Ci,
    /// Print a completion script for `xtask`, for those who say `alias xtask='cargo xtask'`.
    Completions {
        #[arg(value_enum)]
        shell: Shell,
    },
}

/// What is built, and from what.
#[derive(Debug, Clone, Args)]
pub struct BuildOptions {
    /// Where the new Python runs, such as `wasi`.
    pub host: String,
    /// A minor (its newest pinned release that can be had), or one release.
    #[arg(long, default_value_t = DEFAULT_MINOR.to_string(), help_heading = "What")]
    pub python: String,
    /// `release`, `debug`, or `reference` (as CPython's own script builds it).
    #[arg(long, default_value = "release", help_heading = "What")]
    pub profile: String,
    /// `auto` (the first that can be had), a toolchain's name, or `path` with --wasi-sdk.
    #[arg(long, default_value = "auto", value_name = "auto|NAME|path", help_heading = "What")]
    pub toolchain: String,
    /// A WASI SDK of your own, for `--toolchain path`.
    #[arg(long, value_name = "DIR", help_heading = "What")]
    pub wasi_sdk: Option<Utf8PathBuf>,
    /// CPython's source from a folder, or from a git tree (`DIR@TREE`), instead of a pinned release. It is copied, never written to.
    #[arg(long, value_name = "DIR|DIR@TREE", help_heading = "What")]
    pub source: Option<String>,
    /// Make no connection; list everything that is missing at once.
    #[arg(long, help_heading = "How")]
    pub offline: bool,
    /// Refuse everything that the lock does not pin: --source and --toolchain path.
    #[arg(long, help_heading = "How")]
    pub locked: bool,
    /// How many things to do at once; by default, the number of processors, and for tests one more.
    #[arg(short, long, value_name = "N", help_heading = "How")]
    pub jobs: Option<std::num::NonZero<usize>>,
}

#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    pub options: BuildOptions,
    /// The port; 0 takes any that is free.
    #[arg(long, value_name = "N", default_value_t = 8000, help_heading = "Serving")]
    pub port: u16,
    /// Open the page in your browser.
    #[arg(long, help_heading = "Serving")]
    pub open: bool,
}

#[derive(Debug, Args)]
pub struct Build {
    #[command(flatten)]
    pub options: BuildOptions,
    #[command(flatten)]
    pub range: Range,
    /// Say what would be done, and do nothing.
    #[arg(long, help_heading = "How")]
    pub dry_run: bool,
    /// After a failure, go on with what does not need it.
    #[arg(long, help_heading = "How")]
    pub keep_going: bool,
}

#[derive(Debug, Clone, Args)]
pub struct Range {
    /// Do this stage and all that follow it again.
    #[arg(long, value_name = "STAGE", help_heading = "How")]
    pub from: Option<String>,
    /// Stop after this stage.
    #[arg(long, value_name = "STAGE", help_heading = "How")]
    pub until: Option<String>,
}

#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub options: BuildOptions,
    /// What runs it: a runner of recipes/runners, such as `host-runner`, `wasmtime` or `node`, or the path of a program, which is
    /// called as the runner that it is named like, or else as wasmtime.
    /// The host's own if not given: the host runner, or Node.js.
    #[arg(long, value_name = "NAME|PATH")]
    pub runner: Option<String>,
    /// Another folder that the program may use, as HOST, HOST::GUEST or HOST::GUEST::ro.
    #[arg(long, value_name = "DIR")]
    pub dir: Vec<String>,
    /// Set a variable of the program's environment, or pass one on.
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub env: Vec<String>,
    /// End the program after this many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u64>,
    /// The program's arguments: `script.py …`, `-c …`, `-m …`; none for the interactive interpreter.
    #[arg(last = true)]
    pub arguments: Vec<String>,
}

#[derive(Debug, Clone, Args)]
#[command(
    after_help = "`cargo xtask test merge RESULTS…` puts the results of all shards together (results.json, or the folders that they are in) and judges the whole."
)]
pub struct Test {
    #[command(flatten)]
    pub options: BuildOptions,
    /// Test files such as `test_os`, or packages of them such as `test_asyncio`; all if not given.
    pub tests: Vec<String>,
    /// What runs them: a runner's name, a path, or `all` to compare them; as for `run` if not given.
    #[arg(long, help_heading = "Which tests")]
    pub runner: Option<String>,
    /// Only cases that match, as regrtest's --match takes them.
    #[arg(short = 'm', long = "match", value_name = "PATTERN", help_heading = "Which tests")]
    pub patterns: Vec<String>,
    /// Resources that tests may use, as regrtest's -u takes them; `all,-cpu` if not given.
    #[arg(short = 'u', long = "use", value_name = "RESOURCES", help_heading = "Which tests")]
    pub resources: Option<String>,
    /// One part of N: the same parts on every machine.
    #[arg(long, value_name = "K/N", help_heading = "Which tests")]
    pub shard: Option<Shard>,
    /// Only the files that did not end as expected last time.
    #[arg(long, help_heading = "Which tests")]
    pub rerun_failed: bool,
    /// Test files of your own, `DIR/test_*.py`, instead of CPython's: as regrtest takes them. All are expected to pass.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["accept", "shard"], help_heading = "Which tests")]
    pub testdir: Option<Utf8PathBuf>,
    /// Print the files that would run.
    #[arg(long, conflicts_with = "list_cases", help_heading = "Which tests")]
    pub list_tests: bool,
    /// Print the cases that would run.
    #[arg(long, help_heading = "Which tests")]
    pub list_cases: bool,
    /// Build first what is not there.
    #[arg(long, help_heading = "How")]
    pub build: bool,
    /// Test what make left, in its build folder, instead of the package.
    #[arg(long, help_heading = "How")]
    pub from_build: bool,
    /// Start the interpreter for each file anew, instead of copying one that has regrtest imported.
    #[arg(long, help_heading = "How")]
    pub fresh: bool,
    /// Files in an order that the seed decides, and the seed for tests that use random numbers.
    #[arg(long, value_name = "SEED", help_heading = "How")]
    pub randomize: Option<u32>,
    /// How long one file may take, in seconds.
    #[arg(long, value_name = "SECONDS", help_heading = "How")]
    pub file_timeout: Option<u64>,
    /// How long all files together may take, in seconds.
    #[arg(long, value_name = "SECONDS", help_heading = "How")]
    pub timeout: Option<u64>,
    /// Find the fewest cases that make a file fail.
    #[arg(long, conflicts_with_all = ["shard", "accept", "patterns"], help_heading = "How")]
    pub bisect: bool,
    /// Where to put results.json, junit.xml and the logs; a folder of `dist/test-results` if not given.
    #[arg(long, value_name = "DIR", help_heading = "Results")]
    pub results: Option<Utf8PathBuf>,
    /// Make what comes the expectation. New failures need a --reason; at a terminal, it is asked for.
    #[arg(long, help_heading = "Results")]
    pub accept: bool,
    /// Why what fails anew does so, in one line.
    #[arg(long, requires = "accept", value_name = "TEXT", help_heading = "Results")]
    pub reason: Option<String>,
    /// The upstream issue about it.
    #[arg(long, requires = "reason", value_name = "URL", help_heading = "Results")]
    pub issue: Option<String>,
}

#[derive(Debug, Args)]
pub struct Info {
    #[command(flatten)]
    pub options: BuildOptions,
    /// As for `run`.
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
    /// Choose release and toolchain anew: look again whether upstream can be reached.
    #[arg(long)]
    pub again: bool,
    /// Get a runner's packages too, such as those of `wazero`.
    #[arg(long, value_name = "NAME")]
    pub runner: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Explain {
    #[command(flatten)]
    pub options: BuildOptions,
    /// The stage, such as `make-host`; all that have to run if not given.
    pub stage: Option<String>,
}

#[derive(Debug, Args)]
pub struct Path {
    #[command(flatten)]
    pub options: BuildOptions,
    #[arg(value_enum, default_value_t = Place::Package)]
    pub place: Place,
}

/// Something with a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Place {
    /// The finished package.
    Package,
    /// The launcher in the package.
    Launcher,
    /// python.wasm in the package.
    PythonWasm,
    /// libpython in the package.
    Libpython,
    /// The store.
    Store,
    /// The build Python.
    BuildPython,
    /// CPython's source, with the patches applied.
    Source,
    /// The cross compiler.
    Toolchain,
    /// The host's build folder.
    Build,
    /// The program that runs host binaries.
    HostRunner,
}

#[derive(Debug, Subcommand)]
pub enum Recipe {
    /// List minors, hosts, toolchains and runners, and which were tried.
    List,
    /// Print a recipe: as written, or with nothing left open.
    Show {
        #[command(flatten)]
        options: BuildOptions,
        /// Everything merged and filled in.
        #[arg(long, conflicts_with = "runner")]
        resolved: bool,
        /// The recipe of a program that runs host binaries instead.
        #[arg(long, value_name = "NAME")]
        runner: Option<String>,
    },
    /// Check all recipes against each other and against the lock.
    Check,
}

#[derive(Debug, Args)]
pub struct Lock {
    /// Fail if the lock does not have exactly what the recipes name. Connects to nothing.
    #[arg(long, conflicts_with = "update")]
    pub check: bool,
    /// Add what is missing (downloading it to hash it) and drop what is unused.
    #[arg(long)]
    pub update: bool,
}

#[derive(Debug, Subcommand)]
pub enum Patch {
    /// List the patches of a minor, or of all: why, forwarded or not, since when.
    Status {
        /// Such as `3.11`; all if not given.
        minor: Option<String>,
    },
    /// Make a git repository with the pristine source and one commit for each patch, to work in.
    Checkout {
        /// Such as `3.11`: its newest release that has patches. Or a release.
        minor: String,
        /// Where to make it; a folder of the store if not given.
        #[arg(long, value_name = "DIR")]
        into: Option<Utf8PathBuf>,
    },
    /// Write the commits of a checkout back as the patch series.
    Export {
        /// As for `checkout`.
        minor: String,
        /// The repository that `checkout` made.
        #[arg(long, value_name = "DIR")]
        from: Option<Utf8PathBuf>,
    },
    /// Check headers and form of all patches and, where the source is in the store, that they apply.
    Check,
}

#[derive(Debug, Args)]
pub struct Doctor {
    /// Compare the store's results with the hashes that were written down, and remove those that are damaged.
    #[arg(long)]
    pub store: bool,
}

#[derive(Debug, Args)]
pub struct Clean {
    /// Only what was made for this host.
    #[arg(conflicts_with_all = ["all", "downloads"])]
    pub host: Option<String>,
    /// The whole store, downloads too.
    #[arg(long, conflicts_with = "downloads")]
    pub all: bool,
    /// Only the downloads.
    #[arg(long)]
    pub downloads: bool,
}

#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Build with CPython's own script and with this one: same source, same toolchain, same machine; cold and again.
    Build {
        #[command(flatten)]
        options: BuildOptions,
        /// Build so many times with each, in turn, and show the median and the spread.
        #[arg(long, value_name = "N", default_value = "1", help_heading = "How")]
        rounds: std::num::NonZero<usize>,
    },
    /// Run CPython's regression tests as CPython itself does and as `cargo xtask test` does: same python.wasm, same machine.
    Test(BenchTest),
    /// Run Python as a peer distributes it and as the package has it: its start, its memory, programs, and what a page loads.
    Run(BenchRun),
}

#[derive(Debug, Clone, Args)]
pub struct BenchRun {
    #[command(flatten)]
    pub options: BuildOptions,
    /// Measure so many times with each, in turn, and show the median and the spread.
    #[arg(long, value_name = "N", default_value = "5", help_heading = "How")]
    pub rounds: std::num::NonZero<usize>,
}

#[derive(Debug, Clone, Args)]
pub struct BenchTest {
    #[command(flatten)]
    pub options: BuildOptions,
    /// Test files such as `test_os`, or packages of them such as `test_asyncio`; all if not given.
    pub tests: Vec<String>,
    /// What runs CPython's side: `wasmtime` from PATH (compiled if there is none), or the path of a program.
    #[arg(long, default_value = "wasmtime", value_name = "NAME|PATH", help_heading = "How")]
    pub runner: String,
    /// Resources that tests may use, as regrtest's -u takes them; `all,-cpu` if not given.
    #[arg(short = 'u', long = "use", value_name = "RESOURCES", help_heading = "How")]
    pub resources: Option<String>,
    /// Run the tests so many times with each, in turn, and show the median and the spread.
    #[arg(long, value_name = "N", default_value = "1", help_heading = "How")]
    pub rounds: std::num::NonZero<usize>,
}

/// The shells that completions are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}
