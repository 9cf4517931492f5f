//! Debian's packages as a source of inputs: binary packages, and source packages that hold upstream's archive.
//!
//! apt verifies the archive's signature and every file's hash. That the bytes are the pinned ones is verified here as well.

mod apt;
pub mod index;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::FetchPolicy;
use super::download::{Obtained, as_fetch};
use super::replacement::{Replacement, Replacements};
use super::tally::Tally;
use crate::cancel::Cancel;
use crate::digest::Sha256;
use crate::fetch::{self, Presence, Verdict};
use crate::recipe::Artifact;
use crate::recipe::model::VerifiedBy;
use crate::recipe::model::{DebianPackage, DebianSource};
use crate::store::{Store, StoreError};
use crate::sys::{self, CommandError};

pub use apt::KEYRING;
use apt::{Apt, Index, IndexKind};
use index::{Listed, ListedFile};

/// Packages that cannot be downloaded.
#[derive(Debug, thiserror::Error)]
pub enum DebianError {
    #[error("this machine has no {what}, so Debian's packages cannot be used\nhint: {hint}")]
    NotDebian { what: String, hint: String },
    #[error("apt failed: {0}{tail}", tail = .0.last_lines())]
    Apt(#[from] CommandError),
    /// `listed` says which versions there are instead.
    #[error(
        "Debian's {suite} no longer has {package} ({listed})\nhint: `cargo xtask bump` moves pins to what the archive has now; \
         a mirror with the pinned file works too (XTASK_MIRROR)"
    )]
    Gone { suite: String, package: String, listed: String },
    #[error("{package} is listed in Debian's {suite}, but {url} does not exist")]
    NotServed { suite: String, package: String, url: String },
    #[error("{package} in Debian's {suite} has other bytes than the pinned ones: {mismatch}")]
    Mismatch { suite: String, package: String, mismatch: String },
    /// Several suites were tried.
    #[error("{0}")]
    NoSuite(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{path}: {error}")]
    Io { path: Utf8PathBuf, error: std::io::Error },
}

/// Everything that the functions here need besides artifacts.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    pub store: &'a Store,
    pub policy: &'a FetchPolicy,
    pub cancel: &'a Cancel,
}

/// Downloads artifacts from packages into the store. Binary packages of a suite are downloaded in one go.
pub fn obtain(
    artifacts: &[&Artifact],
    surroundings: Surroundings<'_>,
    tally: &Tally<'_>,
) -> Result<Vec<Obtained>, DebianError> {
    let mut suites: BTreeMap<&str, Vec<(&Artifact, &DebianPackage)>> = BTreeMap::new();
    let mut obtained = Vec::new();
    let mut done = 0;
    for artifact in artifacts {
        match &artifact.origin.debian_package {
            Some(package) => suites.entry(&package.suite).or_default().push((artifact, package)),
            None => {
                let (got, size) = obtain_source(artifact, surroundings, tally, done)?;
                obtained.push(got);
                done += size;
            }
        }
    }
    for (suite, wanted) in suites {
        done += obtain_packages(suite, &wanted, surroundings, tally, done)?;
        let from = format!("Debian's packages ({suite})");
        obtained.extend(wanted.iter().map(|(artifact, _)| Obtained {
            file: artifact.file.clone(),
            from: from.clone(),
            mismatches: Vec::new(),
        }));
    }
    Ok(obtained)
}

