//! The store: downloads, results of stages, workspaces. It knows nothing about what the results are.
//!
//! A result is absent, or complete and never touched again: it is made in a workspace that is locked, and appears in `results/`
//! by one rename after everything was written to the disk. Whatever lies in a workspace is of no value to a later run.
//!
//! ```text
//! downloads/                  verified artifacts, by hash and name
//! results/STAGE-KEY/          what a stage made, with result.json
//! work/NAME/                  where stages work: the same path each time, because configure writes it down
//! ```

mod result;
mod workspace;

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::digest::Sha256;
use crate::sys;

pub use result::ResultRecord;
pub use workspace::Workspace;

/// The folder that everything a build needs and makes lies in, apart from the package itself.
#[derive(Debug, Clone)]
pub struct Store {
    root: Utf8PathBuf,
}

/// The store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "the store's path has a space or a quote in it, which configure and make cannot build in: {path}\nhint: set XTASK_STORE to a folder whose path has none"
    )]
    UnusablePath { path: Utf8PathBuf },
    #[error("the store cannot be made: {source}\nhint: set XTASK_STORE to a folder that can be written")]
    NoFolder { source: io::Error },
    #[error("{doing} failed: {path}: {source}{}", hint(source, path))]
    Io { doing: &'static str, path: Utf8PathBuf, source: io::Error },
    #[error("interrupted while waiting for another run that uses {path}")]
    Cancelled { path: Utf8PathBuf },
}

fn hint(error: &io::Error, path: &Utf8Path) -> String {
    sys::fs::explain_io(error, path).map(|hint| format!("\nhint: {hint}")).unwrap_or_default()
}

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
        if root.as_str().contains([' ', '\t', '\n', '\'', '"', '$', '\\', '#', ':', '%', '=']) {
            return Err(StoreError::UnusablePath { path: root.to_owned() });
        }
        for folder in ["downloads", "results", "work"] {
            let path = root.join(folder);
            fs_err::create_dir_all(&path).map_err(|source| StoreError::NoFolder { source })?;
        }
        let path = root.canonicalize_utf8().map_err(io_error("opening the store", root))?;
        let store = Self { root: path };
        store.claim()?;
        Ok(store)
    }

    fn claim(&self) -> Result<(), StoreError> {
        let file = self.root.join("store.json");
        let known: Option<Identity> =
            fs_err::read_to_string(&file).ok().and_then(|text| serde_json::from_str(&text).ok());
        if known.as_ref().is_some_and(|known| known.path == self.root) {
            return Ok(());
        }
        if known.is_some() {
            for record in self.records().into_iter().filter(|record| record.bound_to_path) {
                self.discard(&record.folder)?;
            }
        }
        let identity = Identity { schema: 1, path: self.root.clone() };
        let text = serde_json::to_string_pretty(&identity).expect("plain data becomes JSON");
        sys::fs::write_atomic(&file, text.as_bytes()).map_err(io_error("writing", &file))
    }

    /// The store's folder, as an absolute path without symbolic links.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// Where verified downloads lie.
    pub fn downloads(&self) -> Utf8PathBuf {
        self.root.join("downloads")
    }

    /// Where an artifact lies once it is downloaded: two contents with one name do not collide.
    pub fn download(&self, sha256: &Sha256, file: &str) -> Utf8PathBuf {
        self.downloads().join(format!("{}-{file}", sha256.short()))
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
