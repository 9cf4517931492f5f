//! Files of the checkout that stages copy: hashed when the plan is made, read when the stage runs.
//!
//! A stage can read only the files that its work lists, so that its key covers them.

use camino::Utf8Path;

use super::{Job, StageError};
use crate::digest::Sha256;
use crate::plan::CheckoutFile;

/// The folder of this repository. Stages read its files with [`Job::checkout_file`] only.
#[derive(Debug, Clone, Copy)]
pub struct Checkout<'a>(&'a Utf8Path);

impl<'a> Checkout<'a> {
    pub const fn new(root: &'a Utf8Path) -> Self {
        Self(root)
    }

    /// Its path, to start cargo in it and to search packages for it. A test knows the callers.
    pub const fn path_for_cargo_and_leaks(self) -> &'a Utf8Path {
        self.0
    }
}

impl Job<'_> {
    /// The contents of a file that the stage's work lists, as they were when the plan was made.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or has changed since.
    ///
    /// # Panics
    ///
    /// If the stage's work does not list the file: the stage's key would not cover it.
    pub fn checkout_file(&self, file: &CheckoutFile) -> Result<Vec<u8>, StageError> {
        let (stage, name) = (self.stage.id, file.path());
        let listed = self.stage.work.checkout_files().contains(&file);
        assert!(listed, "{name} is read by {stage}, which does not list it in Work::checkout_files");
        let path = self.context.checkout.0.join(&name);
        let contents = fs_err::read(&path).map_err(|error| StageError::io(&path, error))?;
        if Sha256::of(&contents) != file.sha256 {
            return Err(StageError::Unexpected(format!(
                "{name} changed after the plan was made\nhint: run the same command again"
            )));
        }
        Ok(contents)
    }
}
