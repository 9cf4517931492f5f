//! Both sides in one Chromium: how long until a page's first line is printed, how fast programs run, and what the page loads.
//!
//! The page is ours (`page.html`), and reports its figures to the server that it comes from, so that nothing has to look into the browser.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use camino::{Utf8Path, Utf8PathBuf};
use runner_shared::chromium;

use super::Measured;
use super::page_event::{PageEvent, Visit};
use super::programs::{self, PROGRAMS, ProgramOutput};
use super::report::{Download, Figure};
use crate::failed;
use crate::figures::Unit;
use crate::round_runner::{Measurements, RoundRunner};
use xtask::app::App;
use xtask::cancel::Cancel;
use xtask::cmd::session::Session;
use xtask::progress::{Progress, Silent};
use xtask::provider::runner::{Found, RunnerError, look};
use xtask::recipe::Runner;
use xtask::serve::{Answered, Server};
use xtask::sys::{self, Command};

/// What is measured in each round. Both sides take turns.
const MEASUREMENTS: &Measurements =
    &[("baseline", "the baseline's page: empty cache, warm cache, programs"), ("ours", "the package's page: the same")];

/// The page.
const PAGE: &str = include_str!("page.html");

/// Makes compressed copies of files.
const COMPRESS: &str = include_str!("compress.mjs");

/// The page's path, and the path that it requests to report its figures.
const PAGE_FILE: &str = "start.html";
const REPORT_FILE: &str = "report.txt";

/// The folders of both sides below the served one, baseline first. `page.html` uses the same names.
const SIDES: [&str; 2] = ["baseline", "ours"];

/// How long the page of one side may take for everything.
const LIMIT: Duration = Duration::from_secs(300);

/// Runs all rounds. `package` and `baseline` are folders; `scratch` is a folder for temporary files.
pub fn measure(
    session: &Session<'_>,
    package: &Utf8Path,
    baseline: &Utf8Path,
    scratch: &Utf8Path,
    rounds: usize,
) -> Result<Measured> {
    let app = session.app;
    let (chromium, version) = program(session, "chromium")?;
    let (node, _) = program(session, "node")?;
    let served = scratch.join("served");
    lay_out(&served, [baseline, package])?;
    app.ui.note("compressing what both pages may load");
    compress(app, &node, &served, scratch)?;

    let server = Server::bind(&served, 0).context("cannot start the server for the browser")?;
    let stop = Cancel::default();
    let (sender, answers) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| server.run(&stop, &|answered| drop(sender.send(answered))));
        let page = format!("{}{PAGE_FILE}", server.url());
        let browser = Browser { app, chromium, page, scratch: scratch.to_owned(), answers };
        let measured = RoundRunner::rounds(&app.ui, MEASUREMENTS, rounds, |runner, round| {
            let [baseline, ours] =
                [0, 1].map(|side| runner.stage(side, round, |progress| browser.visits(SIDES[side], progress)));
            Ok([baseline?, ours?])
        });
        stop.cancel();
        let measured = measured?;
        let downloads = downloads(&served, measured.first().context("there is a round")?)?;
        let rounds = measured.iter().map(figures).collect::<Result<_>>()?;
        Ok(Measured { runner: format!("chromium {version}"), rounds, downloads })
    })
}

/// A program of this machine that a recipe knows, with its version.
fn program(session: &Session<'_>, name: &str) -> Result<(Utf8PathBuf, String)> {
    let runner: Runner = session.runners().recipe(name)?;
    match look(&runner, &session.app.path, &session.app.cancel)? {
        Found::Usable { program, version } => {
            Ok((program, version.map(|version| version.to_string()).unwrap_or_default()))
        }
        Found::Unusable { reasons, .. } => {
            let (reasons, install) = (reasons.join("; "), runner.recipe.program.install);
            Err(RunnerError { name: runner.name, reasons, install }.into())
        }
    }
}

/// Puts the page, the programs and copies of both sides into one folder.
fn lay_out(served: &Utf8Path, sides: [&Utf8Path; 2]) -> Result<()> {
    fs_err::create_dir_all(served)?;
    for (from, name) in sides.into_iter().zip(SIDES) {
        sys::fs::copy_tree(from, &served.join(name), &|_| true)?;
    }
    let programs = served.join("programs");
    fs_err::create_dir_all(&programs)?;
    for program in &PROGRAMS {
        fs_err::write(programs.join(program.file()), program.text())?;
    }
    let files: BTreeMap<&str, String> = PROGRAMS.iter().map(|program| (program.name, program.file())).collect();
    fs_err::write(programs.join("files.json"), serde_json::to_string(&files)?)?;
    fs_err::write(served.join(PAGE_FILE), PAGE)?;
    fs_err::write(served.join(REPORT_FILE), "thanks\n")?;
    Ok(())
}

