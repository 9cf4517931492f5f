//! Applies difficult patches, and compares the changes or the errors.

use super::{HEADER, patch, series};
use crate::patch::{ApplyError, Change, File};

/// Twelve lines; every second one is `same`.
const LINES: &str = "1\nsame\n2\nsame\n3\nsame\n4\nsame\n5\nsame\n6\nsame\n";

fn read<'a>(tree: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<File> + 'a {
    |wanted| {
        let (path, content) = tree.iter().find(|(path, _)| path.trim_end_matches('*') == wanted)?;
        Some(File { content: content.as_bytes().to_vec(), executable: path.ends_with('*') })
    }
}

/// The result as text: `path*` is an executable file, and contents are printed like Rust strings.
fn outcome(tree: &[(&str, &str)], diff: &str) -> String {
    match patch(diff).apply(read(tree)) {
        Ok(applied) => {
            let offsets = applied.offsets.iter().map(|at| format!("{} {}: {:+}\n", at.path, at.hunk, at.lines));
            applied.changes.iter().map(show).chain(offsets).collect()
        }
        Err(errors) => errors_of(&errors),
    }
}

fn show(change: &Change) -> String {
    match &change.file {
        Some(file) => {
            let star = if file.executable { "*" } else { "" };
            format!("{}{star}: {:?}\n", change.path, String::from_utf8_lossy(&file.content))
        }
        None => format!("{}: deleted\n", change.path),
    }
}

fn errors_of(errors: &[ApplyError]) -> String {
    errors.iter().map(|error| format!("{error}\n")).collect()
}

fn modify(hunks: &str) -> String {
    format!("diff --git a/f b/f\n--- a/f\n+++ b/f\n{hunks}")
}

#[test]
fn patches_that_apply() {
    let create = "diff --git a/n b/n\nnew file mode 100755\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n";
    let delete = "diff --git a/f b/f\ndeleted file mode 100644\n--- a/f\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n";
    let rename = "diff --git a/f b/g\nsimilarity index 60%\nrename from f\nrename to g\n--- a/f\n+++ b/g\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n";
    let mode = "diff --git a/s b/s\nold mode 100644\nnew mode 100755\n";
    let ab = [("f", "a\nb\n"), ("s", "x")];
    let add = modify("@@ -5,2 +5,3 @@\n 3\n+new\n same\n");
    let twice = modify("@@ -3 +3 @@\n-2\n+two\n@@ -7,2 +7,2 @@\n-4\n+four\n same\n");
    let moved = format!("0\n0\n{LINES}");
    let cases = [
        ("in place", outcome(&[("f", LINES)], &add)),
        ("at an offset", outcome(&[("f", &moved)], &add)),
        ("two hunks at an offset", outcome(&[("f", &moved)], &twice)),
        ("stated line wins over equal ones", outcome(&[("f", LINES)], &modify("@@ -4 +4 @@\n-same\n+other\n"))),
        ("new file", outcome(&[], create)),
        ("deleted file", outcome(&ab, delete)),
        ("renamed executable", outcome(&[("f*", "a\nb\n")], rename)),
        ("mode", outcome(&ab, mode)),
        ("two files", outcome(&ab, &format!("{create}{delete}"))),
        ("empty files", outcome(&[("f", "")], &"diff --git a/N b/N\nnew file mode 100644\n".replace('N', "e"))),
        (
            "newline comes",
            outcome(&[("f", "a\nb")], &modify("@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n")),
        ),
        ("newline goes", outcome(&ab, &modify("@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n"))),
        ("not UTF-8 elsewhere", {
            let file = File { content: b"a\n\xff\n".to_vec(), executable: false };
            let applied = patch(&modify("@@ -1 +1 @@\n-a\n+b\n")).apply(|_| Some(file.clone())).unwrap();
            assert_eq!(applied.changes[0].file.as_ref().unwrap().content, b"b\n\xff\n");
            String::new()
        }),
    ];
    insta::assert_snapshot!(cases.map(|(name, outcome)| format!("## {name}\n{outcome}")).join("\n"));
}

