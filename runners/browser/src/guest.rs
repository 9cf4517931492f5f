//! Runs a guest: what it may have of this machine, and how it ended.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use signal_hook::consts::SIGINT;
use signal_hook::iterator::Signals;

use crate::arguments::Run;
use crate::browser::Browser;
use crate::devtools::{Message, Problem};
use crate::page::Page;
use crate::server::{Exchange, Server};
use runner_shared::failure::Failure;

/// Exit code for a guest that trapped: what a shell reports for SIGABRT.
pub const TRAPPED: u8 = 134;
/// Exit code for a guest that ran out of time: what timeout(1) returns.
pub const TIMED_OUT: u8 = 124;
/// Exit code for a guest that does not listen to SIGINT: what a shell reports for it.
const INTERRUPTED: u8 = 130;
/// How many times SIGINT is asked for nicely.
const PATIENCE: u32 = 3;
/// How long loading Python may take, and how much later than the page itself the end of a guest's time is looked for.
const GRACE: Duration = Duration::from_secs(120);

/// How a guest ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Exited(u8),
    /// It did what it must not: the reason and the backtrace.
    Trapped(String),
    TimedOut,
    /// The process of the page ended under it.
    Crashed {
        signal: i32,
        status: String,
    },
}

/// A browser with a page for guests, and what serves it.
pub struct Host {
    pub server: Server,
    pub browser: Browser,
    page: Page,
    runs: u64,
}

/// What a guest has of the terminal.
#[derive(Default)]
pub struct Terminals {
    pub is: [bool; 3],
    /// Rows and columns.
    pub window: [u16; 2],
}

impl Host {
    pub fn start(run: &Run) -> Result<Self, Failure> {
        let package = package(&run.module)?;
        let server = Server::start(&package)?;
        let mut browser = Browser::start(run)?;
        let page = Page::open(&mut browser, &server.address)?;
        Ok(Self { server, browser, page, runs: 0 })
    }

    /// Runs one guest. `packed`: read-only directories are brought into the page's memory, once for all guests.
    pub fn run(
        &mut self,
        run: &Run,
        exchange: Exchange,
        terminals: &Terminals,
        packed: bool,
    ) -> Result<Outcome, Failure> {
        self.runs += 1;
        let number = self.runs;
        let mut directories = Vec::new();
        for directory in &run.directories {
            let cannot = |error: io::Error| {
                Failure::host(
                    format!("cannot read the directory `{}`: {error}", directory.host.display()),
                    "`--dir` takes a directory that exists and that you may read",
                )
            };
            std::fs::read_dir(&directory.host).map_err(cannot)?;
            let mut described = json!({ "guest": directory.guest, "readOnly": directory.read_only });
            if packed && directory.read_only {
                described["pack"] = self.server.pack(&directory.host).map_err(cannot)?.into();
            }
            directories.push(described);
        }
        let environment: serde_json::Map<String, Value> =
            run.environment.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        let job = json!({
            "run": number,
            "arguments": run.arguments,
            "environment": environment,
            "directories": directories,
            "appended": run.appended.iter().map(|appended| appended.guest.as_str()).collect::<Vec<_>>(),
            "workingDirectory": run.working_directory,
            "terminals": terminals.is,
            "window": terminals.window,
            "limit": run.timeout.map(|limit| limit.as_millis() as u64),
        });
        self.server.open(number, exchange);
        let mut interrupts = 0;
        let server = &self.server;
        let answer = self.page.run(&mut self.browser, &job, run.timeout.map(|limit| limit + GRACE), || {
            server.interrupt();
            interrupts += 1;
            if interrupts > PATIENCE { Err(Problem::TimedOut) } else { Ok(()) }
        });
        self.server.close(number);
        self.outcome(answer, interrupts > PATIENCE)
    }

