//! The options that commands share: what to build, and how to print.

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, ValueEnum};

/// Options for the output, the same for every command.
#[derive(Debug, Clone, Args)]
pub struct OutputArgs {
    /// Output format; `json` prints one event per line on stdout.
    #[arg(long, global = true, default_value = "text", value_parser = formats(&FormatName::COMMON), help_heading = "Output options")]
    pub format: FormatName,
    /// Show the output of every command that is run.
    #[arg(short, long, global = true, conflicts_with = "quiet", help_heading = "Output options")]
    pub verbose: bool,
    /// Show only warnings and errors.
    #[arg(short, long, global = true, help_heading = "Output options")]
    pub quiet: bool,
}

/// What the other verbs print: everything but Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// The names of all formats. Clap wants one type for `--format`; each command says which it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatName {
    Text,
    Json,
    Md,
    Html,
}

impl FormatName {
    pub const ALL: [Self; 4] = [Self::Text, Self::Json, Self::Md, Self::Html];
    pub const TABLES: [Self; 3] = [Self::Text, Self::Json, Self::Md];
    pub const COMMON: [Self; 2] = [Self::Text, Self::Json];

    pub fn format(self) -> Format {
        match self {
            Self::Text | Self::Md | Self::Html => Format::Text,
            Self::Json => Format::Json,
        }
    }
}

/// The formats that a command has.
pub fn formats(these: &'static [FormatName]) -> impl clap::builder::TypedValueParser<Value = FormatName> {
    use clap::builder::TypedValueParser as _;
    let names = these.iter().filter_map(ValueEnum::to_possible_value);
    clap::builder::PossibleValuesParser::new(names)
        .map(|name| FormatName::from_str(&name, false).expect("only these names are accepted"))
}

/// What to build, and from which inputs.
#[derive(Debug, Clone, Args)]
pub struct BuildOptions {
    /// The host that Python is built for, such as `wasi`; `cargo xtask recipe list` shows all.
    pub host: String,
    /// A minor version, for its newest available release, or one release such as `3.13.5` [default: `default-minor` in recipes/cpython.toml].
    #[arg(long, help_heading = "Build options")]
    pub python: Option<String>,
    /// `release`, `debug`, or `reference` (built as CPython's own script does).
    #[arg(long, default_value = "release", help_heading = "Build options")]
    pub profile: String,
    /// `auto` (the first available one), the name of a toolchain, or `path` with --wasi-sdk.
    #[arg(long, default_value = "auto", value_name = "auto|NAME|path", help_heading = "Build options")]
    pub toolchain: String,
    /// The WASI SDK to use with `--toolchain path`.
    #[arg(long, value_name = "DIR", help_heading = "Build options")]
    pub wasi_sdk: Option<Utf8PathBuf>,
    /// Build CPython from a directory, or from a commit of a git repository, instead of a pinned release. The source is copied; the directory itself is never changed.
    #[arg(long, value_name = "DIR|DIR@COMMIT", help_heading = "Build options")]
    pub source: Option<String>,
    /// Let `configure` run all of its checks, even if recipes/configure has their results.
    #[arg(long, help_heading = "Build options")]
    pub no_configure_cache: bool,
    /// Do not use the network; if inputs are missing, list all of them.
    #[arg(long, help_heading = "Execution options")]
    pub offline: bool,
    /// Use only inputs that the lock pins; rejects --source and `--toolchain path`.
    #[arg(long, help_heading = "Execution options")]
    pub locked: bool,
    /// Number of parallel jobs [default: the number of processors; one more for tests].
    #[arg(short, long, value_name = "N", help_heading = "Execution options")]
    pub jobs: Option<std::num::NonZero<usize>>,
}

impl BuildOptions {
    /// The defaults for a host.
    pub fn new(host: String, python: Option<String>) -> Self {
        Self {
            host,
            python,
            profile: "release".to_owned(),
            toolchain: "auto".to_owned(),
            wasi_sdk: None,
            source: None,
            no_configure_cache: false,
            offline: false,
            locked: false,
            jobs: None,
        }
    }

    /// The command line of a verb with these options, as a user types it; defaults are left out.
    pub fn command_line(&self, verb: &str) -> String {
        let mut line = format!("cargo xtask {verb} {}", self.host);
        let options = [
            ("python", self.python.as_deref().unwrap_or_default(), ""),
            ("profile", self.profile.as_str(), "release"),
            ("toolchain", self.toolchain.as_str(), "auto"),
            ("wasi-sdk", self.wasi_sdk.as_deref().map_or("", Utf8Path::as_str), ""),
            ("source", self.source.as_deref().unwrap_or_default(), ""),
        ];
        for (name, value, default) in options {
            if value != default {
                line.push_str(&format!(" --{name} {}", crate::sys::command::quote(value)));
            }
        }
        if self.no_configure_cache {
            line.push_str(" --no-configure-cache");
        }
        line
    }
}
