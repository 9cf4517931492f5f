//! Downloads pinned bytes into the store: from a mirror, from upstream, from Debian's packages, or from npm's registry.
//!
//! Which of them has the bytes makes no difference, since size and hash are pinned.
//! Before a download fails, every source that can have the pinned bytes was tried.

use std::thread;

use camino::Utf8PathBuf;

use super::FetchPolicy;
use super::debian::{self, DebianError, Surroundings};
use super::download::{OFFLINE_HINT, Obtained, as_fetch, list};
use super::npm::{self, NpmError};
use super::tally::Tally;
use crate::cancel::Cancel;
use crate::fetch::{self, Attempt, Failure, FetchError};
use crate::progress::Progress;
use crate::recipe::Artifact;
use crate::store::Store;

/// How many downloads run at once: enough to fill a line, few enough to be polite to a server.
const PARALLEL: usize = 4;

/// A failed download.
#[derive(Debug, thiserror::Error)]
pub enum ObtainError {
    #[error("{0}")]
    Offline(String),
    /// Names every source with its reason.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Debian(#[from] DebianError),
    #[error(transparent)]
    Npm(#[from] NpmError),
}

impl ObtainError {
    /// No source was reachable or had the file, and none had wrong bytes.
    pub fn is_environmental(&self) -> bool {
        match self {
            Self::Offline(_) => true,
            Self::Fetch(error) => error.unreachable(),
            Self::Debian(error) => !error.is_mismatch(),
            Self::Npm(error) => !matches!(error, NpmError::Mismatch { .. }),
        }
    }
}

/// Downloads all artifacts, several at a time. Those that only packages have are downloaded by apt in one go.
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
                Err(error @ FetchError::NoSource { .. }) if has_package(artifact) && !policy.offline => {
                    left.push((artifact, Some(error)));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    if policy.offline && !left.is_empty() {
        return Err(ObtainError::Offline(missing(left.iter().map(|(artifact, _)| *artifact), store)));
    }
    let (only_packaged, others): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, failed)| failed.is_none());
    let surroundings = Surroundings { store, policy, cancel };
    let (npm, debian): (Vec<_>, Vec<_>) =
        only_packaged.into_iter().partition(|(artifact, _)| artifact.origin.npm_package.is_some());
    for (artifact, _) in npm {
        obtained.extend(by_npm(artifact, surroundings, &tally)?);
    }
    let debian: Vec<&Artifact> = debian.into_iter().map(|(artifact, _)| artifact).collect();
    obtained.extend(debian::obtain(&debian, surroundings, &tally)?);
    // Where other sources failed before, the error names them all, and a success those that had wrong bytes.
    for (artifact, failed) in others {
        let Some(failed) = failed else { continue };
        let from_package = match artifact.origin.npm_package {
            Some(_) => by_npm(artifact, surroundings, &tally),
            None => debian::obtain(&[artifact], surroundings, &tally).map(|mut done| done.pop()).map_err(Into::into),
        };
        match from_package {
            Ok(done) => obtained.extend(done.map(|done| Obtained { mismatches: failed.mismatches(), ..done })),
            Err(error) if cancel.is_cancelled() => return Err(error),
            Err(error) => return Err(failed.and(package_attempt(artifact, &error)).into()),
        }
    }
    Ok(obtained)
}

fn by_npm(
    artifact: &Artifact,
    surroundings: Surroundings<'_>,
    tally: &Tally<'_>,
) -> Result<Option<Obtained>, ObtainError> {
    let Surroundings { store, policy, cancel } = surroundings;
    let Some(package) = &artifact.origin.npm_package else { return Ok(None) };
    Ok(Some(npm::obtain(artifact, package, store, policy, cancel, &tally.of(artifact))?))
}

/// The failure of packages as one more source of a download.
fn package_attempt(artifact: &Artifact, error: &ObtainError) -> Attempt {
    let source = if artifact.origin.npm_package.is_some() { "npm's registry" } else { "Debian's packages" };
    let reason = error.to_string().replace('\n', "\n    ");
    let failure = match error {
        ObtainError::Debian(DebianError::Mismatch { .. }) | ObtainError::Npm(NpmError::Mismatch { .. }) => {
            Failure::PackageMismatch(reason)
        }
        _ => Failure::Package(reason),
    };
    Attempt { source: source.to_owned(), failure }
}

fn has_package(artifact: &Artifact) -> bool {
    let origin = &artifact.origin;
    !origin.debian_sources.is_empty() || origin.debian_package.is_some() || origin.npm_package.is_some()
}

/// `None` when there is no URL to fetch it from.
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
            Ok(Some(Obtained { file: artifact.file.clone(), from, mismatches: fetched.mismatches }))
        }
        // Only a package can have it.
        Err(FetchError::NoSource { attempts, .. }) if attempts.is_empty() => Ok(None),
        Err(error) if policy.offline && !error.mismatch() => match error {
            FetchError::NoSource { .. } => Ok(None),
            other => Err(other),
        },
        Err(error) => Err(error),
    }
}

/// Lists everything that is missing, with a hint.
fn missing<'a>(artifacts: impl Iterator<Item = &'a Artifact>, store: &Store) -> String {
    format!("offline, and not in {}:\n{}\nhint: {OFFLINE_HINT}", store.downloads(), list(artifacts))
}
