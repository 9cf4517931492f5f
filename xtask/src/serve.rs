//! Serves the files of one folder to this machine's browsers. It knows nothing about CPython, and writes nothing.
//!
//! The only module that listens. What it sends along lets a page share memory with its workers, which browsers allow
//! only to pages that keep other sites out (cross-origin isolation).

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use camino::{Utf8Path, Utf8PathBuf};
use runner_shared::http::{ISOLATION, Request, Response, Service, content_type, percent_decode};

use crate::cancel::Cancel;
use crate::digest::Sha256;

/// Sent with every answer, besides [`ISOLATION`]. `no-cache` lets browsers keep a file, and makes them ask each time whether it has changed.
const ALWAYS: [(&str, &str); 2] = [("Cache-Control", "no-cache"), ("X-Content-Type-Options", "nosniff")];

/// The longest body of a request that is read, in bytes. No request that is answered needs one.
const LONGEST_BODY: u64 = 64 * 1024;

/// Compressed copies that may lie beside a file, in order of preference: what they are called in requests, and their extensions.
const ENCODINGS: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

/// A folder that is served, on this machine only.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    folder: Utf8PathBuf,
    /// Files from elsewhere, by the paths at which they are served; one of the folder comes first.
    others: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
}

/// One request that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub method: String,
    pub url: String,
    pub status: u16,
}

impl Server {
    /// Listens on a port of the loopback address; 0 is any that is free.
    pub fn bind(folder: &Utf8Path, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        // A connection that is gone before it is accepted must not be waited for.
        listener.set_nonblocking(true)?;
        let folder = folder.canonicalize_utf8()?;
        Ok(Self { address: listener.local_addr()?, listener, folder, others: BTreeMap::new() })
    }

    /// Serves a file from elsewhere as if it were in the folder.
    pub fn add(&mut self, path: &str, file: Utf8PathBuf) {
        self.others.insert(path.into(), file);
    }

    /// Where browsers find the folder.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Answers requests until it is cancelled.
    pub fn run(&self, cancel: &Cancel, answered: &(dyn Fn(Answered) + Sync)) {
        let answer = |request: &Request| {
            let response = self.response(request);
            let (method, url) = (request.method.clone(), request.target.clone());
            answered(Answered { method, url, status: response.status });
            response
        };
        Service { longest_body: LONGEST_BODY, is_stopped: &|| cancel.is_cancelled(), answer: &answer }
            .run(&self.listener);
    }

    fn response(&self, request: &Request) -> Response {
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return answer(405, &[("Allow", "GET, HEAD")], b"method not allowed\n".to_vec());
        }
        let Some(path) = local_path(request.path()) else {
            return text(400, "malformed path");
        };
        let path = match self.folder.join(&path) {
            folder if folder.is_dir() => folder.join("index.html"),
            file if file.exists() => file,
            file => self.others.get(&path).cloned().unwrap_or(file),
        };
        // What a link leads out to is not part of the folder.
        let inside = path.canonicalize_utf8().is_ok_and(|real| real.starts_with(&self.folder))
            || self.others.values().any(|other| *other == path);
        if !inside || !path.is_file() {
            return text(404, "not found");
        }
        let (file, encoding) = compressed(&path, request.header("accept-encoding").unwrap_or_default());
        let Ok(bytes) = fs_err::read(&file) else { return text(500, "cannot read the file") };
        let tag = format!("\"{}\"", &Sha256::of(&bytes).to_string()[..32]);
        let mut headers =
            vec![("ETag", tag.as_str()), ("Content-Type", content_type(path.as_str())), ("Vary", "Accept-Encoding")];
        headers.extend(encoding.map(|encoding| ("Content-Encoding", encoding)));
        let tags = request.header("if-none-match").unwrap_or_default();
        let same = tags.split(',').any(|known| known.trim() == tag);
        if same { answer(304, &headers, Vec::new()) } else { answer(200, &headers, bytes) }
    }
}

/// The path below the folder that the path of a URL names; `None` if it is malformed, or could lead out of the folder.
fn local_path(path: &str) -> Option<Utf8PathBuf> {
    let path = percent_decode(path.strip_prefix('/')?)?;
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts
        .map(|part| (part != "." && part != ".." && !part.contains(['\\', '\0'])).then_some(part))
        .collect::<Option<Utf8PathBuf>>()
}

/// The compressed copy beside a file that the browser takes, or the file.
fn compressed(path: &Utf8Path, accepted: &str) -> (Utf8PathBuf, Option<&'static str>) {
    let takes = |name: &str| {
        accepted.split(',').any(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            parts.next() == Some(name) && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    };
    let copy = ENCODINGS.into_iter().map(|(name, extension)| (Utf8PathBuf::from(format!("{path}.{extension}")), name));
    match copy.into_iter().find(|(copy, name)| takes(name) && copy.is_file()) {
        Some((copy, name)) => (copy, Some(name)),
        None => (path.to_owned(), None),
    }
}

fn text(status: u16, text: &str) -> Response {
    answer(status, &[("Content-Type", "text/plain; charset=utf-8")], format!("{text}\n").into_bytes())
}

fn answer(status: u16, headers: &[(&'static str, &str)], body: Vec<u8>) -> Response {
    let headers =
        ISOLATION.iter().chain(&ALWAYS).chain(headers).map(|(name, value)| (*name, (*value).to_owned())).collect();
    Response::new(status, headers, body)
}

#[cfg(test)]
mod tests;
