//! Inputs from a signed apt repository on the loopback interface, whose packages and signatures change.
//!
//! The real apt reads it, as it reads Debian's: its address and its key are in apt's own configuration (`APT_CONFIG`).
//! Needs apt and gnupg.

mod repository;

use camino::Utf8PathBuf;
use xtask::sys::fs::remove_tree;
use xtask::sys::machine::build_machine;

use crate::kit::sandbox::SOURCE_FILE;
use crate::runners::{add_packed, packed};

use repository::{Keys, Place};

const PACKAGE: &str = "dist/python-3.13.1-wasm32-unknown-emscripten";
const TOOLS: &str = "tools_3-1_all.deb";
const LIBC: &str = "libc_9_all.deb";

/// The same programs as another build of the same upstream release has them.
fn rebuilt(tools: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(tools.to_vec()).unwrap();
    assert!(text.contains("at length"));
    text.replace("at length", "in brief!").into_bytes()
}

#[track_caller]
fn contains(text: &str, part: &str) {
    assert!(text.contains(part), "expected `{part}` in:\n{text}");
}

#[test]
fn pinned_packages_come_from_the_repository() {
    let Some(place) = Place::new() else { return };
    place.publish_signed(&[("tools", "3-1", &place.tools), ("libc", "9", &place.libc)]);
    let built = place.build();
    contains(&built.stderr, "from the distribution's packages");
    assert!(!built.stderr.contains("signature"), "{built}");
    assert_eq!(place.verified_by(TOOLS), "lock");
}

#[test]
fn a_package_that_is_gone_is_replaced_by_the_newest_version_of_its_release() {
    let Some(place) = Place::new() else { return };
    let newer = rebuilt(&place.tools);
    place.publish_signed(&[
        ("tools", "3-2~rc1", b"older"),
        ("tools", "3-2", &newer),
        ("tools", "4-1", b"another release"),
        ("libc", "9", &place.libc),
    ]);
    let line = "tools 3-1 is no longer in Debian's moon: using 3-2, which is verified by the archive's signature and not by the lock";
    // Only pinned bytes: no.
    let locked = place.run(&["build", "emscripten-node", "--locked"]).fail(4).stderr;
    contains(&locked, "Debian's moon no longer has tools 3-1 (listed: ");
    contains(&locked, "cargo xtask bump");
    let built = place.build();
    assert_eq!(built.stderr.matches(line).count(), 1, "{built}");
    assert_eq!(place.verified_by("tools_3-2_all.deb"), "archive-signature");
    assert_eq!(place.verified_by(LIBC), "lock");
    contains(&place.python_json()["unverified"].to_string(), "tools 3-1 is no longer in");
    // The next run is made with the same bytes, and needs no network.
    let again = place.run(&["build", "emscripten-node", "--offline", "--format", "json"]).succeed();
    let is_built = |event: &serde_json::Value| event["outcome"]["kind"] == "built";
    assert!(!again.events().iter().any(is_built), "{again}");
    // The pinned bytes are other bytes: what was made without them is not up to date.
    fs_err::write(place.sandbox.path("mirror").join(TOOLS), &place.tools).unwrap();
    place.run(&["build", "emscripten-node", "--locked"]).succeed();
    assert_eq!(place.verified_by(TOOLS), "lock");
    assert_eq!(place.python_json()["unverified"].to_string(), "[]");
    // They are preferred from now on.
    place.build();
    assert_eq!(place.verified_by(TOOLS), "lock");
}

#[test]
fn a_pinned_alternative_comes_before_what_only_a_signature_vouches_for() {
    let Some(place) = Place::new() else { return };
    let alternative = place.add_alternative();
    place.publish_signed(&[("tools", "3-2", b"not pinned"), ("libc", "9", &place.libc)]);
    let sign = |release: &[u8]| Some(place.keys.gpg(&["--clearsign"], release));
    place.publish_in("mars", &[("tools", "3-0", &alternative)], "", &sign);
    let built = place.run(&["build", "emscripten-node", "--locked"]).succeed();
    assert!(!built.stderr.contains("signature"), "{built}");
    assert_eq!(place.verified_by("tools_3-0_all.deb"), "lock");
}

/// A sandbox whose store has an index that lists the pinned packages, and neither downloads nor results.
fn with_local_index() -> Option<Place> {
    let place = Place::new()?;
    place.publish_signed(&[("tools", "3-1", &place.tools), ("libc", "9", &place.libc)]);
    place.build();
    place.forget_all_but_the_index();
    Some(place)
}

