//! A proxy on this machine that plays upstream's servers, and misbehaves on request.
//!
//! It does not lead to the network: a file that it does not have does not exist, and a server that it does not play cannot be reached.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use camino::Utf8Path;

use self::scripted::{Reply, Server};

#[path = "../../../../xtask/tests/it/kit/authority.rs"]
mod authority;
#[allow(dead_code, reason = "xtask's own tests use more of it")]
#[path = "../../../../xtask/tests/it/kit/server.rs"]
mod scripted;

/// Contents by URL, without `https://`.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What a request for a file gets before the file is given.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// An error.
    Status(u16),
    /// The connection is closed after this many bytes.
    Truncated(usize),
    /// Nothing is sent after this many bytes.
    Stalled(usize),
    /// All bytes, each inverted.
    Wrong,
}

/// The proxy. It stops when it is dropped.
pub struct Upstream {
    server: Server,
    /// Its URL.
    pub proxy: String,
}

impl Upstream {
    /// Starts it, and writes the certificate authority that its servers are trusted by.
    pub fn start(files: &Files, faults: &[(&str, &[Fault])], authority: &Utf8Path) -> Result<Self> {
        let mut names: BTreeSet<&str> = files.keys().filter_map(|url| Some(url.split_once('/')?.0)).collect();
        names.insert(super::ASSETS);
        let (certificate, config) = authority::private_authority(names.iter().map(|name| (*name).to_owned()));
        fs_err::write(authority, certificate)?;
        let server = Server::start_proxy(config, |_| ());
        for name in names {
            server.script(&format!("{name}:443"), [Reply::status(200)]);
        }
        let mut faults: BTreeMap<&str, &[Fault]> = faults.iter().copied().collect();
        for (url, bytes) in files {
            let file = url.rsplit('/').next().unwrap_or_default();
            let whole = Reply::file(bytes);
            let misbehave = |fault: &Fault| match *fault {
                Fault::Status(status) => Reply::status(status),
                Fault::Truncated(length) => whole.clone().truncated_after(length),
                Fault::Stalled(length) => whole.clone().stalled_after(length),
                Fault::Wrong => Reply::file(&bytes.iter().map(|byte| !byte).collect::<Vec<u8>>()),
            };
            let mut replies: Vec<Reply> = faults.remove(file).unwrap_or_default().iter().map(misbehave).collect();
            replies.push(whole.clone());
            let mut target = format!("https://{url}");
            if let Some(path) = url.strip_prefix("github.com/") {
                let asset = format!("https://{}/{path}", super::ASSETS);
                server.script(&target, [Reply::redirect(&asset)]);
                target = asset;
            }
            server.script(&target, replies);
        }
        if let Some(file) = faults.keys().next() {
            bail!("no server has the file `{file}`");
        }
        let proxy = server.url("");
        Ok(Self { server, proxy })
    }

    /// One line for each request so far: method, target, and the range that was asked for.
    pub fn requests(&self) -> Vec<String> {
        let line = |request: scripted::Request| {
            let range = request.header("Range").map(|range| format!(" {range}")).unwrap_or_default();
            format!("{} {}{range}", request.method, request.target)
        };
        self.server.all_requests().into_iter().map(line).collect()
    }
}

/// The server that a request's line is about.
pub fn name(request: &str) -> Option<&str> {
    let target = request.split(' ').nth(1)?;
    let rest = ["https://", "http://"].iter().find_map(|scheme| target.strip_prefix(scheme)).unwrap_or(target);
    rest.split(['/', ':']).next()
}
