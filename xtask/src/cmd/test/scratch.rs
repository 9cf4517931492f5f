//! Where test files get folders of their own.

use anyhow::Result;
use camino::Utf8Path;

use crate::cmd::session::Session;
use crate::progress::Silent;
use crate::store::Workspace;
use crate::sys::memory::MemoryFolder;

/// Bytes that must be free in memory: twenty times what all of CPython's tests fill at a time, three side by side.
const ROOM: u64 = 256 << 20;

/// A folder that is empty at first, and this run's alone.
///
/// It is in memory where it can be: some tests do little else than make and remove files, and what they make is of no value later.
pub struct Scratch {
    workspace: Workspace,
    memory: Option<MemoryFolder>,
}

impl Scratch {
    /// Waits for another run of the same tests.
    pub fn open(session: &Session<'_>, name: &str) -> Result<Self> {
        let workspace = session.store.lock(name, &session.app.cancel, &Silent)?;
        workspace.clear()?;
        Ok(Self { workspace, memory: MemoryFolder::new(ROOM) })
    }

    pub fn path(&self) -> &Utf8Path {
        self.memory.as_ref().map_or(self.workspace.path(), MemoryFolder::path)
    }
}
