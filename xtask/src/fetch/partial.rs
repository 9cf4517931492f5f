//! The file that bytes gather in until they are the pinned ones, and the lock that lets one run at a time write it.
//!
//! It does not know where the bytes come from.

use std::fs::TryLockError;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use super::{Artifact, FetchError, Mismatch};
use crate::cancel::Cancel;
use crate::digest::Hasher;

/// A file that grows at its end, with the running hash of all that it holds. Empty, it does not stay.
pub(super) struct Partial {
    path: Utf8PathBuf,
    file: fs::File,
    hasher: Hasher,
    length: u64,
}

impl Partial {
    /// Opens the file, or creates it, and hashes what an earlier try left in it.
    pub(super) fn open(path: &Utf8Path) -> io::Result<Self> {
        let mut file = fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut hasher = Hasher::new();
        let length = io::copy(&mut file, &mut hasher)?;
        Ok(Self { path: path.to_owned(), file, hasher, length })
    }

    /// In bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// How the content differs from the pinned bytes, if it does.
    pub(super) fn mismatch(&self, artifact: &Artifact) -> Option<Mismatch> {
        Mismatch::between(artifact, self.hasher.clone().finish(), self.length)
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Empties the file.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        if self.length > 0 {
            self.file.set_len(0)?;
            io::Seek::rewind(&mut self.file)?;
            self.hasher = Hasher::new();
            self.length = 0;
        }
        Ok(())
    }

    /// Gives the file its final name, so that a crash leaves either all of it there or nothing.
    pub(super) fn publish(self, destination: &Utf8Path) -> io::Result<()> {
        self.file.set_permissions(std::fs::Permissions::from_mode(0o644))?;
        self.file.sync_all()?;
        fs::rename(&self.path, destination)?;
        fs::File::open(folder(destination))?.sync_all()
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if self.length == 0 {
            // Nothing is lost if an empty file stays after all.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Waits until no other run writes this destination. The lock is released when the file is dropped, or the process ends.
pub(super) fn lock(destination: &Utf8Path, cancel: &Cancel, tell: impl FnOnce()) -> Result<fs::File, FetchError> {
    let path = format!("{destination}.lock");
    let file = fs::File::create(&path)?;
    let mut tell = Some(tell);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => {
                return Err(io::Error::new(error.kind(), format!("cannot lock `{path}`: {error}")).into());
            }
            Err(TryLockError::WouldBlock) => {
                tell.take().into_iter().for_each(|tell| tell());
                super::pause(super::TICK * 2, cancel)?;
            }
        }
    }
}

/// The folder that holds a file.
pub(super) fn folder(path: &Utf8Path) -> &Utf8Path {
    match path.parent() {
        Some(parent) if parent != "" => parent,
        _ => Utf8Path::new("."),
    }
}
