//! The manifest of a result: every file, folder and link in it, so that damage can be found later.
//!
//! It lies in the result, and covers everything else there. Its first line is the hash of the rest, so that damage to
//! the manifest itself is found, too.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::digest::Sha256;
use crate::sys::fs::{Entry, Kind, list_tree};

/// The name of the manifest inside a result.
pub const MANIFEST: &str = "manifest.json";

/// The bits of a mode that allow writing.
const WRITE: u32 = 0o222;

/// What is recorded about one path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
enum Recorded {
    File { mode: u32, size: u64, sha256: Sha256 },
    Folder { mode: u32 },
    Link { target: Utf8PathBuf },
}

/// All paths of a result, without the manifest itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Manifest(BTreeMap<Utf8PathBuf, Recorded>);

impl Manifest {
    /// Reads all files below a folder. Several threads hash: a toolchain has hundreds of megabytes.
    pub fn of(root: &Utf8Path) -> io::Result<Self> {
        let mut entries = list_tree(root)?;
        entries.retain(|entry| entry.path != MANIFEST);
        let next = AtomicUsize::new(0);
        let work = || -> io::Result<Vec<(Utf8PathBuf, Recorded)>> {
            let mut done = Vec::new();
            while let Some(entry) = entries.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.push((entry.path.clone(), recorded(root, entry)?));
            }
            Ok(done)
        };
        let threads = thread::available_parallelism().map_or(1, usize::from).min(8);
        let results: Vec<io::Result<_>> = thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|thread| thread.join().expect("hashing does not panic")).collect()
        });
        let mut all = BTreeMap::new();
        for result in results {
            all.extend(result?);
        }
        Ok(Self(all))
    }

    /// The text that [`Manifest::parse`] reads.
    pub fn print(&self) -> String {
        let text = serde_json::to_string(self).expect("plain data becomes JSON");
        format!("{}\n{text}\n", Sha256::of(text.as_bytes()))
    }

    /// `None` where the text is not exactly what was printed.
    pub fn parse(text: &str) -> Option<Self> {
        let (hash, text) = text.strip_suffix('\n')?.split_once('\n')?;
        if Sha256::of(text.as_bytes()).to_string() != hash {
            return None;
        }
        serde_json::from_str(text).ok()
    }

    /// The number of files, folders and links.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Everything that differs between this manifest and the current contents, each with its path.
    pub fn differences(&self, found: &Self) -> Vec<Difference> {
        let changed = self.0.iter().filter_map(|(path, recorded)| {
            let what = match (recorded, found.0.get(path)) {
                (_, None) => "is missing",
                (recorded, Some(found)) if recorded == found => return None,
                (
                    Recorded::File { size, sha256, .. },
                    Some(Recorded::File { size: size_now, sha256: hash_now, .. }),
                ) if size == size_now && sha256 == hash_now => "has another mode",
                (Recorded::File { .. }, Some(Recorded::File { .. })) => "has other contents",
                (Recorded::Folder { .. }, Some(Recorded::Folder { .. })) => "has another mode",
                (Recorded::Link { .. }, Some(Recorded::Link { .. })) => "has another target",
                _ => "is of another kind",
            };
            Some(Difference { path: path.clone(), what })
        });
        let added = found.0.keys().filter(|path| !self.0.contains_key(*path));
        let added = added.map(|path| Difference { path: path.clone(), what: "was added" });
        changed.chain(added).collect()
    }
}

/// A path that is not as it was when the result was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub path: Utf8PathBuf,
    /// The problem, as text that follows the path.
    pub what: &'static str,
}

fn recorded(root: &Utf8Path, entry: &Entry) -> io::Result<Recorded> {
    let path = root.join(&entry.path);
    Ok(match &entry.kind {
        Kind::Symlink { target } => Recorded::Link { target: target.clone() },
        Kind::Folder => Recorded::Folder { mode: fs_err::metadata(&path)?.mode() & 0o7777 },
        Kind::File { .. } => {
            let file = fs_err::File::open(&path)?;
            let mode = file.metadata()?.mode() & 0o7777;
            let (sha256, size) = Sha256::of_reader(file)?;
            Recorded::File { mode, size, sha256 }
        }
    })
}

/// Takes the permission to write from everything below a folder, but not from the folder itself: it is still to be renamed.
pub fn make_read_only(root: &Utf8Path) -> io::Result<()> {
    for entry in list_tree(root)? {
        if !matches!(entry.kind, Kind::Symlink { .. }) {
            take_write_permission(&root.join(&entry.path))?;
        }
    }
    Ok(())
}

