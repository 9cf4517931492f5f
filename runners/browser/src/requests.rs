//! A browser that is started once and runs many guests, one after the other: each in a worker of its own.
//!
//! The protocol is that of the host runner's `fork-server`. This knows nothing of what the guests do; whoever sends requests does.

use std::io::{self, BufRead as _, Write as _};
use std::path::{Path, PathBuf};

use crate::arguments::{self, Command, Run};
use crate::failure::Failure;
use crate::guest::{self, Host, Outcome, Terminals};
use crate::server::Exchange;

/// Starts the browser and serves requests until stdin ends.
pub fn serve(template: &Run) -> Result<(), Failure> {
    let mut host = Host::start(template)?;
    answer("ready")?;
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = io::stdin().lock().read_until(b'\n', &mut line);
        if read.map_err(|error| Failure::host(format!("cannot read a request: {error}"), "send it on stdin"))? == 0 {
            return Ok(());
        }
        let (output, run) = parse(&line, template)?;
        answer(&run_one(&mut host, &output, &run)?)?;
    }
}

fn run_one(host: &mut Host, output: &Path, run: &Run) -> Result<String, Failure> {
    let cannot = |error: io::Error| {
        Failure::host(format!("cannot write to `{}`: {error}", output.display()), "name a file that you may write")
    };
    let mut log = guest::append(output).map_err(cannot)?;
    let both = [log.try_clone().map_err(cannot)?, log.try_clone().map_err(cannot)?];
    let outputs = both.into_iter().chain(guest::appended(run)?).collect();
    let exchange = Exchange { directories: run.directories.clone(), outputs, has_stdin: false };
    let outcome = host.run(run, exchange, &Terminals::default(), true)?;
    let code = guest::report(&outcome, run, &mut |message| guest::tell(&mut log, message));
    Ok(match outcome {
        Outcome::TimedOut => "timed-out".to_owned(),
        Outcome::Crashed { signal, .. } => format!("signalled {signal}"),
        Outcome::Exited(_) | Outcome::Trapped(_) => format!("exited {code}"),
    })
}

/// A request: the file for the output, and the run.
fn parse(line: &[u8], template: &Run) -> Result<(PathBuf, Run), Failure> {
    let bad = || Failure::usage("a request is a file and options, each followed by a NUL, on one line");
    let line = line.strip_suffix(b"\n").and_then(|line| str::from_utf8(line).ok()).ok_or_else(bad)?;
    let mut words = line.split_terminator('\0');
    let output = words.next().ok_or_else(bad)?.into();
    let module = template.module.as_os_str().to_owned();
    let words = words.map(Into::into).chain([module]);
    match arguments::parse(std::iter::once("run".into()).chain(words))? {
        Command::Run(run) => {
            let environment = [template.environment.as_slice(), &run.environment].concat();
            Ok((output, Run { arguments: template.arguments.clone(), environment, ..run }))
        }
        _ => Err(bad()),
    }
}

fn answer(line: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout();
    let written = stdout.write_all(format!("{line}\n").as_bytes()).and_then(|()| stdout.flush());
    written.map_err(|error| Failure::host(format!("cannot answer: {error}"), "read what this says on stdout"))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::arguments::{self, Command};

    #[test]
    fn a_request_has_the_templates_arguments_and_directories_of_its_own() {
        let words = ["server", "--env", "A=1", "--dir", "/a", "p/python.wasm", "-c", "pass"];
        let Ok(Command::Server(template)) = arguments::parse(words.iter().map(Into::into)) else { panic!() };
        let (output, run) = parse(b"/log\0--dir\0/b::/c::ro\0--timeout\x003\0\n", &template).unwrap();
        assert_eq!((output.to_str(), run.arguments.join(" ")), (Some("/log"), "-c pass".to_owned()));
        assert_eq!((run.directories.len(), run.directories[0].guest.as_str()), (1, "/c"));
        assert_eq!(run.environment, [("A".to_owned(), "1".to_owned())]);
        assert!(parse(b"/log\0--unknown\0\n", &template).is_err());
        assert!(parse(b"\xff\n", &template).is_err());
    }
}
