//! CPython's side: its own script, step by step, in a fresh copy of the source, as its documentation says to use it.
//!
//! The script is not changed. The compiler is set by arguments that it passes on to configure, because a toolchain need not have the shape of a WASI SDK.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use super::report::{Part, Run};
use super::{failed, machine::version};
use xtask::app::App;
use xtask::cmd::session::Session;
use xtask::event::seconds;
use xtask::name::PythonVersion;
use xtask::plan::StageId;
use xtask::progress::Progress;
use xtask::provider::machine;
use xtask::recipe::model::Reference;
use xtask::recipe::placeholder::ConfigureVariable;
use xtask::sys::{self, Command};

/// The steps of a build, as the script calls them.
const STEPS: [&str; 4] = ["configure-build-python", "make-build-python", "configure-host", "make-host"];

/// The last step runs the new Python once. That part is timed by itself, too.
pub const FIRST_RUN: &str = "make-host: its first run";

/// What the script calls itself, beside what every build calls, with Debian's package for each.
const PROGRAMS: [(&str, &str); 3] = [("git", "git"), ("python3", "python3"), ("tput", "ncurses-bin")];

/// The variables that the script sets to programs of a WASI SDK.
const TOOLS: [&str; 5] = ["CC", "CXX", "CPP", "AR", "RANLIB"];

/// The Python that runs the script, or an error that says what this machine lacks for it.
pub fn python(app: &App, reference: &Reference) -> Result<Utf8PathBuf> {
    let wanted = PROGRAMS.map(|(name, package)| (name.to_owned(), package.to_owned())).into();
    let found = machine::require(&wanted, &app.path)?;
    let python = found.into_iter().find(|program| program.name == "python3").expect("it was required").path;
    let reported = version(app, python.clone())?;
    let number = reported.trim_start_matches("Python ").trim_end_matches('+').parse::<PythonVersion>();
    if number.is_ok_and(|number| number.minor < reference.python) {
        bail!(
            "{python} is {reported}, and CPython's script needs {} or newer\nhint: put such a python3 first in PATH",
            reference.python
        );
    }
    Ok(python)
}

/// The script, ready to be run.
pub struct Script<'a> {
    app: &'a App,
    python: Utf8PathBuf,
    script: String,
    triple: String,
    /// The prepared source, which is not written to.
    pristine: Utf8PathBuf,
    /// The copy that is built in.
    source: Utf8PathBuf,
    log: Utf8PathBuf,
    /// The arguments of `configure-host`.
    configure_host: Vec<String>,
    environment: BTreeMap<String, String>,
}

impl<'a> Script<'a> {
    /// Runs nothing yet. `scratch` is a folder for its files.
    pub fn new(session: &Session<'a>, reference: &Reference, python: Utf8PathBuf, scratch: &Utf8Path) -> Result<Self> {
        let (app, recipe) = (session.app, &session.recipe);
        let toolchain = session.result(StageId::PrepareToolchain)?.join("root");
        let host_runner = session.host_runner()?;
        let stack = recipe.runner.stack_size;
        let runner = format!("{host_runner} run --wasm max-wasm-stack={stack} {}", reference.runner_arguments.as_str());
        let option = |name: &str, value: &str| [name.to_owned(), value.to_owned()];
        let mut configure_host = Vec::new();
        configure_host.extend(option("--wasi-sdk", toolchain.as_str()));
        configure_host.extend(option("--host-runner", &runner));
        configure_host.extend(option("--host-triple", &recipe.triple));
        let sysroot = toolchain.join(&recipe.toolchain.sysroot);
        for name in TOOLS {
            let Some(value) = recipe.configure.environment.get(name) else { continue };
            let value = value.fill(|placeholder| match placeholder {
                ConfigureVariable::Toolchain => toolchain.as_str(),
                ConfigureVariable::Sysroot => sysroot.as_str(),
                ConfigureVariable::Triple => &recipe.triple,
                // CPython's script builds no libraries, and works in a copy of the source.
                ConfigureVariable::Libraries => "",
                ConfigureVariable::Workspace => scratch.as_str(),
            });
            configure_host.push(format!("{name}={value}"));
        }
        // The toolchain comes last, so that it hides nothing: clang looks for its linker there.
        let mut environment = BTreeMap::from([("PATH".to_owned(), format!("{}:{toolchain}/bin", app.path))]);
        environment.extend(app.variable("HOME").map(|home| ("HOME".to_owned(), home.to_owned())));
        // It asks `tput` how wide the terminal is.
        environment.insert("TERM".to_owned(), "dumb".to_owned());
        Ok(Self {
            app,
            python,
            script: reference.script.clone(),
            triple: recipe.triple.clone(),
            pristine: session.result(StageId::PrepareSource)?.join("source"),
            source: scratch.join("source"),
            log: scratch.join("script.log"),
            configure_host,
            environment,
        })
    }

    /// Everything, in a new copy of the source. Making the copy is not measured.
    pub fn cold(&self, progress: &dyn Progress) -> Result<Run> {
        progress.line("copying the source");
        sys::fs::remove_tree(&self.source)?;
        sys::fs::copy_tree(&self.pristine, &self.source, &|_| true)?;
        self.rebuild(progress)
    }

    /// Everything once more, where it was done before.
    pub fn rebuild(&self, progress: &dyn Progress) -> Result<Run> {
        // What was written before must not be waited for while the clock runs.
        sys::fs::fsync_tree(&self.source)?;
        let mut parts = Vec::new();
        for step in STEPS {
            let mut arguments = vec![self.script.clone(), step.to_owned()];
            match step {
                "configure-host" => arguments.extend(self.configure_host.iter().cloned()),
                "make-host" => arguments.extend(["--host-triple".to_owned(), self.triple.clone()]),
                _ => {}
            }
            parts.push(Part { name: step.to_owned(), seconds: self.run(step, &self.python, arguments, progress)? });
        }
        let total: f64 = parts.iter().map(|part| part.seconds).sum();
        let launcher = self.source.join("cross-build").join(&self.triple).join("python.sh");
        let first_run = self.run(FIRST_RUN, &launcher, vec!["--version".to_owned()], progress)?;
        parts.push(Part { name: FIRST_RUN.to_owned(), seconds: first_run });
        Ok(Run { seconds: total, configure_and_make: total - first_run, parts })
    }

    fn run(&self, step: &str, program: &Utf8Path, args: Vec<String>, progress: &dyn Progress) -> Result<f64> {
        let command = Command {
            program: program.to_owned(),
            args,
            directory: self.source.clone(),
            environment: self.environment.clone(),
            timeout: None,
        };
        progress.line(step);
        let finished = sys::run(&command, &self.log, None, &self.app.cancel, progress);
        let finished = finished.map_err(|error| failed(&format!("CPython's script, {step}"), &error, ""))?;
        Ok(seconds(finished.duration))
    }
}
