//! The machine that was measured on.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use xtask::app::App;
use xtask::cmd::session::Session;
use xtask::plan::StageId;
use xtask::provider::machine;
use xtask::sys::{self, Command};

/// Work that waits on each processor from which on a machine counts as busy.
const BUSY: f64 = 0.5;

/// A machine as a person describes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Machine {
    pub system: String,
    pub processor: String,
    pub processors: usize,
    /// Bytes.
    pub memory: u64,
    /// Of the minute before the first measurement.
    pub load: Load,
    /// First lines of what the programs say of themselves that take most of the time, by their names.
    #[serde(flatten)]
    pub programs: BTreeMap<&'static str, String>,
}

/// How busy the machine was, before any of our work.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Load {
    /// Processes that ran or waited to run, on average.
    pub average: f64,
    pub processors: usize,
}

impl Load {
    /// Whether figures from this machine are unreliable.
    pub fn is_high(self) -> bool {
        self.average > BUSY * self.processors as f64
    }
}

/// What it is, what runs on it where that is known here, and how busy it was: a line each.
impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let memory = xtask::ui::size(self.memory);
        writeln!(f, "{}: {} processors, {}, {memory}", self.system, self.processors, self.processor)?;
        let programs: Vec<&str> = self.programs.values().map(String::as_str).collect();
        if !programs.is_empty() {
            writeln!(f, "{}", programs.join("; "))?;
        }
        writeln!(f, "before, {}{}", self.load, if self.load.is_high() { ": unreliable: machine busy" } else { "" })
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the load average was {:.2} on {} processors", self.average, self.processors)
    }
}

/// How busy the machine was in the last minute (`proc_loadavg(5)`).
pub fn load_average() -> Result<Load> {
    let text = fs_err::read_to_string("/proc/loadavg")?;
    let average = text.split(' ').next().unwrap_or_default().parse().context("/proc/loadavg has no number")?;
    Ok(Load { average, processors: sys::machine::jobs().get() })
}

/// Says that a busy machine gives no good figures.
pub fn warn(app: &App, load: Load) {
    if load.is_high() {
        app.ui.warning(format!("the machine is busy, so the figures will be unreliable: {load}"));
    }
}

/// The machine, with the programs that build a Python.
pub fn with_compilers(session: &Session<'_>, python: &Utf8Path, load: Load) -> Result<Machine> {
    let app = session.app;
    let clang = session.result(StageId::PrepareToolchain)?.join("root/bin/clang");
    let found = |name: &str| machine::find(name, &app.path).unwrap_or_else(|| name.into());
    let programs = [("cc", found("cc")), ("clang", clang), ("make", found("make")), ("python", python.to_owned())];
    let versions = programs.into_iter().map(|(name, program)| Ok((name, version(app, program)?)));
    Ok(Machine { programs: versions.collect::<Result<_>>()?, ..look(load) })
}

/// The machine itself.
pub fn look(load: Load) -> Machine {
    Machine {
        system: value_in("/etc/os-release", "PRETTY_NAME=").trim_matches('"').to_owned(),
        processor: value_in("/proc/cpuinfo", "model name").trim_start_matches([' ', '\t', ':']).to_owned(),
        processors: load.processors,
        memory: sys::machine::memory(),
        load,
        programs: BTreeMap::new(),
    }
}

/// The first line of `PROGRAM --version`.
pub fn version(app: &App, program: Utf8PathBuf) -> Result<String> {
    let command = Command {
        program,
        args: vec!["--version".to_owned()],
        directory: "/".into(),
        environment: [("LC_ALL", "C"), ("PATH", app.path.as_str())]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        timeout: None,
    };
    let output = sys::output(&command, &app.cancel)?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().trim().to_owned())
}

/// The rest of the first line that begins so; machines differ in what they say of themselves.
fn value_in(path: &str, name: &str) -> String {
    let text = fs_err::read_to_string(path).unwrap_or_default();
    text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("unknown").to_owned()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A machine for reports.
    pub fn example() -> Machine {
        let text = str::to_owned;
        Machine {
            system: text("Debian GNU/Linux 12 (bookworm)"),
            processor: text("Example 9000"),
            processors: 2,
            memory: 8_000_000_000,
            load: Load { average: 0.1, processors: 2 },
            programs: BTreeMap::from([
                ("cc", text("cc 12.2.0")),
                ("clang", text("clang version 19.1.7")),
                ("make", text("GNU Make 4.3")),
                ("python", text("Python 3.11.2")),
            ]),
        }
    }

    #[test]
    fn a_busy_machine_is_recognized() {
        let load = |average| Load { average, processors: 2 };
        assert!(!load(1.0).is_high());
        assert!(load(1.01).is_high());
        assert!(load_average().is_ok_and(|load| load.average >= 0.0 && load.processors > 0));
    }
}
