//! Both sides in one Node.js: how long until a first line comes, how much memory that takes, and how fast programs run.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use super::Measured;
use super::programs::{self, PROGRAMS, Program, ProgramOutput};
use super::report::Figure;
use crate::failed;
use crate::figures::Unit;
use crate::round_runner::{Measurements, RoundRunner};
use xtask::app::App;
use xtask::cmd::runner;
use xtask::cmd::session::Session;
use xtask::plan::StageId;
use xtask::progress::Progress;
use xtask::provider::runner::ReadyRunner;
use xtask::recipe::runner::Guest;
use xtask::stage::package::PACKAGE;
use xtask::sys::{self, Command};

/// What is measured in each round. Within each, both sides take turns.
const MEASUREMENTS: &Measurements = &[
    ("start", "from the start of the process to the first line that print writes"),
    ("memory", "the most memory that such a process has at a time"),
    ("programs", "short programs, without the start"),
];

/// The program that is started, and its only line.
const PRINT: (&str, &str) = ("print(1)", "1");

/// Runs a program with Pyodide.
const PYODIDE: &str = include_str!("pyodide_node.mjs");

/// Writes down a process's peak memory.
const PEAK_MEMORY: &str = include_str!("peak_memory.cjs");

/// The variable with the file that it writes to.
const PEAK_MEMORY_VARIABLE: &str = "XTASK_PEAK_MEMORY";

/// Runs all rounds. `baseline` is the unpacked package of the baseline; `scratch` is a folder for temporary files.
pub fn measure(session: &Session<'_>, baseline: &Utf8Path, scratch: &Utf8Path, rounds: usize) -> Result<Measured> {
    let both = Both::new(session, baseline, scratch)?;
    let rounds = RoundRunner::rounds(&session.app.ui, MEASUREMENTS, rounds, |runner, round| {
        let mut figures = runner.stage(0, round, |_| both.starts())?;
        figures.extend(runner.stage(1, round, |_| both.memory())?);
        figures.extend(runner.stage(2, round, |progress| both.programs(progress))?);
        Ok(figures)
    })?;
    Ok(Measured { runner: both.runner.title(), rounds, downloads: Vec::new() })
}

/// Who runs something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Baseline,
    Ours,
    /// With a folder for compiled code.
    OursKeepingCode,
}

/// Both sides, ready to run.
struct Both<'a> {
    app: &'a App,
    runner: ReadyRunner,
    baseline: Utf8PathBuf,
    module: Utf8PathBuf,
    scratch: Utf8PathBuf,
    log: Utf8PathBuf,
}

/// The output of a child, with its time.
struct Timeline {
    /// Until the first line was there.
    first_line: f64,
    lines: Vec<String>,
}

impl<'a> Both<'a> {
    /// Nothing is measured yet. Both sides run once, so that all files were read.
    fn new(session: &Session<'a>, baseline: &Utf8Path, scratch: &Utf8Path) -> Result<Self> {
        let runner = runner::choose(session, None, &[])?;
        let both = Self {
            app: session.app,
            runner,
            baseline: baseline.to_owned(),
            module: session.result(StageId::Package)?.join(PACKAGE).join("python.wasm"),
            scratch: scratch.to_owned(),
            log: scratch.join("bench.log"),
        };
        fs_err::write(both.file("pyodide_node.mjs"), PYODIDE)?;
        fs_err::write(both.file("peak_memory.cjs"), PEAK_MEMORY)?;
        for program in &PROGRAMS {
            fs_err::write(both.file(&program.file()), program.text())?;
        }
        for side in [Side::Baseline, Side::Ours, Side::OursKeepingCode] {
            both.start(side)?;
        }
        Ok(both)
    }

    fn starts(&self) -> Result<Vec<Figure>> {
        let baseline = self.start(Side::Baseline)?;
        let ours = self.start(Side::Ours)?;
        sys::fs::remove_tree(&self.cache())?;
        let first = self.start(Side::OursKeepingCode)?;
        let keep = self.start(Side::OursKeepingCode)?;
        let figure = |what: &str, ours| Figure { what: what.to_owned(), unit: Unit::Seconds, theirs: baseline, ours };
        Ok(vec![figure("start", ours), figure("start, keeping code", first), figure("start, with kept code", keep)])
    }

