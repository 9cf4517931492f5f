//! The store: downloads, results of stages, workspaces. It knows nothing about what the results are.
//!
//! A result is absent, or complete and never changed again: it is made in a workspace that is locked, and appears in `results/`
//! by one rename after everything was written to the disk. It is read-only, and its manifest records all that is in it.
//! Nothing in a workspace is used by a later run.
//!
//! ```text
//! downloads/                  verified artifacts, by hash and name
//! results/STAGE-KEY/          what a stage made, with result.json and manifest.json
//! work/NAME/                  where stages work: the same path each time, because configure writes it down
//! ```

mod manifest;
mod plain_path;
mod result;
mod workspace;

use std::fs::File;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::cancel::Cancel;
use crate::digest::Sha256;
use crate::sys;

pub use manifest::Difference;
pub use result::{Checked, ResultRecord};
pub use workspace::Workspace;

/// The folder that everything a build needs and makes lies in, apart from the package itself.
#[derive(Debug)]
pub struct Store {
    /// Its path for everything that runs: `location`, or a link to that.
    root: Utf8PathBuf,
    /// Its absolute path without symbolic links.
    location: Utf8PathBuf,
    /// Held shared by everyone who uses the store, and alone by those who take something away from it.
    users: File,
}

/// The store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "configure and make cannot build in {path}, and no link to it can be made at {link}: {source}\nhint: set XTASK_STORE to a folder whose path has only ASCII letters, digits and `/-_.+,@~`"
    )]
    NoPlainPath { path: Utf8PathBuf, link: Utf8PathBuf, source: io::Error },
    #[error("cannot create the store: {source}\nhint: set XTASK_STORE to a writable folder")]
    NoFolder { source: io::Error },
    #[error("{doing} failed: {path}: {source}{}", hint(source, path))]
    Io { doing: &'static str, path: Utf8PathBuf, source: io::Error },
    #[error("another run uses the store {path}\nhint: let it end, or interrupt it, and try again")]
    InUse { path: Utf8PathBuf },
    #[error("interrupted while waiting for another run that uses {path}")]
    Cancelled { path: Utf8PathBuf },
}

fn hint(error: &io::Error, path: &Utf8Path) -> String {
    sys::fs::explain_io(error, path).map(|hint| format!("\nhint: {hint}")).unwrap_or_default()
}

/// Where the store says what it is.
const IDENTITY: &str = "store.json";

/// What `store.json` says.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Identity {
    schema: u32,
    /// Where the store was when its results were made.
    path: Utf8PathBuf,
}

impl Store {
    /// Opens the store, making it where there is none.
    ///
    /// A store that was moved loses the results that have its old path written into them; they are made again.
    pub fn open(root: &Utf8Path) -> Result<Self, StoreError> {
        for folder in ["downloads", "results", "work"] {
            let path = root.join(folder);
            fs_err::create_dir_all(&path).map_err(|source| StoreError::NoFolder { source })?;
        }
        let location = root.canonicalize_utf8().map_err(io_error("opening the store", root))?;
        // Makefiles, shell scripts and compiler options have this path in them.
        let root = plain_path::plain_path(&location)?;
        let users = location.join("users.lock");
        let users = File::create(&users).map_err(io_error("making the lock", &users))?;
        let store = Self { root, location, users };
        if store.alone() {
            store.claim()?;
            store.sweep();
        }
        // Waits for a process that creates the store or removes results.
        store.users.lock_shared().map_err(io_error("locking", &store.root))?;
        if !store.is_here() {
            return Err(StoreError::InUse { path: store.location });
        }
        Ok(store)
    }

    /// Takes the store for this process alone, unless another process uses it.
    fn alone(&self) -> bool {
        self.users.try_lock().is_ok()
    }

    /// Takes the store for this process alone, until it ends: for those who take results or downloads away.
    pub fn take(&self) -> Result<(), StoreError> {
        // A lock that is held shared is given up before it is asked for alone.
        if self.alone() { Ok(()) } else { Err(StoreError::InUse { path: self.location.clone() }) }
    }

