//! Paths of the machine that built: none may be written in what people get.

use std::io;

use camino::Utf8Path;

use crate::sys::fs::{Kind, list_tree};

/// The files below `root` that contain one of the paths, each as a line that names both.
pub fn leaks(root: &Utf8Path, paths: &[&str]) -> io::Result<Vec<String>> {
    let mut leaks = Vec::new();
    for entry in list_tree(root)? {
        let file = root.join(&entry.path);
        match &entry.kind {
            Kind::File { .. } => {
                let bytes = fs_err::read(&file)?;
                leaks.extend(
                    paths
                        .iter()
                        .filter(|path| contains(&bytes, path.as_bytes()))
                        .map(|path| format!("{} has the path `{path}` of this machine in it", entry.path)),
                );
            }
            Kind::Symlink { target } => leaks.extend(
                paths
                    .iter()
                    .filter(|path| target.as_str().contains(**path))
                    .map(|_| format!("{} links to `{target}` on this machine", entry.path)),
            ),
            Kind::Folder => {}
        }
    }
    Ok(leaks)
}

/// Whether `bytes` contains `needle`.
fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(bytes, needle).is_some()
}
