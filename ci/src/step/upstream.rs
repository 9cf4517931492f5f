//! `ci upstream`: builds from upstream's own URLs, which a server on this machine plays, with faults on the way.
//!
//! The server has CPython's release as it is, and a WASI SDK that is made from the prepared packages.
//! So the lock of a copy of the checkout differs in that one entry.

mod sdk;
mod server;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};
use xtask::digest::Sha256;

use crate::call::{Outcome, exit_code};
use crate::context::Context;
use server::{Fault, Files, Upstream};

const SDK: &str = "wasi-sdk-24.0-x86_64-linux.tar.gz";
const RELEASES: &str = "github.com/WebAssembly/wasi-sdk/releases/download/wasi-sdk-24";
/// GitHub redirects downloads there.
const ASSETS: &str = "release-assets.githubusercontent.com";

pub fn run(context: &Context) -> Result<()> {
    let scratch = context.folder("upstream")?;
    let world = World::make(context, scratch)?;
    lock(&world)?;
    wrong_bytes(&world)?;
    missing_release(&world)?;
    whole_build(&world)
}

/// The files that the server has, and the checkout that asks for them.
struct World<'a> {
    context: &'a Context,
    scratch: Utf8PathBuf,
    program: Utf8PathBuf,
    /// A copy, whose lock does not have the SDK.
    checkout: Utf8PathBuf,
    version: String,
    python: String,
    files: Files,
    python_hash: String,
    sdk_hash: String,
    python_third: usize,
    sdk_third: usize,
}

impl<'a> World<'a> {
    fn make(context: &'a Context, scratch: Utf8PathBuf) -> Result<Self> {
        let program = context.xtask_program()?;
        // The crates of the host runner, in case it is compiled, are downloaded while there is a network.
        context.call(context.shell.cmd("cargo").args(["fetch", "--quiet", "--locked"])).succeed()?;
        let version = context.matrix.upstream.python.clone();
        let python = format!("Python-{version}.tar.xz");

        // The packages have CPython's archive, and the SDK is made of them.
        let from_packages = ["wasi", "--python", &version, "--toolchain", "debian-clang"];
        let fetched = context.xtask(["fetch"].iter().chain(&from_packages)).succeed()?;
        let archive = fetched.lines().find(|line| line.ends_with(&python));
        let archive = fs_err::read(archive.with_context(|| format!("`fetch` lists no {python}:\n{fetched}"))?)?;
        context.xtask(["build"].iter().chain(&from_packages).chain(&["--until", "prepare-toolchain"])).succeed()?;
        let toolchain = context.xtask(["path"].iter().chain(&from_packages).chain(&["toolchain"])).succeed()?;
        let sdk = sdk::make(context, &scratch, Utf8Path::new(&toolchain))?;

        let world = Self {
            context,
            checkout: copy_checkout(context, &scratch)?,
            program,
            python_hash: Sha256::of(&archive).to_string(),
            sdk_hash: Sha256::of(&sdk).to_string(),
            python_third: archive.len() / 3,
            sdk_third: sdk.len() / 3,
            files: Files::from([
                (format!("www.python.org/ftp/python/{version}/{python}"), archive),
                (format!("{RELEASES}/{SDK}"), sdk),
            ]),
            scratch,
            version,
            python,
        };
        let pinned = locked(&world.lock()?, &world.python);
        context.checks.expect(
            "CPython's archive has the bytes that the lock pins",
            &*pinned,
            &*world.python_hash,
            "recipes/lock.toml",
        )?;
        let lock = world.lock()?;
        let without: Vec<&str> = lock.split("\n\n").filter(|entry| !entry.contains(&format!("\"{SDK}\""))).collect();
        fs_err::write(world.lock_file(), without.join("\n\n"))?;
        Ok(world)
    }

    fn serve(&self, faults: &[(&str, &[Fault])]) -> Result<Upstream> {
        Upstream::start(&self.files, faults, &self.scratch.join("authority.pem"))
    }

    fn lock_file(&self) -> Utf8PathBuf {
        self.checkout.join("recipes/lock.toml")
    }

    fn lock(&self) -> Result<String> {
        Ok(fs_err::read_to_string(self.lock_file())?)
    }