/// Node.js has both formats.
fn compress(app: &App, node: &Utf8Path, served: &Utf8Path, scratch: &Utf8Path) -> Result<()> {
    let script = scratch.join("compress.mjs");
    fs_err::write(&script, COMPRESS)?;
    let folders = SIDES.iter().map(|side| served.join(side).into_string());
    let command = Command {
        program: node.to_owned(),
        args: [script.into_string()].into_iter().chain(folders).collect(),
        directory: scratch.to_owned(),
        environment: BTreeMap::new(),
        timeout: None,
    };
    sys::run(&command, &scratch.join("compress.log"), None, &app.cancel, &Silent)
        .map_err(|error| failed("compressing with Node.js", &error, ""))?;
    Ok(())
}

/// What one side did in one round.
struct Visits {
    /// Seconds from asking for the page to the first line: with an empty cache, and again.
    empty_cache: f64,
    warm_cache: f64,
    programs: BTreeMap<String, ProgramOutput>,
    /// What the first visit loaded, below the folder of this side.
    loaded: Vec<String>,
}

/// A Chromium to be started, and what the server answers to it.
struct Browser<'a> {
    app: &'a App,
    chromium: Utf8PathBuf,
    page: String,
    scratch: Utf8PathBuf,
    answers: Receiver<Answered>,
}

impl Browser<'_> {
    /// Starts a browser that knows nothing yet, and listens until its page has reported everything.
    fn visits(&self, side: &str, progress: &dyn Progress) -> Result<Visits> {
        let (profile, log) = (self.scratch.join("profile"), self.scratch.join("chromium.log"));
        sys::fs::remove_tree(&profile)?;
        fs_err::create_dir_all(&profile)?;
        let command = self.command(side, &profile);
        let end = Cancel::default();
        let collected = thread::scope(|scope| {
            let browser = scope.spawn(|| sys::run(&command, &log, None, &end, &Silent));
            let collected = self.listen(side, progress, &|| browser.is_finished());
            end.cancel();
            match (browser.join().expect("running a command does not panic"), collected) {
                (Err(error), Err(_)) if !matches!(error.kind, sys::Failure::Cancelled) => {
                    Err(failed("Chromium", &error, ""))
                }
                (_, collected) => collected,
            }
        })?;
        // What it asked for at its end is not the next one's.
        while self.answers.try_recv().is_ok() {}
        sys::fs::remove_tree(&profile)?;
        Ok(collected)
    }

    fn listen(&self, side: &str, progress: &dyn Progress, ended: &dyn Fn() -> bool) -> Result<Visits> {
        let mut collected = Visit::default();
        let mut patience = LIMIT;
        let tick = Duration::from_millis(100);
        while !collected.is_complete(PROGRAMS.len()) {
            match self.answers.recv_timeout(tick) {
                Ok(answered) => {
                    if let Some(event) = PageEvent::read(&answered.url, REPORT_FILE)? {
                        progress.line(&event.to_string());
                        collected.take(event)?;
                    } else if let Some(file) = answered.url.strip_prefix(&format!("/{side}/"))
                        && collected.is_first()
                        && answered.status == 200
                    {
                        collected.loaded.push(file.to_owned());
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.app.cancel.check()?;
                    patience = patience.saturating_sub(tick);
                    if ended() {
                        bail!("Chromium ended before its page had reported all results");
                    }
                    if patience.is_zero() {
                        bail!("the page of {side} reported nothing for {} seconds", LIMIT.as_secs());
                    }
                }
                Err(RecvTimeoutError::Disconnected) => bail!("the server has ended"),
            }
        }
        let visit = |number: u32| {
            collected
                .seconds
                .get(&number)
                .copied()
                .ok_or_else(|| anyhow!("the page of {side} did not report visit {number}"))
        };
        Ok(Visits {
            empty_cache: visit(1)?,
            warm_cache: visit(2)?,
            programs: collected.programs.clone(),
            loaded: collected.loaded.clone(),
        })
    }

    fn command(&self, side: &str, profile: &Utf8Path) -> Command {
        let page = format!("{}?side={side}&visit=1", self.page);
        let started = chromium::Command::new(self.chromium.as_std_path(), profile.as_std_path(), &[], &page);
        let utf8 = |word: OsString| word.into_string().expect("the paths and variables of this machine are UTF-8");
        Command {
            program: self.chromium.clone(),
            args: started.arguments.into_iter().map(utf8).collect(),
            directory: profile.to_owned(),
            environment: started.environment.into_iter().map(|(name, value)| (name.to_owned(), utf8(value))).collect(),
            timeout: Some(LIMIT),
        }
    }
}

