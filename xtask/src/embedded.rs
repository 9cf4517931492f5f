//! Files of this repository that are compiled into xtask and end up in what a stage makes. Pure.
//!
//! Such a file shapes the stage's result, so it must be part of the stage's key.
//! That is enforced: the text can be read only by naming a list of declared files that contains it.

use crate::digest::Sha256;

/// A file of this repository, by its path from the root, with its contents. Made by [`embed!`](crate::embed).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmbeddedFile {
    path: &'static str,
    text: &'static str,
}

/// Embeds the file at a path that starts at the root of the repository.
#[macro_export]
macro_rules! embed {
    ($path:literal) => {
        $crate::embedded::EmbeddedFile::new($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../", $path)))
    };
}

impl EmbeddedFile {
    /// For [`embed!`](crate::embed), and for tests that change a file.
    pub const fn new(path: &'static str, text: &'static str) -> Self {
        Self { path, text }
    }

    /// The path from the root of the repository.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The hash of the contents.
    pub fn sha256(&self) -> Sha256 {
        Sha256::of(self.text.as_bytes())
    }

    /// The contents, for a stage that declares this file.
    ///
    /// # Panics
    ///
    /// If the file is not among the declared ones: the stage's key would not cover it.
    pub fn text(&self, declared: &[Self]) -> &'static str {
        assert!(declared.contains(self), "{} is used by a stage that does not declare it", self.path);
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: EmbeddedFile = EmbeddedFile::new("a.py", "print()");

    #[test]
    fn a_declared_file_can_be_read() {
        assert_eq!(FILE.text(&[FILE]), "print()");
    }

    #[test]
    #[should_panic(expected = "a.py is used by a stage that does not declare it")]
    fn an_undeclared_file_cannot_be_read() {
        FILE.text(&[EmbeddedFile::new("b.py", "print()")]);
    }
}
