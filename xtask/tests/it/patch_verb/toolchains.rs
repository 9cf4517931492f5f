//! `cargo xtask patch status` and `check` on the series of a toolchain that is made of packages.

use super::*;

/// The package of a toolchain with patches.
const TOOLS: &str = "tools_3.10-1_all.deb";

const TOOLCHAIN: &str = r#"
schema = 1
description = "tools"
license = "T"

[[version]]
version = "3.10"
triples = ["wasm32-tools"]
sysroot = "usr"

[[version.debian]]
build-machine = "x86_64-linux"

[version.debian.patched]
series = "tools/3"
folder = "usr/share/tools"

[[version.debian.package]]
name = "tools"
version = "3.10-1"
architecture = "all"
suite = "bookworm"
"#;

#[test]
fn the_patches_of_a_toolchain_are_looked_after_as_well() {
    let place = Place::new();
    let packages = archive("./usr/share/tools/");
    let mut lock = Lock::parse(&place.read(LOCK_FILE)).unwrap();
    let sha256 = Sha256::of(&packages);
    lock.artifacts.insert(TOOLS.to_owned(), Locked { size: None, sha256, pinned_from: "the test".to_owned() });
    place.write(LOCK_FILE, &lock.print());
    place.write("recipes/toolchains/tools.toml", TOOLCHAIN);
    let said = place.failed(3, &["check"]);
    let missing =
        "recipes/toolchains/tools.toml: 3.10 names the series `tools/3`, but patches/tools/3 does not exist\nhint: ";
    assert!(said.contains(missing), "{said}");
    place.write("patches/tools/3/series", "greet-say-hello.patch\n");
    place.write("patches/tools/3/greet-say-hello.patch", &GREET.replace("Upstream: 3.12", "Upstream: 3.9, or so"));
    insta::assert_snapshot!(place.done(&["status"]), @"
    series        patch                  last update  forwarded              upstream has it            bug                    synopsis
    cpython/3.11  greet-say-hello.patch  2026-11-20   https://example.org/2  since 3.12                 https://example.org/1  Say hello
    cpython/3.11  lib-tidy-files.patch   2026-11-21   no                     since 3.11.1: drop it      none                   Tidy the library
    tools/3       greet-say-hello.patch  2026-11-20   https://example.org/2  since 3.9, or so: drop it  https://example.org/1  Say hello
    ");
    insta::assert_snapshot!(place.done(&["check"]), @"
    not checked, because the source is not in the store: Python 3.11.2 (`cargo xtask fetch wasi --python 3.11.2`), tools 3.10 (`cargo xtask fetch HOST --toolchain tools`)
    3 patches checked
    ");
    fs::write(Store::open(&place.path("store")).unwrap().download(&sha256, TOOLS), &packages).unwrap();
    place.download();
    assert_eq!(place.done(&["check"]), "3 patches checked; they apply to Python 3.11.2, tools 3.10\n");
    place.write("patches/tools/3/greet-say-hello.patch", &GREET.replace("bye", "goodbye"));
    let said = place.failed(3, &["check"]);
    let wrong = "tools 3.10: patches/tools/3: `greet-say-hello.patch` does not apply to `Modules/greet.c`";
    assert!(said.contains(wrong), "{said}");
    let toolchain =
        TOOLCHAIN.replace("[version.debian.patched]\nseries = \"tools/3\"\nfolder = \"usr/share/tools\"\n", "");
    place.write("recipes/toolchains/tools.toml", &toolchain);
    let said = place.failed(3, &["check"]);
    assert!(said.contains("patches/tools/3: no recipe names this series\nhint: name it under `patched`"), "{said}");
}
