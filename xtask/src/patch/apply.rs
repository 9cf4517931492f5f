//! Applies patches to a source tree without fuzz: all context lines and removed lines must match byte for byte.
//!
//! A hunk can apply at a different line than its header says if exactly one place matches; the result reports the offset.
//! Pure: callers pass a function that reads a file of the tree, and get a list of changes.

use std::collections::BTreeMap;
use std::fmt;

use super::unified::{FileChange, FileDiff, Hunk, Mode};
use super::{Patch, Series};

/// A file of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub content: Vec<u8>,
    pub executable: bool,
}

/// The changes to write to the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Sorted by path, without duplicates.
    pub changes: Vec<Change>,
    /// The hunks that applied at a different line than their headers say.
    pub offsets: Vec<Offset>,
}

/// The new contents of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Relative to the root of the tree.
    pub path: String,
    /// `None` if the file is deleted.
    pub file: Option<File>,
}

/// A hunk that applied at a different line than its header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offset {
    pub patch: String,
    pub path: String,
    /// The hunk's `@@` line.
    pub hunk: String,
    /// The difference in lines; negative if it applied further up.
    pub lines: isize,
}

/// A hunk, or a change of a whole file, does not apply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{patch}` does not apply to `{path}`: {reason}")]
pub struct ApplyError {
    pub patch: String,
    pub path: String,
    pub reason: Reason,
}

/// Why something does not apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The file does not exist.
    Missing { hint: Option<String> },
    /// The patch creates a file that already exists.
    Exists { identical: bool },
    /// The file already has the mode that the patch sets: there are only two modes.
    Mode { found: Mode, expected: Mode },
    /// The patch deletes a file that has more lines than the patch removes.
    Longer { extra: usize },
    /// The hunk matches nowhere.
    Mismatch { hunk: String, line: usize, place: Place, hint: Option<String> },
    /// The hunk matches in several places, but not at the line in its header.
    Ambiguous { hunk: String, line: usize, places: Vec<usize> },
}

/// The lines of the file that are most similar to the old side of a hunk, around the first difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The line number of the first row, counted from 1.
    pub first: usize,
    pub rows: Vec<Row>,
}

/// An expected line and the line found instead, printable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub expected: String,
    /// `None` after the end of the file.
    pub found: Option<String>,
}

impl Patch {
    /// The changes that this patch makes to the tree behind `read`, or an error for each hunk that does not apply.
    pub fn apply(&self, read: impl Fn(&str) -> Option<File>) -> Result<Applied, Vec<ApplyError>> {
        let mut changes = BTreeMap::new();
        let mut offsets = Vec::new();
        let mut errors = Vec::new();
        for diff in &self.diff.files {
            let mut target = Target { patch: self, diff, offsets: &mut offsets, errors: &mut errors };
            if let Some(file) = target.apply(&read) {
                // This cannot overwrite another change, because no path occurs twice in a diff.
                if let FileChange::Rename { from, .. } = &diff.change {
                    changes.insert(from.clone(), None);
                }
                changes.insert(diff.path.clone(), file);
            }
        }
        if errors.is_empty() { Ok(Applied { changes: to_list(changes), offsets }) } else { Err(errors) }
    }
}

impl Series {
    /// The changes that the whole series makes to the tree behind `read`. Stops at the first patch that does not apply.
    pub fn apply(&self, read: impl Fn(&str) -> Option<File>) -> Result<Applied, Vec<ApplyError>> {
        let mut patched: BTreeMap<String, Option<File>> = BTreeMap::new();
        let mut offsets = Vec::new();
        for patch in &self.patches {
            let applied = patch.apply(|path| patched.get(path).cloned().unwrap_or_else(|| read(path)))?;
            patched.extend(applied.changes.into_iter().map(|change| (change.path, change.file)));
            offsets.extend(applied.offsets);
        }
        patched.retain(|path, file| file.is_some() || read(path).is_some());
        Ok(Applied { changes: to_list(patched), offsets })
    }
}

fn to_list(changes: BTreeMap<String, Option<File>>) -> Vec<Change> {
    changes.into_iter().map(|(path, file)| Change { path, file }).collect()
}

/// The change of one file by one patch, and the lists that collect offsets and errors.
struct Target<'a> {
    patch: &'a Patch,
    diff: &'a FileDiff,
    offsets: &'a mut Vec<Offset>,
    errors: &'a mut Vec<ApplyError>,
}

