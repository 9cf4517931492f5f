//! Gets pinned bytes into the store's downloads: from a mirror, from upstream, from the distribution's packages, or from npm's registry.
//!
//! Which road they came by changes nothing: size and hash were pinned before.

use std::thread;

use camino::Utf8PathBuf;

use super::FetchPolicy;
use super::debian::{self, DebianError};
use super::npm::{self, NpmError};
use crate::cancel::Cancel;
use crate::fetch::{self, FetchError};
use crate::progress::Progress;
use crate::recipe::Artifact;
use crate::store::Store;

pub mod tally;
use tally::Tally;

/// How many downloads run at once: enough to fill a line, few enough to be polite to a server.
const PARALLEL: usize = 4;

/// What to do where a download is missing and no connection may be made.
pub const OFFLINE_HINT: &str =
    "run `cargo xtask fetch` once with the network, or point XTASK_MIRROR at a folder that has them";

/// Where an artifact came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obtained {
    pub file: String,
    /// A place, as a person says it.
    pub from: String,
}

/// An artifact could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ObtainError {
    #[error("{0}")]
    Offline(String),
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("{fetch}\nand not from the distribution's packages either: {debian}")]
    NoRoad { fetch: Box<FetchError>, debian: Box<DebianError> },
    #[error(transparent)]
    Debian(#[from] DebianError),
    #[error(transparent)]
    Npm(#[from] NpmError),
}

impl ObtainError {
    /// No road was open; no road brought wrong bytes.
    pub fn is_environmental(&self) -> bool {
        match self {
            Self::Offline(_) => true,
            Self::Fetch(error) => error.unreachable(),
            Self::NoRoad { debian, .. } => !matches!(**debian, DebianError::Mismatch { .. }),
            Self::Debian(error) => !matches!(error, DebianError::Mismatch { .. }),
            Self::Npm(error) => !matches!(error, NpmError::Mismatch { .. }),
        }
    }
}

/// The artifact as `fetch` wants it: pins and places.
pub fn as_fetch(artifact: &Artifact, policy: &FetchPolicy) -> fetch::Artifact {
    let mirrors = policy.mirror.iter().flat_map(|mirror| fetch::mirror_urls(mirror, &artifact.sha256, &artifact.file));
    let local = |place: &String| place.starts_with('/') || place.starts_with("file://");
    fetch::Artifact {
        file_name: artifact.file.clone(),
        size: artifact.size,
        sha256: artifact.sha256,
        mirrors: mirrors.filter(|place| !policy.offline || local(place)).collect(),
        urls: if policy.offline { Vec::new() } else { artifact.origin.urls.clone() },
    }
}

/// Whether the store has a download of the right size. Its hash is looked at before it is opened.
pub fn is_downloaded(store: &Store, artifact: &Artifact) -> bool {
    let path = store.download(&artifact.sha256, &artifact.file);
    fs_err::metadata(path).is_ok_and(|found| artifact.size.is_none_or(|size| size == found.len()))
}

/// Gets all artifacts, several at a time. Those that have no other road are got through apt in one go.
pub fn obtain(
    artifacts: &[Artifact],
    store: &Store,
    policy: &FetchPolicy,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Vec<Obtained>, ObtainError> {
    let tally = Tally::new(artifacts, progress);
    let mut obtained = Vec::new();
    let mut left: Vec<(&Artifact, Option<FetchError>)> = Vec::new();
    for group in artifacts.chunks(PARALLEL) {
        let results: Vec<_> = thread::scope(|scope| {
            let fetches: Vec<_> = group
                .iter()
                .map(|artifact| scope.spawn(|| by_fetch(artifact, store, policy, cancel, &tally)))
                .collect();
            fetches.into_iter().map(|fetch| fetch.join().expect("a download does not panic")).collect()
        });
        for (artifact, result) in group.iter().zip(results) {
            match result {
                Ok(Some(done)) => obtained.push(done),
                Ok(None) => left.push((artifact, None)),
                Err(error @ FetchError::NoSource { .. }) if !error.mismatch() && has_package(artifact) => {
                    left.push((artifact, Some(error)))
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    if left.is_empty() {
        return Ok(obtained);
    }
    if policy.offline {
        return Err(ObtainError::Offline(missing(left.iter().map(|(artifact, _)| *artifact), store)));
    }
    let (packages, left): (Vec<_>, Vec<_>) =
        left.into_iter().partition(|(artifact, _)| artifact.origin.npm_package.is_some());
    for (artifact, _) in packages {
        let Some(package) = &artifact.origin.npm_package else { continue };
        obtained.push(npm::obtain(artifact, package, store, policy, cancel, &tally.of(artifact))?);
    }
    if left.is_empty() {
        return Ok(obtained);
    }
    let wanted: Vec<&Artifact> = left.iter().map(|(artifact, _)| *artifact).collect();
    match debian::obtain(&wanted, store, policy, cancel, &tally) {
        Ok(more) => obtained.extend(more),
        Err(debian) => {
            let fetch = left.into_iter().find_map(|(_, error)| error);
            return Err(match fetch {
                Some(fetch) => ObtainError::NoRoad { fetch: Box::new(fetch), debian: Box::new(debian) },
                None => debian.into(),
            });
        }
    }
    Ok(obtained)
}

fn has_package(artifact: &Artifact) -> bool {
    let origin = &artifact.origin;
    origin.debian_source.is_some() || origin.debian_package.is_some() || origin.npm_package.is_some()
}

/// `None` when there is no place to fetch from.
fn by_fetch(
    artifact: &Artifact,
    store: &Store,
    policy: &FetchPolicy,
    cancel: &Cancel,
    tally: &Tally<'_>,
) -> Result<Option<Obtained>, FetchError> {
    let wanted = as_fetch(artifact, policy);
    let destination: Utf8PathBuf = store.download(&artifact.sha256, &artifact.file);
    let nowhere = wanted.mirrors.is_empty() && wanted.urls.is_empty();
    if nowhere && fetch::verify(&destination, &wanted)? == fetch::Verdict::Missing {
        return Ok(None);
    }
    match fetch::fetch(&policy.client, &wanted, &destination, cancel, &tally.of(artifact)) {
        Ok(fetched) => {
            let from = fetched.from.unwrap_or_else(|| "the store".to_owned());
            Ok(Some(Obtained { file: artifact.file.clone(), from }))
        }
        // Only a package may have it, or (offline) nobody.
        Err(FetchError::NoSource { attempts, .. }) if attempts.is_empty() => Ok(None),
        Err(error) if policy.offline && !error.mismatch() => match error {
            FetchError::NoSource { .. } => Ok(None),
            other => Err(other),
        },
        Err(error) => Err(error),
    }
}

/// Everything that is missing, at once, and what to do about it.
fn missing<'a>(artifacts: impl Iterator<Item = &'a Artifact>, store: &Store) -> String {
    format!("offline, and not in {}:\n{}\nhint: {OFFLINE_HINT}", store.downloads(), list(artifacts))
}

/// A line for each artifact: what to look for elsewhere.
pub fn list<'a>(artifacts: impl Iterator<Item = &'a Artifact>) -> String {
    let line = |artifact: &Artifact| {
        let size = artifact.size.map(|size| format!("{size} bytes, ")).unwrap_or_default();
        format!("    {} ({size}sha256 {})", artifact.file, artifact.sha256)
    };
    artifacts.map(line).collect::<Vec<_>>().join("\n")
}