#[test]
fn a_package_that_left_the_archive_after_the_index_was_read_is_replaced_in_the_same_run() {
    let Some(place) = with_local_index() else { return };
    let newer = rebuilt(&place.tools);
    place.remove("tools", "3-1");
    place.publish_signed(&[("tools", "3-2", &newer), ("libc", "9", &place.libc)]);
    let built = place.build();
    contains(&built.stderr, "tools 3-1 is no longer in Debian's moon: using 3-2");
    assert_eq!(place.verified_by("tools_3-2_all.deb"), "archive-signature");
    // So is the replacement, when it has left the archive too.
    place.forget_all_but_the_index();
    place.remove("tools", "3-2");
    place.publish_signed(&[("tools", "3-3", &newer), ("libc", "9", &place.libc)]);
    contains(&place.build().stderr, "tools 3-1 is no longer in Debian's moon: using 3-3");
}

#[test]
fn with_locked_a_package_that_left_the_archive_after_the_index_was_read_is_reported_as_gone() {
    let Some(place) = with_local_index() else { return };
    place.remove("tools", "3-1");
    place.publish_signed(&[("tools", "3-2", b"not pinned"), ("libc", "9", &place.libc)]);
    let locked = place.run(&["build", "emscripten-node", "--locked"]).fail(4).stderr;
    contains(&locked, "Debian's moon no longer has tools 3-1 (listed: 3-2)");
}

#[test]
fn a_pinned_alternative_is_used_after_the_index_was_read_too() {
    let Some(place) = with_local_index() else { return };
    let alternative = place.add_alternative();
    place.remove("tools", "3-1");
    place.publish_signed(&[("tools", "3-2", b"not pinned"), ("libc", "9", &place.libc)]);
    let sign = |release: &[u8]| Some(place.keys.gpg(&["--clearsign"], release));
    place.publish_in("mars", &[("tools", "3-0", &alternative)], "", &sign);
    place.run(&["build", "emscripten-node", "--locked"]).succeed();
    assert_eq!(place.verified_by("tools_3-0_all.deb"), "lock");
}

#[test]
fn a_runners_package_that_is_gone_is_replaced_too() {
    let Some(place) = Place::new() else { return };
    place.sandbox.build().succeed();
    add_packed(&place.sandbox, &build_machine());
    fs_err::remove_file(place.sandbox.path("mirror/packed_1%3a50-1_all.deb")).unwrap();
    let newer = packed("50.1");
    place.publish_signed(&[("packed", "1:50-2", &newer), ("packed", "1:51-1", b"another release")]);
    let run = |more: &[&str]| place.run(&[&["run", "wasi", "--runner", "packed"], more].concat());
    let locked = run(&["--locked"]).fail(4).stderr;
    contains(&locked, "Debian's moon no longer has packed 1:50-1 (listed: 1:51-1, 1:50-2)");
    let ran = run(&[]).succeed();
    let line = "unverified: packed 1:50-1 is no longer in Debian's moon: using 1:50-2, which is verified by the archive's signature and not by the lock";
    assert_eq!(ran.stderr.matches(line).count(), 1, "{ran}");
    // It is unpacked: nothing is asked again.
    let requests = place.server.all_requests().len();
    assert_eq!(run(&[]).succeed().stderr, "");
    assert_eq!(place.server.all_requests().len(), requests);
    place.run(&["fetch", "wasi", "--runner", "packed", "--offline"]).succeed();
    // Another upstream release is not used.
    remove_tree(&place.sandbox.store().join("downloads")).unwrap();
    remove_tree(&place.sandbox.result("prepare-runner")).unwrap();
    place.publish_signed(&[("packed", "1:51-1", b"another release")]);
    contains(&run(&[]).fail(4).stderr, "Debian's moon no longer has packed 1:50-1 (listed: 1:51-1)");
}

#[test]
fn an_index_is_refreshed_once_in_each_run() {
    let Some(place) = with_local_index() else { return };
    let asked = || place.server.requests("/debian/dists/moon/InRelease").len();
    let before = asked();
    place.build();
    assert_eq!(asked(), before + 1);
    // Nothing is left to download.
    place.build();
    assert_eq!(asked(), before + 1);
}

