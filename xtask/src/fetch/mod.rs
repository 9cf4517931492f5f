//! Downloads of pinned bytes. The only module that opens a network connection.
//!
//! It knows nothing about CPython or recipes, and it is not a cache: the caller says where a file belongs.
//! Whatever a source sends, only bytes of the pinned SHA-256 get the destination's name. So a partial file is continued
//! without asking whether the source still has the same one (no ETag): the hash decides.

mod body;
mod client;
mod error;
mod partial;
#[cfg(test)]
mod tests;
mod unpinned;

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use crate::cancel::{Cancel, Cancelled};
use crate::digest::Sha256;
use crate::progress::Progress;

use body::Body;
pub use client::{Client, Proxies, Settings};
use error::Stop;
pub use error::{Attempt, Failure, FetchError, Mismatch};
use partial::Partial;
pub use unpinned::fetch_unpinned;

/// How often cancellation is checked during a wait.
const TICK: Duration = Duration::from_millis(50);

/// The shortest time between two reports of progress.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// Pinned bytes, and the sources that may have them.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// What the file is called in messages.
    pub file_name: String,
    /// In bytes, where it is pinned.
    pub size: Option<u64>,
    pub sha256: Sha256,
    /// Sources that the user named, tried first and in order: `https://`, `http://` or `file://` URLs, or paths of files.
    pub mirrors: Vec<String>,
    /// Upstream's URLs, tried next and in order: `https://` (and `http://` on this machine itself).
    pub urls: Vec<String>,
}

/// A finished download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The source that sent the (last) bytes, without credentials; `None` if everything was there already.
    pub from: Option<String>,
    /// The length of the file.
    pub bytes: u64,
    /// How many bytes were there already when that source was asked.
    pub resumed_at: u64,
    /// How often a source was asked again after a temporary failure.
    pub retries: u32,
    /// The sources that sent other bytes than the pinned ones before, each with the reason.
    pub mismatches: Vec<String>,
}

impl Fetched {
    /// Nothing was downloaded.
    fn in_place(bytes: u64) -> Self {
        Self { from: None, bytes, resumed_at: bytes, retries: 0, mismatches: Vec::new() }
    }
}

/// Whether a file has the pinned bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Missing,
    /// The pinned bytes, this many.
    Right(u64),
    Wrong(Mismatch),
}

/// Brings the pinned bytes to `destination`, without a connection if they are there already.
///
/// Other runs may do the same at the same time: one downloads, the others wait for it.
/// The lock file `<destination>.lock` stays behind, since removing it would let two runs hold it at once.
/// Bytes gather in `<destination>.partial`; after an interruption the next call continues that file.
///
/// # Errors
/// See [`FetchError`]. Where a source is unreachable, lacks the file or sends other bytes, the next one is asked first.
pub fn fetch(
    client: &Client,
    artifact: &Artifact,
    destination: &Utf8Path,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Fetched, FetchError> {
    cancel.check()?;
    // Before anything is written: a right file in a read-only folder is all that is needed.
    if let Verdict::Right(bytes) = verify(destination, artifact)? {
        return Ok(Fetched::in_place(bytes));
    }
    fs::create_dir_all(partial::folder(destination))?;
    let _lock = partial::lock(destination, cancel, || {
        progress.line(&format!("waiting for another run that downloads `{}`", artifact.file_name));
    })?;
    match verify(destination, artifact)? {
        Verdict::Right(bytes) => return Ok(Fetched::in_place(bytes)),
        Verdict::Missing => {}
        Verdict::Wrong(mismatch) => {
            progress.line(&format!("`{destination}` is removed and downloaded again: {mismatch}"));
            fs::remove_file(destination)?;
        }
    }
    Download { client, artifact, destination, cancel, progress }.ask_all()
}

/// Compares a file with the pinned bytes, by reading all of it.
///
/// # Errors
/// When the file exists and cannot be read.
pub fn verify(path: &Utf8Path, artifact: &Artifact) -> io::Result<Verdict> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Verdict::Missing),
        Err(error) => return Err(error),
    };
    let (sha256, size) = Sha256::of_reader(file)?;
    Ok(match Mismatch::between(artifact, sha256, size) {
        None => Verdict::Right(size),
        Some(mismatch) => Verdict::Wrong(mismatch),
    })
}

/// Where a mirror (a URL or a folder) may have a file: at its root, or in a folder named by the hash so that names may repeat.
pub fn mirror_urls(mirror: &str, sha256: &Sha256, file_name: &str) -> Vec<String> {
    let mirror = mirror.strip_suffix('/').unwrap_or(mirror);
    vec![format!("{mirror}/{file_name}"), format!("{mirror}/{sha256}/{file_name}")]
}

/// Whether a place has a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It says that it has it.
    Has,
    /// It answers, and does not have it.
    HasNot,
    /// It does not answer.
    Unreachable,
}

/// Asks whether a URL or a path has a file, without getting it.
///
/// # Errors
/// When `cancel` is set meanwhile.
pub fn probe(client: &Client, source: &str, cancel: &Cancel) -> Result<Presence, Cancelled> {
    body::presence(client, source, cancel)
}

