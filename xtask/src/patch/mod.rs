//! Parses, checks and applies the patch series in `patches/`, whose files `patches/README.md` describes.
//!
//! Pure: this module neither reads nor writes files, and does not run `patch` or `git`. Callers pass texts and write the results.

mod apply;
mod dep3;
mod export;
mod series;
mod unified;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

pub use apply::{Applied, ApplyError, Change, File, Offset, Place, Reason, Row};
pub use dep3::{Bug, Dep3, Forwarded};
pub use export::{commit_message, export, file_name};
pub use series::series_text;
pub use unified::{Diff, FileChange, FileDiff, Hunk, Line, Mode, Side};

use crate::digest::Sha256;

/// One problem in one line of a series file or a patch file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}{}", hint_line(.hint.as_deref()))]
pub struct Diagnostic {
    /// The name of the file within its folder.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    pub message: String,
    pub hint: Option<String>,
}

/// A patch file: a header with author and reason, and a diff. Its `Display` is the text of the file in normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    pub file_name: String,
    pub header: Dep3,
    pub diff: Diff,
    /// The digest of the file as read, which is not necessarily in normal form.
    pub sha256: Sha256,
}

/// The patches for one version of a source, in the order in which they apply.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Series {
    pub patches: Vec<Patch>,
}

/// Parses a `series` file and every patch that it names.
///
/// `read` returns the text of a file in the folder, or `None` if it does not exist.
/// All errors are reported, in the order of the files.
pub fn parse_series(series_text: &str, read: impl Fn(&str) -> Option<String>) -> Result<Series, Vec<Diagnostic>> {
    let (entries, mut diagnostics) = series::parse(series_text);
    let mut patches = Vec::new();
    for entry in entries {
        match read(&entry.name) {
            Some(text) => match parse_patch(&entry.name, &text) {
                Ok(patch) => patches.push(patch),
                Err(found) => diagnostics.extend(found),
            },
            None => diagnostics.push(
                Diagnostic::new(series::FILE_NAME, entry.line, format!("there is no patch `{}`", entry.name))
                    .hint("add the file beside `series`, or take the line out"),
            ),
        }
    }
    if diagnostics.is_empty() { Ok(Series { patches }) } else { Err(diagnostics) }
}

/// Parses one patch file: a DEP-3 header, then a diff in git's form.
pub fn parse_patch(file_name: &str, text: &str) -> Result<Patch, Vec<Diagnostic>> {
    let (header_text, diff_text) = split(file_name, text).map_err(|diagnostic| vec![diagnostic])?;
    let diff_line = text[..text.len() - diff_text.len()].lines().count() + 1;
    let header = dep3::parse(file_name, header_text);
    let diff = unified::parse(file_name, diff_text, diff_line);
    match (header, diff) {
        (Ok(header), Ok(diff)) => {
            Ok(Patch { file_name: file_name.to_owned(), header, diff, sha256: Sha256::of(text.as_bytes()) })
        }
        (header, diff) => Err(header.err().into_iter().flatten().chain(diff.err()).collect()),
    }
}

/// Checks a folder in which all patches parse.
///
/// `files` are the names of all files in the folder. The folder contains only `series` and the patches listed there,
/// a patch changes both `configure` and `configure.ac` or neither, and each patch has the form that `patch export` writes.
pub fn lint(series: &Series, files: &[impl AsRef<str>]) -> Vec<Diagnostic> {
    let listed: BTreeSet<&str> = series.patches.iter().map(|patch| patch.file_name.as_str()).collect();
    let stray = files.iter().map(AsRef::as_ref).filter(|file| *file != series::FILE_NAME && !listed.contains(file));
    let stray = stray.map(|file| {
        Diagnostic::new(file, 1, format!("`{file}` is not in the series"))
            .hint("add its name to `series` in the place where it applies, or delete the file")
    });
    stray.chain(series.patches.iter().flat_map(lint_patch)).collect()
}

impl Diagnostic {
    fn new(file: &str, line: usize, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, message: message.into(), hint: None }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl Patch {
    /// The paths that the patch creates, changes or deletes, relative to the root of the source.
    pub fn touched(&self) -> BTreeSet<&str> {
        self.diff.files.iter().flat_map(FileDiff::paths).collect()
    }
}

impl Series {
    /// The paths that any patch of the series touches.
    pub fn touched(&self) -> BTreeSet<&str> {
        self.patches.iter().flat_map(Patch::touched).collect()
    }
}

impl fmt::Display for Patch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}---\n{}", self.header, self.diff)
    }
}

fn lint_patch(patch: &Patch) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let touched = patch.touched();
    for (one, other) in [("configure", "configure.ac"), ("configure.ac", "configure")] {
        if touched.contains(one) && !touched.contains(other) {
            found.push(
                Diagnostic::new(&patch.file_name, 1, format!("it changes `{one}` but not `{other}`"))
                    .hint("the build never runs autoconf: patch both files, so that they match"),
            );
        }
    }
    if Sha256::of(patch.to_string().as_bytes()) != patch.sha256 {
        found.push(
            Diagnostic::new(&patch.file_name, 1, "it is not in normal form")
                .hint("`cargo xtask patch export` writes patches in normal form; `patches/README.md` describes it"),
        );
    }
    found
}

/// Splits a patch file into header and diff. Only a diffstat is allowed between the `---` line and the diff.
fn split<'a>(file_name: &str, text: &'a str) -> Result<(&'a str, &'a str), Diagnostic> {
    if let Some(line) = text.split_inclusive('\n').position(|line| line.ends_with("\r\n")) {
        return Err(Diagnostic::new(file_name, line + 1, "the line ends in CR LF")
            .hint("patches have LF line ends: check `core.autocrlf` and the editor's setting"));
    }
    let diff_at = match text.find("\ndiff --git ") {
        Some(newline) => newline + 1,
        None if text.starts_with("diff --git ") => 0,
        None => {
            let line = text.lines().position(|line| line.starts_with("--- ")).unwrap_or(text.lines().count());
            return Err(Diagnostic::new(file_name, line + 1, "there is no `diff --git a/PATH b/PATH` line")
                .hint("diffs are in git's form: make them with `cargo xtask patch export` or `git diff`"));
        }
    };
    let (before, diff) = text.split_at(diff_at);
    let mut header_length = 0;
    let mut lines = before.split_inclusive('\n').enumerate();
    for (_, line) in lines.by_ref().take_while(|(_, line)| *line != "---\n") {
        header_length += line.len();
    }
    match lines.find(|(_, line)| !line.starts_with(' ') && *line != "\n") {
        Some((line, _)) => {
            Err(Diagnostic::new(file_name, line + 1, "there is text between the header's `---` and the diff")
                .hint("explain the patch in its Description"))
        }
        None => Ok((&before[..header_length], diff)),
    }
}

fn hint_line(hint: Option<&str>) -> String {
    hint.map(|hint| format!("\nhint: {hint}")).unwrap_or_default()
}