/// The figures of a round.
fn figures([baseline, ours]: &[Visits; 2]) -> Result<Vec<Figure>> {
    let seconds = |what: &str, theirs, ours| Figure { what: what.to_owned(), unit: Unit::Seconds, theirs, ours };
    let mut figures = vec![
        seconds("start, empty cache", baseline.empty_cache, ours.empty_cache),
        seconds("start, warm cache", baseline.warm_cache, ours.warm_cache),
    ];
    for program in &PROGRAMS {
        let output = |visits: &Visits| {
            visits.programs.get(program.name).cloned().ok_or_else(|| anyhow!("{} was not run", program.name))
        };
        let (theirs, ours) = (output(baseline)?, output(ours)?);
        programs::agree(program.name, &theirs, &ours)?;
        figures.push(seconds(program.name, theirs.seconds, ours.seconds));
    }
    Ok(figures)
}

/// The sizes of what both pages loaded.
fn downloads(served: &Utf8Path, sides: &[Visits; 2]) -> Result<Vec<Download>> {
    let size = |path: &str| fs_err::metadata(path).map(|found| found.len());
    let mut downloads = Vec::new();
    for (visits, name) in sides.iter().zip(SIDES) {
        for file in &visits.loaded {
            let path = served.join(name).join(file);
            let smaller = |extension: &str| {
                size(&format!("{path}.{extension}"))
                    .with_context(|| format!("the page loads {name}/{file}, which was not compressed"))
            };
            downloads.push(Download {
                ours: name == SIDES[1],
                file: file.clone(),
                plain: size(path.as_str())?,
                gzip: smaller("gz")?,
                brotli: smaller("br")?,
            });
        }
    }
    downloads.sort_by_key(|file| (file.ours, std::cmp::Reverse(file.brotli)));
    Ok(downloads)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visits(seconds: f64, result: &str, loaded: &[&str]) -> Visits {
        let output = ProgramOutput { seconds, result: result.to_owned() };
        Visits {
            empty_cache: seconds * 4.0,
            warm_cache: seconds * 2.0,
            programs: PROGRAMS.iter().map(|program| (program.name.to_owned(), output.clone())).collect(),
            loaded: loaded.iter().map(|file| (*file).to_owned()).collect(),
        }
    }

    #[test]
    fn starts_come_before_programs_and_results_must_be_the_same() {
        let figures = figures(&[visits(2.0, "7", &[]), visits(1.0, "7", &[])]).unwrap();
        let start = Figure { what: "start, empty cache".to_owned(), unit: Unit::Seconds, theirs: 8.0, ours: 4.0 };
        assert_eq!(figures[0], start);
        assert_eq!(figures.len(), 2 + PROGRAMS.len());
        let error = super::figures(&[visits(2.0, "7", &[]), visits(1.0, "8", &[])]).unwrap_err();
        assert!(error.to_string().starts_with("pidigits came to `7`"), "{error}");
    }

    #[test]
    fn downloads_are_what_was_loaded_in_all_its_forms() {
        let folder = tempfile::tempdir().unwrap();
        let served = Utf8Path::from_path(folder.path()).unwrap();
        for (file, bytes) in [("baseline/a.mjs", 9), ("ours/b.mjs", 5), ("ours/c.wasm", 8), ("ours/unused.mjs", 1)] {
            let path = served.join(file);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            for (extension, smaller) in [("", 0), (".gz", 1), (".br", 2)].into_iter().take_while(|_| bytes > 1) {
                fs_err::write(format!("{path}{extension}"), vec![0; bytes - smaller]).unwrap();
            }
            fs_err::write(&path, vec![0; bytes]).unwrap();
        }
        let sides = [visits(1.0, "", &["a.mjs"]), visits(1.0, "", &["b.mjs", "c.wasm"])];
        let found = downloads(served, &sides).unwrap();
        let listed: Vec<_> =
            found.iter().map(|one| (one.ours, one.file.as_str(), one.plain, one.gzip, one.brotli)).collect();
        assert_eq!(listed, [(false, "a.mjs", 9, 8, 7), (true, "c.wasm", 8, 7, 6), (true, "b.mjs", 5, 4, 3)]);
        let sides = [visits(1.0, "", &[]), visits(1.0, "", &["unused.mjs"])];
        let error = downloads(served, &sides).unwrap_err();
        assert_eq!(error.to_string(), "the page loads ours/unused.mjs, which was not compressed");
    }
}
