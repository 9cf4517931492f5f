//! `ci page`: the page and the JavaScript interface of a built emscripten-browser, in a real Chromium.

use std::io::{BufRead as _, BufReader};
use std::process::Child;

use anyhow::{Context as _, Result, bail};
use camino::Utf8Path;

use super::chromium;
use crate::call::{signal, wait};
use crate::context::Context;

/// Runs the tests in `ci/fixtures/page/`, or those whose name has `pattern` in it.
pub fn run(context: &Context, pattern: Option<&str>) -> Result<()> {
    let Some(chromium) = chromium::find(context) else {
        bail!(
            "no Chromium in PATH\nhint: install it (on Debian, `apt-get install chromium`), or set CHROMIUM to its path"
        );
    };
    let folder = context.kept_folder("page")?;
    for entry in context.checkout.join("ci/fixtures/page").read_dir_utf8()? {
        let entry = entry?;
        fs_err::copy(entry.path(), folder.join(entry.file_name()))?;
    }
    let flags = "chromium-flags.txt";
    fs_err::copy(context.checkout.join("runners/shared").join(flags), folder.join(flags))?;
    install_playwright(context, &folder)?;
    let screenshots = context.dist.join("screenshots");
    fs_err::create_dir_all(&screenshots)?;

    let package = context.xtask(["path", "emscripten-browser"]).succeed()?;
    // The page's second choice.
    context.xtask(["path", "wasi"]).succeed()?;
    let status = folder.join("status.html");
    let columns = ["wasi", "emscripten-browser", "--format", "html"];
    let probes = ["--probe", "identity/sys-platform", "--probe", "process/fork", "--probe", "stdlib/logging"];
    fs_err::write(&status, context.xtask(["status"].iter().chain(&columns).chain(&probes)).succeed()?)?;
    let mut server = Server::start(context)?;
    // The limit is for each test, and also for all tests of a file together.
    let mut node = context.shell.cmd("node").args(["--test", "--test-concurrency=1", "--test-timeout=1200000"]);
    if let Some(pattern) = pattern {
        node = node.arg(format!("--test-name-pattern={pattern}"));
    }
    let node = context.call(node.args(["page.test.mjs", "interface.test.mjs", "status.test.mjs"])).dir(&folder);
    let node = node.env("CHROMIUM_PROGRAM", chromium).env("PACKAGE", package);
    let node = node.env("SCREENSHOTS", &screenshots).env("SERVED_URL", &server.url);
    let node = node.env("STATUS_URL", format!("file://{status}"));
    node.show().expect_code("page.test.mjs, interface.test.mjs and status.test.mjs", 0)?;
    signal(&server.child, "INT");
    let code = wait(&context.cancel, &mut server.child)?;
    context.checks.expect("cargo xtask serve exits with 0 after Ctrl-C", 0, code, &server.line)?;
    eprintln!("screenshots are in {screenshots}: look at them");
    Ok(())
}

/// Installs what drives the browser: pinned by version and by the hash of its contents.
fn install_playwright(context: &Context, folder: &Utf8Path) -> Result<()> {
    let pin = &context.matrix.playwright;
    let is_installed = || {
        let lock = fs_err::read_to_string(folder.join("node_modules/.package-lock.json")).unwrap_or_default();
        lock.contains(&pin.integrity)
    };
    if is_installed() {
        return Ok(());
    }
    fs_err::write(folder.join("package.json"), "{ \"private\": true }\n")?;
    let options = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"];
    let npm = context.shell.cmd("npm").args(["--prefix", folder.as_str(), "install"]).args(options);
    context.call(npm.arg(format!("playwright-core@{}", pin.version))).succeed()?;
    if !is_installed() {
        bail!("playwright-core {} does not have the hash that ci/matrix.toml pins", pin.version);
    }
    Ok(())
}

/// `cargo xtask serve`, as people use it: it prints where it listens, and ends with Ctrl-C.
struct Server {
    child: Child,
    line: String,
    url: String,
}

impl Server {
    fn start(context: &Context) -> Result<Self> {
        let (child, line) = context.xtask(["serve", "emscripten-browser", "--port", "0"]).spawn()?;
        let mut server = Self { child, line, url: String::new() };
        let stdout = server.child.stdout.take().context("its output is not captured")?;
        BufReader::new(stdout).read_line(&mut server.url)?;
        server.url = server.url.trim().to_owned();
        if server.url.is_empty() {
            bail!("`{}` did not print where it listens", server.line);
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            signal(&self.child, "INT");
            let _ = self.child.wait();
        }
    }
}
