//! npm's registry as a source of inputs: the machine's own npm downloads a package, and installs nothing.
//!
//! npm's settings say which registry that is. npm compares the download with the hash that the registry states;
//! that the bytes are the pinned ones is verified here as well.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::FetchPolicy;
use super::download::{Obtained, as_fetch};
use crate::cancel::Cancel;
use crate::digest::Sha256;
use crate::fetch::{self, Verdict};
use crate::progress::{Progress, Silent};
use crate::recipe::Artifact;
use crate::recipe::model::NpmPackage;
use crate::store::{Store, StoreError, Workspace};
use crate::sys::{self, Command, CommandError, Failure};

/// A package that cannot be downloaded.
#[derive(Debug, thiserror::Error)]
pub enum NpmError {
    #[error("this machine has no npm, which downloads {0}\nhint: on Debian, `apt-get install npm`")]
    Missing(String),
    #[error("npm failed: {0}{tail}\nhint: `npm config get registry` shows the registry that npm uses", tail = .0.last_lines())]
    Npm(#[from] CommandError),
    #[error("{file} from npm's registry has other bytes than the pinned ones: {mismatch}")]
    Mismatch { file: String, mismatch: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{path}: {error}")]
    Io { path: Utf8PathBuf, error: std::io::Error },
}

fn io(path: &Utf8Path) -> impl Fn(std::io::Error) -> NpmError + '_ {
    |error| NpmError::Io { path: path.to_owned(), error }
}

/// Downloads a package into the store.
pub fn obtain(
    artifact: &Artifact,
    package: &NpmPackage,
    store: &Store,
    policy: &FetchPolicy,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Obtained, NpmError> {
    progress.line(&format!("downloading {} with npm", package.request()));
    let (_lock, path) = download(package, store, policy, cancel)?;
    match fetch::verify(&path, &as_fetch(artifact, policy)).map_err(io(&path))? {
        Verdict::Right(size) => progress.advance(size, Some(size)),
        Verdict::Wrong(mismatch) => {
            return Err(NpmError::Mismatch { file: artifact.file.clone(), mismatch: mismatch.to_string() });
        }
        Verdict::Missing => return Err(not_there(&path)),
    }
    fs_err::File::open(&path).and_then(|file| file.sync_all()).map_err(io(&path))?;
    fs_err::rename(&path, store.download(&artifact.sha256, &artifact.file)).map_err(io(&path))?;
    Ok(Obtained { file: artifact.file.clone(), from: "npm's registry".to_owned(), mismatches: Vec::new() })
}

/// Size and hash of a package as it is now. It is among the downloads afterwards.
pub fn pin(
    package: &NpmPackage,
    store: &Store,
    policy: &FetchPolicy,
    cancel: &Cancel,
) -> Result<(u64, Sha256), NpmError> {
    let (_lock, path) = download(package, store, policy, cancel)?;
    let bytes = fs_err::read(&path).map_err(io(&path))?;
    let sha256 = Sha256::of(&bytes);
    fs_err::rename(&path, store.download(&sha256, &package.file())).map_err(io(&path))?;
    Ok((bytes.len() as u64, sha256))
}

fn not_there(path: &Utf8Path) -> NpmError {
    io(path)(std::io::Error::other("npm reported success, but this file does not exist"))
}

/// Lets npm put a package into a separate folder, which is locked until the value is dropped.
fn download(
    package: &NpmPackage,
    store: &Store,
    policy: &FetchPolicy,
    cancel: &Cancel,
) -> Result<(Workspace, Utf8PathBuf), NpmError> {
    let lock = store.lock("npm", cancel, &Silent)?;
    lock.clear()?;
    let folder = lock.path().to_owned();
    let mut args: Vec<String> =
        ["pack", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"].map(str::to_owned).into();
    args.extend(["--cache".to_owned(), folder.join("cache").into_string()]);
    args.extend(["--pack-destination".to_owned(), folder.to_string(), package.request()]);
    let environment: BTreeMap<String, String> = policy.npm_environment.clone();
    let command = Command { program: "npm".into(), args, directory: folder.clone(), environment, timeout: None };
    match sys::run(&command, &folder.join("log.txt"), None, cancel, &Silent) {
        Ok(_) => {}
        Err(CommandError { kind: Failure::NotFound, .. }) => return Err(NpmError::Missing(package.request())),
        Err(error) => return Err(error.into()),
    }
    let path = folder.join(package.file());
    if path.is_file() { Ok((lock, path)) } else { Err(not_there(&path)) }
}
