//! The `series` file: the file names of the patches, one per line, in the order in which they apply.
//!
//! File names have no numbers: only `series` defines the order.

use std::collections::BTreeMap;

use super::Diagnostic;

/// The name of the file.
pub(super) const FILE_NAME: &str = "series";

pub(super) struct Entry {
    pub name: String,
    /// Counted from 1.
    pub line: usize,
}

/// The valid entries, and diagnostics for the others.
pub(super) fn parse(text: &str) -> (Vec<Entry>, Vec<Diagnostic>) {
    let mut entries: Vec<Entry> = Vec::new();
    let mut diagnostics = Vec::new();
    for (index, name) in text.split_terminator('\n').enumerate() {
        let line = index + 1;
        if name.is_empty() || name.starts_with('#') {
            continue;
        }
        if let Some(problem) = problem_with(name) {
            let hint = "names look like `area-verb-object.patch`, in lower-case ASCII without numbers in front";
            diagnostics
                .push(Diagnostic::new(FILE_NAME, line, format!("`{}` {problem}", name.escape_debug())).hint(hint));
        } else if let Some(first) = entries.iter().find(|entry| entry.name == name) {
            let message = format!("`{name}` is listed twice: line {} has it already", first.line);
            diagnostics.push(Diagnostic::new(FILE_NAME, line, message));
        } else {
            entries.push(Entry { name: name.to_owned(), line });
        }
    }
    (entries, diagnostics)
}

fn problem_with(name: &str) -> Option<&'static str> {
    if name.contains(['/', '\\']) {
        return Some("has a path separator: patches lie beside `series`");
    }
    if name.ends_with('\r') {
        return Some("ends in CR: the file must have LF line ends");
    }
    if name.contains([' ', '\t']) {
        return Some("has white space: a line is a file name and nothing else");
    }
    let Some(stem) = name.strip_suffix(".patch") else { return Some("does not end in `.patch`") };
    if stem.starts_with(|first: char| first.is_ascii_digit()) {
        return Some("starts with a number: only the order of the lines counts");
    }
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'));
    if !stem.split('-').all(is_word) {
        return Some("has characters other than a-z, 0-9 and single `-`");
    }
    (stem.split('-').count() < 3).then_some("says too little")
}

/// The new text of `series`. Comments at the start of the file stay there; other comments stay above the patch that they precede.
pub fn series_text(before: &str, names: &[&str]) -> String {
    let mut comments: BTreeMap<&str, String> = BTreeMap::new();
    let mut head = String::new();
    let mut pending = String::new();
    for line in before.lines() {
        if line.is_empty() || line.starts_with('#') {
            pending.extend([line, "\n"]);
            continue;
        }
        if comments.is_empty() {
            head = std::mem::take(&mut pending);
        }
        comments.insert(line, std::mem::take(&mut pending));
    }
    if comments.is_empty() {
        head = std::mem::take(&mut pending);
    }
    let entries = names.iter().map(|name| format!("{}{name}\n", comments.get(name).map_or("", String::as_str)));
    format!("{head}{}{pending}", entries.collect::<String>())
}
