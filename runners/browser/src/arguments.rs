//! The command line: text in, one [`Command`] out. Nothing here touches the disk.
//!
//! What both know is written as the host runner writes it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use lexopt::{Arg, Parser};

use runner_shared::arguments::{Directory, directory, seconds, set_variable, text};
use runner_shared::failure::Failure;

pub const USAGE: &str = "\
Runs a Python for browsers in a headless Chromium

Usage: browser-runner run [OPTIONS] MODULE [ARGUMENTS…]
       browser-runner server [OPTIONS] MODULE [ARGUMENTS…]
       browser-runner --version | --help

MODULE is the python.wasm of a package for browsers; everything after it belongs to the guest.

Options:
  --browser PROGRAM                  the browser: Chromium, or one that is based on it (default: `chromium` in PATH)
  --dir HOST[::GUEST]                copy a directory into the guest's memory as GUEST; what the guest writes there is lost
                                     when it ends; can be repeated
  --dir HOST[::GUEST]::ro            let the guest read a directory as GUEST; it stays where it is
  --append HOST::GUEST               write what the guest writes to its file GUEST at the end of the file HOST, at once
  --cwd GUEST                        the directory that the guest starts in (default: /)
  --env NAME=VALUE                   set a variable of the guest; the last one wins
  --env NAME                         pass a variable on, if it is set
  --timeout SECONDS                  end the guest after this wall clock time; loading Python does not count
  --js-flags FLAGS                   flags for the browser's JavaScript engine
  --profiles DIR                     where the browser's temporary profile is made (default: the system's folder for such);
                                     those that a killed runner left there are removed
  --verbose                          print the browser's messages to stderr

`server` prints `ready` to stdout, and then reads requests from stdin, one a line: a file for the output and options as
those of `run`, each followed by a NUL. Each request is run by a new Python in a worker of its own, with stdin empty, its
output in that file, and directories that it only reads packed once and shared by all. When it has ended, one line on stdout
says how it ended: `exited CODE`, `signalled NUMBER` (of the browser's process for pages) or `timed-out`.

Exit codes: the guest's own; 134 the guest trapped; 124 timeout; 125 the host failed; 2 with a message that begins
with `browser-runner: error:` the command line is wrong.
";

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub enum Command {
    Run(Run),
    Server(Run),
    Version,
    Help,
}

/// One run of a guest.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub browser: PathBuf,
    pub module: PathBuf,
    /// Without the program's name.
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
    pub directories: Vec<Directory>,
    pub appended: Vec<Appended>,
    pub working_directory: String,
    pub timeout: Option<Duration>,
    pub js_flags: String,
    pub profiles: Option<PathBuf>,
    pub verbose: bool,
}

/// A file of the guest that is written through to one of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    pub host: PathBuf,
    pub guest: String,
}

/// Reads the arguments after the program's name.
pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command, Failure> {
    let mut parser = Parser::from_args(arguments);
    match parser.next()? {
        Some(Arg::Value(verb)) if verb == "run" => parse_run(parser).map(Command::Run),
        Some(Arg::Value(verb)) if verb == "server" => parse_run(parser).map(Command::Server),
        Some(Arg::Long("version") | Arg::Short('V')) => Ok(Command::Version),
        Some(Arg::Long("help") | Arg::Short('h')) => Ok(Command::Help),
        Some(argument) => Err(argument.unexpected().into()),
        None => Err(Failure::usage("no command is given")),
    }
}

