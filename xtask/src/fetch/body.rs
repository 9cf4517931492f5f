//! Where bytes come from: an HTTP answer, or a file of a mirror folder.
//!
//! Each is read by its own thread, which passes chunks on, so that cancellation works while no data arrives.
//! Nothing is written and nothing is hashed here.

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

use fs_err as fs;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, HeaderMap, HeaderName, RANGE, RETRY_AFTER};
use reqwest::{Method, StatusCode, Url};

use super::client::{Client, causes, is_loopback, root_cause};
use super::{Artifact, Failure, Presence, Stop, TICK};
use crate::cancel::{Cancel, Cancelled};

/// In bytes: large enough that handing over costs nothing, small enough to come at once on a slow line.
const CHUNK: usize = 64 * 1024;
/// How many chunks may wait for a slow disk.
const CHUNKS_AHEAD: usize = 8;

type Chunk = Result<Vec<u8>, Failure>;

/// Bytes on their way.
pub(super) struct Body {
    /// Where in the file they begin.
    pub(super) starts_at: u64,
    /// The length of the whole file, where it is known.
    pub(super) total: Option<u64>,
    chunks: Receiver<Chunk>,
}

impl Body {
    /// The next bytes; `None` at the end.
    pub(super) fn next(&self, cancel: &Cancel) -> Result<Option<Vec<u8>>, Stop> {
        Ok(receive(&self.chunks, cancel)?.transpose()?)
    }
}

/// Asks a source for a file from some byte on. It may send all of it instead.
/// `None`: it has nothing that continues the file from there, so it has to be asked for all of it.
pub(super) fn open(
    client: &Client,
    source: &str,
    from_user: bool,
    starts_at: u64,
    artifact: &Artifact,
    cancel: &Cancel,
) -> Result<Option<Body>, Stop> {
    let body = match place(source, from_user)? {
        Place::File(path) => read_file(path)?,
        Place::Web(url) => {
            let (status, headers, chunks) = request(client, Method::GET, url, starts_at, cancel)?;
            let number = |name| header(&headers, name).and_then(|text| text.parse::<u64>().ok());
            match status.as_u16() {
                206 if starts_at > 0 => {
                    let range = header(&headers, CONTENT_RANGE).and_then(content_range);
                    let Some((start, total)) = range else { return Ok(None) };
                    if start != starts_at || artifact.size.is_some_and(|size| total.is_some_and(|total| total != size))
                    {
                        return Ok(None);
                    }
                    Body { starts_at, total, chunks }
                }
                416 if starts_at > 0 => return Ok(None),
                200 => Body { starts_at: 0, total: number(CONTENT_LENGTH), chunks },
                404 | 410 => return Err(Failure::NotFound.into()),
                code => {
                    let retry_after = number(RETRY_AFTER).map(Duration::from_secs);
                    return Err(Failure::Status { code, retry_after }.into());
                }
            }
        }
    };
    match (artifact.size, body.total) {
        (Some(pinned), Some(total)) if pinned != total => {
            Err(Failure::WrongSize { pinned, announced: Some(total) }.into())
        }
        _ => Ok(Some(body)),
    }
}

/// Says whether a source has a file, by asking for nothing but its head.
pub(super) fn presence(client: &Client, source: &str, cancel: &Cancel) -> Result<Presence, Cancelled> {
    match place(source, true) {
        Err(_) => Ok(Presence::Unreachable),
        Ok(Place::File(path)) => Ok(if path.is_file() { Presence::Has } else { Presence::HasNot }),
        Ok(Place::Web(url)) => match request(client, Method::HEAD, url, 0, cancel) {
            Ok((status, ..)) if status.is_success() => Ok(Presence::Has),
            // Trouble that passes says nothing about the file.
            Ok((status, ..)) if status.is_server_error() || status.as_u16() == 429 => Ok(Presence::Unreachable),
            Ok(_) => Ok(Presence::HasNot),
            Err(Stop::Failed(_)) => Ok(Presence::Unreachable),
            Err(Stop::Fatal(_)) => Err(Cancelled),
        },
    }
}

/// A source as it may be shown and recorded.
pub(super) fn without_credentials(source: &str) -> String {
    match Url::parse(source) {
        Ok(mut url) if !url.username().is_empty() || url.password().is_some() => {
            let _ = url.set_username("").and_then(|()| url.set_password(None));
            url.into()
        }
        _ => source.to_owned(),
    }
}

/// `bytes 100-199/200` is the part from byte 100 of a file of 200; `*` stands for a length that the server does not know.
pub(super) fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _end) = range.split_once('-')?;
    let total = if total == "*" { None } else { Some(total.parse().ok()?) };
    Some((start.parse().ok()?, total))
}

