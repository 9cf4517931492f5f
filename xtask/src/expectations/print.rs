//! Writes expectations in their normal form.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use toml_writer::{ToTomlKey as _, TomlKeyBuilder};

use super::{File, Reason};
use crate::name::PythonVersion;
use crate::recipe::mistakes::SCHEMA;

/// The maximum width of lists. A longer reason stays on one line, because TOML keys cannot be wrapped.
const WIDTH: usize = 120;

const HEADER: &str = "\
# The expected results of CPython's regression tests. `cargo xtask test` compares its results with these, and fails where they differ.
# `cargo xtask test HOST --accept` rewrites this file. It keeps the reasons and issues of failures, but no comments.
";

/// Prints a file: names of files, reasons and cases are sorted.
pub fn print(python: PythonVersion, base: Option<&str>, files: &BTreeMap<String, File>) -> String {
    let mut text = format!("{HEADER}schema = {SCHEMA}\npython = \"{python}\"\n");
    if let Some(base) = base {
        line(&mut text, &format!("base = {}", quoted(base)));
    }
    for (name, entry) in files {
        file(&mut text, &format!("files.{}", key(name)), entry);
    }
    text
}

fn file(text: &mut String, table: &str, file: &File) {
    line(text, &format!("\n[{table}]"));
    if let Some((outcome, reason)) = &file.whole {
        line(text, &format!("outcome = \"{outcome}\""));
        line(text, &format!("reason = {}", quoted(&reason.text)));
        if let Some(issue) = &reason.issue {
            line(text, &format!("issue = {}", quoted(issue)));
        }
    }
    for (key, number) in [("cases", file.cases), ("seconds", file.seconds)] {
        if let Some(number) = number {
            line(text, &format!("{key} = {number}"));
        }
    }
    let skipped = by_reason(file);
    if !skipped.is_empty() {
        line(text, &format!("[{table}.skipped]"));
        for (reason, mut names) in skipped {
            names.sort();
            list(text, &quoted(reason), &names);
        }
    }
    if !file.failed.is_empty() {
        line(text, &format!("[{table}.failed]"));
        for (name, Reason { text: reason, issue, sometimes }) in &file.failed {
            let issue = issue.as_ref().map(|issue| format!(", issue = {}", quoted(issue))).unwrap_or_default();
            let sometimes = if *sometimes { ", sometimes = true" } else { "" };
            line(text, &format!("{} = {{ reason = {}{issue}{sometimes} }}", quoted(&escaped(name)), quoted(reason)));
        }
    }
}

/// The reasons for skips, with the names of their cases and classes as written.
fn by_reason(file: &File) -> BTreeMap<&str, Vec<String>> {
    let cases = file.skipped.iter().map(|(name, reason)| (reason, escaped(name)));
    let classes = file.skipped_classes.iter().map(|(class, reason)| (reason, format!("{class}.*")));
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (reason, name) in cases.chain(classes) {
        reasons.entry(reason).or_default().push(name);
    }
    reasons
}

/// Escapes stars, which are patterns otherwise.
fn escaped(name: &str) -> String {
    name.replace('*', r"\*")
}

/// A list, on one line if it fits.
fn list(text: &mut String, key: &str, names: &[String]) {
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    let short = format!("{key} = [{}]", names.join(", "));
    if short.chars().count() <= WIDTH {
        return line(text, &short);
    }
    let mut row = format!("{key} = [");
    let mut room = 0;
    for name in names {
        let needed = name.chars().count() + 2;
        if needed > room {
            line(text, row.trim_end());
            row = "    ".to_owned();
            room = WIDTH + 1 - row.len();
        }
        let _ = write!(row, "{name}, ");
        room = room.saturating_sub(needed);
    }
    line(text, row.trim_end());
    line(text, "]");
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// A key, bare if it can be.
fn key(text: &str) -> String {
    TomlKeyBuilder::new(text).as_default().to_toml_key()
}

/// A string on one line, as a key or as a value.
fn quoted(text: &str) -> String {
    let builder = TomlKeyBuilder::new(text);
    let plain = builder.as_basic_pretty().or_else(|| builder.as_literal());
    plain.unwrap_or_else(|| builder.as_basic()).to_toml_key()
}