/// Takes the permission to write from one file or folder.
pub fn take_write_permission(path: &Utf8Path) -> io::Result<()> {
    let mode = fs_err::metadata(path)?.mode();
    if mode & WRITE == 0 {
        return Ok(());
    }
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode & 0o7777 & !WRITE))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A result with each kind of entry, as it looks after it was made read-only.
    fn result() -> (tempfile::TempDir, Utf8PathBuf) {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::try_from(guard.path().join("result")).unwrap();
        fs_err::create_dir_all(root.join("folder/empty")).unwrap();
        for file in ["file", "other", "folder/file", "folder/manifest.json", "log.txt", "result.json"] {
            fs_err::write(root.join(file), file).unwrap();
        }
        fs_err::os::unix::fs::symlink("file", root.join("link")).unwrap();
        fs_err::os::unix::fs::symlink("folder", root.join("folder-link")).unwrap();
        (guard, root)
    }

    fn differences(change: impl FnOnce(&Utf8Path)) -> Vec<String> {
        let (_guard, root) = result();
        let before = Manifest::parse(&Manifest::of(&root).unwrap().print()).unwrap();
        change(&root);
        let found = before.differences(&Manifest::of(&root).unwrap());
        found.iter().map(|difference| format!("{} {}", difference.path, difference.what)).collect()
    }

    fn mode(path: Utf8PathBuf, mode: u32) {
        fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn link(target: &str, path: Utf8PathBuf) {
        fs_err::remove_file(&path).unwrap();
        fs_err::os::unix::fs::symlink(target, path).unwrap();
    }

    #[test]
    fn every_kind_of_change_to_every_kind_of_entry_is_a_difference() {
        assert_eq!(differences(|_| ()), [""; 0]);
        assert_eq!(differences(|root| fs_err::write(root.join(MANIFEST), "itself").unwrap()), [""; 0]);
        assert_eq!(differences(|root| fs_err::remove_file(root.join("file")).unwrap()), ["file is missing"]);
        assert_eq!(differences(|root| fs_err::remove_file(root.join("link")).unwrap()), ["link is missing"]);
        assert_eq!(
            differences(|root| fs_err::remove_dir(root.join("folder/empty")).unwrap()),
            ["folder/empty is missing"]
        );
        assert_eq!(differences(|root| fs_err::write(root.join("new"), "").unwrap()), ["new was added"]);
        assert_eq!(differences(|root| fs_err::create_dir(root.join("new")).unwrap()), ["new was added"]);
        assert_eq!(
            differences(|root| fs_err::os::unix::fs::symlink("nowhere", root.join("new")).unwrap()),
            ["new was added"]
        );
        for file in ["folder/file", "folder/manifest.json", "log.txt", "result.json"] {
            let longer = differences(|root| fs_err::write(root.join(file), "much longer contents").unwrap());
            assert_eq!(longer, [format!("{file} has other contents")]);
            let same_size = differences(|root| fs_err::write(root.join(file), file.to_uppercase()).unwrap());
            assert_eq!(same_size, [format!("{file} has other contents")]);
        }
        assert_eq!(differences(|root| mode(root.join("file"), 0o755)), ["file has another mode"]);
        assert_eq!(differences(|root| mode(root.join("folder"), 0o700)), ["folder has another mode"]);
        assert_eq!(differences(|root| link("other", root.join("link"))), ["link has another target"]);
        assert_eq!(
            differences(|root| link("folder/empty", root.join("folder-link"))),
            ["folder-link has another target"]
        );
        let to_link = |root: &Utf8Path| link("other", root.join("file"));
        assert_eq!(differences(to_link), ["file is of another kind"]);
        let to_file = |root: &Utf8Path| {
            fs_err::remove_file(root.join("link")).unwrap();
            fs_err::write(root.join("link"), "file").unwrap();
        };
        assert_eq!(differences(to_file), ["link is of another kind"]);
    }

    #[test]
    fn a_changed_manifest_is_none() {
        let (_guard, root) = result();
        let text = Manifest::of(&root).unwrap().print();
        assert!(Manifest::parse(&text).is_some());
        assert!(Manifest::parse(&text.replace("folder-link", "folder-lonk")).is_none());
        assert!(Manifest::parse(&text[..text.len() - 1]).is_none());
    }
}