#[test]
fn where_an_index_cannot_be_refreshed_the_local_one_is_used() {
    let Some(place) = with_local_index() else { return };
    let changed = |release: &[u8]| {
        let signed = String::from_utf8(place.keys.gpg(&["--clearsign"], release)).unwrap();
        Some(signed.replace("Origin: a test", "Origin: a text").into_bytes())
    };
    let newer = rebuilt(&place.tools);
    let next = [("tools", "3-2", newer.as_slice()), ("libc", "9", place.libc.as_slice())];
    place.publish(&next, "", &changed);
    // The pinned package is still served.
    place.build();
    assert_eq!(place.verified_by(TOOLS), "lock");
    place.forget_all_but_the_index();
    place.remove("tools", "3-1");
    contains(&place.fail(4), "BADSIG");
}

#[test]
fn another_upstream_release_is_never_taken() {
    let Some(place) = Place::new() else { return };
    place.publish_signed(&[("tools", "4-1", &place.tools), ("libc", "9", &place.libc)]);
    contains(&place.fail(4), "Debian's moon no longer has tools 3-1 (listed: 4-1)");
}

#[test]
fn a_pinned_version_with_other_bytes_is_refused() {
    let Some(place) = Place::new() else { return };
    let other = rebuilt(&place.tools);
    place.publish_signed(&[("tools", "3-1", &other), ("libc", "9", &place.libc)]);
    contains(&place.fail(4), "tools 3-1 in Debian's moon has other bytes than the pinned ones: listed is sha256");
}

#[test]
fn a_repository_without_a_valid_signature_is_refused() {
    let Some(place) = Place::new() else { return };
    let packages = [("tools", "3-1", place.tools.as_slice()), ("libc", "9", place.libc.as_slice())];
    place.publish(&packages, "", &|_| None);
    contains(&place.fail(4), "is not signed");
    place.sandbox.start_over();
    let stranger = Keys::new();
    place.publish(&packages, "", &|release| Some(stranger.gpg(&["--clearsign"], release)));
    contains(&place.fail(4), "NO_PUBKEY");
    place.sandbox.start_over();
    // Signed, and changed afterwards.
    place.publish(&packages, "", &|release| {
        let signed = String::from_utf8(place.keys.gpg(&["--clearsign"], release)).unwrap();
        Some(signed.replace("Origin: a test", "Origin: a text").into_bytes())
    });
    contains(&place.fail(4), "BADSIG");
    place.sandbox.start_over();
    place.publish_signed(&packages);
    place.build();
}

#[test]
fn a_damaged_mirror_is_named_and_the_packages_are_used() {
    let Some(place) = Place::new() else { return };
    let damaged = rebuilt(&place.tools);
    fs_err::write(place.sandbox.path("mirror").join(TOOLS), &damaged).unwrap();
    place.publish_signed(&[("libc", "9", &place.libc)]);
    let failed = place.fail(1);
    contains(&failed, "[MIRROR]/tools_3-1_all.deb: sent other bytes than the pinned ones: found sha256");
    contains(&failed, "Debian's packages: Debian's moon no longer has tools 3-1");
    place.publish_signed(&[("tools", "3-1", &place.tools), ("libc", "9", &place.libc)]);
    let built = place.build();
    contains(&built.stderr, "warning: [MIRROR]/tools_3-1_all.deb: sent other bytes than the pinned ones");
}

#[test]
fn a_source_package_gives_the_pinned_archive_in_any_revision_or_the_next_release_is_used() {
    let Some(place) = Place::new() else { return };
    let mirrored: Utf8PathBuf = place.sandbox.path("mirror").join(SOURCE_FILE);
    let archive = fs_err::read(&mirrored).unwrap();
    fs_err::remove_file(&mirrored).unwrap();
    let sources = |suite: &str| {
        format!("debian-sources = [{{ package = \"python3\", version = \"{suite}\", suite = \"moon\" }}]")
    };
    let urls = |micro: &str| format!("file = \"Python-{micro}.tar.gz\"\n");
    for (micro, version) in [("3.13.2", "3.13.2-1"), ("3.13.1", "3.13.1-1")] {
        let with = format!("{}{}\n", urls(micro), sources(version));
        place.sandbox.edit("recipes/cpython/3.13.toml", &urls(micro), &with);
    }
    // 3.13.2 has vanished; 3.13.1 is there in another revision with the same archive.
    let listed = place.listed_source(&archive);
    let packages = [("tools", "3-1", place.tools.as_slice()), ("libc", "9", place.libc.as_slice())];
    place.publish(&packages, &listed, &|release| Some(place.keys.gpg(&["--clearsign"], release)));
    let built = place.build();
    contains(&built.stderr, "using Python 3.13.1 from the distribution's packages");
    contains(&built.stderr, "python3 3.13.1-7 with the same archive as 3.13.1-1");
    assert_eq!(place.verified_by(SOURCE_FILE), "lock");
    // The release that was named is not replaced.
    let named = place.run(&["build", "emscripten-node", "--python", "3.13.2"]).fail(4).stderr;
    contains(&named, "Debian's moon no longer has python3 3.13.2-1 (listed: 3.13.1-7)");
}

