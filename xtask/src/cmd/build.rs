//! `cargo xtask build HOST`: from nothing to a Python that ran.

use anyhow::Result;

use super::output::{publish, tell_path};
use super::session::{Asking, Session};
use crate::app::App;
use crate::cli::{Build, Format, What};
use crate::engine;
use crate::plan::select::Fate;
use crate::plan::{StageId, render};
use crate::recipe::raw::HostFamily;
use crate::recipe::resolve::DEFAULT_MINOR;
use crate::stage::build_host_runner::HOST_RUNNER;
use crate::stage::package::PACKAGE;

/// Builds, and prints where the package is.
pub fn run(app: &App, arguments: &Build) -> Result<()> {
    if arguments.dry_run {
        let session = Session::open(app, &arguments.what, Asking::Nobody)?;
        let range = session.range(&arguments.range)?;
        let fates = engine::planned(&session.plan, session.store, range);
        let fate = |id: StageId| {
            fates.iter().find(|(stage, _)| stage.stage == id.name()).map_or(Fate::NotNeeded, |(_, fate)| *fate)
        };
        app.ui.note(&session.note);
        app.ui.data(&match app.format {
            Format::Text => render::dry_run(&session.plan, fate),
            Format::Json => render::json(&session.plan, fate),
        });
        return Ok(());
    }
    let session = Session::open(app, &arguments.what, Asking::Network)?;
    let range = session.range(&arguments.range)?;
    session.run(range, arguments.keep_going, &again(&arguments.what))?;
    if !session.is_there(StageId::Check) {
        app.ui.note(format!("stopped after {}, as asked", range.until.map_or("the last stage", StageId::name)));
        return Ok(());
    }
    let name = session.recipe.package_name();
    let key = |id| session.plan.stage(id).map(|stage| stage.key).expect("every plan has it");
    let made = session.result(StageId::Package)?.join(PACKAGE);
    let (package, new) = publish(app, &name, key(StageId::Package), &made)?;
    if session.plan.stage(StageId::BuildHostRunner).is_some() {
        let runner = session.result(StageId::BuildHostRunner)?.join(HOST_RUNNER);
        publish(app, HOST_RUNNER, key(StageId::BuildHostRunner), &runner)?;
    }
    let python = session.recipe.python;
    if new {
        app.ui.note(format!(
            "Python {python} ran, and is what the recipe promises; try `{}`",
            try_it(&session, &arguments.what)
        ));
    } else {
        app.ui.note(format!("Python {python} for {} is up to date", arguments.what.host));
    }
    tell_path(app, &package);
    Ok(())
}

/// The command that continues a run that failed or was interrupted.
pub fn again(what: &What) -> String {
    command("build", what)
}

fn try_it(session: &Session<'_>, what: &What) -> String {
    if session.recipe.family == HostFamily::EmscriptenBrowser {
        return format!("{} --open", command("serve", what));
    }
    format!("{} -- -c 'import sys; print(sys.version)'", command("run", what))
}

/// The command line of a verb, with the options that choose what is built.
fn command(verb: &str, what: &What) -> String {
    let mut line = format!("cargo xtask {verb} {}", what.host);
    let default_minor = DEFAULT_MINOR.to_string();
    let options = [
        ("python", what.python.as_str(), default_minor.as_str()),
        ("profile", what.profile.as_str(), "release"),
        ("toolchain", what.toolchain.as_str(), "auto"),
        ("wasi-sdk", what.wasi_sdk.as_deref().map_or("", camino::Utf8Path::as_str), ""),
        ("source", what.source.as_deref().unwrap_or_default(), ""),
    ];
    for (name, value, default) in options {
        if value != default {
            line.push_str(&format!(" --{name} {}", crate::sys::command::quote(value)));
        }
    }
    line
}
