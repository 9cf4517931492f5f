//! `cargo xtask serve HOST`: the package for browsers that was built, on this machine's loopback address.

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use super::session::{Network, Session};
use super::usage;
use crate::app::App;
use crate::cli::{BuildOptions, Serve};
use crate::plan::StageId;
use crate::recipe::model::HostFamily;
use crate::serve::Server;
use crate::stage::package::PACKAGE;
use crate::status::{ANSWERS, Reasons};
use crate::tester::Scratch;

/// Given instead of a host: the status page.
const STATUS: &str = "status";

/// Where the page looks for the Python for WASI.
const WASI_MODULE: &str = "wasi/python.wasm";

/// Serves until Ctrl-C.
pub fn run(app: &App, arguments: &Serve) -> Result<()> {
    if arguments.options.host == STATUS {
        return status(app, arguments);
    }
    let session = Session::open(app, &arguments.options, Network::Offline)?;
    let host = &session.recipe.host;
    if session.recipe.family != HostFamily::EmscriptenBrowser {
        return Err(usage(format!("{host} is not for browsers\nhint: `cargo xtask run {host}` runs it")));
    }
    // The package in the store, not the copy in `dist/`, which people may change.
    let package = session.result(StageId::Package)?.join(PACKAGE);
    let mut server = bind(&package, arguments)?;
    if let Some(module) = for_wasi(app, arguments, &session) {
        server.add(WASI_MODULE, module);
    }
    serve(app, arguments, &server)
}

/// The page with the last answers of each column.
fn status(app: &App, arguments: &Serve) -> Result<()> {
    let status = super::status::open(app, Reasons::Optional)?;
    let answers = app.store()?.file(ANSWERS);
    if !answers.is_file() {
        bail!("no answers are in the store yet\nhint: `cargo xtask status` asks each Python that is built");
    }
    let mut columns = status.answers(&[answers])?;
    status.expect(&mut columns);
    let scratch = Scratch::open(app.store()?, "serve-status", &app.cancel)?;
    fs_err::write(scratch.path().join("index.html"), status.html(&app.checkout, &columns, None)?)?;
    serve(app, arguments, &bind(scratch.path(), arguments)?)
}

fn bind(folder: &Utf8Path, arguments: &Serve) -> Result<Server> {
    Server::bind(folder, arguments.port).with_context(|| {
        format!(
            "cannot listen on port {}\nhint: `--port N` selects another port, and `--port 0` any free one",
            arguments.port
        )
    })
}

fn serve(app: &App, arguments: &Serve, server: &Server) -> Result<()> {
    let url = server.url();
    app.ui.data(&format!("{url}\n"));
    app.ui.note("serving on this machine only; press Ctrl-C to stop");
    if arguments.open {
        app.open_in_browser(&url)?;
    }
    server.run(&app.cancel, &|answered| {
        if answered.status >= 400 {
            app.ui.note(format!("{} {}: {}", answered.method, answered.url, answered.status));
        }
    });
    Ok(())
}

/// python.wasm of the same Python for WASI, if it was built: the page can run that, too.
fn for_wasi(app: &App, arguments: &Serve, session: &Session<'_>) -> Option<Utf8PathBuf> {
    let catalogue = app.catalogue().ok()?;
    let (host, _) = catalogue.hosts.iter().find(|(_, host)| host.family() == HostFamily::Wasi)?;
    let what = BuildOptions {
        host: host.clone(),
        python: Some(session.recipe.python.to_string()),
        ..arguments.options.clone()
    };
    let session = Session::open(app, &what, Network::Offline).ok()?;
    Some(session.result(StageId::Package).ok()?.join(PACKAGE).join("python.wasm"))
}
