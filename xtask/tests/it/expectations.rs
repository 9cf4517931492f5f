//! The expectations that are shipped, and what is said about broken ones. No test of CPython is run here.

use std::collections::BTreeSet;

use xtask::diagnostic::Diagnostics;
use xtask::expectations;
use xtask::recipe::{Catalogue, Texts};

use super::recipes::{checkout, shipped_texts};

const BASE: &str = "recipes/expectations/3.13-wasi.toml";

/// The shipped recipes with expectations of our own.
fn with(expectations: &[(&str, &str)]) -> Texts {
    let mut texts = shipped_texts();
    texts.retain(|path, _| !path.starts_with("recipes/expectations/"));
    texts.extend(expectations.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    texts
}

fn mistakes(texts: &Texts) -> Diagnostics {
    let catalogue = match Catalogue::parse(texts) {
        Ok(catalogue) => catalogue,
        Err(mistakes) => return mistakes,
    };
    expectations::parse(texts, &catalogue).expect_err("there is a mistake")
}

#[test]
fn every_shipped_file_is_in_order() {
    let texts = shipped_texts();
    let catalogue = Catalogue::parse(&texts).unwrap_or_else(|mistakes| panic!("\n{mistakes}"));
    let expectations = expectations::parse(&texts, &catalogue).unwrap_or_else(|mistakes| panic!("\n{mistakes}"));
    let files: BTreeSet<&str> =
        texts.keys().filter_map(|path| path.strip_prefix("recipes/expectations/")?.strip_suffix(".toml")).collect();
    assert_eq!(expectations.keys().map(String::as_str).collect::<BTreeSet<_>>(), files);
}

/// One bad file, one message. A file's first line names the one that it replaces.
#[test]
fn a_bad_file_gives_one_readable_message() {
    let folder = checkout().join("xtask/tests/data/expectations/bad");
    let paths: BTreeSet<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(paths.len() > 20, "the bad expectations were not found");
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let stands_for = text.lines().next().and_then(|line| line.strip_prefix("# in place of ")).unwrap();
        let texts = with(&[(BASE, "schema = 1\npython = \"3.13.15\"\n"), (stands_for, &text)]);
        let mistakes = mistakes(&texts);
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert_eq!(mistakes.0.len(), 1, "{name}\n{mistakes}");
        insta::assert_snapshot!(format!("bad-{name}"), mistakes.to_string());
    }
}

#[test]
fn all_errors_of_a_step_are_reported() {
    let several = r#"
        schema = 1
        python = "3.13.15"
        base = "nothing"
        [files.test_a]
        outcome = "failed"
        [files.test_b.skipped]
        "no processes" = ["A.*", "A.test_x", "B*"]
        [files.test_b.failed]
        "A.test_y" = { reason = "" }
        "#;
    let nameless = ("recipes/expectations/node.toml", "schema = 1\npython = \"3.13.15\"\n");
    insta::assert_snapshot!(mistakes(&with(&[(BASE, several), nameless])).to_string());
}

#[test]
fn each_base_in_a_cycle_is_reported() {
    let file = |base: &str| format!("schema = 1\npython = \"3.13.15\"\nbase = \"{base}\"\n");
    let texts = with(&[
        ("recipes/expectations/3.13-wasi-a.toml", &file("3.13-wasi-b")),
        ("recipes/expectations/3.13-wasi-b.toml", &file("3.13-wasi-c")),
        ("recipes/expectations/3.13-wasi-c.toml", &file("3.13-wasi-a")),
        ("recipes/expectations/3.13-wasi-d.toml", &file("3.13-wasi-a")),
    ]);
    let told: Vec<String> = mistakes(&texts).0.into_iter().map(|mistake| mistake.message).collect();
    assert_eq!(
        told,
        [
            "3.13-wasi-a is its own base: 3.13-wasi-b, then 3.13-wasi-c, then 3.13-wasi-a",
            "3.13-wasi-b is its own base: 3.13-wasi-c, then 3.13-wasi-a, then 3.13-wasi-b",
            "3.13-wasi-c is its own base: 3.13-wasi-a, then 3.13-wasi-b, then 3.13-wasi-c",
        ]
    );
}
