//! Folders in memory, for files that nobody needs once the process is over.
//!
//! A folder goes with its owner. What a killed process left is removed by whoever makes the next one, so that it does not fill the memory.

use std::fs::File;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use super::fs::delete;
use super::machine::free_space;

/// Where Linux has a file system in memory.
const SHARED_MEMORY: &str = "/dev/shm";

/// How the names of our folders begin there. What follows nobody can guess.
const PREFIX: &str = "cargo-xtask-";

/// A folder in memory, empty at first, that only this user may enter.
#[derive(Debug)]
pub struct MemoryFolder {
    path: Utf8PathBuf,
    /// The folder itself, locked for as long as somebody uses it.
    _lock: File,
}

impl MemoryFolder {
    /// `None` where there is no file system in memory, or one with less than `room` bytes free: containers often have a small one.
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
        // Somebody who swept may have taken it before it was locked.
        is_still_there(&path, &lock).then_some(Self { path, _lock: lock })
    }

    pub fn path(&self) -> &Utf8Path {
        &self.path
    }
}

impl Drop for MemoryFolder {
    fn drop(&mut self) {
        // What cannot be removed now is swept another time.
        let _ = delete(&self.path);
    }
}

/// Removes the folders of this user that nobody uses any more.
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

/// `None` if somebody else has it.
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
    fn a_folder_is_private_and_goes_with_its_owner() {
        let (_parent, parent) = parent();
        let folder = MemoryFolder::new_in(&parent, 1).unwrap();
        assert_eq!(fs::metadata(folder.path()).unwrap().mode() & 0o777, 0o700);
        fs::create_dir(folder.path().join("sub")).unwrap();
        fs::write(folder.path().join("sub/file"), "text").unwrap();
        drop(folder);
        assert!(names(&parent).is_empty());
    }

    #[test]
    fn what_a_killed_process_left_is_swept_and_nothing_else() {
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
    fn a_machine_without_room_has_none() {
        let (_parent, parent) = parent();
        assert!(MemoryFolder::new_in(&parent, u64::MAX).is_none());
        assert!(MemoryFolder::new_in(&parent.join("missing"), 1).is_none());
        assert!(names(&parent).is_empty());
    }
}
