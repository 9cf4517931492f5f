//! Why a download failed: for the caller to branch on, and for a person with what to do next.

use std::fmt;
use std::io;
use std::time::Duration;

use camino::Utf8PathBuf;

use super::Artifact;
use crate::cancel::Cancelled;
use crate::digest::Sha256;

/// How often a source is asked in one call, at most.
const MAX_TRIES: u32 = 4;

/// The longest wait that a server may ask for; one that asks for more has failed.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

/// Why a file is not at its destination.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Every source was tried, and none had the pinned bytes (or any, where none are pinned yet).
    #[error("cannot download `{file_name}`{}", explain(attempts, sha256.as_ref(), destination))]
    NoSource { file_name: String, sha256: Option<Sha256>, destination: Utf8PathBuf, attempts: Vec<Attempt> },
    /// The disk of this machine failed. Nothing is tried again.
    #[error("{error}{}", disk_hint(error))]
    Io { error: io::Error },
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl FetchError {
    /// Whether the environment is the cause: no source sent wrong bytes or failed in another way than to be unreachable or
    /// to lack the file, and not all of them lack it.
    pub fn unreachable(&self) -> bool {
        let Self::NoSource { attempts, .. } = self else { return false };
        let is_environmental =
            |failure: &Failure| failure.is_unreachable() || matches!(failure, Failure::Package(_) | Failure::NotFound);
        attempts.iter().any(|attempt| attempt.failure != Failure::NotFound)
            && attempts.iter().all(|attempt| is_environmental(&attempt.failure))
    }

    /// Whether a source sent other bytes than the pinned ones: the pin is wrong, or the source cannot be trusted.
    pub fn mismatch(&self) -> bool {
        !self.mismatches().is_empty()
    }

    /// The sources that sent other bytes than the pinned ones, each with the reason.
    pub fn mismatches(&self) -> Vec<String> {
        let Self::NoSource { attempts, .. } = self else { return Vec::new() };
        mismatches(attempts)
    }

    /// The same with one more source that was tried.
    #[must_use]
    pub fn and(mut self, attempt: Attempt) -> Self {
        if let Self::NoSource { attempts, .. } = &mut self {
            attempts.push(attempt);
        }
        self
    }
}

impl From<io::Error> for FetchError {
    fn from(error: io::Error) -> Self {
        Self::Io { error }
    }
}

/// One source, and why it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The URL without credentials, or the path.
    pub source: String,
    pub failure: Failure,
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.failure)
    }
}

/// Why a source failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No connection: refused, no such host, a proxy that says no, or no answer to the attempt to connect.
    #[error("cannot be reached: {reason}")]
    Unreachable { reason: String, timed_out: bool },
    /// No certificate authority that this machine trusts signed the server's certificate.
    #[error("is not trusted: {0}")]
    Untrusted(String),
    #[error("has no such file")]
    NotFound,
    #[error("answered HTTP status {code}{}", retry_after.map(|wait| format!(" and asks to wait {} s", wait.as_secs())).unwrap_or_default())]
    Status { code: u16, retry_after: Option<Duration> },
    #[error("sent nothing for {} s", .0.as_secs_f32())]
    Stalled(Duration),
    /// The connection was lost, or ended too early.
    #[error("broke off: {0}")]
    Broken(String),
    #[error("redirects to a URL that is not allowed: {0}")]
    Redirect(String),
    /// The source is of a form that is not asked at all.
    #[error("is not used: {0}")]
    Refused(&'static str),
    /// The announced size is not the pinned one, or (`None`) more bytes came than are pinned.
    #[error("has a file of another size: {} bytes, pinned are {pinned}", announced.map_or("more".to_owned(), |size| size.to_string()))]
    WrongSize { pinned: u64, announced: Option<u64> },
    #[error("sent other bytes than the pinned ones: {0}")]
    Mismatch(Mismatch),
    /// A package manager could not download the package that has the file.
    #[error("{0}")]
    Package(String),
    /// The package has other bytes than the pinned ones.
    #[error("{0}")]
    PackageMismatch(String),
}