enum Place {
    Web(Url),
    File(PathBuf),
}

fn place(source: &str, from_user: bool) -> Result<Place, Failure> {
    if from_user && !source.contains("://") {
        return Ok(Place::File(source.into()));
    }
    let url = Url::parse(source).map_err(|_| Failure::Refused("it is not a URL"))?;
    match url.scheme() {
        "https" => Ok(Place::Web(url)),
        "http" if from_user || is_loopback(&url) => Ok(Place::Web(url)),
        "file" if from_user => {
            url.to_file_path().map(Place::File).map_err(|()| Failure::Refused("it is a path on another machine"))
        }
        _ => Err(Failure::Refused("only `https://` URLs are; a mirror may be `http://`, `file://` or a folder too")),
    }
}

/// Sends a request and waits until its answer begins.
fn request(
    client: &Client,
    method: Method,
    url: Url,
    starts_at: u64,
    cancel: &Cancel,
) -> Result<(StatusCode, HeaderMap, Receiver<Chunk>), Stop> {
    let unreachable = |reason: &str| Failure::Unreachable { reason: reason.to_owned(), timed_out: false };
    // Packed bytes would be other bytes than the pinned ones.
    let mut request = client.http().map_err(unreachable)?.request(method, url).header(ACCEPT_ENCODING, "identity");
    if starts_at > 0 {
        request = request.header(RANGE, format!("bytes={starts_at}-"));
    }
    let stall_timeout = client.settings().stall_timeout;
    let (head_sender, head) = mpsc::sync_channel(1);
    let (chunk_sender, chunks) = mpsc::sync_channel(CHUNKS_AHEAD);
    thread::spawn(move || {
        let response = request.send().map_err(|error| failure(&error, stall_timeout));
        // An error here and below means that the receiver is gone.
        let _ = head_sender.send(response.as_ref().map(|r| (r.status(), r.headers().clone())).map_err(Failure::clone));
        if let Ok(response) = response {
            hand_over(response, &chunk_sender, |error| read_failure(error, stall_timeout));
        }
    });
    match receive(&head, cancel)? {
        Some(head) => head.map(|(status, headers)| (status, headers, chunks)).map_err(Stop::from),
        None => Err(Failure::Broken("the request's thread ended".to_owned()).into()),
    }
}

fn read_file(path: PathBuf) -> Result<Body, Failure> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Failure::NotFound,
        _ => Failure::Unreachable { reason: error.to_string(), timed_out: false },
    };
    let file = fs::File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Failure::Refused("it is not a file"));
    }
    let (sender, chunks) = mpsc::sync_channel(CHUNKS_AHEAD);
    thread::spawn(move || hand_over(file, &sender, |error| Failure::Broken(error.to_string())));
    Ok(Body { starts_at: 0, total: Some(metadata.len()), chunks })
}

/// Reads to the end, and stops early if the receiver is gone.
fn hand_over(mut reader: impl Read, chunks: &SyncSender<Chunk>, failure: impl Fn(&io::Error) -> Failure) {
    loop {
        let mut chunk = vec![0; CHUNK];
        let read = reader.read(&mut chunk);
        let last = match read {
            Ok(0) => return,
            Ok(length) => {
                chunk.truncate(length);
                chunks.send(Ok(chunk)).is_err()
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => false,
            Err(error) => {
                let _ = chunks.send(Err(failure(&error)));
                true
            }
        };
        if last {
            return;
        }
    }
}

/// Waits for what a thread hands over; `None` when it ended.
fn receive<T>(receiver: &Receiver<T>, cancel: &Cancel) -> Result<Option<T>, Cancelled> {
    loop {
        cancel.check()?;
        match receiver.recv_timeout(TICK) {
            Ok(value) => return Ok(Some(value)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn read_failure(error: &io::Error, stall_timeout: Duration) -> Failure {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<reqwest::Error>()) {
        Some(inner) => failure(inner, stall_timeout),
        None => Failure::Broken(root_cause(error)),
    }
}

fn failure(error: &reqwest::Error, stall_timeout: Duration) -> Failure {
    let reason = root_cause(error);
    if error.is_redirect() {
        Failure::Redirect(reason)
    } else if causes(error).any(is_certificate_error) {
        Failure::Untrusted(reason)
    } else if error.is_connect() {
        Failure::Unreachable { reason, timed_out: error.is_timeout() }
    } else if error.is_timeout() {
        Failure::Stalled(stall_timeout)
    } else {
        Failure::Broken(reason)
    }
}

/// An I/O error does not count what it wraps among its sources, so it is looked into.
fn is_certificate_error(error: &(dyn std::error::Error + 'static)) -> bool {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => is_certificate_error(wrapped),
        None => matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))),
    }
}
