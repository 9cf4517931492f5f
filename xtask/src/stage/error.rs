//! Why a stage failed.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use crate::archive::UnpackError;
use crate::cancel::Cancelled;
use crate::provider::ObtainError;
use crate::provider::machine::MachineError;
use crate::store::StoreError;
use crate::sys::{self, CommandError};
use crate::verify::Mismatches;
use crate::wasm::WasmError;

/// Why a stage failed. The engine adds which stage it was, and what to do next.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// A child failed.
    #[error("{error}")]
    Command {
        error: Box<CommandError>,
        /// What a log that the child itself wrote says about the failure, such as config.log.
        excerpt: Option<Excerpt>,
        /// A script that runs only this command again, once the engine has written it.
        script: Option<Utf8PathBuf>,
    },
    #[error(transparent)]
    Obtain(#[from] ObtainError),
    #[error(transparent)]
    Unpack(#[from] UnpackError),
    #[error("{0}")]
    Patch(String),
    #[error(transparent)]
    Mismatches(#[from] Mismatches),
    #[error("{path}: {error}")]
    Wasm { path: Utf8PathBuf, error: WasmError },
    #[error(transparent)]
    Machine(#[from] MachineError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something is not as it must be, and the message says what and where.
    #[error("{0}")]
    Unexpected(String),
    #[error("{path}: {error}{}", hint(error, path))]
    Io { path: Utf8PathBuf, error: io::Error },
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// Some lines of a file.
#[derive(Debug)]
pub struct Excerpt {
    pub path: Utf8PathBuf,
    pub lines: Vec<String>,
}

fn hint(error: &io::Error, path: &Utf8Path) -> String {
    sys::fs::explain_io(error, path).map(|hint| format!("\nhint: {hint}")).unwrap_or_default()
}

impl StageError {
    /// An input or output error at a path.
    pub fn io(path: &Utf8Path, error: io::Error) -> Self {
        Self::Io { path: path.to_owned(), error }
    }

    /// The machine or the network lacks something; the build itself is correct.
    pub fn is_environmental(&self) -> bool {
        match self {
            Self::Machine(_) | Self::Store(_) => true,
            Self::Obtain(error) => error.is_environmental(),
            _ => false,
        }
    }

    /// The run was asked to stop: not a failure of the stage.
    pub fn is_cancelled(&self) -> bool {
        match self {
            Self::Cancelled(_) => true,
            Self::Command { error, .. } => matches!(error.kind, sys::Failure::Cancelled),
            Self::Obtain(ObtainError::Fetch(crate::fetch::FetchError::Cancelled(_))) => true,
            Self::Unpack(UnpackError::Cancelled(_)) => true,
            Self::Store(StoreError::Cancelled { .. }) => true,
            _ => false,
        }
    }
}

impl From<CommandError> for StageError {
    fn from(error: CommandError) -> Self {
        Self::Command { error: Box::new(error), excerpt: None, script: None }
    }
}