    /// The tool, with no way to anything but the server.
    fn xtask(&self, proxy: &str, store: &Utf8Path, arguments: &[&str]) -> Result<Outcome> {
        let mut call = self.context.call(self.context.shell.cmd(&self.program).args(arguments));
        for name in ["NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "XTASK_MIRROR", "SSL_CERT_DIR"] {
            call = call.env_remove(name);
        }
        for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"] {
            call = call.env(name, proxy);
        }
        call = call.env("SSL_CERT_FILE", self.scratch.join("authority.pem")).env("XTASK_STORE", store);
        call = call.env("XTASK_DIST", self.scratch.join("dist")).env("CARGO_MANIFEST_DIR", self.checkout.join("xtask"));
        let outcome = call.with_stderr().run()?;
        for line in outcome.stderr.lines().chain(outcome.stdout.lines()) {
            eprintln!("   {line}");
        }
        Ok(outcome)
    }

    fn expect_code(&self, what: &str, wanted: i32, outcome: &Outcome) -> Result<()> {
        self.context.checks.expect(
            what,
            exit_code(wanted),
            exit_code(outcome.code),
            format!("{}\n{}", outcome.line, outcome.stderr),
        )
    }

    /// A line of standard error that contains all of these.
    fn expect_line(&self, what: &str, parts: &[&str], outcome: &Outcome) -> Result<()> {
        let is_there = outcome.stderr.lines().any(|line| parts.iter().all(|part| line.contains(part)));
        let found = if is_there { parts.join(" … ") } else { outcome.stderr.clone() };
        self.context.checks.expect(what, parts.join(" … "), found, &outcome.line)
    }
}

/// The files that git tracks, as they are now.
fn copy_checkout(context: &Context, scratch: &Utf8Path) -> Result<Utf8PathBuf> {
    let copy = scratch.join("checkout");
    let tracked = context.call(context.shell.cmd("git").args(["ls-files", "-z"])).succeed()?;
    for path in tracked.split('\0').filter(|path| context.checkout.join(path).is_file()) {
        let target = copy.join(path);
        fs_err::create_dir_all(target.parent().unwrap_or(&copy))?;
        fs_err::copy(context.checkout.join(path), target)?;
    }
    Ok(copy)
}

/// The hash that a lock pins for a file; empty if it pins none.
fn locked(lock: &str, file: &str) -> String {
    let entry = lock.split("\n\n").find(|entry| entry.contains(&format!("\nfile = \"{file}\"\n")));
    let line = entry.and_then(|entry| entry.lines().find_map(|line| line.strip_prefix("sha256 = \"")));
    line.unwrap_or_default().trim_end_matches('"').to_owned()
}

fn lock(world: &World) -> Result<()> {
    let store = world.scratch.join("store-lock");
    let upstream = world.serve(&[(SDK, &[Fault::Truncated(world.sdk_third)])])?;
    let xtask = |arguments: &[&str]| world.xtask(&upstream.proxy, &store, arguments);
    let without = world.lock()?;
    world.expect_code(
        "lock --check: an entry that is missing is an error in the lock",
        3,
        &xtask(&["lock", "--check"])?,
    )?;
    let outcome = xtask(&["lock", "--update"])?;
    world.expect_code("lock --update: half a download is a failure", 1, &outcome)?;
    world.expect_line(
        "lock --update: a download that was cut is reported",
        &[&format!("https://{RELEASES}/{SDK}"), "broke off"],
        &outcome,
    )?;
    world.context.checks.expect(
        "lock --update: half a download changes nothing",
        &*without,
        &*world.lock()?,
        &outcome.line,
    )?;
    world.expect_code("lock --update: the next try succeeds", 0, &xtask(&["lock", "--update"])?)?;
    world.context.checks.expect(
        "lock --update: pins the download",
        &*world.sdk_hash,
        &*locked(&world.lock()?, SDK),
        "recipes/lock.toml",
    )?;
    world.expect_code("lock --check: nothing is missing", 0, &xtask(&["lock", "--check"])?)?;
    let others = |lock: &str| {
        let others = lock.trim_end().split("\n\n").filter(|entry| !entry.contains(&format!("\"{SDK}\"")));
        others.map(str::to_owned).collect::<Vec<_>>().join("\n\n")
    };
    let original = fs_err::read_to_string(world.context.checkout.join("recipes/lock.toml"))?;
    world.context.checks.expect(
        "lock --update: changes nothing else",
        others(&original),
        others(&world.lock()?),
        "recipes/lock.toml",
    )
}

/// Once is enough to fail, and no other source is used instead.
fn wrong_bytes(world: &World) -> Result<()> {
    let store = world.scratch.join("store-wrong");
    let upstream = world.serve(&[(SDK, &[Fault::Wrong])])?;
    let outcome = world.xtask(
        &upstream.proxy,
        &store,
        &["build", "wasi", "--python", &world.version, "--until", "fetch-toolchain"],
    )?;
    world.expect_code("wrong bytes: the build fails", 1, &outcome)?;
    let parts = ["sent other bytes than the pinned ones: found sha256 ", &format!("pinned is {}", world.sdk_hash)];
    world.expect_line("wrong bytes: both hashes are reported", &parts, &outcome)?;
    let left = |wanted: &dyn Fn(&str) -> bool| -> Result<String> {
        let mut names = Vec::new();
        for folder in ["downloads", "results"].map(|name| store.join(name)).iter().filter(|folder| folder.is_dir()) {
            for entry in xtask::sys::fs::list_tree(folder)? {
                let name = entry.path.file_name().unwrap_or_default();
                names.extend(wanted(name).then(|| name.to_owned()));
            }
        }
        Ok(names.join(" "))
    };
    let sdk = left(&|name| name.contains("wasi-sdk") && !name.ends_with(".lock"))?;
    world.context.checks.expect("wrong bytes: nothing of them stays", "", &*sdk, &store)?;
    world.context.checks.expect(
        "wrong bytes: no package is used instead",
        "",
        &*left(&|name| name.ends_with(".deb"))?,
        &store,
    )
}