impl Target<'_> {
    /// The new file (`Some(None)` if it is deleted), or `None` after an error.
    fn apply(&mut self, read: &impl Fn(&str) -> Option<File>) -> Option<Option<File>> {
        let path = self.diff.path.as_str();
        let before = self.errors.len();
        let after = match &self.diff.change {
            FileChange::Create { mode } => {
                let content: Vec<u8> = self.diff.hunks.iter().flat_map(Hunk::new_lines).flatten().copied().collect();
                self.must_not_exist(read(path), &content);
                Some(File { content, executable: *mode == Mode::Executable })
            }
            FileChange::Delete { .. } => {
                let old = self.must_exist(path, read)?;
                let left = self.patched(path, &old.content);
                if before == self.errors.len() && !left.is_empty() {
                    self.fail(path, Reason::Longer { extra: left.split_inclusive(|byte| *byte == b'\n').count() });
                }
                None
            }
            FileChange::Modify { modes } => {
                let old = self.must_exist(path, read)?;
                Some(self.modified(path, old, *modes))
            }
            FileChange::Rename { from, modes, .. } => {
                let old = self.must_exist(from, read)?;
                let new = self.modified(from, old, *modes);
                self.must_not_exist(read(path), &new.content);
                Some(new)
            }
        };
        (before == self.errors.len()).then_some(after)
    }

    fn modified(&mut self, path: &str, old: File, modes: Option<(Mode, Mode)>) -> File {
        let mut executable = old.executable;
        if let Some((expected, new)) = modes {
            let found = if executable { Mode::Executable } else { Mode::Regular };
            if found != expected {
                self.fail(path, Reason::Mode { found, expected });
            }
            executable = new == Mode::Executable;
        }
        File { content: self.patched(path, &old.content), executable }
    }

    fn must_exist(&mut self, path: &str, read: &impl Fn(&str) -> Option<File>) -> Option<File> {
        let file = read(path);
        if file.is_none() {
            let shorter = path.split_once('/').map(|(_, rest)| rest).filter(|rest| read(rest).is_some());
            let hint = match (&self.diff.change, shorter) {
                (_, Some(shorter)) => Some(format!("there is `{shorter}`: the path may have one directory too many")),
                (FileChange::Delete { .. }, None) => Some("the patch deletes it: it looks already applied".to_owned()),
                (FileChange::Rename { .. }, None) => read(&self.diff.path)
                    .map(|_| format!("there is `{}`, the new name: the patch looks already applied", self.diff.path)),
                (FileChange::Modify { .. } | FileChange::Create { .. }, None) => None,
            };
            self.fail(path, Reason::Missing { hint });
        }
        file
    }

    fn must_not_exist(&mut self, file: Option<File>, content: &[u8]) {
        if let Some(file) = file {
            self.fail(&self.diff.path, Reason::Exists { identical: file.content == content });
        }
    }

    /// The content with all hunks applied. Not usable if an error was reported.
    fn patched(&mut self, path: &str, content: &[u8]) -> Vec<u8> {
        let lines: Vec<&[u8]> = content.split_inclusive(|byte| *byte == b'\n').collect();
        let mut patched: Vec<u8> = Vec::with_capacity(content.len());
        let mut done = 0;
        let mut offset = 0;
        for hunk in &self.diff.hunks {
            let stated = hunk.old_begin.saturating_add_signed(offset);
            match locate(hunk, &lines, done, stated) {
                Ok(at) => {
                    offset += at.cast_signed() - stated.cast_signed();
                    if offset != 0 {
                        let (patch, path) = (self.patch.file_name.clone(), path.to_owned());
                        self.offsets.push(Offset { patch, path, hunk: hunk.header(), lines: offset });
                    }
                    patched.extend(lines[done..at].concat());
                    patched.extend(hunk.new_lines().flatten());
                    done = at + hunk.old_lines().count();
                }
                Err(reason) => self.fail(path, reason),
            }
        }
        patched.extend(lines[done..].concat());
        patched
    }

    fn fail(&mut self, path: &str, reason: Reason) {
        self.errors.push(ApplyError { patch: self.patch.file_name.clone(), path: path.to_owned(), reason });
    }
}

/// Finds the line at which the old side of a hunk matches, at `from` or later.
fn locate(hunk: &Hunk, lines: &[&[u8]], from: usize, stated: usize) -> Result<usize, Reason> {
    let old: Vec<&[u8]> = hunk.old_lines().collect();
    // If the last line of a side has no newline, the hunk is at the end of the file.
    let at_end = hunk.lines.iter().any(|line| !line.text.ends_with('\n'));
    let fits = |at: &usize| {
        let rest = lines.get(*at..).unwrap_or_default();
        *at >= from && rest.starts_with(&old) && (!at_end || rest.len() == old.len())
    };
    if fits(&stated) {
        return Ok(stated);
    }
    let places: Vec<usize> = (from..lines.len()).filter(fits).collect();
    match places[..] {
        [place] => Ok(place),
        [] => Err(Reason::Mismatch {
            hunk: hunk.header(),
            line: hunk.line,
            place: nearest_place(&old, lines, stated),
            hint: mismatch_hint(hunk, &old, lines, stated),
        }),
        _ => Err(Reason::Ambiguous {
            hunk: hunk.header(),
            line: hunk.line,
            places: places.iter().map(|place| place + 1).collect(),
        }),
    }
}