fn parse_run(mut parser: Parser) -> Result<Run, Failure> {
    let mut run = Run {
        browser: "chromium".into(),
        module: PathBuf::new(),
        arguments: Vec::new(),
        environment: Vec::new(),
        directories: Vec::new(),
        appended: Vec::new(),
        working_directory: "/".to_owned(),
        timeout: None,
        js_flags: String::new(),
        profiles: None,
        verbose: false,
    };
    run.module = loop {
        match parser.next()? {
            Some(Arg::Long("browser")) => run.browser = PathBuf::from(parser.value()?),
            Some(Arg::Long("dir")) => run.directories.push(from_root(directory(&text(parser.value()?)?)?)),
            Some(Arg::Long("append")) => run.appended.push(appended(&text(parser.value()?)?)?),
            Some(Arg::Long("cwd")) => run.working_directory = absolute(text(parser.value()?)?)?,
            Some(Arg::Long("env")) => set_variable(&mut run.environment, text(parser.value()?)?)?,
            Some(Arg::Long("timeout")) => run.timeout = Some(seconds(&text(parser.value()?)?)?),
            Some(Arg::Long("js-flags")) => run.js_flags = text(parser.value()?)?,
            Some(Arg::Long("profiles")) => run.profiles = Some(PathBuf::from(parser.value()?)),
            Some(Arg::Long("verbose")) => run.verbose = true,
            Some(Arg::Value(module)) => break PathBuf::from(module),
            Some(argument) => return Err(argument.unexpected().into()),
            None => return Err(Failure::usage("a MODULE is needed")),
        }
    };
    run.arguments = parser.raw_args()?.map(text).collect::<Result<_, _>>()?;
    Ok(run)
}

/// The guest starts in its root folder.
fn from_root(directory: Directory) -> Directory {
    match directory.guest.starts_with('/') {
        true => directory,
        false => Directory { guest: format!("/{}", directory.guest), ..directory },
    }
}

fn appended(argument: &str) -> Result<Appended, Failure> {
    match argument.split_once("::") {
        Some((host, guest)) if !host.is_empty() => {
            Ok(Appended { host: host.into(), guest: absolute(guest.to_owned())? })
        }
        _ => Err(Failure::usage(format!("`--append {argument}` is not of the form HOST::GUEST"))),
    }
}

fn absolute(path: String) -> Result<String, Failure> {
    match path.starts_with('/') {
        true => Ok(path),
        false => Err(Failure::usage(format!("`{path}` is not a path from the guest's root: it must begin with `/`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::{Appended, Command, Directory, parse};

    fn run(words: &[&str]) -> super::Run {
        match parse(words.iter().map(Into::into)) {
            Ok(Command::Run(run)) => run,
            other => panic!("{other:?}"),
        }
    }

    fn mistake(words: &[&str]) -> String {
        parse(words.iter().map(Into::into)).expect_err("a mistake").to_string()
    }

    #[test]
    fn options_before_the_module_are_ours_and_those_behind_it_the_guests() {
        let run = run(&[
            "run",
            "--browser",
            "/b",
            "--dir",
            "/a::/c::ro",
            "--dir",
            "d",
            "--env",
            "A=1",
            "--env",
            "A=2=3",
            "--append",
            "/j::/k",
            "--cwd",
            "/c",
            "--timeout",
            "1.5",
            "p/python.wasm",
            "-c",
            "--env",
        ]);
        assert_eq!(run.browser.to_str(), Some("/b"));
        let directory =
            |host: &str, guest: &str, read_only| Directory { host: host.into(), guest: guest.into(), read_only };
        assert_eq!(run.directories, [directory("/a", "/c", true), directory("d", "/d", false)]);
        assert_eq!(run.appended, [Appended { host: "/j".into(), guest: "/k".into() }]);
        assert_eq!(run.environment, [("A".to_owned(), "2=3".to_owned())]);
        assert_eq!(run.timeout.map(|limit| limit.as_millis()), Some(1500));
        assert_eq!((run.working_directory.as_str(), run.arguments.join(" ")), ("/c", "-c --env".to_owned()));
    }

    #[test]
    fn mistakes_name_what_is_wrong() {
        assert!(mistake(&["run"]).contains("a MODULE is needed"));
        assert!(mistake(&["walk"]).contains("walk"));
        assert!(mistake(&["run", "--dir", "::x", "m"]).contains("`--dir ::x`"));
        assert!(mistake(&["run", "--append", "x", "m"]).contains("HOST::GUEST"));
        assert!(mistake(&["run", "--cwd", "x", "m"]).contains("must begin with `/`"));
        assert!(mistake(&["run", "--timeout", "0", "m"]).contains("above zero"));
        assert!(mistake(&["run", "--env", "=x", "m"]).contains("NAME"));
    }
}