    fn outcome(&mut self, answer: Result<Value, Problem>, given_up: bool) -> Result<Outcome, Failure> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(Problem::Crashed { signal, status }) => {
                self.page = Page::open(&mut self.browser, &self.server.address)?;
                return Ok(Outcome::Crashed { signal, status });
            }
            // The page itself would have said so, if it could.
            Err(Problem::TimedOut) if given_up => return Ok(Outcome::Exited(INTERRUPTED)),
            Err(Problem::TimedOut) => {
                self.page.close(&mut self.browser);
                self.page = Page::open(&mut self.browser, &self.server.address)?;
                return Ok(Outcome::TimedOut);
            }
            Err(problem) => return Err(self.browser.failed("does not run the guest", &problem)),
        };
        if let Some(code) = answer["exited"].as_u64() {
            return Ok(Outcome::Exited(u8::try_from(code).unwrap_or(u8::MAX)));
        }
        if let Some(report) = answer["trapped"].as_str() {
            return Ok(Outcome::Trapped(report.to_owned()));
        }
        if answer["timedOut"] == true {
            return Ok(Outcome::TimedOut);
        }
        let reason = answer["failed"].as_str().map_or_else(|| answer.to_string(), str::to_owned);
        Err(Failure::host(
            format!("Python could not be started in the browser: {reason}"),
            "the package must be whole, and the browser new enough for it",
        ))
    }
}

/// Runs a guest with the streams of this process, and gives the exit code.
pub fn run(run: &Run) -> Result<u8, Failure> {
    let no_stream =
        |error| Failure::host(format!("cannot duplicate stdout or stderr: {error}"), "give both an open file");
    let mut outputs = vec![duplicate(io::stdout()).map_err(no_stream)?, duplicate(io::stderr()).map_err(no_stream)?];
    outputs.extend(appended(run)?);
    let terminals = Terminals {
        is: [io::stdin().is_terminal(), io::stdout().is_terminal(), io::stderr().is_terminal()],
        window: [24, 80],
    };
    let mut host = Host::start(run)?;
    let sender = host.browser.devtools.sender();
    let mut signals = Signals::new([SIGINT])
        .map_err(|error| Failure::host(format!("cannot listen to SIGINT: {error}"), "report this as a defect"))?;
    std::thread::spawn(move || {
        for _ in signals.forever() {
            if sender.send(Message::Interrupt).is_err() {
                break;
            }
        }
    });
    let exchange = Exchange { directories: run.directories.clone(), outputs, has_stdin: true };
    let outcome = host.run(run, exchange, &terminals, false)?;
    Ok(report(&outcome, run, &mut |message| crate::say(message)))
}

/// Reports a guest that did not exit normally, and returns the exit code.
pub fn report(outcome: &Outcome, run: &Run, say: &mut dyn FnMut(&str)) -> u8 {
    match outcome {
        Outcome::Exited(code) => *code,
        Outcome::Trapped(report) => {
            say(&format!("the guest trapped: {report}"));
            TRAPPED
        }
        Outcome::TimedOut => {
            let limit = run.timeout.unwrap_or_default();
            say(&format!(
                "timeout: `{}` did not end within {limit:?}, the limit of `--timeout`",
                run.arguments.join(" ")
            ));
            TIMED_OUT
        }
        Outcome::Crashed { signal, status } => {
            say(&format!("the browser's process for the page ended by signal {signal}: {status}"));
            128 + u8::try_from(*signal).unwrap_or_default()
        }
    }
}

/// The files that a guest's files are written through to.
pub fn appended(run: &Run) -> Result<Vec<File>, Failure> {
    let opened = run.appended.iter().map(|appended| (appended, append(&appended.host)));
    opened
        .map(|(appended, file)| {
            file.map_err(|error| {
                Failure::host(
                    format!("cannot write to `{}`: {error}", appended.host.display()),
                    "name a file that you may write",
                )
            })
        })
        .collect()
}

/// Opens a file to write at its end.
pub fn append(path: &Path) -> io::Result<File> {
    File::options().create(true).append(true).open(path)
}

/// Writes a message of the runner into the guest's output.
pub fn tell(output: &mut File, message: &str) {
    let _ = output.write_all(crate::in_our_name(message).as_bytes());
}

fn duplicate(stream: impl AsFd) -> io::Result<File> {
    Ok(File::from(stream.as_fd().try_clone_to_owned()?))
}

/// The folder of the package that a module belongs to.
fn package(module: &Path) -> Result<PathBuf, Failure> {
    let folder = module.parent().map(Path::to_owned).unwrap_or_default();
    let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
    for needed in ["python.wasm", "python.mjs"] {
        if !folder.join(needed).is_file() {
            return Err(Failure::host(
                format!("`{}` is not in a browser package: {needed} is missing beside it", module.display()),
                "`cargo xtask build emscripten-browser` makes one",
            ));
        }
    }
    Ok(folder)
}