/// Gives the number of bytes.
fn obtain_packages(
    suite: &str,
    wanted: &[(&Artifact, &DebianPackage)],
    surroundings: Surroundings<'_>,
    tally: &Tally<'_>,
    done: u64,
) -> Result<u64, DebianError> {
    let Surroundings { store, policy, cancel } = surroundings;
    tally.line(&format!("reading Debian's index of {suite}"));
    let apt = Apt::open(&packages_of(suite), store, policy, cancel)?;
    let names: Vec<&str> = wanted.iter().map(|(_, package)| package.name.as_str()).collect();
    let all_listed = |listed: &[Listed]| wanted.iter().all(|(artifact, _)| is_listed(listed, artifact));
    let listed = apt.listed(&names, all_listed, cancel)?;
    for (artifact, package) in wanted {
        pinned(&listed, artifact, package)?;
    }
    tally.line(&format!("downloading from Debian's {suite}"));
    let requests: Vec<String> = wanted.iter().map(|(_, package)| request(&package.name, &package.version)).collect();
    if let Err(error) = apt.download(&requests, cancel, &|bytes| tally.set("packages", done + bytes)) {
        if !cancel.is_cancelled() {
            // The archive may have changed since the index was read: a version that is gone is reported as such.
            apt.refresh(cancel)?;
            let listed = apt.listed(&names, |_| true, cancel)?;
            for (artifact, package) in wanted {
                pinned(&listed, artifact, package)?;
            }
        }
        return Err(error);
    }
    let mut size = 0;
    for (artifact, package) in wanted {
        let title = title(&package.name, &package.version);
        size += publish(artifact, &apt.inbox().join(&artifact.file), suite, &title, surroundings)?;
    }
    remove(&apt.inbox())?;
    Ok(size)
}

/// Tries each source package that is pinned for an archive, in order.
fn obtain_source(
    artifact: &Artifact,
    surroundings: Surroundings<'_>,
    tally: &Tally<'_>,
    done: u64,
) -> Result<(Obtained, u64), DebianError> {
    let mut failures = Vec::new();
    for source in &artifact.origin.debian_sources {
        match obtain_source_from(artifact, source, surroundings, tally, done) {
            Ok(obtained) => return Ok(obtained),
            Err(error) if surroundings.cancel.is_cancelled() => return Err(error),
            Err(error) => failures.push(error),
        }
    }
    Err(in_one(failures, artifact))
}

fn obtain_source_from(
    artifact: &Artifact,
    source: &DebianSource,
    surroundings: Surroundings<'_>,
    tally: &Tally<'_>,
    done: u64,
) -> Result<(Obtained, u64), DebianError> {
    let cancel = surroundings.cancel;
    tally.line(&format!("reading Debian's index of the sources of {}", source.suite));
    let (apt, found, file) = find_source(artifact, source, surroundings)?;
    tally.line(&format!("downloading from Debian's {}", source.suite));
    let requests = [request(&found.name, &found.version)];
    apt.download(&requests, cancel, &|bytes| tally.set("packages", done + bytes))?;
    let name = Utf8Path::new(&file.path).file_name().unwrap_or_default();
    let title = title(&found.name, &found.version);
    let size = publish(artifact, &apt.inbox().join(name), &source.suite, &title, surroundings)?;
    remove(&apt.inbox())?;
    let from = match found.version == source.version {
        true => format!("Debian's packages ({})", source.suite),
        false => format!("Debian's packages ({}, {title} with the same archive as {})", source.suite, source.version),
    };
    Ok((Obtained { file: artifact.file.clone(), from, mismatches: Vec::new() }, size))
}

