//! The command line: text in, one [`Command`] out. Nothing here touches the disk.
//!
//! What both know is written as `wasmtime run` writes it, so that one list of arguments fits both.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::{Arg, Parser};
use runner_shared::arguments::{Directory, directory, seconds, set_variable, text};
use runner_shared::failure::Failure;

/// The guest's stack in bytes unless the command line says otherwise: what CPython's own WASI script asks for.
pub const DEFAULT_MAX_WASM_STACK: u32 = 16 << 20;

pub const USAGE: &str = "\
Runs a WASI (preview 1) command, such as CPython's python.wasm

Usage: host-runner run [OPTIONS] MODULE [ARGUMENTS…]
       host-runner fork-server [OPTIONS] MODULE [ARGUMENTS…]
       host-runner compile --cache DIR MODULE
       host-runner --version | --help

Everything after MODULE belongs to the guest.

Options of `run`:
  --dir HOST[::GUEST][::ro]          open a directory to the guest, as GUEST (default: HOST as written);
                                     `::ro` makes it read-only; can be repeated
  --env NAME=VALUE                   set a variable of the guest, whose environment is otherwise empty; the last one wins
  --env NAME                         pass a variable on, if it is set
  --argv0 NAME                       the guest's argv[0] (default: the file name of MODULE)
  -W, --wasm max-wasm-stack=BYTES    limit of the guest's stack (default: 16777216)
  --timeout SECONDS                  end the guest after this wall clock time; compiling does not count
  --cache DIR                        keep the precompiled module in DIR (default: compile in memory each time)
  --verbose                          print to stderr whether the compiled module was cached

`fork-server` runs the guest up to its first `sched_yield`, prints `ready` to stdout, and then reads requests from stdin, one
a line: a file for the output and options as those of `run`, each followed by a NUL. For each it forks: the copy of the guest goes on
with the new `--dir`s, stdin empty, and its output in that file. When it has ended, one line on stdout says how:
`exited CODE`, `signalled NUMBER` or `timed-out`, and the seconds of processor time that it used.

`compile` puts the precompiled module into DIR and prints its path.

Exit codes: the guest's own; 134 the guest trapped; 124 timeout; 125 the host failed; 2 with a message that begins
with `host-runner: error:` the command line is wrong.
";

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub enum Command {
    Run(Run),
    ForkServer(Run),
    Compile { module: PathBuf, cache: PathBuf },
    Version,
    Help,
}

/// One run of a guest.
#[derive(Debug, PartialEq)]
pub struct Run {
    pub module: PathBuf,
    /// With argv[0].
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
    pub directories: Vec<Directory>,
    /// In bytes.
    pub max_wasm_stack: u32,
    pub timeout: Option<Duration>,
    pub cache: Option<PathBuf>,
    pub verbose: bool,
}

/// Reads the arguments after the program's name.
pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command, Failure> {
    let mut parser = Parser::from_args(arguments);
    match parser.next()? {
        Some(Arg::Value(verb)) if verb == "run" => parse_run(parser).map(Command::Run),
        Some(Arg::Value(verb)) if verb == "fork-server" => parse_run(parser).map(Command::ForkServer),
        Some(Arg::Value(verb)) if verb == "compile" => parse_compile(parser),
        Some(Arg::Long("version") | Arg::Short('V')) => Ok(Command::Version),
        Some(Arg::Long("help") | Arg::Short('h')) => Ok(Command::Help),
        Some(argument) => Err(argument.unexpected().into()),
        None => Err(usage("no command is given")),
    }
}

fn parse_run(mut parser: Parser) -> Result<Run, Failure> {
    let mut argv0 = None;
    let mut environment = Vec::new();
    let mut directories = Vec::new();
    let mut max_wasm_stack = DEFAULT_MAX_WASM_STACK;
    let mut timeout = None;
    let mut cache = None;
    let mut verbose = false;
    let module = loop {
        match parser.next()? {
            Some(Arg::Long("dir")) => directories.push(directory(&text(parser.value()?)?)?),
            Some(Arg::Long("env")) => set_variable(&mut environment, text(parser.value()?)?)?,
            Some(Arg::Long("argv0")) => argv0 = Some(text(parser.value()?)?),
            Some(Arg::Long("wasm") | Arg::Short('W')) => max_wasm_stack = wasm_option(&text(parser.value()?)?)?,
            Some(Arg::Long("timeout")) => timeout = Some(seconds(&text(parser.value()?)?)?),
            Some(Arg::Long("cache")) => cache = Some(PathBuf::from(parser.value()?)),
            Some(Arg::Long("verbose")) => verbose = true,
            Some(Arg::Value(module)) => break PathBuf::from(module),
            Some(argument) => return Err(argument.unexpected().into()),
            None => return Err(usage("`run` needs a MODULE")),
        }
    };
    let argv0 = match (argv0, module.file_name()) {
        (Some(argv0), _) => argv0,
        (None, Some(name)) => text(name.to_owned())?,
        (None, None) => return Err(usage(format!("`{}` is not the path of a module", module.display()))),
    };
    let arguments = std::iter::once(Ok(argv0)).chain(parser.raw_args()?.map(text)).collect::<Result<_, _>>()?;
    Ok(Run { module, arguments, environment, directories, max_wasm_stack, timeout, cache, verbose })
}