    /// Removes what removals that were cut short left. What cannot be removed now will be another time.
    fn sweep(&self) {
        for folder in ["", "results", "work"] {
            let _ = sys::fs::sweep_trash(&self.root.join(folder));
        }
    }

    /// Whether the store's results were made where it is now.
    fn is_here(&self) -> bool {
        self.read_json::<Identity>(IDENTITY).is_some_and(|known| known.path == self.root)
    }

    fn claim(&self) -> Result<(), StoreError> {
        if self.is_here() {
            return Ok(());
        }
        for record in self.records().into_iter().filter(|record| record.bound_to_path) {
            self.discard(&record.folder)?;
        }
        self.write_json(IDENTITY, &Identity { schema: 1, path: self.root.clone() })
    }

    /// The store's folder, as an absolute path without symbolic links.
    pub fn location(&self) -> &Utf8Path {
        &self.location
    }

    /// A path of the store as it is without the link that builds use.
    pub fn real_path(&self, path: &Utf8Path) -> Utf8PathBuf {
        match path.strip_prefix(&self.root) {
            Ok(inside) if self.root != self.location => self.location.join(inside),
            _ => path.to_owned(),
        }
    }

    /// Where verified downloads lie.
    pub fn downloads(&self) -> Utf8PathBuf {
        self.root.join("downloads")
    }

    /// Where an artifact lies once it is downloaded: two contents with one name do not collide.
    pub fn download(&self, sha256: &Sha256, file: &str) -> Utf8PathBuf {
        self.downloads().join(format!("{}-{file}", sha256.short()))
    }

    /// All downloads, each with whether its contents have the hash that its name begins with.
    pub fn check_downloads(&self, cancel: &Cancel) -> Result<Vec<(Utf8PathBuf, bool)>, StoreError> {
        let folder = self.downloads();
        let mut checked = Vec::new();
        for entry in sys::fs::list_tree(&folder).map_err(io_error("reading", &folder))? {
            cancel.check().map_err(|_| StoreError::Cancelled { path: folder.clone() })?;
            let path = folder.join(&entry.path);
            let Some((hash, _)) = entry.path.as_str().split_once('-') else { continue };
            let is_hash = hash.len() == Sha256::of(b"").short().len() && hash.chars().all(|c| c.is_ascii_hexdigit());
            let is_download = is_hash && matches!(entry.kind, sys::fs::Kind::File { .. });
            if !is_download || entry.path.extension() == Some("lock") {
                continue;
            }
            let file = fs_err::File::open(&path).map_err(io_error("reading", &path))?;
            let (sha256, _) = Sha256::of_reader(file).map_err(io_error("reading", &path))?;
            checked.push((path, sha256.short() == hash));
        }
        Ok(checked)
    }

    /// A small file of the store's own, such as `choices.json`.
    pub fn file(&self, name: &str) -> Utf8PathBuf {
        self.root.join(name)
    }

    /// A result's folder, whether it is there or not.
    pub fn result(&self, folder: &str) -> Utf8PathBuf {
        self.root.join("results").join(folder)
    }

    /// Where stages work that use this workspace.
    pub fn workspace(&self, name: &str) -> Utf8PathBuf {
        self.root.join("work").join(name)
    }

    /// Reads a small JSON file of the store; anything that cannot be read counts as absent.
    pub fn read_json<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(&fs_err::read_to_string(self.file(name)).ok()?).ok()
    }

    /// Writes a small JSON file of the store, atomically.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), StoreError> {
        let text = serde_json::to_string_pretty(value).expect("plain data becomes JSON");
        let file = self.file(name);
        sys::fs::write_atomic(&file, text.as_bytes()).map_err(io_error("writing", &file))
    }
}

pub(crate) fn io_error(doing: &'static str, path: &Utf8Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Io { doing, path, source }
}
