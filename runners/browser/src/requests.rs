//! A browser that is started once and runs many guests, one after the other, each in its own worker.
//!
//! The protocol is that of the host runner's `fork-server`. It does not know what the guests do.

use std::io;
use std::path::{Path, PathBuf};

use crate::arguments::{self, Command, Run};
use crate::guest::{self, Host, Outcome, Terminals};
use crate::server::Exchange;
use runner_shared::failure::Failure;
use runner_shared::requests::{self, Request, answer};

/// Starts the browser and serves requests until stdin ends.
pub fn serve(template: &Run) -> Result<(), Failure> {
    let mut host = Host::start(template)?;
    answer("ready")?;
    while let Some(request) = requests::next()? {
        let (output, run) = run_of(request, template)?;
        answer(&run_one(&mut host, &output, &run)?)?;
    }
    Ok(())
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

/// The file for the output, and the run.
fn run_of(request: Request, template: &Run) -> Result<(PathBuf, Run), Failure> {
    let words = ["run".into()].into_iter().chain(request.options).chain([template.module.clone().into()]);
    match arguments::parse(words)? {
        Command::Run(run) => {
            let environment = [template.environment.as_slice(), &run.environment].concat();
            Ok((request.output, Run { arguments: template.arguments.clone(), environment, ..run }))
        }
        _ => Err(requests::malformed()),
    }
}

#[cfg(test)]
mod tests {
    use runner_shared::requests::Request;

    use super::run_of;
    use crate::arguments::{self, Command};

    #[test]
    fn a_request_has_the_templates_arguments_and_directories_of_its_own() {
        let words = ["server", "--env", "A=1", "--dir", "/a", "p/python.wasm", "-c", "pass"];
        let Ok(Command::Server(template)) = arguments::parse(words.iter().map(Into::into)) else { panic!() };
        let parse = |line: &[u8]| run_of(Request::parse(line)?, &template);
        let (output, run) = parse(b"/log\0--dir\0/b::/c::ro\0--timeout\x003\0\n").unwrap();
        assert_eq!((output.to_str(), run.arguments.join(" ")), (Some("/log"), "-c pass".to_owned()));
        assert_eq!((run.directories.len(), run.directories[0].guest.as_str()), (1, "/c"));
        assert_eq!(run.environment, [("A".to_owned(), "1".to_owned())]);
        assert!(parse(b"/log\0--unknown\0\n").is_err());
        assert!(parse(b"\xff\n").is_err());
    }
}