fn parse_compile(mut parser: Parser) -> Result<Command, Failure> {
    let mut cache = None;
    let mut module = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("cache") => cache = Some(PathBuf::from(parser.value()?)),
            Arg::Value(path) if module.is_none() => module = Some(PathBuf::from(path)),
            argument => return Err(argument.unexpected().into()),
        }
    }
    match (module, cache) {
        (Some(module), Some(cache)) => Ok(Command::Compile { module, cache }),
        _ => Err(usage("`compile` needs `--cache DIR` and a MODULE")),
    }
}

fn wasm_option(argument: &str) -> Result<u32, Failure> {
    let bytes = argument
        .strip_prefix("max-wasm-stack=")
        .ok_or_else(|| usage(format!("`--wasm {argument}` is not supported, only `--wasm max-wasm-stack=BYTES`")))?;
    match bytes.parse() {
        Ok(0) | Err(_) => {
            Err(usage(format!("`max-wasm-stack={bytes}` is not a number of bytes from 1 to {}", u32::MAX)))
        }
        Ok(bytes) => Ok(bytes),
    }
}

fn usage(message: impl Into<String>) -> Failure {
    Failure::Usage(message.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(arguments: &[&str]) -> Run {
        match parse(["run"].iter().chain(arguments).map(Into::into)) {
            Ok(Command::Run(run)) => run,
            other => panic!("{other:?}"),
        }
    }

    fn error(arguments: &[&str]) -> String {
        parse(arguments.iter().map(Into::into)).unwrap_err().to_string()
    }

    #[test]
    fn everything_after_the_module_is_the_guests() {
        let run = run(&["a/python.wasm", "--dir", "x", "--", "--version", ""]);
        assert_eq!(run.arguments, ["python.wasm", "--dir", "x", "--", "--version", ""]);
        assert_eq!(run.directories, []);
    }

    #[test]
    fn the_arguments_of_wasmtime_are_understood() {
        let run = run(&[
            "--wasm",
            "max-wasm-stack=33554432",
            "--argv0",
            "/b/python.wasm",
            "--dir",
            "/src::/",
            "--env=PYTHONPATH=/Lib:/b=c",
            "python.wasm",
        ]);
        assert_eq!(run.max_wasm_stack, 33554432);
        assert_eq!(run.arguments, ["/b/python.wasm"]);
        assert_eq!(run.directories, [Directory { host: "/src".into(), guest: "/".into(), read_only: false }]);
        assert_eq!(run.environment, [("PYTHONPATH".into(), "/Lib:/b=c".into())]);
    }

    #[test]
    fn wrong_command_lines_are_refused_with_what_is_wrong() {
        assert!(error(&[]).contains("no command"));
        assert!(error(&["walk"]).contains("walk"));
        assert!(error(&["run"]).contains("MODULE"));
        assert!(error(&["run", "--dri", "x"]).contains("--dri"));
        assert!(error(&["run", "--dir"]).contains("--dir"));
        assert!(error(&["run", ".."]).contains("`..`"));
        assert!(error(&["run", "--env", "=x", "m"]).contains("NAME"));
        assert!(error(&["run", "-W", "threads=y", "m"]).contains("threads=y"));
        for stack in ["0", "-1", "1M", "4294967296"] {
            assert!(error(&["run", &format!("-Wmax-wasm-stack={stack}"), "m"]).contains(stack));
        }
        assert!(error(&["run", "--timeout", "0", "m"]).contains("above zero"));
        assert!(error(&["compile", "m"]).contains("--cache"));
        assert!(error(&["compile", "--cache", "d", "m", "n"]).contains("n"));
    }
}
