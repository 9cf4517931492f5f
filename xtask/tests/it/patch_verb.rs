//! `cargo xtask patch`, from outside: the real program and the real git, on a checkout with a source of a few files.

mod toolchains;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use xtask::cancel::Cancel;
use xtask::digest::Sha256;
use xtask::lock::{LOCK_FILE, Lock, Locked};
use xtask::store::Store;
use xtask::sys::{self, Command, Failure};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const SERIES: &str = "patches/cpython/3.11";
const SOURCE: &str = "Python-3.11.2.tgz";

const RECIPE: &str = r#"
schema = 1
minor = "3.11"
micro = [
    { version = "3.11.3", source-date-epoch = 2, source = { file = "Python-3.11.3.tgz", urls = [], license = "P" } },
    { version = "3.11.2", source-date-epoch = 1, patches = "cpython/3.11", source = { file = "Python-3.11.2.tgz", urls = [], license = "P" } },
]
"#;

/// What the archive has; a name with `*` is a program. git's own files in it say what would spoil the patches.
const FILES: [(&str, &str); 6] = [
    ("configure.ac", "AC_INIT\n"),
    ("Modules/greet.c", "#include <stdio.h>\nint main(void) {\n    return puts(\"bye\");\n}\n"),
    ("Lib/old.txt", "old\n"),
    ("Tools/run*", "#!/bin/sh\r\n"),
    (".gitignore", "*.o\n"),
    (".gitattributes", "* text=auto eol=lf\n*.c -diff\n"),
];

const GREET: &str = "\
Description: Say hello
 It says
 #include <hello.h>
 and means it.