#[test]
fn all_suites_of_a_source_package_are_tried() {
    let Some(place) = Place::new() else { return };
    let mirrored: Utf8PathBuf = place.sandbox.path("mirror").join(SOURCE_FILE);
    let archive = fs_err::read(&mirrored).unwrap();
    fs_err::remove_file(&mirrored).unwrap();
    let file = "file = \"Python-3.13.1.tar.gz\"\n";
    let sources = ["mars", "moon"]
        .map(|suite| format!("{{ package = \"python3\", version = \"3.13.1-1\", suite = \"{suite}\" }}"));
    let with = format!("{file}debian-sources = [{}]\n", sources.join(", "));
    place.sandbox.edit("recipes/cpython/3.13.toml", file, &with);
    let sign = |release: &[u8]| Some(place.keys.gpg(&["--clearsign"], release));
    place.publish_in("mars", &[], "", &sign);
    let packages = [("tools", "3-1", place.tools.as_slice()), ("libc", "9", place.libc.as_slice())];
    let build = || place.run(&["build", "emscripten-node", "--python", "3.13.1"]);
    place.publish(&packages, "", &sign);
    let failed = build().fail(4).stderr;
    contains(&failed, "Debian's mars no longer has python3 3.13.1-1 (no version is listed)");
    contains(&failed, "Debian's moon no longer has python3 3.13.1-1 (no version is listed)");
    place.publish(&packages, &place.listed_source(&archive), &sign);
    build().succeed();
    assert_eq!(place.verified_by(SOURCE_FILE), "lock");
}

#[test]
fn bump_moves_pins_in_recipes_and_lock_and_shows_the_difference() {
    let Some(place) = Place::new() else { return };
    let newer = rebuilt(&place.tools);
    place.publish_signed(&[("tools", "3-2", &newer), ("tools", "4-1", b"another release"), ("libc", "9", &place.libc)]);
    let files = ["recipes/toolchains/tools.toml", "recipes/lock.toml"];
    let before = files.map(|file| place.sandbox.read(file));
    let said = place.run(&["bump", "--dry-run"]).succeed();
    insta::assert_snapshot!(said.to_string(), @r#"
    exit code: 0
    --- stdout ---
    --- recipes/lock.toml
    +++ recipes/lock.toml
    @@ -24 +24 @@
    -file = "tools_3-1_all.deb"
    +file = "tools_3-2_all.deb"
    @@ -26 +26 @@
    -sha256 = "[HASH]"
    -pinned-from = "downloaded"
    +sha256 = "[HASH]"
    +pinned-from = "Debian's package index of moon, whose signature apt checked"
    --- recipes/toolchains/tools.toml
    +++ recipes/toolchains/tools.toml
    @@ -14 +14 @@
    -            { name = "tools", version = "3-1", architecture = "all", suite = "moon" },
    +            { name = "tools", version = "3-2", architecture = "all", suite = "moon" },
    --- stderr ---
    would move 1 pin in 2 files
    "#);
    assert_eq!(files.map(|file| place.sandbox.read(file)), before);
    let moved = place.run(&["bump"]).succeed();
    assert_eq!(moved.stdout, said.stdout);
    assert_eq!(place.sandbox.read(files[0]), before[0].replace("version = \"3-1\"", "version = \"3-2\""));
    // What it wrote is a lock of these recipes, and builds.
    place.run(&["lock", "--check"]).succeed();
    place.run(&["build", "emscripten-node", "--locked"]).succeed();
    assert_eq!(place.verified_by("tools_3-2_all.deb"), "lock");
    contains(&place.run(&["bump"]).succeed().stderr, "all pinned Debian packages are the newest versions");
}
