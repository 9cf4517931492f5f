//! Tests of patch files, series, lint and export. `tests/apply.rs` tests applying.

mod apply;

use super::*;

/// A valid header.
const HEADER: &str = "\
Description: Say hello
 Without it nobody is greeted.
Author: A Person <person@example.org>
Forwarded: no
Last-Update: 2026-11-20
---
";

const DIFF: &str = "\
diff --git a/hello.c b/hello.c
--- a/hello.c
+++ b/hello.c
@@ -1,3 +1,3 @@
 int main(void) {
-    return 1;
+    return 0;
 }
";

/// A patch with a valid header. Panics with the diagnostics if the diff is invalid.
fn patch(diff: &str) -> Patch {
    match parse_patch("c-say-hello.patch", &format!("{HEADER}{diff}")) {
        Ok(patch) => patch,
        Err(diagnostics) => panic!("{}", render(&diagnostics)),
    }
}

fn render(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect()
}

fn series_errors(text: &str) -> String {
    let read = |name: &str| (name != "c-is-missing.patch").then(|| format!("{HEADER}{DIFF}"));
    render(&parse_series(text, read).expect_err("the series is wrong"))
}

fn series(patches: &[(&str, &str)]) -> Series {
    let text = patches.iter().map(|(name, _)| format!("{name}\n")).collect::<String>();
    let read =
        |wanted: &str| patches.iter().find(|(name, _)| *name == wanted).map(|(_, diff)| format!("{HEADER}{diff}"));
    parse_series(&text, read).expect("the series is right")
}

#[test]
fn a_series_keeps_the_order_of_its_lines() {
    let read = |_: &str| Some(format!("{HEADER}{DIFF}"));
    let series = parse_series("# First things first.\nz-say-hello.patch\n\na-say-hello.patch\n", read).unwrap();
    let names: Vec<_> = series.patches.iter().map(|patch| patch.file_name.as_str()).collect();
    assert_eq!(names, ["z-say-hello.patch", "a-say-hello.patch"]);
    assert_eq!(series.touched().into_iter().collect::<Vec<_>>(), ["hello.c"]);
}

#[test]
fn wrong_lines_of_a_series_are_all_reported() {
    insta::assert_snapshot!(series_errors(
        "c-say-hello.patch\n../c-say-hello.patch\nc-say-hello.patch\n0001-c-say-hello.patch\nC-say-hello.patch\n\
         c-say-hello.diff\nc-hello.patch\nc-say-hello.patch -p1\nc-is-missing.patch\nc-say--hello.patch\nc-say-cr.patch\r\n"
    ));
}

#[test]
fn every_wrong_thing_of_every_patch_is_reported() {
    let bad = "Description: Say hello\nForwarded: perhaps\n---\ndiff --git a/x b/x\n";
    let errors = parse_series("c-say-one.patch\nc-say-two.patch\n", |_| Some(bad.to_owned())).unwrap_err();
    insta::assert_snapshot!(render(&errors));
}

#[test]
fn a_patch_file_that_git_wrote_says_the_same() {
    let mail = format!(
        "From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\n\
         From: A Person <person@example.org>\nDate: Fri, 20 Nov 2026 12:00:00 +0000\nSubject: [PATCH 1/2] Say\n hello\n\n\
         Without it nobody is greeted.\n\nForwarded: no\nLast-Update: 2026-11-20\n---\n hello.c | 2 +-\n\n{DIFF}"
    );
    let from_mail = parse_patch("c-say-hello.patch", &mail).expect("git's form is accepted");
    assert_eq!(from_mail.to_string(), format!("{HEADER}{DIFF}"));
}

#[test]
fn a_patch_goes_through_a_commit_and_comes_back_the_same() {
    let text = "\
Description: Say hello
 Two paragraphs:
 .
   * an indented line
 .
 Note: this is no field.
Author: A Person <person@example.org>
Origin: vendor
Bug: https://example.org/1
Bug-Debian: https://example.org/2
Forwarded: https://example.org/3
Applied-Upstream: 3.12
Reviewed-by: B Person <person@example.net>
Last-Update: 2024-02-29
---
";
    let patch = parse_patch("c-say-hello.patch", &format!("{text}{DIFF}")).expect("it is right");
    assert_eq!(patch.to_string(), format!("{text}{DIFF}"));
    let message = commit_message(&patch);
    let git_diff =
        DIFF.replace("--- a", "index 0123456..789abcd 100644\n--- a").replace("+1,3 @@", "+1,3 @@ int main(void)")
            + "-- \n2.39.5\n\n";
    let exported = export("c-say-hello.patch", &message, &git_diff).expect("the commit is right");
    assert_eq!(exported, Patch { diff: exported.diff.clone(), ..patch });
    assert_eq!(exported.to_string(), format!("{text}{DIFF}"));
}

