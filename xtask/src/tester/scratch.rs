//! The directory in which each test file gets its own working directory.

use camino::Utf8Path;

use crate::cancel::Cancel;
use crate::progress::Silent;
use crate::store::{Store, StoreError, Workspace};
use crate::sys::memory::MemoryFolder;

/// The memory that must be free: twenty times what CPython's tests use at a time, with three jobs.
const ROOM: u64 = 256 << 20;

/// A directory for this run only, initially empty.
///
/// It is in memory if possible: some tests mostly create and delete files, which are not needed later.
pub struct Scratch {
    workspace: Workspace,
    memory: Option<MemoryFolder>,
}

impl Scratch {
    /// Waits for other runs of the same tests.
    pub fn open(store: &Store, name: &str, cancel: &Cancel) -> Result<Self, StoreError> {
        let workspace = store.lock(name, cancel, &Silent)?;
        workspace.clear()?;
        Ok(Self { workspace, memory: MemoryFolder::new(ROOM) })
    }

    pub fn path(&self) -> &Utf8Path {
        self.memory.as_ref().map_or(self.workspace.path(), MemoryFolder::path)
    }
}