Author: A Person <person@example.org>
Bug: https://example.org/1
Forwarded: https://example.org/2
Applied-Upstream: 3.12
Last-Update: 2026-11-20
---
diff --git a/Modules/greet.c b/Modules/greet.c
--- a/Modules/greet.c
+++ b/Modules/greet.c
@@ -1,4 +1,4 @@
 #include <stdio.h>
 int main(void) {
-    return puts(\"bye\");
+    return puts(\"hello\");
 }
";

const TIDY: &str = "\
Description: Tidy the library
 What is old goes, what is new comes.
Origin: vendor
Forwarded: no
Applied-Upstream: 3.11.1
Last-Update: 2026-11-21
---
diff --git a/Lib/new.o b/Lib/new.o
new file mode 100755
--- /dev/null
+++ b/Lib/new.o
@@ -0,0 +1 @@
+new
diff --git a/Lib/old.txt b/Lib/old.txt
deleted file mode 100644
--- a/Lib/old.txt
+++ /dev/null
@@ -1 +0,0 @@
-old
";

const LIST: &str = "# For 3.11.2.\n\ngreet-say-hello.patch\n# It comes second.\nlib-tidy-files.patch\n";

/// A checkout, a store, a mirror, and a home whose git is configured in an unusual way.
struct Place {
    root: Utf8PathBuf,
    archive: Vec<u8>,
    _guard: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(guard.path().canonicalize().unwrap()).unwrap();
        let place = Self { root, archive: archive("Python-3.11.2/"), _guard: guard };
        sys::fs::copy_tree(&Utf8Path::new(SHIPPED).join("recipes"), &place.path("recipes"), &|_| true).unwrap();
        place.write("recipes/cpython/3.11.toml", RECIPE);
        // The shipped toolchain's own series is not here.
        let emscripten = place.read("recipes/toolchains/debian-emscripten.toml");
        let (before, patched) = emscripten.split_once("[version.debian.patched]").unwrap();
        let (_, after) = patched.split_once("\n\n").unwrap();
        place.write("recipes/toolchains/debian-emscripten.toml", &format!("{before}{after}"));
        // One host has the minor, and it is unverified there: the test chooses the releases.
        fs::remove_file(place.path("recipes/hosts/emscripten-node/3.11.toml")).unwrap();
        let host = place.read("recipes/hosts/wasi/3.11.toml");
        let (before, verified) = host.split_once("[verified]\n").unwrap();
        let (_, after) = verified.split_once("\n\n").unwrap();
        place.write("recipes/hosts/wasi/3.11.toml", &format!("{before}unverified = \"a test\"\n\n{after}"));
        // Here 3.13 is a minor without patches, whatever the shipped one has.
        let recipe = place.read("recipes/cpython/3.13.toml");
        let without = recipe.lines().filter(|line| !line.starts_with("patches = ")).map(|line| format!("{line}\n"));
        place.write("recipes/cpython/3.13.toml", &without.collect::<String>());
        place.pin(SOURCE, &place.archive);
        let patches = [("greet-say-hello.patch", GREET), ("lib-tidy-files.patch", TIDY)];
        patches.iter().for_each(|(name, text)| place.write(&format!("{SERIES}/{name}"), text));
        place.write(&format!("{SERIES}/series"), LIST);
        place.write("mirror/.keep", "");
        fs::write(place.path("mirror").join(SOURCE), &place.archive).unwrap();
        place.write(
            "home/.gitconfig",
            "[user]\nname = B\nemail = b@example.org\n[core]\nautocrlf = true\n[diff]\nnoprefix = true\n\
             [init]\ndefaultObjectFormat = sha256\n",
        );
        place
    }

    fn path(&self, name: &str) -> Utf8PathBuf {
        self.root.join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn pin(&self, file: &str, bytes: &[u8]) {
        let mut lock = Lock::parse(&self.read(LOCK_FILE)).unwrap();
        let sha256 = Sha256::of(bytes);
        lock.artifacts.insert(file.to_owned(), Locked { size: None, sha256, pinned_from: "the test".to_owned() });
        self.write(LOCK_FILE, &lock.print());
    }

    /// Puts the source among the store's downloads.
    fn download(&self) {
        let store = Store::open(&self.path("store")).unwrap();
        fs::write(store.download(&Sha256::of(&self.archive), SOURCE), &self.archive).unwrap();
    }

    /// The exit code, and all that was said.
    fn run(&self, program: &str, args: &[&str], folder: &str) -> (i32, String) {
        let environment = [
            ("PATH", std::env::var_os("PATH").unwrap().into_string().unwrap()),
            ("HOME", self.path("home").into_string()),
            ("CARGO_MANIFEST_DIR", self.path("xtask").into_string()),
            ("XTASK_STORE", self.path("store").into_string()),
            ("XTASK_MIRROR", self.path("mirror").into_string()),
            ("GIT_EDITOR", "true".to_owned()),
        ];
        let command = Command {
            program: program.into(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            directory: self.path(folder),
            environment: environment.map(|(name, value)| (name.to_owned(), value)).into(),
            timeout: None,
        };
        match sys::output(&command, &Cancel::default()) {
            Ok(said) => (0, String::from_utf8([said.stdout, said.stderr].concat()).unwrap()),
            Err(error) => match error.kind {
                Failure::Status(code) => (code, error.tail.join("\n") + "\n"),
                _ => panic!("{error}"),
            },
        }
    }

    fn patch(&self, args: &[&str]) -> (i32, String) {
        self.run(env!("CARGO_BIN_EXE_xtask"), &[&["patch"], args].concat(), "")
    }

    /// What a patch verb said that succeeded.
    fn done(&self, args: &[&str]) -> String {
        let (code, said) = self.patch(args);
        assert_eq!(code, 0, "{said}");
        said
    }

    /// What a patch verb said that failed like this.
    fn failed(&self, code: i32, args: &[&str]) -> String {
        let (found, said) = self.patch(args);
        assert_eq!(found, code, "{said}");
        said
    }

    /// The user's git in the checkout that was made.
    fn git(&self, args: &[&str]) -> String {
        let (code, said) = self.run("git", args, "store/patch-checkout/3.11");
        assert_eq!(code, 0, "git {args:?}: {said}");
        said
    }

    fn commit(&self, file: &str, text: &str, message: &str) {
        self.write(&format!("store/patch-checkout/3.11/{file}"), text);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", message]);
    }

    /// The files of the series, by name.
    fn series(&self) -> BTreeMap<String, String> {
        let entries = self.path(SERIES).read_dir_utf8().unwrap().map(|entry| entry.unwrap().file_name().to_owned());
        entries.map(|name| (name.clone(), self.read(&format!("{SERIES}/{name}")))).collect()
    }
}

/// The files below a folder, as an archive.
fn archive(folder: &str) -> Vec<u8> {
    archive_with(folder, &str::to_owned)
}

/// The same with changed texts.
fn archive_with(folder: &str, change: &dyn Fn(&str) -> String) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, text) in FILES {
        let text = change(text);
        let mut header = tar::Header::new_gnu();
        header.set_mode(if name.ends_with('*') { 0o755 } else { 0o644 });
        header.set_size(text.len() as u64);
        let name = format!("{folder}{}", name.trim_end_matches('*'));
        tar.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tar.into_inner().unwrap()).unwrap();
    gzip.finish().unwrap()
}

#[test]
fn status_says_which_patches_are_carried_and_which_are_not_needed_any_more() {
    let place = Place::new();
    insta::assert_snapshot!(place.done(&["status"]), @"
    series        patch                  last update  forwarded              upstream has it        bug                    synopsis
    cpython/3.11  greet-say-hello.patch  2026-11-20   https://example.org/2  since 3.12             https://example.org/1  Say hello
    cpython/3.11  lib-tidy-files.patch   2026-11-21   no                     since 3.11.1: drop it  none                   Tidy the library
    ");
    assert_eq!(place.done(&["status", "3.11"]), place.done(&["status"]));
    assert_eq!(place.done(&["status", "3.13"]), "there are no patches\n");
    let rows: serde_json::Value = serde_json::from_str(&place.done(&["status", "--format", "json"])).unwrap();
    assert_eq!((&rows[0]["drop"], &rows[1]["drop"]), (&false.into(), &true.into()));
    assert_eq!((&rows[0]["pinned"], &rows[0]["bugs"][0]), (&"3.11.2".into(), &"https://example.org/1".into()));
    place.write(&format!("{SERIES}/lib-tidy-files.patch"), &TIDY.replace("Forwarded: no\n", ""));
    let said = place.failed(3, &["status"]);
    assert!(said.contains("error: patches/cpython/3.11/lib-tidy-files.patch:1: `Forwarded` is missing"), "{said}");
}

#[test]
fn check_applies_the_series_to_a_source_that_is_in_the_store() {
    let place = Place::new();
    insta::assert_snapshot!(place.done(&["check"]), @"
    not checked, because the source is not in the store: Python 3.11.2 (`cargo xtask fetch wasi --python 3.11.2`)
    2 patches checked
    ");
    place.download();
    assert_eq!(place.done(&["check"]), "2 patches checked; they apply to Python 3.11.2\n");
    let moved = GREET.replace("@@ -1,4 +1,4 @@", "@@ -3,4 +3,4 @@");
    place.write(&format!("{SERIES}/greet-say-hello.patch"), &moved);
    insta::assert_snapshot!(place.done(&["check"]), @"
    patches/cpython/3.11/greet-say-hello.patch: @@ -3,4 +3,4 @@ of Modules/greet.c applies to Python 3.11.2 with an offset of -2 lines
    2 patches checked; they apply to Python 3.11.2
    ");
}

#[test]
fn check_tells_all_that_is_wrong_at_once() {
    let place = Place::new();
    place.download();
    place.write(&format!("{SERIES}/lib-be-forgotten.patch"), TIDY);
    place.write(&format!("{SERIES}/greet-say-hello.patch"), &GREET.replace("int main(void)", "int main()"));
    place.write("patches/cpython/3.10/series", "");
    place.write("patches/cpython/3.9/series", "lib-be-lost.patch\n");
    let recipe = RECIPE.replace("epoch = 2,", "epoch = 2, patches = \"cpython/3.11.3\",");
    place.write("recipes/cpython/3.11.toml", &recipe);
    insta::assert_snapshot!(place.failed(3, &["check"]), @r#"
    error: recipes/cpython/3.11.toml: 3.11.3 names the series `cpython/3.11.3`, but patches/cpython/3.11.3 does not exist
    hint: create that folder with an empty file `series`, or remove the line
    patches/cpython/3.10: no recipe names this series
    hint: add `patches = "cpython/3.10"` to a release in recipes/cpython/, or remove the folder
    patches/cpython/3.11/lib-be-forgotten.patch:1: `lib-be-forgotten.patch` is not in the series
    hint: add its name to `series` in the place where it applies, or delete the file
    Python 3.11.2: patches/cpython/3.11: `greet-say-hello.patch` does not apply to `Modules/greet.c`: no place fits
      hunk @@ -1,4 +1,4 @@, line 14 of the patch
      the patch expects
          1   #include <stdio.h>
          2 ! int main() {
          3       return puts("bye");
          4   }
      the file has
          1   #include <stdio.h>
          2 ! int main(void) {
          3       return puts("bye");
          4   }
    patches/cpython/3.9: no recipe names this series
    hint: add `patches = "cpython/3.9"` to a release in recipes/cpython/, or remove the folder
    patches/cpython/3.9/series:1: there is no patch `lib-be-lost.patch`
    hint: add the file beside `series`, or take the line out
    "#);
}

#[test]
fn a_series_goes_through_a_checkout_and_comes_back_byte_for_byte() {
    let place = Place::new();
    let before = place.series();
    insta::assert_snapshot!(place.done(&["checkout", "3.11"]).replace(place.root.as_str(), "ROOT"), @"
    ROOT/store/patch-checkout/3.11
    Python 3.11.2 with the tag `pristine`, and on top of it a commit for each patch: 2 of them
      edit there and `git commit`, or `git rebase -i pristine`; a message ends with the patch's fields
      then `cargo xtask patch export 3.11` writes the commits back
    ");
    insta::assert_snapshot!(place.git(&["log", "--reverse", "--format=%an <%ae> %at %s"]), @"
    cargo xtask patch <xtask@localhost> 1 Python 3.11.2
    A Person <person@example.org> 1 Say hello
    cargo xtask patch <xtask@localhost> 1 Tidy the library
    ");
    let head = place.git(&["rev-parse", "HEAD"]);
    assert_eq!(place.git(&["status", "--porcelain", "--ignored"]), "");
    let tree = place.git(&["ls-tree", "-r", "--format=%(objectmode) %(path)", "pristine"]);
    assert_eq!(tree.lines().count(), FILES.len(), "{tree}");
    assert!(tree.contains("100755 Tools/run"), "{tree}");
    assert_eq!(place.git(&["cat-file", "blob", "pristine:Tools/run"]), "#!/bin/sh\r\n");
    assert_eq!(place.done(&["export", "3.11"]), "nothing changed\n");
    // An editor that changes nothing takes nothing away, also not the line that looks like a comment.
    place.git(&["-c", "sequence.editor=sed -i s/^pick/reword/", "rebase", "--quiet", "--interactive", "pristine"]);
    assert_eq!(place.done(&["export", "3.11"]), "nothing changed\n");
    assert_eq!(place.series(), before);

    let again = place.failed(1, &["checkout", "3.11"]);
    assert!(again.contains("is there already, and may have work in it\nhint: "), "{again}");
    place.write("home/.gitconfig", "");
    place.done(&["checkout", "3.11.2", "--into", "elsewhere/"]);
    assert_eq!(place.run("git", &["rev-parse", "HEAD"], "elsewhere").1, head, "the same patches are the same commits");
}

#[test]
fn what_was_committed_is_added_and_what_was_dropped_goes() {
    let place = Place::new();
    let before = place.series();
    place.done(&["checkout", "3.11"]);
    let message = "Modules/greet: wave\n\nNobody saw it.\n\nOrigin: vendor\nForwarded: no\nLast-Update: 2026-11-22\n";
    place.commit("Modules/wave.c", "void wave(void) {}\n", message);
    assert_eq!(
        place.done(&["export", "3.11"]),
        "wrote patches/cpython/3.11/modules-greet-wave.patch\nwrote patches/cpython/3.11/series\n"
    );
    assert_eq!(place.read(&format!("{SERIES}/series")), format!("{LIST}modules-greet-wave.patch\n"));
    insta::assert_snapshot!(place.read(&format!("{SERIES}/modules-greet-wave.patch")), @"
    Description: Modules/greet: wave
     Nobody saw it.
    Origin: vendor
    Forwarded: no
    Last-Update: 2026-11-22
    ---
    diff --git a/Modules/wave.c b/Modules/wave.c
    new file mode 100644
    --- /dev/null
    +++ b/Modules/wave.c
    @@ -0,0 +1 @@
    +void wave(void) {}
    ");
    assert_eq!(place.done(&["export", "3.11"]), "nothing changed\n");
    assert!(place.done(&["check"]).contains("3 patches checked; they apply to"));

    place.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    let said = place.done(&["export", "3.11"]);
    assert!(said.ends_with("removed patches/cpython/3.11/modules-greet-wave.patch\n"), "{said}");
    assert_eq!(place.series(), before);

    place.write("store/patch-checkout/3.11/Lib/new.o", "newer\n");
    place.git(&["commit", "--quiet", "--all", "--amend", "--no-edit"]);
    insta::assert_snapshot!(place.done(&["export", "3.11"]), @"
    wrote patches/cpython/3.11/lib-tidy-files.patch
    warning: lib-tidy-files.patch changed, and its `Last-Update` did not
    ");
    assert!(place.read(&format!("{SERIES}/lib-tidy-files.patch")).contains("\n+newer\n"));
}

#[test]
fn commits_that_cannot_become_patches_are_all_named_and_nothing_is_written() {
    let place = Place::new();
    let before = place.series();
    place.done(&["checkout", "3.11"]);
    let fields = "Origin: vendor\nForwarded: no\nLast-Update: 2026-11-22\n";
    place.commit("a.c", "a\n", "Lack the fields");
    place.commit("b.c", "b\n", &format!("Brief\n\nToo brief.\n\n{fields}"));
    place.commit("c.c", "c\n", &format!("Say hello\n\nAgain.\n\n{fields}"));
    place.commit("d.c", "d\0\n", &format!("Add no text\n\nBut bytes.\n\n{fields}"));
    let said = place.failed(3, &["export", "3.11"]);
    let hash = |line: &str| line.split_once("commit ").map(|(_, rest)| rest[..10].to_owned());
    let said = said.lines().filter_map(hash).fold(said.clone(), |said, hash| said.replace(&hash, "HASH"));
    insta::assert_snapshot!(said, @"
    error: commit HASH (`Lack the fields`): the description says what the patch does, but not why
      more lines follow, ` `-indented: what goes wrong without the patch
    commit HASH (`Lack the fields`): `Author` or `Origin` is missing
      who wrote the patch, or where it was taken from
    commit HASH (`Lack the fields`): `Forwarded` is missing
      `no`, `not-needed`, or the URL where upstream was offered the patch
    commit HASH (`Lack the fields`): `Last-Update` is missing
      the day of the last change, written YYYY-MM-DD
    commit HASH (`Brief`): its first line cannot become a file name: at least three words are needed, and no number first
    commit HASH (`Say hello`): another commit, `Say hello`, becomes `greet-say-hello.patch` as well
      give it another first line
    commit HASH (`Add no text`): `Binary files /dev/null and b/d.c differ` does not belong here
      binary files cannot be patched
    hint: `git rebase -i pristine` with `reword` changes messages: a summary line, an explanation, and the fields as the last paragraph; patches/README.md lists them
    ");
    assert_eq!(place.series(), before);
}

#[test]
fn only_a_finished_checkout_of_the_pinned_source_is_exported() {
    let place = Place::new();
    let reject = |because: &str| {
        let said = place.failed(1, &["export", "3.11"]);
        assert!(said.contains(because) && said.contains("hint: "), "{said}");
    };
    place.write("store/patch-checkout/3.11/configure.ac", "AC_INIT\n");
    reject("is not a git repository");
    fs::remove_dir_all(place.path("store/patch-checkout")).unwrap();
    place.done(&["checkout", "3.11"]);
    place.write("store/patch-checkout/3.11/configure.ac", "AC_INIT(1)\n");
    place.write("store/patch-checkout/3.11/configure.in", "");
    reject("has uncommitted changes:\n M configure.ac\n?? configure.in\n");
    place.git(&["stash", "--quiet", "--include-untracked"]);
    place.git(&["-c", "sequence.editor=sed -i 1s/pick/edit/", "rebase", "--quiet", "--interactive", "pristine"]);
    reject("a rebase is in progress");
    place.git(&["rebase", "--abort"]);
    place.git(&["checkout", "--quiet", "-b", "side", "pristine"]);
    place.commit("side.c", "side\n", "Stand aside");
    place.git(&["checkout", "--quiet", "patches"]);
    place.git(&["merge", "--quiet", "--no-edit", "side"]);
    reject("the history since `pristine` is not a line");
    place.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    let (recipe, lock) =
        (RECIPE.replace("3.11.2", "3.11.1"), place.read(LOCK_FILE).replace(SOURCE, "Python-3.11.1.tgz"));
    place.write("recipes/cpython/3.11.toml", &recipe);
    place.write(LOCK_FILE, &lock);
    reject("is not made of the pinned source, Python 3.11.1");
    place.git(&["tag", "--delete", "pristine"]);
    reject("has no tag `pristine`");
}

#[test]
fn a_checkout_that_cannot_be_made_says_why_and_leaves_nothing() {
    let place = Place::new();
    let said = place.failed(2, &["checkout", "3.13"]);
    assert!(said.contains("hint: to begin a series, add `patches = \"cpython/3.13\"` to a release"), "{said}");
    place.write(&format!("{SERIES}/greet-say-hello.patch"), &GREET.replace("bye", "goodbye"));
    let said = place.failed(3, &["checkout", "3.11"]);
    assert!(said.contains("`greet-say-hello.patch` does not apply to `Modules/greet.c`"), "{said}");
    assert!(!place.path("store/patch-checkout/3.11").exists());
    assert_eq!(place.path("store/patch-checkout").read_dir_utf8().unwrap().count(), 0);
}

#[test]
fn check_names_both_releases_when_a_series_applies_to_one_of_them() {
    let place = Place::new();
    place.download();
    // 3.11.3 has the same files, except for the line that the first patch changes.
    let other = archive_with("Python-3.11.3/", &|text| text.replace("puts(\"bye\")", "puts(\"farewell\")"));
    place.write("recipes/cpython/3.11.toml", &RECIPE.replace("epoch = 2,", "epoch = 2, patches = \"cpython/3.11\","));
    place.pin("Python-3.11.3.tgz", &other);
    let said = place.done(&["check"]);
    assert!(said.contains("not in the store: Python 3.11.3 (`cargo xtask fetch wasi --python 3.11.3`)"), "{said}");
    fs::write(place.path("mirror/Python-3.11.3.tgz"), &other).unwrap();
    insta::assert_snapshot!(place.failed(3, &["check", "--fetch"]), @r#"
    error: patches/cpython/3.11 applies to Python 3.11.2 but not to Python 3.11.3
    Python 3.11.3: patches/cpython/3.11: `greet-say-hello.patch` does not apply to `Modules/greet.c`: no place fits
      hunk @@ -1,4 +1,4 @@, line 14 of the patch
      the patch expects
          1   #include <stdio.h>
          2   int main(void) {
          3 !     return puts("bye");
          4   }
      the file has
          1   #include <stdio.h>
          2   int main(void) {
          3 !     return puts("farewell");
          4   }
    hint: give Python 3.11.3 a series of its own: copy patches/cpython/3.11 to patches/cpython/3.11.3, set `patches = "cpython/3.11.3"` for it in recipes/cpython/3.11.toml, and adapt the patch
    "#);
}
