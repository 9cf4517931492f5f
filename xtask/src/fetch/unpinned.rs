//! Downloads that are not pinned yet, to pin them. Nothing is built from them until their hash is in the lock.

use camino::Utf8Path;
use fs_err as fs;

use super::body;
use super::error::Stop;
use super::{Artifact, Attempt, Client, Failure, FetchError};
use crate::cancel::Cancel;
use crate::digest::{Hasher, Sha256};

/// Downloads a file from the first URL that has it, and says what it is.
///
/// # Errors
/// See [`FetchError`]. A body that ends before its announced length is an error.
pub fn fetch_unpinned(
    client: &Client,
    urls: &[String],
    destination: &Utf8Path,
    cancel: &Cancel,
) -> Result<(Sha256, u64), FetchError> {
    let file_name = destination.file_name().unwrap_or_default().to_owned();
    let artifact =
        Artifact { file_name, size: None, sha256: Sha256::of(b""), mirrors: Vec::new(), urls: urls.to_vec() };
    let mut attempts = Vec::new();
    for source in urls {
        match receive(client, source, &artifact, destination, cancel) {
            Ok(found) => return Ok(found),
            Err(Stop::Fatal(error)) => return Err(error),
            Err(Stop::Failed(failure)) => attempts.push(Attempt { source: source.clone(), failure }),
        }
    }
    Err(FetchError::NoSource {
        file_name: artifact.file_name,
        sha256: None,
        destination: destination.to_owned(),
        attempts,
    })
}

fn receive(
    client: &Client,
    source: &str,
    artifact: &Artifact,
    destination: &Utf8Path,
    cancel: &Cancel,
) -> Result<(Sha256, u64), Stop> {
    let body = body::open(client, source, false, 0, artifact, cancel)?.ok_or(Failure::NotFound)?;
    let mut file = fs::File::create(destination)?;
    let mut hasher = Hasher::new();
    let mut length = 0;
    while let Some(chunk) = body.next(cancel)? {
        std::io::Write::write_all(&mut file, &chunk)?;
        hasher.update(&chunk);
        length += chunk.len() as u64;
    }
    match body.total {
        Some(total) if total != length => Err(Failure::Broken(format!("ended after {length} of {total} bytes")).into()),
        _ => {
            file.sync_all()?;
            Ok((hasher.finish(), length))
        }
    }
}
