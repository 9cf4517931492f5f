//! A folder as a value: names, contents, modes, times and links of all that is in it.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use xtask::digest::Sha256;
use xtask::sys::fs::list_tree;

/// What is at each path. Times are in seconds; modes and times of links are not compared.
#[derive(Debug, PartialEq, Eq)]
pub struct Tree(BTreeMap<Utf8PathBuf, String>);

impl Tree {
    pub fn read(root: &Utf8Path) -> Result<Self> {
        let mut entries = BTreeMap::new();
        for path in list_tree(root)?.into_iter().map(|entry| entry.path) {
            let full = root.join(&path);
            let facts = fs_err::symlink_metadata(&full)?;
            let description = if facts.is_symlink() {
                format!("link to {}", full.read_link_utf8()?)
            } else {
                let contents = match facts.is_file() {
                    true => Sha256::of(&fs_err::read(&full)?).to_string(),
                    false => "folder".to_owned(),
                };
                format!("{contents} {:o} {}", facts.mode(), facts.mtime())
            };
            entries.insert(path, description);
        }
        Ok(Self(entries))
    }

    /// The hash of all of it.
    pub fn hash(&self) -> Sha256 {
        let lines: String = self.0.iter().map(|(path, description)| format!("{path}\0{description}\n")).collect();
        Sha256::of(lines.as_bytes())
    }

    /// One line for each path where the other tree differs, at most 20.
    pub fn differences(&self, other: &Self) -> String {
        let paths = self.0.keys().chain(other.0.keys().filter(|path| !self.0.contains_key(*path)));
        let differ = paths.filter(|path| self.0.get(*path) != other.0.get(*path));
        let show = |tree: &Self, path: &Utf8PathBuf| tree.0.get(path).map_or("absent", String::as_str).to_owned();
        differ.take(20).map(|path| format!("  {path}: {} / {}\n", show(self, path), show(other, path))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_in_contents_mode_time_or_name_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        fs_err::write(root.join("file"), "a").unwrap();
        let set_time = |seconds| {
            let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            std::fs::File::options().write(true).open(root.join("file")).unwrap().set_modified(time).unwrap();
            std::fs::File::open(root).unwrap().set_modified(time).unwrap();
        };
        set_time(1000);
        let before = Tree::read(root).unwrap();
        assert_eq!(before.hash(), Tree::read(root).unwrap().hash());
        let differs = |what: &str| {
            let after = Tree::read(root).unwrap();
            assert_ne!(before.hash(), after.hash(), "{what}");
            assert!(before.differences(&after).contains("file"), "{what}");
        };
        set_time(2000);
        differs("time");
        fs_err::write(root.join("file"), "b").unwrap();
        set_time(1000);
        differs("contents");
        fs_err::write(root.join("file"), "a").unwrap();
        std::os::unix::fs::symlink("file", root.join("file-2")).unwrap();
        set_time(1000);
        differs("name");
    }
}