#[test]
fn a_commit_without_the_fields_cannot_be_exported() {
    let errors = export("c-say-hello.patch", "Say hello\n\nBecause.\n\nBug: 12\nForwrded: no\n", DIFF).unwrap_err();
    insta::assert_snapshot!(render(&errors));
}

#[test]
fn lint_wants_files_listed_configure_whole_and_normal_form() {
    let configure = DIFF.replace("hello.c", "configure");
    let headings = DIFF.replace("+1,3 @@", "+1,3 @@ int main(void)");
    let both = format!("{configure}{}", DIFF.replace("hello.c", "configure.ac"));
    let series = series(&[
        ("c-say-hello.patch", DIFF),
        ("c-patch-configure.patch", &configure),
        ("c-add-headings.patch", &headings),
        ("c-patch-both.patch", &both),
    ]);
    let files =
        ["series", "c-say-hello.patch", "c-patch-configure.patch", "c-add-headings.patch", "c-patch-both.patch"];
    let files = [&files[..], &["c-be-forgotten.patch", "series.orig"]].concat();
    insta::assert_snapshot!(render(&lint(&series, &files)));
}

/// Diffs that the parser rejects.
#[test]
fn malformed_diffs_are_refused() {
    let cases = [
        ("wrong strip", DIFF.replace("a/hello.c", "hello.c")),
        ("leaves the tree", DIFF.replace("hello.c", "../hello.c")),
        ("space in the path", DIFF.replace("hello.c", "hello world.c")),
        ("CR LF", DIFF.replace("return 0;\n", "return 0;\r\n")),
        ("timestamps", DIFF.replace("--- a/hello.c", "--- a/hello.c\t2026-11-20")),
        ("not git's form", DIFF.replace("diff --git a/hello.c b/hello.c\n", "")),
        ("count too large", DIFF.replace("-1,3", "-1,4")),
        ("count too small", DIFF.replace("-1,3 +1,3", "-1,2 +1,2")),
        ("bad numbers", DIFF.replace("-1,3", "-0,3")),
        ("context without its space", DIFF.replace(" }\n", "\n")),
        ("trailer of git", format!("{DIFF}-- \n2.39.5\n")),
        ("trailing junk", format!("{DIFF}\nThat was it.\n")),
        (
            "binary",
            "diff --git a/x.png b/x.png\nnew file mode 100644\nindex 0..1\nGIT binary patch\nliteral 0\n".into(),
        ),
        ("binary files differ", "diff --git a/x b/x\nindex 0..1 100644\nBinary files a/x and b/x differ\n".into()),
        ("symbolic link", "diff --git a/x b/x\nnew file mode 120000\n".into()),
        ("copy", "diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to y\n".into()),
        ("rename without similarity", "diff --git a/x b/y\nrename from x\nrename to y\n".into()),
        ("rename of another path", "diff --git a/x b/y\nsimilarity index 100%\nrename from z\nrename to y\n".into()),
        ("nothing changes", "diff --git a/x b/x\n".into()),
        ("one mode", "diff --git a/x b/x\nnew mode 100755\n".into()),
        ("only context", DIFF.replace("+    return 0;\n", "").replace("-    ", "     ")),
        ("no context", "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,0 +2 @@\n+y\n".into()),
        ("same file twice", format!("{DIFF}{DIFF}")),
        ("overlapping hunks", format!("{DIFF}@@ -2,2 +2,2 @@\n     return 1;\n-}}\n+}};\n")),
        ("new side's line is wrong", format!("{DIFF}@@ -9 +8 @@\n-y\n+z\n")),
        ("newline missing in the middle", DIFF.replace("int main(void) {\n", "int\n\\ No newline at end of file\n")),
        ("created with context", DIFF.replace("--- a/hello.c", "new file mode 100644\n--- /dev/null")),
        ("new mode for a deletion", "diff --git a/x b/x\nnew file mode 100644\ndeleted file mode 100644\n".into()),
    ];
    let rendered = cases.map(|(name, diff)| match parse_patch("p.patch", &format!("{HEADER}{diff}")) {
        Ok(_) => panic!("`{name}` must be refused"),
        Err(errors) => format!("## {name}\n{}", render(&errors)),
    });
    insta::assert_snapshot!(rendered.join("\n"));
}
