//! Runs files in a runner that was started once: forks of one interpreter (the host runner's `fork-server`), or workers of one
//! browser (the browser runner's `server`).

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::process::{Ended, clear, read};
use super::{RunConfig, TesterError};
use crate::recipe::runner::{self, Guest};
use crate::regrtest::classify::Ending;
use crate::sys::{Command, Failure, Server};

/// A runner that serves requests to run a file.
pub struct ServerWorker<'a> {
    config: &'a RunConfig<'a>,
    /// The directory of its job.
    folder: Utf8PathBuf,
    command: Command,
    /// Started on first use, and again after it exited.
    server: Option<Server>,
}

impl<'a> ServerWorker<'a> {
    /// `None` if the runner has no server mode.
    pub fn new(config: &'a RunConfig<'a>, folder: &Utf8Path) -> Option<Self> {
        let mut guest = config.guest.clone();
        config.runner.give_folder(&mut guest, &folder.join("original"));
        let command = config.runner.server_command(&guest, folder)?;
        Some(Self { config, folder: folder.to_owned(), command, server: None })
    }

    /// Runs one file.
    pub fn run(&mut self, file: &str, guest: &Guest, limit: Duration) -> Result<Ended, TesterError> {
        let log = self.config.logs.join(format!("{file}.log"));
        clear(&log)?;
        let guest = Guest { timeout: Some(limit), ..guest.clone() };
        let request = runner::server_request(&self.config.runner.runner.recipe.guest, &log, &guest)?;
        let cancel = self.config.cancel;
        let answer = self.server().and_then(|server| server.request(&request, cancel));
        let ending = match answer {
            Ok(answer) => ending(&answer, limit),
            Err(Failure::Cancelled) => return Err(TesterError::Cancelled),
            Err(failure) => {
                self.server = None;
                let output = read(&self.log())?;
                Ending::RunnerFailed(format!("{}\n{output}", failure.message(&self.command)).trim_end().to_owned())
            }
        };
        Ok(Ended { ending, output: read(&log)? })
    }

    fn log(&self) -> Utf8PathBuf {
        self.folder.join("original.log")
    }

    fn server(&mut self) -> Result<&mut Server, Failure> {
        if self.server.is_none() {
            fs_err::create_dir_all(self.folder.join("original")).map_err(Failure::Spawn)?;
            clear(&self.log()).map_err(|error| Failure::Log(std::io::Error::other(error.to_string())))?;
            let mut server = Server::start(&self.command, &self.log())?;
            server.read_line(self.config.cancel)?;
            self.server = Some(server);
        }
        Ok(self.server.as_mut().expect("it was just started"))
    }
}

/// Parses the runner's response about a guest that ended.
fn ending(answer: &str, limit: Duration) -> Ending {
    let mut words = answer.split(' ');
    let number = |word: Option<&str>| word.and_then(|word| word.parse().ok());
    match (words.next(), number(words.next())) {
        (Some("exited"), Some(code)) => Ending::Exited(code),
        (Some("signalled"), Some(signal)) => Ending::Signalled(signal),
        (Some("timed-out"), _) => Ending::TimedOut(limit),
        _ => Ending::RunnerFailed(format!("unexpected response `{answer}`")),
    }
}