impl Failure {
    /// How long to wait before the same source is asked again, after this many attempts; `None` if that is useless.
    pub(super) fn retry_delay(&self, tries: u32, base: Duration) -> Option<Duration> {
        match self {
            _ if tries >= MAX_TRIES => None,
            Self::Unreachable { timed_out: true, .. } if tries == 1 => Some(base),
            Self::Status { code: 408 | 429 | 500 | 502 | 503 | 504, retry_after } => match retry_after {
                Some(wait) => Some(*wait).filter(|wait| *wait <= MAX_RETRY_AFTER),
                None => Some(base * 2_u32.pow(tries - 1)),
            },
            Self::Stalled(_) | Self::Broken(_) => Some(base * 2_u32.pow(tries - 1)),
            _ => None,
        }
    }

    /// Whether the failure says nothing about the source itself, only about the connection to it.
    pub(super) fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Untrusted(_))
    }
}

/// Bytes that are not the pinned ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    pub found_sha256: Sha256,
    pub found_size: u64,
    pub pinned_sha256: Sha256,
    pub pinned_size: Option<u64>,
}

impl Mismatch {
    /// Compares what was found with what is pinned.
    pub(super) fn between(artifact: &Artifact, found_sha256: Sha256, found_size: u64) -> Option<Self> {
        let right = found_sha256 == artifact.sha256 && artifact.size.is_none_or(|size| size == found_size);
        let (pinned_sha256, pinned_size) = (artifact.sha256, artifact.size);
        (!right).then_some(Self { found_sha256, found_size, pinned_sha256, pinned_size })
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found sha256 {} ({} bytes), pinned is {}", self.found_sha256, self.found_size, self.pinned_sha256)?;
        self.pinned_size.map_or(Ok(()), |size| write!(f, " ({size} bytes)"))
    }
}

/// Those of these attempts that ended with other bytes than the pinned ones.
pub(super) fn mismatches(attempts: &[Attempt]) -> Vec<String> {
    let is_mismatch = |failure: &Failure| {
        matches!(failure, Failure::Mismatch(_) | Failure::WrongSize { .. } | Failure::PackageMismatch(_))
    };
    attempts.iter().filter(|attempt| is_mismatch(&attempt.failure)).map(ToString::to_string).collect()
}

/// What ends work on a source.
pub(super) enum Stop {
    /// The next source may do better.
    Failed(Failure),
    /// No source can do better.
    Fatal(FetchError),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Fatal(error.into())
    }
}

impl From<Cancelled> for Stop {
    fn from(cancelled: Cancelled) -> Self {
        Self::Fatal(cancelled.into())
    }
}

/// The attempts and what to do now, one per line.
fn explain(attempts: &[Attempt], sha256: Option<&Sha256>, destination: &Utf8PathBuf) -> String {
    let mut text: String = attempts.iter().map(|attempt| format!("\n  {attempt}")).collect();
    if attempts.is_empty() {
        text += ": no source is known";
    }
    if attempts.iter().any(|attempt| attempt.failure.is_unreachable()) {
        text += "\nhint: set `HTTPS_PROXY` if this network needs a proxy, or `XTASK_MIRROR` to a URL or folder that has the \
                 file; `--offline` uses no network";
    }
    if attempts.iter().any(|attempt| matches!(attempt.failure, Failure::Untrusted(_))) {
        text += "\nhint: set `SSL_CERT_FILE` to a PEM file with your network's certificate authority (it is used instead of \
                 the system's), or add that authority to the system's";
    }
    if let Some(sha256) = sha256 {
        text += &format!("\nhint: you can also put a file with sha256 {sha256} at `{destination}`");
    }
    text
}

/// What to do about an error of the disk. The path is in the error already.
fn disk_hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "\nhint: free some space on that disk and run the command again; the partial download is kept"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "\nhint: make that path writable, or choose another folder"
        }
        _ => "",
    }
}
