//! Directories in memory, for temporary files.
//!
//! A directory is removed when its owner is dropped. Directories of killed processes are removed when the next one is created.

use std::fs::File;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use super::fs::delete;
use super::machine::free_space;

/// The file system in memory on Linux.
const SHARED_MEMORY: &str = "/dev/shm";

/// The prefix of the directories' names; a random part follows.
const PREFIX: &str = "cargo-xtask-";

/// An initially empty directory in memory, for this user only.
#[derive(Debug)]
pub struct MemoryFolder {
    path: Utf8PathBuf,
    /// The directory itself, locked while it is used.
    _lock: File,
}

impl MemoryFolder {
    /// `None` without a file system in memory, or with less than `room` bytes free: containers often have a small one.
    pub fn new(room: u64) -> Option<Self> {
        Self::new_in(SHARED_MEMORY.into(), room)
    }

    fn new_in(parent: &Utf8Path, room: u64) -> Option<Self> {
        sweep(parent).ok()?;
        if free_space(parent).ok()? < room {
            return None;
        }
        let private = std::fs::Permissions::from_mode(0o700);
        let folder = tempfile::Builder::new().prefix(PREFIX).permissions(private).tempdir_in(parent).ok()?;
        let lock = lock(folder.path()).ok()??;
        let path = Utf8PathBuf::from_path_buf(folder.keep()).ok()?;
        // Another process may have removed it before it was locked.
        is_still_there(&path, &lock).then_some(Self { path, _lock: lock })
    }

    pub fn path(&self) -> &Utf8Path {
        &self.path
    }
}

impl Drop for MemoryFolder {
    fn drop(&mut self) {
        // If this fails, the next process removes it.
        let _ = delete(&self.path);
    }
}

/// Removes this user's directories that are no longer used.
fn sweep(parent: &Utf8Path) -> io::Result<()> {
    let user = rustix::process::getuid().as_raw();
    for entry in fs::read_dir(parent)? {
        let path = entry?.path();
        let ours = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(PREFIX.as_bytes()))
            && fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir() && found.uid() == user);
        if let (true, Some(path)) = (ours, Utf8Path::from_path(&path))
            && let Ok(Some(_lock)) = lock(path.as_std_path())
        {
            let _ = delete(path);
        }
    }
    Ok(())
}

/// `None` if it is locked by another process.
fn lock(folder: &Path) -> io::Result<Option<File>> {
    let file = fs::File::open(folder)?.into_parts().0;
    Ok(file.try_lock().is_ok().then_some(file))
}

fn is_still_there(path: &Utf8Path, lock: &File) -> bool {
    let inode = |found: io::Result<std::fs::Metadata>| found.map(|found| found.ino()).ok();
    let there = inode(fs::symlink_metadata(path));
    there.is_some() && there == inode(lock.metadata())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parent() -> (tempfile::TempDir, Utf8PathBuf) {
        let parent = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(parent.path().to_owned()).unwrap();
        (parent, path)
    }

    fn names(folder: &Utf8Path) -> Vec<String> {
        folder.read_dir_utf8().unwrap().map(|entry| entry.unwrap().file_name().to_owned()).collect()
    }

    #[test]
    fn a_directory_is_private_and_removed_with_its_owner() {
        let (_parent, parent) = parent();
        let folder = MemoryFolder::new_in(&parent, 1).unwrap();
        assert_eq!(fs::metadata(folder.path()).unwrap().mode() & 0o777, 0o700);
        fs::create_dir(folder.path().join("sub")).unwrap();
        fs::write(folder.path().join("sub/file"), "text").unwrap();
        drop(folder);
        assert!(names(&parent).is_empty());
    }

    #[test]
    fn only_directories_of_killed_processes_are_removed() {
        let (_parent, parent) = parent();
        let used = MemoryFolder::new_in(&parent, 1).unwrap();
        fs::create_dir_all(parent.join("cargo-xtask-left/sub")).unwrap();
        fs::create_dir(parent.join("other")).unwrap();
        fs::write(parent.join("cargo-xtask-file"), "").unwrap();
        let second = MemoryFolder::new_in(&parent, 1).unwrap();
        assert!(used.path().is_dir() && second.path().is_dir());
        let mut left = names(&parent);
        left.retain(|name| [&used, &second].iter().all(|folder| folder.path().file_name() != Some(name)));
        left.sort();
        assert_eq!(left, ["cargo-xtask-file", "other"]);
    }

    #[test]
    fn without_enough_memory_there_is_none() {
        let (_parent, parent) = parent();
        assert!(MemoryFolder::new_in(&parent, u64::MAX).is_none());
        assert!(MemoryFolder::new_in(&parent.join("missing"), 1).is_none());
        assert!(names(&parent).is_empty());
    }
}
