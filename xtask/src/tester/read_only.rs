//! Whether tests changed what they must not change: results in the store.

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use crate::sys;

/// The state of directories that tests must not change.
#[derive(Debug, PartialEq, Eq)]
pub struct ReadOnlyState(BTreeMap<Utf8PathBuf, String>);

impl ReadOnlyState {
    /// The state now. Where tests can write to the directories, optimized bytecode is removed first, also of a killed run.
    pub fn of(folders: &[&Utf8Path], writable: bool) -> io::Result<Self> {
        let mut states = BTreeMap::new();
        for folder in folders {
            if writable {
                remove_optimized_bytecode(folder)?;
            }
            states.insert((*folder).to_owned(), sys::fs::hash_listing(folder)?.to_string());
        }
        Ok(Self(states))
    }

    /// A directory that has another state afterwards.
    pub fn changed(&self, after: &Self) -> Option<&Utf8Path> {
        let mut changed = self.0.iter().filter(|(folder, state)| after.0.get(*folder) != Some(*state));
        changed.next().map(|(folder, _)| folder.as_path())
    }
}

/// test_zipfile writes optimized bytecode to the library if it can. It is not used, and no result contains any.
fn remove_optimized_bytecode(folder: &Utf8Path) -> io::Result<()> {
    for entry in sys::fs::list_tree(folder)? {
        let name = entry.path.file_name().unwrap_or_default();
        if name.ends_with(".opt-1.pyc") || name.ends_with(".opt-2.pyc") {
            fs_err::remove_file(folder.join(&entry.path))?;
        }
    }
    Ok(())
}
