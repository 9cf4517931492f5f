//! Paths of the build machine, and what replaces them in the package.
//!
//! configure writes the folder that it works in into makefiles and build data. In the package that folder is called `/build`,
//! whatever it was, so that two machines produce the same bytes, and no user's home directory is published.

use camino::Utf8Path;

use super::{Layout, StageError};
use crate::plan::StageId;
use crate::verify::{Mismatches, paths};

/// What the folder that configure worked in is called in the package.
const BUILD: &str = "/build";

impl Layout<'_> {
    /// A text with the build's own folder replaced.
    pub fn without_paths(&self, text: &str) -> String {
        text.replace(self.build_folder().as_str(), BUILD)
    }

    /// The folder that configure worked in: the workspace of `make-host`, as its record says.
    pub fn build_folder(&self) -> String {
        let store = self.job.context.store;
        let stage = self.job.context.plan.stage(StageId::MakeHost).expect("a package is made of what make-host made");
        let record = store.record(&stage.folder());
        record.map_or_else(|| store.workspace(&stage.workspace).into_string(), |record| record.made_in)
    }

    /// Fails if a path of this machine is left anywhere.
    pub fn check_paths(&self) -> Result<(), StageError> {
        let store = self.job.context.store;
        let (location, results) = (store.location(), store.result(""));
        let checkout = self.job.context.checkout.path_for_cargo_and_leaks();
        let machine = [location.as_str(), results.as_str(), checkout.as_str(), &self.build_folder()];
        let mut mismatches = Vec::new();
        for folder in [&self.package, &self.library] {
            mismatches.extend(paths::leaks(folder, &machine).map_err(|error| StageError::io(folder, error))?);
        }
        mismatches.dedup();
        if mismatches.is_empty() {
            return Ok(());
        }
        let hint =
            "a file with such a path must be treated in xtask/src/stage/package, or the path kept out of it".to_owned();
        Err(Mismatches { mismatches, hint }.into())
    }

    /// Copies a text file of the build with the build's own folder replaced.
    pub fn copy_text(&self, from: &Utf8Path, to: &Utf8Path) -> Result<(), StageError> {
        use std::os::unix::fs::PermissionsExt as _;
        let bytes = fs_err::read(from).map_err(|error| StageError::io(from, error))?;
        let bytes = match String::from_utf8(bytes) {
            Ok(text) => self.without_paths(&text).into_bytes(),
            Err(binary) => binary.into_bytes(),
        };
        super::write(to, &bytes)?;
        let mode = fs_err::metadata(from).map_err(|error| StageError::io(from, error))?.permissions().mode();
        fs_err::set_permissions(to, std::fs::Permissions::from_mode(mode)).map_err(|error| StageError::io(to, error))
    }
}
