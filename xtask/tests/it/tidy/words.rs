//! Words and phrases that messages, comments and documents avoid.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::{check, checkout, texts};

/// Phrases that are unusual English or private vocabulary, in lower case, with what to write instead.
const PHRASES: &[(&str, &str)] = &[
    ("what came", "the result"),
    ("came of it", "the result"),
    ("is told", "gets, receives"),
    ("are told", "get, receive"),
    ("was told", "got, received"),
    ("be told", "be passed, be set"),
    ("can be had", "is available"),
    ("of ours", "of this project"),
    ("belongs into", "belongs in"),
    ("belong into", "belong in"),
    ("untried", "unverified"),
    ("licence", "license"),
    ("licences", "licenses"),
    ("surprise", "mismatch"),
    ("surprises", "mismatches"),
    ("wish", "request"),
    ("wishes", "requests"),
    ("nobody has", "unverified, or the passive voice"),
    ("somebody", "a user, another process"),
    ("mend", "fix"),
    ("mends", "fixes"),
    ("mended", "fixed"),
    ("road", "source"),
    ("roads", "sources"),
    ("others made", "third-party"),
    ("whoever", "callers, users"),
    ("for ever", "forever"),
    ("stands in", "is in"),
    ("ended well", "succeeded"),
    ("says so", "reports it"),
    ("at times", "sometimes"),
    ("came out", "the result"),
    ("not to be trusted", "unreliable"),
    ("left open", "unresolved"),
    ("by itself nothing", "nothing on its own"),
    ("the way of the", "the path of the"),
    ("give away", "serve"),
];

/// The words of a line in lower case, each between single spaces.
fn words(line: &str) -> String {
    let words = line.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty());
    format!(" {} ", words.collect::<Vec<_>>().join(" ").to_lowercase())
}

/// The lines of a text with a phrase, by their numbers from 1.
fn hits(text: &str) -> Vec<(usize, &'static str, &'static str)> {
    let mut hits = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = words(line);
        for &(phrase, better) in PHRASES {
            if line.contains(&format!(" {phrase} ")) {
                hits.push((index + 1, phrase, better));
            }
        }
    }
    hits
}

/// Rust, Markdown and TOML files, except for the data of expectations and for files that list phrases or old names.
fn checked() -> BTreeMap<Utf8PathBuf, String> {
    const EXEMPT: [&str; 3] = ["CHANGELOG.md", "CONTRIBUTING.md", "xtask/tests/it/tidy/words.rs"];
    let mut found = BTreeMap::new();
    for folder in ["xtask", "runners", "bench", "ci", "docs", "recipes", "patches", "package-files"] {
        for extension in ["rs", "md", "toml"] {
            found.extend(texts(folder, extension));
        }
    }
    for entry in checkout().read_dir_utf8().unwrap() {
        let name = Utf8PathBuf::from(entry.unwrap().file_name());
        if name.extension() == Some("md") {
            let text = fs_err::read_to_string(checkout().join(&name)).unwrap();
            found.insert(name, text);
        }
    }
    found.retain(|path, _| !path.starts_with("recipes/expectations") && !EXEMPT.contains(&path.as_str()));
    found
}

#[test]
fn the_language_is_plain() {
    let mut wrong = Vec::new();
    for (path, text) in checked() {
        for (line, phrase, better) in hits(&text) {
            wrong.push(format!("{path}:{line}: `{phrase}`: write `{better}`"));
        }
    }
    check(wrong, "messages, comments and documents are plain English (CONTRIBUTING.md, Style)");
}

#[test]
fn phrases_are_found_across_case_and_punctuation() {
    assert_eq!(hits("fn a() {}\n// A file, of\tOurs."), [(2, "of ours", "of this project")]);
    assert_eq!(hits("fn what_fails_at_times() {}"), [(1, "at times", "sometimes")]);
    assert!(hits("a broad wished-for recommendation").is_empty());
}