#[test]
fn patches_that_do_not_apply() {
    let ab = [("f", "a\nb\n")];
    let create = "diff --git a/f b/f\nnew file mode 100644\n--- /dev/null\n+++ b/f\n@@ -0,0 +1,2 @@\n+a\n+b\n";
    let delete = "diff --git a/f b/f\ndeleted file mode 100644\n--- a/f\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n";
    let rename = "diff --git a/f b/g\nsimilarity index 100%\nrename from f\nrename to g\n";
    let mode = "diff --git a/f b/f\nold mode 100644\nnew mode 100755\n";
    let change = modify("@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
    let middle = modify("@@ -5,4 +5,4 @@\n 3\n same\n-four\n+4!\n same\n");
    let both = modify("@@ -1,2 +1,2 @@\n-one\n+1\n same\n@@ -11,2 +11,2 @@\n-six\n+6\n same\n");
    let newline_goes = modify("@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n");
    let cases = [
        ("wrong context", outcome(&[("f", LINES)], &middle)),
        ("two hunks, both reported", outcome(&[("f", LINES)], &both)),
        ("ambiguous offset", outcome(&[("f", LINES)], &modify("@@ -5 +5 @@\n-same\n+other\n"))),
        ("already applied", outcome(&[("f", "x\na\nc\n")], &change)),
        ("new file is there, with the same content", outcome(&ab, create)),
        ("new file is there, with other content", outcome(&[("f", "")], create)),
        ("deleted file is not there", outcome(&[], delete)),
        ("deleted file has changed", outcome(&[("f", "a\nc\n")], delete)),
        ("deleted file is longer", outcome(&[("f", "0\na\nb\nc\n")], delete)),
        ("renamed already", outcome(&[("g", "a\n")], rename)),
        ("rename onto a file", outcome(&[("f", "a\n"), ("g", "b\n")], rename)),
        ("mode is there already", outcome(&[("f*", "")], mode)),
        ("one directory too many", outcome(&[("c.c", "")], &change.replace("/f", "/python/c.c"))),
        ("file has CR LF", outcome(&[("f", "a\r\nb\r\n")], &change)),
        ("only white space", outcome(&[("f", "a\n\tb \n")], &change)),
        ("newline at the end is missing", outcome(&[("f", "a\nb")], &change)),
        ("end of file is elsewhere", outcome(&[("f", "a\nb\nc\n")], &newline_goes)),
        ("file is too short", outcome(&[("f", "a\n")], &change)),
        ("file is empty", outcome(&[("f", "")], &change)),
    ];
    insta::assert_snapshot!(cases.map(|(name, outcome)| format!("## {name}\n{outcome}")).join("\n"));
}

#[test]
fn each_patch_of_a_series_sees_those_before_it() {
    let create = "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n";
    let change = "diff --git a/n b/n\nold mode 100644\nnew mode 100755\n--- a/n\n+++ b/n\n@@ -1 +1 @@\n-x\n+y\n";
    let delete = "diff --git a/n b/n\ndeleted file mode 100755\n--- a/n\n+++ /dev/null\n@@ -1 +0,0 @@\n-y\n";
    let two = [("c-add-n.patch", create), ("c-change-n.patch", change)];
    let applied = series(&two).apply(read(&[])).expect("it applies");
    assert_eq!(applied.changes.iter().map(show).collect::<String>(), "n*: \"y\\n\"\n");

    let applied = series(&[&two[..], &[("c-drop-n.patch", delete)]].concat()).apply(read(&[])).expect("it applies");
    assert_eq!(applied.changes, [], "what never was in the tree is not deleted from it");

    let errors = series(&[two[1], two[0]]).apply(read(&[])).unwrap_err();
    assert_eq!(errors_of(&errors), "`c-change-n.patch` does not apply to `n`: there is no such file\n");
}

#[test]
fn a_patch_undone_by_its_reverse_leaves_the_tree_as_it_was() {
    let reverse = |diff: &str| {
        let swapped = diff.lines().map(|line| match line.split_at_checked(1) {
            Some(("+", rest)) if !line.starts_with("+++") => format!("-{rest}\n"),
            Some(("-", rest)) if !line.starts_with("---") => format!("+{rest}\n"),
            _ => format!("{line}\n"),
        });
        swapped.collect::<String>()
    };
    let diff = modify("@@ -3 +3 @@\n-2\n+two\n@@ -7,2 +7,2 @@\n-4\n+four\n same\n");
    let there = patch(&diff).apply(read(&[("f", LINES)])).expect("it applies");
    let file = there.changes[0].file.clone().expect("it is not deleted");
    let back = patch(&reverse(&diff)).apply(|_| Some(file.clone())).expect("the reverse applies");
    assert_eq!(back.changes[0].file.as_ref().map(|file| file.content.as_slice()), Some(LINES.as_bytes()));
    assert!(HEADER.ends_with("---\n"), "the header ends where the diff begins");
}