/// What upstream does not have: the newest release is only promised by the recipe.
fn missing_release(world: &World) -> Result<()> {
    let store = world.scratch.join("store-choose");
    let newest = &world.context.matrix.upstream.missing;
    let minor = newest.rsplit_once('.').map_or(&**newest, |(minor, _)| minor);
    let upstream = world.serve(&[])?;
    let outcome =
        world.xtask(&upstream.proxy, &store, &["build", "wasi", "--python", minor, "--until", "fetch-source"])?;
    world.expect_code("404: the build succeeds", 0, &outcome)?;
    let using = format!("using Python {} from upstream and wasi-sdk 24 from upstream", world.version);
    world.expect_line("404: the next release is chosen", &[&using], &outcome)?;
    let asked = format!("HEAD https://www.python.org/ftp/python/{newest}/Python-{newest}.tar.xz");
    let requests = upstream.requests();
    world.context.checks.expect(
        "404: the newest was asked for",
        true,
        requests.contains(&asked),
        requests.join("\n"),
    )?;
    let outcome = world.xtask(&upstream.proxy, &store, &["build", "wasi", "--python", newest])?;
    world.expect_code("404: a release that was named is not replaced", 4, &outcome)?;
    let parts = [&format!("Python {newest}"), "www.python.org does not have it"];
    world.expect_line("404: the release that upstream lacks is named", &parts, &outcome)
}

/// All of a build, with faults on the way.
fn whole_build(world: &World) -> Result<()> {
    let World { context, version, python, python_third, sdk_third, .. } = world;
    let store = world.scratch.join("store-upstream");
    let upstream = world.serve(&[
        (python, &[Fault::Truncated(*python_third)]),
        (SDK, &[Fault::Status(500), Fault::Truncated(*sdk_third), Fault::Stalled(*sdk_third)]),
    ])?;
    let outcome = world.xtask(&upstream.proxy, &store, &["build", "wasi", "--python", version])?;
    world.expect_code("build", 0, &outcome)?;
    let using = format!("using Python {version} from upstream and wasi-sdk 24 from upstream");
    world.expect_line("build: both come from upstream", &[&using], &outcome)?;
    let requests = upstream.requests();
    let gets = |part: &str| {
        let gets = requests.iter().filter(|request| request.starts_with("GET ") && request.contains(part));
        gets.cloned().collect::<Vec<_>>().join("\n")
    };
    let url = format!("https://www.python.org/ftp/python/{version}/{python}");
    let wanted = format!("GET {url}\nGET {url} bytes={python_third}-");
    context.checks.expect("build: the cut download of CPython was continued", wanted, gets(python), &outcome.line)?;
    let url = format!("https://{}/{SDK}", RELEASES.replacen("github.com", ASSETS, 1));
    let wanted = format!("GET {url}\nGET {url}\nGET {url} bytes={sdk_third}-\nGET {url} bytes={}-", 2 * sdk_third);
    context.checks.expect(
        "build: the SDK was sent on, after an error, a cut and a standstill",
        wanted,
        gets(ASSETS),
        &outcome.line,
    )?;
    for (file, hash) in [(&**python, &world.python_hash), (SDK, &world.sdk_hash)] {
        let download = store.join("downloads").join(format!("{}-{file}", &hash[..12]));
        let found = Sha256::of(&fs_err::read(&download)?).to_string();
        context.checks.expect(format!("build: {file} is what the lock pins"), &**hash, &*found, download)?;
    }
    let servers: BTreeSet<&str> = requests.iter().filter_map(|request| server::name(request)).collect();
    let servers: Vec<&str> = servers.into_iter().collect();
    let wanted = ["github.com", ASSETS, "www.python.org"].join(" ");
    context.checks.expect("build: no other server was asked", wanted, servers.join(" "), requests.join("\n"))?;
    let package = outcome.stdout;
    let program = "import sys, os, platform; print(sys.platform, os.name, platform.machine())";
    let ran = world.xtask(&upstream.proxy, &store, &["run", "wasi", "--python", version, "--", "-c", program])?;
    context.checks.expect("run", "wasi posix wasm32", &*ran.stdout, &ran.line)?;
    let proxy = upstream.proxy.clone();
    drop(upstream);
    let again = world.xtask(&proxy, &store, &["build", "wasi", "--python", version, "--offline"])?;
    context.checks.expect("again, with no server: nothing is done", package, again.stdout, again.line)
}