/// The source package that holds the pinned archive: the pinned version, or another revision of the same upstream release.
fn find_source(
    artifact: &Artifact,
    source: &DebianSource,
    surroundings: Surroundings<'_>,
) -> Result<(Apt, Listed, ListedFile), DebianError> {
    let Surroundings { store, policy, cancel } = surroundings;
    let apt = Apt::open(&Index { suite: source.suite.clone(), kind: IndexKind::Sources }, store, policy, cancel)?;
    let has_archive = |listed: &Listed| listed.files.iter().any(|file| file.sha256 == artifact.sha256);
    let listed = apt.listed(&[&source.package], |listed| listed.iter().any(has_archive), cancel)?;
    let best = listed.iter().filter(|listed| has_archive(listed)).max_by(|one, other| {
        let is_pinned = |listed: &Listed| listed.version == source.version;
        is_pinned(one).cmp(&is_pinned(other)).then_with(|| index::compare(&one.version, &other.version))
    });
    if let Some(found) = best {
        let file =
            found.files.iter().find(|file| file.sha256 == artifact.sha256).expect("it was found by this").clone();
        return Ok((apt, found.clone(), file));
    }
    let original = |listed: &Listed| {
        listed.files.iter().find(|file| file.path.contains(".orig.tar.") && !file.path.ends_with(".asc")).cloned()
    };
    let pinned = listed.iter().find(|listed| listed.version == source.version);
    let (suite, package) = (source.suite.clone(), title(&source.package, &source.version));
    Err(match pinned.and_then(original) {
        Some(file) => DebianError::Mismatch { suite, package, mismatch: mismatch(&file, artifact) },
        None => DebianError::Gone { suite, package, listed: versions(&listed) },
    })
}

