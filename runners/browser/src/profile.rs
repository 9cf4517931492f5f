//! The folder that a browser keeps its files in while it runs, and the removal of those that killed runners left.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use tempfile::TempDir;

use runner_shared::failure::Failure;

const PREFIX: &str = "browser-";
const LOCK: &str = "in-use.lock";

/// A folder of one browser, removed with this value.
pub struct Profile {
    // Before the folder: other runs must not take it for a stale one while it is removed.
    folder: TempDir,
    _lock: File,
}

impl Profile {
    /// Makes one, in `parent` if that is given.
    pub fn new(parent: Option<&Path>) -> Result<Self, Failure> {
        let shown = parent.map_or_else(std::env::temp_dir, PathBuf::from);
        Self::make(parent).map_err(|error| {
            Failure::host(
                format!("cannot make a profile for the browser in {}: {error}", shown.display()),
                "make room, or set TMPDIR to a folder that you may write to",
            )
        })
    }

    fn make(parent: Option<&Path>) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        let Some(parent) = parent else {
            let folder = builder.tempdir()?;
            let lock = take(&folder.path().join(LOCK))?;
            return Ok(Self { folder, _lock: lock });
        };
        fs::create_dir_all(parent)?;
        // Held while searching and creating, so that no other run takes a new folder for a stale one.
        let _all = take(&parent.join(LOCK))?;
        for entry in fs::read_dir(parent)?.flatten() {
            let path = entry.path();
            let ours = entry.file_name().to_string_lossy().starts_with(PREFIX) && path.is_dir();
            if ours && left_over(&path.join(LOCK)) {
                // What cannot be removed is tried again next time.
                let _ = fs::remove_dir_all(&path);
            }
        }
        let folder = builder.tempdir_in(parent)?;
        let lock = take(&folder.path().join(LOCK))?;
        Ok(Self { folder, _lock: lock })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn take(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    flock(&file, FlockOperation::LockExclusive)?;
    Ok(file)
}

/// Whether the runner that made it is gone.
fn left_over(lock: &Path) -> bool {
    OpenOptions::new()
        .append(true)
        .open(lock)
        .is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok())
}

#[cfg(test)]
mod tests {
    use super::Profile;

    #[test]
    fn folders_of_the_dead_are_removed_and_those_of_the_living_are_not() {
        let parent = tempfile::tempdir().unwrap();
        let living = Profile::new(Some(parent.path())).unwrap();
        let dead = parent.path().join("browser-dead");
        std::fs::create_dir(&dead).unwrap();
        std::fs::write(dead.join("in-use.lock"), "").unwrap();
        let other = parent.path().join("another-folder");
        std::fs::create_dir(&other).unwrap();
        let second = Profile::new(Some(parent.path())).unwrap();
        assert!(living.path().is_dir() && second.path().is_dir() && other.is_dir());
        assert!(!dead.exists());
        let path = second.path().to_owned();
        drop(second);
        assert!(!path.exists());
    }
}