/// One call of [`fetch`] that holds the lock and has to ask sources.
struct Download<'a> {
    client: &'a Client,
    artifact: &'a Artifact,
    destination: &'a Utf8Path,
    cancel: &'a Cancel,
    progress: &'a dyn Progress,
}

impl Download<'_> {
    fn ask_all(&self) -> Result<Fetched, FetchError> {
        let mirrors = self.artifact.mirrors.iter().map(|source| (source, true));
        let upstream = self.artifact.urls.iter().map(|source| (source, false));
        let mut retries = 0;
        let mut attempts = Vec::new();
        for (source, from_user) in mirrors.chain(upstream) {
            match self.ask(source, from_user, &mut retries) {
                Ok(fetched) => {
                    let mismatches = error::mismatches(&attempts);
                    return Ok(Fetched { retries, mismatches, ..fetched });
                }
                Err(Stop::Fatal(error)) => return Err(error),
                Err(Stop::Failed(failure)) => {
                    let attempt = Attempt { source: body::without_credentials(source), failure };
                    self.progress.line(&attempt.to_string());
                    attempts.push(attempt);
                }
            }
        }
        Err(FetchError::NoSource {
            file_name: self.artifact.file_name.clone(),
            sha256: Some(self.artifact.sha256),
            destination: self.destination.to_owned(),
            attempts,
        })
    }

    fn ask(&self, source: &str, from_user: bool, retries: &mut u32) -> Result<Fetched, Stop> {
        let mut tries = 1;
        loop {
            let failure = match self.ask_once(source, from_user) {
                Err(Stop::Failed(failure)) => failure,
                done => return done,
            };
            let Some(delay) = failure.retry_delay(tries, self.client.settings().retry_delay) else {
                return Err(failure.into());
            };
            self.progress.line(&format!("{}: {failure}; trying again", body::without_credentials(source)));
            pause(delay, self.cancel)?;
            tries += 1;
            *retries += 1;
        }
    }

    /// Asks a source once, or twice if what was there already turns out not to be the beginning of the pinned bytes.
    fn ask_once(&self, source: &str, from_user: bool) -> Result<Fetched, Stop> {
        let mut partial = Partial::open(&self.partial_path())?;
        let resumed_at = partial.length();
        if resumed_at > 0 && partial.mismatch(self.artifact).is_none() {
            partial.publish(self.destination)?;
            return Ok(Fetched::in_place(resumed_at));
        }
        let mut starts_at = if self.artifact.size.is_none_or(|size| resumed_at < size) { resumed_at } else { 0 };
        loop {
            if let Some(body) = body::open(self.client, source, from_user, starts_at, self.artifact, self.cancel)? {
                self.receive(&body, &mut partial)?;
                match partial.mismatch(self.artifact) {
                    None => return self.publish(partial, source, body.starts_at),
                    Some(mismatch) if body.starts_at == 0 => {
                        partial.clear()?;
                        return Err(Failure::Mismatch(mismatch).into());
                    }
                    Some(_) => {}
                }
            }
            self.progress.line(&format!("`{}` cannot be continued: starting from zero", self.artifact.file_name));
            starts_at = 0;
        }
    }

    /// Writes what a source sends behind the place where it starts.
    fn receive(&self, body: &Body, partial: &mut Partial) -> Result<(), Stop> {
        if body.starts_at == 0 {
            partial.clear()?;
        }
        let total = self.artifact.size.or(body.total);
        let mut told = None::<Instant>;
        self.progress.advance(partial.length(), total);
        while let Some(chunk) = body.next(self.cancel)? {
            if let Some(pinned) = self.artifact.size
                && partial.length() + chunk.len() as u64 > pinned
            {
                partial.clear()?;
                return Err(Failure::WrongSize { pinned, announced: None }.into());
            }
            partial.append(&chunk)?;
            if told.is_none_or(|instant| instant.elapsed() >= PROGRESS_INTERVAL) {
                told = Some(Instant::now());
                self.progress.advance(partial.length(), total);
            }
        }
        self.progress.advance(partial.length(), total);
        match self.artifact.size {
            Some(pinned) if partial.length() < pinned => {
                Err(Failure::Broken(format!("ended after {} of {pinned} bytes", partial.length())).into())
            }
            _ => Ok(()),
        }
    }

    fn publish(&self, partial: Partial, source: &str, resumed_at: u64) -> Result<Fetched, Stop> {
        let bytes = partial.length();
        partial.publish(self.destination)?;
        let from = Some(body::without_credentials(source));
        Ok(Fetched { from, bytes, resumed_at, retries: 0, mismatches: Vec::new() })
    }

    fn partial_path(&self) -> Utf8PathBuf {
        format!("{}.partial", self.destination).into()
    }
}

/// Sleeps, unless it is cancelled.
fn pause(duration: Duration, cancel: &Cancel) -> Result<(), Cancelled> {
    let start = Instant::now();
    loop {
        cancel.check()?;
        match duration.checked_sub(start.elapsed()) {
            Some(left) if !left.is_zero() => thread::sleep(left.min(TICK)),
            _ => return Ok(()),
        }
    }
}