/// Whether packages provide all of these artifacts now; gives replacements for pinned versions that are gone.
///
/// `known` are replacements that were found before: an index that lists them is not downloaded again.
pub fn check(
    artifacts: &[&Artifact],
    known: &Replacements,
    surroundings: Surroundings<'_>,
) -> Result<Replacements, DebianError> {
    let mut suites: BTreeMap<&str, Vec<(&Artifact, &DebianPackage)>> = BTreeMap::new();
    for artifact in artifacts {
        match &artifact.origin.debian_package {
            Some(package) => suites.entry(&package.suite).or_default().push((artifact, package)),
            None => check_source(artifact, surroundings)?,
        }
    }
    let mut replacements = Replacements::new();
    for (suite, wanted) in suites {
        let listed = {
            let apt = Apt::open(&packages_of(suite), surroundings.store, surroundings.policy, surroundings.cancel)?;
            let names: Vec<&str> = wanted.iter().map(|(_, package)| package.name.as_str()).collect();
            let sufficient = |listed: &[Listed]| {
                wanted.iter().all(|(artifact, _)| {
                    let known = known.get(&artifact.sha256).map(|known| known.sha256);
                    is_listed(listed, artifact) || known.is_some_and(|sha256| has_hash(listed, &sha256))
                })
            };
            apt.listed(&names, sufficient, surroundings.cancel)?
        };
        for (artifact, package) in wanted {
            match pinned(&listed, artifact, package) {
                Ok(()) => {}
                Err(gone @ DebianError::Gone { .. }) => {
                    let replacement = replacement(artifact, package, &listed, surroundings)?.ok_or(gone)?;
                    replacements.insert(artifact.sha256, replacement);
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(replacements)
}

fn check_source(artifact: &Artifact, surroundings: Surroundings<'_>) -> Result<(), DebianError> {
    let mut failures = Vec::new();
    for source in &artifact.origin.debian_sources {
        let found = find_source(artifact, source, surroundings).and_then(|(apt, found, file)| {
            // Indexes list sources that the archive does not have any more.
            let url = apt.url(&file.path);
            match fetch::probe(&surroundings.policy.client, &url, surroundings.cancel) {
                Ok(Presence::HasNot) => {
                    let package = title(&found.name, &found.version);
                    Err(DebianError::NotServed { suite: source.suite.clone(), package, url })
                }
                _ => Ok(()),
            }
        });
        match found {
            Ok(()) => return Ok(()),
            Err(error) if surroundings.cancel.is_cancelled() => return Err(error),
            Err(error) => failures.push(error),
        }
    }
    Err(in_one(failures, artifact))
}

/// What is used in place of a version that is gone: a pinned alternative, or else, unless only pinned bytes may be used,
/// the newest version of the same upstream release in the same suite.
fn replacement(
    artifact: &Artifact,
    package: &DebianPackage,
    listed: &[Listed],
    surroundings: Surroundings<'_>,
) -> Result<Option<Replacement>, DebianError> {
    for alternative in &artifact.origin.alternatives {
        if check(&[alternative], &Replacements::new(), surroundings).is_ok_and(|none| none.is_empty())
            && let Some(package) = &alternative.origin.debian_package
        {
            let (package, size, sha256) = (package.clone(), alternative.size, alternative.sha256);
            return Ok(Some(Replacement { package, size, sha256, verified_by: VerifiedBy::Lock }));
        }
    }
    if surroundings.policy.locked {
        return Ok(None);
    }
    let same_package = listed.iter().filter(|listed| is_package(listed, package));
    let newest = index::newest_of_same_release(same_package, &package.version);
    Ok(newest.and_then(|newest| {
        let file = newest.files.first()?;
        let package = DebianPackage { version: newest.version.clone(), ..package.clone() };
        let (size, sha256) = (Some(file.size), file.sha256);
        Some(Replacement { package, size, sha256, verified_by: VerifiedBy::ArchiveSignature })
    }))
}

/// Size and hash of packages in exactly these versions, as the signed indexes list them.
pub fn pins(packages: &[&DebianPackage], surroundings: Surroundings<'_>) -> Result<Vec<ListedFile>, DebianError> {
    let mut pins = Vec::new();
    for package in packages {
        let apt =
            Apt::open(&packages_of(&package.suite), surroundings.store, surroundings.policy, surroundings.cancel)?;
        let is_exact = |listed: &&Listed| is_package(listed, package) && listed.version == package.version;
        let sufficient = |listed: &[Listed]| listed.iter().any(|listed| is_exact(&listed));
        let listed = apt.listed(&[&package.name], sufficient, surroundings.cancel)?;
        let exact = listed.iter().find(is_exact).and_then(|listed| listed.files.first().cloned());
        pins.push(exact.ok_or_else(|| DebianError::Gone {
            suite: package.suite.clone(),
            package: title(&package.name, &package.version),
            listed: versions(&listed),
        })?);
    }
    Ok(pins)
}

/// What the signed indexes list for packages: each with the version that is asked for, or the newest of its release.
/// `None` where there is neither.
pub fn newest(packages: &[&DebianPackage], surroundings: Surroundings<'_>) -> Result<Vec<Option<Listed>>, DebianError> {
    let mut indexes: BTreeMap<&str, Vec<Listed>> = BTreeMap::new();
    for package in packages {
        indexes.entry(&package.suite).or_default();
    }
    for (suite, listed) in &mut indexes {
        let names = packages.iter().filter(|package| package.suite == *suite).map(|package| package.name.as_str());
        let apt = Apt::open(&packages_of(suite), surroundings.store, surroundings.policy, surroundings.cancel)?;
        *listed = apt.listed(&names.collect::<Vec<_>>(), |_| false, surroundings.cancel)?;
    }
    let newest = packages.iter().map(|package| {
        let same_package = indexes[package.suite.as_str()].iter().filter(|listed| is_package(listed, package));
        index::newest_of_same_release(same_package, &package.version).cloned()
    });
    Ok(newest.collect())
}

/// The newest version of a source package that holds an archive with this hash; `None` if there is none.
pub fn newest_source(
    sha256: &Sha256,
    source: &DebianSource,
    surroundings: Surroundings<'_>,
) -> Result<Option<String>, DebianError> {
    let index = Index { suite: source.suite.clone(), kind: IndexKind::Sources };
    let apt = Apt::open(&index, surroundings.store, surroundings.policy, surroundings.cancel)?;
    let listed = apt.listed(&[&source.package], |_| false, surroundings.cancel)?;
    let holds = listed.iter().filter(|listed| listed.files.iter().any(|file| file.sha256 == *sha256));
    Ok(holds.max_by(|one, other| index::compare(&one.version, &other.version)).map(|newest| newest.version.clone()))
}

fn packages_of(suite: &str) -> Index {
    Index { suite: suite.to_owned(), kind: IndexKind::Packages }
}

fn is_package(listed: &Listed, package: &DebianPackage) -> bool {
    listed.name == package.name && listed.architecture == package.architecture
}

fn has_hash(listed: &[Listed], sha256: &Sha256) -> bool {
    listed.iter().any(|listed| listed.files.iter().any(|file| file.sha256 == *sha256))
}

fn is_listed(listed: &[Listed], artifact: &Artifact) -> bool {
    has_hash(listed, &artifact.sha256)
}

/// Whether an index lists the pinned version with the pinned hash.
fn pinned(listed: &[Listed], artifact: &Artifact, package: &DebianPackage) -> Result<(), DebianError> {
    let of_package: Vec<Listed> = listed.iter().filter(|listed| is_package(listed, package)).cloned().collect();
    let (suite, title) = (package.suite.clone(), title(&package.name, &package.version));
    let same_version = of_package.iter().find(|listed| listed.version == package.version);
    match same_version.and_then(|listed| listed.files.first()) {
        Some(file) if file.sha256 == artifact.sha256 => Ok(()),
        Some(file) => Err(DebianError::Mismatch { suite, package: title, mismatch: mismatch(file, artifact) }),
        None => Err(DebianError::Gone { suite, package: title, listed: versions(&of_package) }),
    }
}

fn mismatch(file: &ListedFile, artifact: &Artifact) -> String {
    format!("listed is sha256 {} ({} bytes), pinned is {}", file.sha256, file.size, artifact.sha256)
}

fn versions(listed: &[Listed]) -> String {
    let versions: Vec<&str> = listed.iter().map(|listed| listed.version.as_str()).collect();
    if versions.is_empty() { "no version is listed".to_owned() } else { format!("listed: {}", versions.join(", ")) }
}

fn title(name: &str, version: &str) -> String {
    format!("{name} {version}")
}

fn request(name: &str, version: &str) -> String {
    format!("{name}={version}")
}

/// Why none of several suites has an archive.
fn in_one(mut failures: Vec<DebianError>, artifact: &Artifact) -> DebianError {
    match failures.len() {
        0 => DebianError::NotDebian {
            what: format!("package for {}", artifact.file),
            hint: "it is available from upstream or a mirror only".to_owned(),
        },
        1 => failures.remove(0),
        _ => DebianError::NoSuite(failures.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

/// Verifies one downloaded file and moves it to the store's downloads; gives its size.
fn publish(
    artifact: &Artifact,
    path: &Utf8Path,
    suite: &str,
    package: &str,
    surroundings: Surroundings<'_>,
) -> Result<u64, DebianError> {
    let io = |error| DebianError::Io { path: path.to_owned(), error };
    let (suite, package) = (suite.to_owned(), package.to_owned());
    let size = match fetch::verify(path, &as_fetch(artifact, surroundings.policy)).map_err(io)? {
        Verdict::Right(size) => size,
        Verdict::Wrong(mismatch) => {
            return Err(DebianError::Mismatch { suite, package, mismatch: mismatch.to_string() });
        }
        Verdict::Missing => {
            return Err(io(std::io::Error::other("apt reported success, but this file does not exist")));
        }
    };
    fs_err::File::open(path).and_then(|file| file.sync_all()).map_err(io)?;
    fs_err::rename(path, surroundings.store.download(&artifact.sha256, &artifact.file)).map_err(io)?;
    Ok(size)
}

fn remove(folder: &Utf8Path) -> Result<(), DebianError> {
    sys::fs::remove_tree(folder).map_err(|error| DebianError::Io { path: folder.to_owned(), error })
}

impl DebianError {
    /// Whether a source has other bytes than the pinned ones.
    pub fn is_mismatch(&self) -> bool {
        matches!(self, Self::Mismatch { .. })
    }
}

#[cfg(test)]
mod tests;
