//! A pinned input among the store's downloads: what every provider needs to know of it.

use super::FetchPolicy;
use crate::fetch;
use crate::recipe::Artifact;
use crate::store::Store;

/// What to do where a download is missing and the network must not be used.
pub const OFFLINE_HINT: &str =
    "run `cargo xtask fetch` once with network access, or set XTASK_MIRROR to a folder that has the files";

/// An artifact that is among the downloads now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obtained {
    pub file: String,
    /// The source that it came from, for messages.
    pub from: String,
    /// The sources that sent other bytes than the pinned ones, each with both hashes.
    pub mismatches: Vec<String>,
}

/// The artifact as `fetch` takes it: pins and URLs.
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

/// Whether the store has a download of the right size. Its hash is verified before it is opened.
pub fn is_downloaded(store: &Store, artifact: &Artifact) -> bool {
    let path = store.download(&artifact.sha256, &artifact.file);
    fs_err::metadata(path).is_ok_and(|found| artifact.size.is_none_or(|size| size == found.len()))
}

/// A line for each artifact: name, size and hash.
pub fn list<'a>(artifacts: impl Iterator<Item = &'a Artifact>) -> String {
    let line = |artifact: &Artifact| {
        let size = artifact.size.map(|size| format!("{size} bytes, ")).unwrap_or_default();
        format!("    {} ({size}sha256 {})", artifact.file, artifact.sha256)
    };
    artifacts.map(line).collect::<Vec<_>>().join("\n")
}
