//! Workspaces: where a result is made, under a lock, before it appears among the results.

use std::fs::{File, TryLockError};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::manifest::{MANIFEST, Manifest, make_read_only, take_write_permission};
use super::result::{LOG, RECORD, ResultRecord};
use super::{Store, StoreError, io_error};
use crate::cancel::Cancel;
use crate::progress::Progress;
use crate::sys;

/// How often a waiting run looks whether the lock is free: short enough to feel immediate, long enough to cost nothing.
const LOCK_POLL: Duration = Duration::from_millis(100);

/// A locked, empty folder in which one stage works. The lock ends with the value, or with the process.
#[derive(Debug)]
pub struct Workspace {
    path: Utf8PathBuf,
    _lock: File,
}

impl Store {
    /// Locks a workspace, waiting for another run that holds it, without touching what lies in it.
    pub fn lock(&self, name: &str, cancel: &Cancel, progress: &dyn Progress) -> Result<Workspace, StoreError> {
        let path = self.workspace(name);
        let lock_path = Utf8PathBuf::from(format!("{path}.lock"));
        let lock = File::create(&lock_path).map_err(io_error("making the lock", &lock_path))?;
        let mut told = false;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Workspace { path, _lock: lock }),
                Err(TryLockError::WouldBlock) => {
                    if !told {
                        progress.line("waiting for another run that does the same");
                        told = true;
                    }
                    cancel.check().map_err(|_| StoreError::Cancelled { path: path.clone() })?;
                    std::thread::sleep(LOCK_POLL);
                }
                Err(TryLockError::Error(error)) => return Err(io_error("locking", &lock_path)(error)),
            }
        }
    }
}

impl Workspace {
    /// The workspace's folder.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// Where the stage's log is written.
    pub fn log(&self) -> Utf8PathBuf {
        self.path.join(LOG)
    }

    /// Makes the workspace empty: whatever an earlier run left in it is of no value.
    pub fn clear(&self) -> Result<(), StoreError> {
        sys::fs::remove_tree(&self.path).map_err(io_error("clearing", &self.path))?;
        fs_err::create_dir_all(&self.path).map_err(io_error("making", &self.path))
    }

    /// Publishes what lies in the workspace as a result, all at once: read-only, and with a manifest of all that is in it.
    pub fn commit(self, store: &Store, record: &ResultRecord) -> Result<Utf8PathBuf, StoreError> {
        let destination = store.result(&record.folder);
        let text = serde_json::to_string_pretty(record).expect("plain data becomes JSON");
        let file = self.path.join(RECORD);
        sys::fs::write_atomic(&file, text.as_bytes()).map_err(io_error("writing", &file))?;
        make_read_only(&self.path).map_err(io_error("making read-only", &self.path))?;
        // The disk is busy with one, the processors with the other.
        let (synced, manifest) = std::thread::scope(|scope| {
            let synced = scope.spawn(|| sys::fs::fsync_tree(&self.path));
            let manifest = Manifest::of(&self.path);
            (synced.join().expect("writing to the disk does not panic"), manifest)
        });
        synced.map_err(io_error("writing to the disk", &self.path))?;
        let manifest = manifest.map_err(io_error("reading", &self.path))?;
        let file = self.path.join(MANIFEST);
        sys::fs::write_atomic_with_mode(&file, manifest.print().as_bytes(), 0o444)
            .map_err(io_error("writing", &file))?;
        // Only an unused result can be there: one that is rebuilt on request, or one with a damaged record.
        sys::fs::remove_tree(&destination).map_err(io_error("removing", &destination))?;
        fs_err::rename(&self.path, &destination).map_err(io_error("publishing", &destination))?;
        let parent = store.result("");
        // Only now: a folder that cannot be written to cannot be moved to another one.
        take_write_permission(&destination).map_err(io_error("making read-only", &destination))?;
        File::open(&parent).and_then(|folder| folder.sync_all()).map_err(io_error("writing to the disk", &parent))?;
        Ok(destination)
    }
}