/// The number of lines to show before and after the first difference.
const SHOWN_AROUND: usize = 3;

fn nearest_place(old: &[&[u8]], lines: &[&[u8]], stated: usize) -> Place {
    let at = nearest_index(old, lines, stated);
    let differs = (0..old.len()).find(|index| lines.get(at + index) != old.get(*index)).unwrap_or(0);
    let shown = differs.saturating_sub(SHOWN_AROUND)..old.len().min(differs + SHOWN_AROUND + 1);
    let row =
        |index: usize| Row { expected: readable(old[index]), found: lines.get(at + index).map(|line| readable(line)) };
    Place { first: at + shown.start + 1, rows: shown.map(row).collect() }
}

/// The position with the most matching lines; if there are several, the one nearest to the line in the header.
fn nearest_index(old: &[&[u8]], lines: &[&[u8]], stated: usize) -> usize {
    let equal = |at: usize| old.iter().zip(&lines[at..]).filter(|(old, line)| old == line).count();
    (0..=lines.len()).max_by_key(|at| (equal(*at), std::cmp::Reverse(at.abs_diff(stated)))).unwrap_or(0)
}

fn mismatch_hint(hunk: &Hunk, old: &[&[u8]], lines: &[&[u8]], stated: usize) -> Option<String> {
    let new: Vec<&[u8]> = hunk.new_lines().collect();
    if let Some(at) = (0..lines.len()).find(|at| !new.is_empty() && lines[*at..].starts_with(&new)) {
        return Some(format!("the hunk looks already applied, at line {}: take the patch out of the series", at + 1));
    }
    let bare = |line: &[u8]| line.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<_>>();
    let at = nearest_index(old, lines, stated);
    let found = lines.get(at..at + old.len())?;
    let mut differing = old.iter().zip(found).filter(|(old, found)| old != found).peekable();
    if differing.peek().is_none() {
        return Some("the hunk ends at the end of the file, but the file has more lines after it".to_owned());
    }
    if differing.clone().all(|(old, found)| found.strip_suffix(b"\r\n") == old.strip_suffix(b"\n")) {
        return Some("the file has CR LF line ends, and patches have LF".to_owned());
    }
    let white = differing.all(|(old, found)| bare(old) == bare(found));
    white.then(|| "only white space or the newline at the end of the file differs".to_owned())
}

/// A line without its newline, with invisible characters made visible.
fn readable(line: &[u8]) -> String {
    let (text, end) = match line.strip_suffix(b"\n") {
        Some(text) => (text, ""),
        None => (line, "\\ no newline"),
    };
    let text = String::from_utf8_lossy(text).replace('\r', "\\r").replace('\t', "\\t");
    let visible = text.trim_end_matches(' ');
    format!("{visible}{}{end}", "·".repeat(text.len() - visible.len()))
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { hint } => {
                f.write_str("there is no such file")?;
                hint.iter().try_for_each(|hint| write!(f, "\nhint: {hint}"))
            }
            Self::Exists { identical: false } => f.write_str("the patch creates the file, but it exists"),
            Self::Exists { identical: true } => f.write_str(
                "the patch creates the file, but it exists\n\
                 hint: with the same content: the patch looks already applied",
            ),
            Self::Mode { found, expected } => {
                write!(f, "the patch expects mode {expected}, the file has {found}\nhint: it looks already applied")
            }
            Self::Longer { extra } => {
                write!(f, "the patch deletes the file, but it has lines that the patch does not know: {extra}")
            }
            Self::Mismatch { hunk, line, place, hint } => {
                write!(f, "no place fits\n  hunk {hunk}, line {line} of the patch\n{place}")?;
                hint.iter().try_for_each(|hint| write!(f, "\nhint: {hint}"))
            }
            Self::Ambiguous { hunk, line, places } => {
                let places = places.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
                write!(
                    f,
                    "several places fit\n  hunk {hunk}, line {line} of the patch\n  it fits at lines {places}\n\
                     hint: correct the line number in the hunk's header, or give it more context"
                )
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_side(f, "the patch expects", |row| &row.expected)?;
        f.write_str("\n")?;
        self.write_side(f, "the file has", |row| row.found.as_deref().unwrap_or("(end of file)"))
    }
}

impl Place {
    fn write_side(&self, f: &mut fmt::Formatter<'_>, title: &str, text: fn(&Row) -> &str) -> fmt::Result {
        write!(f, "  {title}")?;
        self.rows.iter().enumerate().try_for_each(|(index, row)| {
            let mark = if row.found.as_ref() == Some(&row.expected) { ' ' } else { '!' };
            let line = format!("{:7} {mark} {}", self.first + index, text(row));
            write!(f, "\n{}", line.trim_end())
        })
    }
}