    fn memory(&self) -> Result<Vec<Figure>> {
        let baseline = self.peak_memory(Side::Baseline)?;
        let figure = |what: &str, ours| Figure { what: what.to_owned(), unit: Unit::Bytes, theirs: baseline, ours };
        Ok(vec![
            figure("peak memory", self.peak_memory(Side::Ours)?),
            figure("peak memory, with kept code", self.peak_memory(Side::OursKeepingCode)?),
        ])
    }

    fn programs(&self, progress: &dyn Progress) -> Result<Vec<Figure>> {
        let mut figures = Vec::new();
        for program in &PROGRAMS {
            progress.line(program.name);
            let baseline = self.program(Side::Baseline, program)?;
            for (side, what) in [(Side::Ours, ""), (Side::OursKeepingCode, ", with kept code")] {
                let ours = self.program(side, program)?;
                programs::agree(program.name, &baseline, &ours)?;
                let what = format!("{}{what}", program.name);
                figures.push(Figure { what, unit: Unit::Seconds, theirs: baseline.seconds, ours: ours.seconds });
            }
        }
        Ok(figures)
    }

    /// The seconds until a first line came.
    fn start(&self, side: Side) -> Result<f64> {
        let timeline = self.run(&self.command(side, &["-c", PRINT.0])?)?;
        ensure!(timeline.lines == [PRINT.1], "`{}` printed {:?}", PRINT.0, timeline.lines);
        Ok(timeline.first_line)
    }

    /// The bytes that a process had at most.
    fn peak_memory(&self, side: Side) -> Result<f64> {
        let mut command = self.command(side, &["-c", PRINT.0])?;
        let file = self.file("peak-memory");
        sys::fs::remove_tree(&file)?;
        let script = self.file("peak_memory.cjs");
        command.environment.insert("NODE_OPTIONS".to_owned(), format!("--require=\"{script}\""));
        command.environment.insert(PEAK_MEMORY_VARIABLE.to_owned(), file.to_string());
        self.run(&command)?;
        let text = fs_err::read_to_string(&file).context("Node.js did not report its memory use")?;
        Ok(text.parse()?)
    }

    fn program(&self, side: Side, program: &Program) -> Result<ProgramOutput> {
        let file = self.file(&program.file());
        let timeline = self.run(&self.command(side, &[file.as_str()])?)?;
        programs::parse_output(&timeline.lines).with_context(|| format!("{} cannot be timed", program.name))
    }

    /// A Python with arguments.
    fn command(&self, side: Side, arguments: &[&str]) -> Result<Command> {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned());
        if side == Side::Baseline {
            let words = [self.file("pyodide_node.mjs"), self.baseline.clone()].map(Utf8PathBuf::into_string);
            return Ok(Command {
                program: self.runner.program.clone(),
                args: words.into_iter().chain(arguments).collect(),
                directory: self.scratch.clone(),
                environment: self.runner.environment.clone(),
                timeout: None,
            });
        }
        let guest = Guest {
            arguments: arguments.collect(),
            cache: (side == Side::OursKeepingCode).then(|| self.cache()),
            ..Guest::new(self.module.clone())
        };
        Ok(self.runner.command(&guest, &self.scratch)?)
    }

    fn run(&self, command: &Command) -> Result<Timeline> {
        let tap = LineTap { began: Instant::now(), timeline: Mutex::new((0.0, Vec::new())) };
        sys::run(command, &self.log, None, &self.app.cancel, &tap)
            .map_err(|error| failed("a Python in Node.js", &error, ""))?;
        let (first_line, lines) = tap.timeline.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Timeline { first_line, lines })
    }

    fn cache(&self) -> Utf8PathBuf {
        self.file("kept-code")
    }

    fn file(&self, name: &str) -> Utf8PathBuf {
        self.scratch.join(name)
    }
}

/// Hears lines, and when the first one came.
struct LineTap {
    began: Instant,
    timeline: Mutex<(f64, Vec<String>)>,
}

impl Progress for LineTap {
    fn advance(&self, _done: u64, _total: Option<u64>) {}

    fn line(&self, line: &str) {
        let now = self.began.elapsed().as_secs_f64();
        let mut timeline = self.timeline.lock().unwrap_or_else(PoisonError::into_inner);
        if timeline.1.is_empty() {
            timeline.0 = now;
        }
        timeline.1.push(line.to_owned());
    }
}
