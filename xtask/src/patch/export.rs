//! Converts patch files to commits (`patch checkout`) and commits to patch files (`patch export`).
//!
//! Only the texts: `cmd/patch` runs git. Exporting an unchanged commit results in the same file, byte for byte.

use super::{Diagnostic, Patch, Series, dep3, unified};
use crate::digest::Sha256;

/// The commit message of a patch: synopsis, description, and the other fields as trailers.
pub fn commit_message(patch: &Patch) -> String {
    let mut message = format!("{}\n\n{}\n\n", patch.header.synopsis, patch.header.description);
    // Writing to a `String` cannot fail.
    let _ = patch.header.write_fields(&mut message);
    message
}

/// Makes a patch from the message of a commit and its diff, as written by `git diff --no-renames` or `git format-patch`.
///
/// The normal form of the result has no object hashes, no headings after `@@`, and no trailer of git.
/// Line numbers in diagnostics are relative to the start of the message or of the diff.
pub fn export(file_name: &str, message: &str, diff: &str) -> Result<Patch, Vec<Diagnostic>> {
    let header = dep3::parse(file_name, &format!("Subject: {message}"))?;
    let diff = unified::parse(file_name, without_trailer(diff), 1).map_err(|diagnostic| vec![diagnostic])?;
    let mut patch = Patch { file_name: file_name.to_owned(), header, diff, sha256: Sha256::of(b"") };
    patch.sha256 = Sha256::of(patch.to_string().as_bytes());
    Ok(patch)
}

/// Removes the `-- ` line and the version of git at the end.
fn without_trailer(diff: &str) -> &str {
    match diff.rsplit_once("\n-- \n") {
        Some((diff_only, trailer)) if trailer.trim_end().lines().count() <= 1 => &diff[..diff_only.len() + 1],
        _ => diff,
    }
}

/// The file name of the existing patch with this synopsis, or a new one made of its words.
pub fn file_name(synopsis: &str, old: &Series) -> Option<String> {
    if let Some(known) = old.patches.iter().find(|patch| patch.header.synopsis == synopsis) {
        return Some(known.file_name.clone());
    }
    let lower = synopsis.to_ascii_lowercase();
    let words: Vec<&str> =
        lower.split(|char: char| !char.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_name = words.len() >= 3 && !words[0].starts_with(|first: char| first.is_ascii_digit());
    is_name.then(|| format!("{}.patch", words.join("-")))
}
