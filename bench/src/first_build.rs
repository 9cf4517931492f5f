//! `cargo xtask bench first-build HOST --against REVISION`: the first build in a new clone, which is how every user begins.
//!
//! From the end of `git clone` to a Python that passed the smoke test: compiling xtask, downloads, the whole build.
//! The other side is an earlier revision of this repository.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::cli::FirstBuild;
use super::figures::{Comparison, Comparisons};
use super::machine::{self, Machine};
use super::round_runner::RoundRunner;
use super::{failed, print_report};
use xtask::app::App;
use xtask::event::seconds;
use xtask::progress::Progress;
use xtask::provider::machine::require;
use xtask::sys::git::Git;
use xtask::sys::{self, Command};

/// The sides alternate, so that a slow phase of the machine affects both.
const MEASUREMENTS: [(&str, &str); 2] =
    [("theirs", "the first build of the earlier revision"), ("ours", "the first build of this revision")];

/// Runs the measurements and prints the report.
pub fn run(app: &App, arguments: &FirstBuild) -> Result<()> {
    let load = machine::load_average()?;
    app.catalogue()?.host(&arguments.host)?;
    let programs = require(&BTreeMap::from([("git".to_owned(), "git".to_owned())]), &app.path)?;
    let git = programs.into_iter().next().expect("it was required").path;
    let checkout = Git { program: git.clone(), path: &app.path, repository: &app.checkout, cancel: &app.cancel };
    let theirs = revision(&checkout, &arguments.against)?;
    let ours = revision(&checkout, "HEAD")?;
    if !checkout.ask(&["status", "--porcelain", "--untracked-files=no"])?.is_empty() {
        app.ui.warning("uncommitted changes are not measured: the clone has the last commit");
    }
    // Kept if a build fails, so that it can be inspected.
    let scratch: Utf8PathBuf = tempfile::Builder::new().prefix("xtask-first-build-").tempdir()?.keep().try_into()?;
    let clones = Clones { app, git, scratch: &scratch, host: &arguments.host };
    machine::warn(app, load);
    let rounds = RoundRunner::rounds(&app.ui, &MEASUREMENTS, arguments.rounds.get(), |runner, round| {
        Ok(Round {
            theirs: runner.stage(0, round, |progress| clones.measure(&theirs, progress))?,
            ours: runner.stage(1, round, |progress| clones.measure(&ours, progress))?,
        })
    })?;
    sys::fs::remove_tree(&scratch)?;
    let report = Report { host: arguments.host.clone(), theirs, ours, machine: machine::look(load), rounds };
    print_report(app, || report.text(), || report.comparisons().json("bench-first-build", &report));
    Ok(())
}

/// The full hash of a revision.
fn revision(git: &Git<'_>, name: &str) -> Result<String> {
    let commit = format!("{name}^{{commit}}");
    let Ok(hash) = git.ask(&["rev-parse", "--verify", "--quiet", &commit]) else {
        bail!("{} has no revision `{name}`\nhint: in a shallow clone, `git fetch --unshallow` gets it", git.repository);
    };
    Ok(hash.trim().to_owned())
}

/// Makes clones of this repository and builds in them.
struct Clones<'a> {
    app: &'a App,
    git: Utf8PathBuf,
    scratch: &'a Utf8Path,
    host: &'a str,
}

impl Clones<'_> {
    fn git<'g>(&'g self, repository: &'g Utf8Path) -> Git<'g> {
        Git { program: self.git.clone(), path: &self.app.path, repository, cancel: &self.app.cancel }
    }

    /// Clones, builds twice, and removes the clone. Cloning and the download of crates are not measured.
    fn measure(&self, revision: &str, progress: &dyn Progress) -> Result<Build> {
        let clone = self.scratch.join("clone");
        let scratch = self.git(self.scratch);
        scratch.ask(&["clone", "--quiet", "--no-checkout", self.app.checkout.as_str(), clone.as_str()])?;
        self.git(&clone).ask(&["checkout", "--quiet", revision])?;
        self.cargo(&clone, &["fetch", "--quiet", "--locked"], progress)?;
        // What was written must not be waited for while the clock runs.
        sys::fs::fsync_tree(&clone)?;
        let build = ["xtask", "build", self.host];
        let first = self.cargo(&clone, &build, progress)?;
        let again = self.cargo(&clone, &build, progress)?;
        sys::fs::remove_tree(&clone)?;
        Ok(Build { first, again })
    }

    /// Seconds that cargo took.
    fn cargo(&self, clone: &Utf8Path, arguments: &[&str], progress: &dyn Progress) -> Result<f64> {
        let cargo = self.app.cargo(false, 1);
        let mut environment = cargo.environment;
        environment.extend(self.app.policy(false).network_environment);
        environment
            .extend(self.app.variable("XTASK_MIRROR").map(|mirror| ("XTASK_MIRROR".to_owned(), mirror.to_owned())));
        let command = Command {
            program: cargo.program,
            args: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            directory: clone.to_owned(),
            environment,
            timeout: None,
        };
        let log = self.scratch.join("log.txt");
        let finished = sys::run(&command, &log, None, &self.app.cancel, progress);
        let finished = finished.map_err(|error| failed(&format!("cargo {}", arguments.join(" ")), &error, ""))?;
        Ok(seconds(finished.duration))
    }
}

/// Everything that was measured, with all that it depends on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report {
    host: String,
    /// The revisions.
    theirs: String,
    ours: String,
    machine: Machine,
    rounds: Vec<Round>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Round {
    theirs: Build,
    ours: Build,
}

/// Seconds of a first build, and of the same command again.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Build {
    first: f64,
    again: f64,
}

impl Report {
    fn text(&self) -> String {
        let table = self.comparisons().table(Vec::new());
        format!("`cargo xtask build {}` in a new clone\n{}\n{table}", self.host, self.machine)
    }

    fn comparisons(&self) -> Comparisons {
        let row = |what: &str, figure: fn(&Build) -> f64| {
            let theirs = self.rounds.iter().map(|round| figure(&round.theirs)).collect();
            let ours = self.rounds.iter().map(|round| figure(&round.ours)).collect();
            Comparison::of_seconds(what, theirs, ours)
        };
        let short = |revision: &str| revision.chars().take(9).collect::<String>();
        let rows =
            vec![row("the first build", |build| build.first), row("again, nothing changed", |build| build.again)];
        Comparisons { theirs: short(&self.theirs), ours: short(&self.ours), rows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::tests::example;

    #[test]
    fn the_report_names_both_revisions() {
        let build = |first| Build { first, again: 0.25 };
        let report = Report {
            host: "wasi".to_owned(),
            theirs: "3d37126d9a".repeat(4),
            ours: "0123456789".repeat(4),
            machine: example(),
            rounds: vec![Round { theirs: build(300.0), ours: build(120.0) }],
        };
        insta::assert_snapshot!(report.text(), @"
        `cargo xtask build wasi` in a new clone
        Debian GNU/Linux 12 (bookworm): 2 processors, Example 9000, 8.0 GB
        cc 12.2.0; clang version 19.1.7; GNU Make 4.3; Python 3.11.2
        before, the load average was 0.10 on 2 processors

                                3d37126d9  012345678  ratio
        the first build         300.0 s    120.0 s    2.50
        again, nothing changed  0.250 s    0.250 s    1.00
        ");
        let json = report.comparisons().json("bench-first-build", &report);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["ratios"]["the first build"], 2.5);
        assert_eq!(json["rounds"][0]["ours"]["first"], 120.0);
    }
}
