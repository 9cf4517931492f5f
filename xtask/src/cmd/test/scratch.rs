//! The directory in which each test file gets its own working directory.

use anyhow::Result;
use camino::Utf8Path;

use crate::cmd::session::Session;
use crate::progress::Silent;
use crate::store::Workspace;
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
    pub fn open(session: &Session<'_>, name: &str) -> Result<Self> {
        let workspace = session.store.lock(name, &session.app.cancel, &Silent)?;
        workspace.clear()?;
        Ok(Self { workspace, memory: MemoryFolder::new(ROOM) })
    }

    pub fn path(&self) -> &Utf8Path {
        self.memory.as_ref().map_or(self.workspace.path(), MemoryFolder::path)
    }
}
