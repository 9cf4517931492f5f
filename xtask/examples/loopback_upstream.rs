//! A proxy on this machine that plays the servers which inputs come from, and misbehaves as it is told to: `ci/upstream.sh` uses it.
//!
//! It is not a way to the network: what it has no file for does not exist, and a server that it does not play cannot be reached.
//! The first line that it prints is its own URL; then follows one line a request, with the range that was asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::thread;

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use clap::Parser;

#[path = "../tests/it/kit/authority.rs"]
mod authority;
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../tests/it/kit/server.rs"]
mod server;

use server::{Reply, Request, Server};

/// Plays servers until it is killed.
#[derive(Parser)]
struct Arguments {
    /// Has a folder for each server, by name, with the files as in their URLs: `www.example/some/file.tar.gz`.
    servers: Utf8PathBuf,
    /// Where to write the certificate authority that vouches for the servers.
    #[arg(long, value_name = "FILE")]
    authority: Utf8PathBuf,
    /// The first server sends everybody to the second for its files.
    #[arg(long, value_name = "NAME=NAME")]
    redirect: Vec<String>,
    /// What the first requests for a file get before it is given: a status (`500`), `truncated:BYTES`, `stalled:BYTES` or `wrong`.
    #[arg(long, value_name = "FILE=FAULT,…")]
    fault: Vec<String>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let redirects = pairs(&arguments.redirect)?;
    let mut faults = pairs(&arguments.fault)?;
    let files = files(&arguments.servers)?;

    let mut names: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    names.extend(redirects.values());
    let (authority, config) = authority::private_authority(names.iter().map(|name| (*name).to_owned()));
    fs_err::write(&arguments.authority, authority)?;
    let server = Server::start_proxy(config, tell);
    for name in names {
        server.script(&format!("{name}:443"), [Reply::status(200)]);
    }
    for (name, path) in &files {
        let bytes = fs_err::read(arguments.servers.join(name).join(path))?;
        let faults = faults.remove(path.file_name().unwrap_or_default()).unwrap_or_default();
        let faults = faults.split(',').filter(|fault| !fault.is_empty());
        let whole = Reply::file(&bytes);
        let mut replies = faults.map(|fault| misbehave(fault, &bytes, &whole)).collect::<Result<Vec<Reply>>>()?;
        replies.push(whole);
        let mut url = format!("https://{name}/{path}");
        if let Some(other) = redirects.get(name.as_str()) {
            let target = format!("https://{other}/{path}");
            server.script(&url, [Reply::redirect(&target)]);
            url = target;
        }
        server.script(&url, replies);
    }
    if let Some(file) = faults.keys().next() {
        bail!("no server has a file `{file}` to misbehave with");
    }
    writeln!(io::stdout(), "{}", server.url(""))?;
    loop {
        thread::park();
    }
}

/// One line a request. Nobody reads it any more when it fails.
fn tell(request: &Request) {
    let range = request.header("Range").map(|range| format!(" {range}")).unwrap_or_default();
    let _ = writeln!(io::stdout(), "{} {}{range}", request.method, request.target);
}

fn pairs(texts: &[String]) -> Result<BTreeMap<&str, &str>> {
    texts.iter().map(|text| text.split_once('=').with_context(|| format!("`{text}` has no `=`"))).collect()
}

/// All files below the servers' folders: the server's name, and the path in the URL.
fn files(servers: &Utf8Path) -> Result<Vec<(String, Utf8PathBuf)>> {
    let entries = xtask::sys::fs::list_tree(servers)?;
    let files = entries.into_iter().filter(|entry| servers.join(&entry.path).is_file());
    files
        .map(|entry| {
            let (name, path) =
                entry.path.as_str().split_once('/').context("a file lies beside the servers' folders")?;
            Ok((name.to_owned(), path.into()))
        })
        .collect()
}

fn misbehave(fault: &str, bytes: &[u8], whole: &Reply) -> Result<Reply> {
    let (kind, count) = fault.split_once(':').unwrap_or((fault, ""));
    Ok(match kind {
        "truncated" => whole.clone().truncated_after(count.parse()?),
        "stalled" => whole.clone().stalled_after(count.parse()?),
        "wrong" => Reply::file(&bytes.iter().map(|byte| !byte).collect::<Vec<u8>>()),
        status => Reply::status(status.parse().with_context(|| format!("`{fault}` is no fault"))?),
    })
}
