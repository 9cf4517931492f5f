//! `cargo xtask build HOST`: builds a package and runs the smoke test.

use anyhow::Result;

use super::output::tell_path;
use super::session::{Network, Purpose, Session};
use crate::app::App;
use crate::cli::{Build, BuildOptions, Format};
use crate::dist::AddedFile;
use crate::plan::{StageId, render};
use crate::recipe::model::HostFamily;
use crate::stage::build_runner::HOST_RUNNER;
use crate::stage::package::{FACTS, PACKAGE, python_json};

/// Builds, and prints the path of the package.
pub fn run(app: &App, arguments: &Build) -> Result<()> {
    if arguments.dry_run {
        let session = open(app, arguments, Network::Offline)?;
        let range = session.range(&arguments.range)?;
        let status = session.statuses(range);
        app.ui.note(&session.note);
        app.ui.data(&match app.format {
            Format::Text => render::dry_run(&session.plan, status),
            Format::Json => render::json(&session.plan, status),
        });
        return Ok(());
    }
    let session = open(app, arguments, Network::Online)?;
    let range = session.range(&arguments.range)?;
    session.run(range, arguments.keep_going)?;
    if !session.is_there(StageId::SmokeTest) {
        app.ui.note(format!("stopped after {}, as requested", range.until.map_or("the last stage", StageId::name)));
        return Ok(());
    }
    let name = session.recipe.package_name();
    let key = |id| session.plan.stage(id).map(|stage| stage.key).expect("every plan has it");
    let made = session.result(StageId::Package)?;
    let facts = serde_json::from_str(&fs_err::read_to_string(made.join(FACTS))?)?;
    let about = python_json(&session.recipe, &session.plan, &facts);
    let about = AddedFile { name: "PYTHON.json", text: &about };
    let (package, new) = app.publish(&name, key(StageId::Package), &made.join(PACKAGE), Some(&about))?;
    if arguments.runner.as_deref() == Some(HOST_RUNNER) {
        session.compiled_host_runner()?;
    }
    if session.is_there(StageId::BuildHostRunner) {
        let runner = session.result(StageId::BuildHostRunner)?.join(HOST_RUNNER);
        app.publish(HOST_RUNNER, key(StageId::BuildHostRunner), &runner, None)?;
    }
    let python = session.recipe.python;
    if new {
        app.ui.note(format!("Python {python} passed the smoke test; try `{}`", try_it(&session, &arguments.options)));
    } else {
        app.ui.note(format!("Python {python} for {} is up to date", arguments.options.host));
    }
    tell_path(app, &package);
    Ok(())
}

fn open<'a>(app: &'a App, arguments: &Build, network: Network) -> Result<Session<'a>> {
    Session::open_for(app, &arguments.options, network, Purpose::Package, arguments.runner.as_deref())
}

fn try_it(session: &Session<'_>, options: &BuildOptions) -> String {
    if session.recipe.family == HostFamily::EmscriptenBrowser {
        return format!("{} --open", options.command_line("serve"));
    }
    format!("{} -- -c 'import sys; print(sys.version)'", options.command_line("run"))
}
