//! Inputs from a signed apt repository on the loopback interface, whose packages and signatures change.
//!
//! The real apt reads it, as it reads Debian's: its address and its key are in apt's own configuration (`APT_CONFIG`).
//! Needs apt and gnupg.

use std::fmt::Write as _;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use xtask::digest::Sha256;
use xtask::sys::fs::remove_tree;
use xtask::sys::machine::build_machine;

use crate::kit::emscripten;
use crate::kit::invocation::{Invocation, Output};
use crate::kit::sandbox::{SOURCE_FILE, Sandbox};
use crate::kit::server::{Reply, Server};
use crate::runners::{add_packed, packed};

const PACKAGE: &str = "dist/python-3.13.1-wasm32-unknown-emscripten";
const TOOLS: &str = "tools_3-1_all.deb";
const LIBC: &str = "libc_9_all.deb";

/// Keys that sign; removed with the agent that gpg starts for them.
struct Keys {
    folder: tempfile::TempDir,
}

impl Keys {
    fn new() -> Self {
        let keys = Self { folder: tempfile::tempdir().unwrap() };
        keys.gpg(&["--quick-generate-key", "A Test <test@example.org>", "ed25519", "sign", "never"], b"");
        keys
    }

    /// What gpg writes for this input.
    #[expect(clippy::disallowed_methods, reason = "gpg signs what xtask reads")]
    fn gpg(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let text = self.folder.path().join("text");
        fs_err::write(&text, input).unwrap();
        let mut gpg = Command::new("gpg");
        gpg.arg("--homedir").arg(self.folder.path()).args(["--batch", "--quiet", "--passphrase", "", "--output", "-"]);
        let output = gpg.args(arguments).stdin(fs_err::File::open(&text).unwrap().into_file()).output();
        let output = output.unwrap_or_else(|error| panic!("gpg cannot be started: {error}; install gnupg"));
        assert!(output.status.success(), "gpg {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }
}

impl Drop for Keys {
    #[expect(clippy::disallowed_methods, reason = "it ends the agent that gpg started")]
    fn drop(&mut self) {
        let mut gpgconf = Command::new("gpgconf");
        let _ = gpgconf.arg("--homedir").arg(self.folder.path()).args(["--kill", "gpg-agent"]).status();
    }
}

/// What the repository offers: NAME, VERSION, bytes.
type Packages<'a> = &'a [(&'a str, &'a str, &'a [u8])];

/// A sandbox whose toolchain comes from a repository, and from nowhere else.
struct Place {
    sandbox: Sandbox,
    server: Server,
    keys: Keys,
    tools: Vec<u8>,
    libc: Vec<u8>,
}

impl Place {
    /// `None` on a machine that has no apt, which has nothing to test here.
    fn new() -> Option<Self> {
        if !Utf8Path::new("/usr/bin/apt-get").exists() {
            return None;
        }
        let place = Self {
            sandbox: emscripten::sandbox(),
            server: Server::start(),
            keys: Keys::new(),
            tools: Vec::new(),
            libc: Vec::new(),
        };
        let take = |name: &str| {
            let path = place.sandbox.path("mirror").join(name);
            let bytes = fs_err::read(&path).unwrap();
            fs_err::remove_file(path).unwrap();
            bytes
        };
        let (tools, libc) = (take(TOOLS), take(LIBC));
        let place = Self { tools, libc, ..place };
        place.configure_apt(&place.keys);
        Some(place)
    }

    /// Adds the repository, signed by these keys, to apt's sources.
    fn configure_apt(&self, keys: &Keys) {
        let path = |name: &str| self.sandbox.path("apt").join(name);
        fs_err::create_dir_all(path("parts")).unwrap();
        fs_err::write(path("key.gpg"), keys.gpg(&["--export"], b"")).unwrap();
        let archive = self.server.url("/debian");
        fs_err::write(path("sources.list"), format!("deb [signed-by={}] {archive} moon main\n", path("key.gpg")))
            .unwrap();
        let configuration = format!(
            "Dir::Etc::sourcelist \"{}\";\nDir::Etc::sourceparts \"{}\";\nAcquire::http::Proxy::127.0.0.1 \"DIRECT\";\n",
            path("sources.list"),
            path("parts")
        );
        fs_err::write(path("apt.conf"), configuration).unwrap();
    }

    /// Replaces what the suite `moon` has. `sign` makes `InRelease` of `Release`.
    fn publish(&self, packages: Packages<'_>, sources: &str, sign: &dyn Fn(&[u8]) -> Option<Vec<u8>>) {
        self.publish_in("moon", packages, sources, sign);
    }

    fn publish_in(&self, suite: &str, packages: Packages<'_>, sources: &str, sign: &dyn Fn(&[u8]) -> Option<Vec<u8>>) {
        let mut index = String::new();
        for (name, version, bytes) in packages {
            let file = format!("pool/{name}_{version}_all.deb");
            write!(
                index,
                "Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: A Test <test@example.org>\n\
                 Description: a test\nFilename: {file}\nSize: {}\nSHA256: {}\n\n",
                bytes.len(),
                Sha256::of(bytes)
            )
            .unwrap();
            self.server.script(&format!("/debian/{file}"), [Reply::file(bytes)]);
        }
        let mut release = format!(
            "Origin: a test\nSuite: {suite}\nCodename: {suite}\nDate: Thu, 01 Jan 2026 00:00:00 UTC\n\
                           Architectures: amd64 arm64\nComponents: main\nSHA256:\n"
        );
        let machines = ["amd64", "arm64"].map(|machine| (format!("main/binary-{machine}/Packages"), index.as_str()));
        for (path, text) in machines.into_iter().chain([("main/source/Sources".to_owned(), sources)]) {
            writeln!(release, " {} {} {path}", Sha256::of(text.as_bytes()), text.len()).unwrap();
            self.server.script(&format!("/debian/dists/{suite}/{path}"), [Reply::file(text.as_bytes())]);
        }
        let signed = sign(release.as_bytes());
        let reply = signed.map_or_else(|| Reply::status(404), |signed| Reply::file(signed.as_slice()));
        self.server.script(&format!("/debian/dists/{suite}/InRelease"), [reply]);
        self.server.script(&format!("/debian/dists/{suite}/Release"), [Reply::file(release.as_bytes())]);
    }

    fn publish_signed(&self, packages: Packages<'_>) {
        self.publish(packages, "", &|release| Some(self.keys.gpg(&["--clearsign"], release)));
    }

    /// Puts a source archive into the repository, in a revision that no recipe names; gives its entry for an index.
    fn listed_source(&self, archive: &[u8]) -> String {
        self.server.script("/debian/pool/python3_3.13.1.orig.tar.gz", [Reply::file(archive)]);
        self.server.script("/debian/pool/python3_3.13.1-7.dsc", [Reply::file(b"unread".as_slice())]);
        format!(
            "Package: python3\nBinary: python3\nVersion: 3.13.1-7\nFormat: 3.0 (quilt)\nDirectory: pool\nChecksums-Sha256:\n {dsc} 6 python3_3.13.1-7.dsc\n {hash} {size} python3_3.13.1.orig.tar.gz\n\n",
            size = archive.len(),
            dsc = Sha256::of(b"unread"),
            hash = Sha256::of(archive),
        )
    }

    /// Pins another version of `tools`, in the suite `mars`; gives its bytes.
    fn add_alternative(&self) -> Vec<u8> {
        let alternative = rebuilt(&self.tools);
        self.sandbox.add_input("tools_3-0_all.deb", &alternative);
        fs_err::remove_file(self.sandbox.path("mirror/tools_3-0_all.deb")).unwrap();
        let pinned = "name = \"tools\", version = \"3-1\", architecture = \"all\", suite = \"moon\"";
        let with = format!("{pinned}, or = [{{ version = \"3-0\", suite = \"mars\" }}]");
        self.sandbox.edit("recipes/toolchains/tools.toml", pinned, &with);
        alternative
    }

    /// Takes a package's file out of the repository.
    fn remove(&self, name: &str, version: &str) {
        self.server.script(&format!("/debian/pool/{name}_{version}_all.deb"), [Reply::status(404)]);
    }

    fn forget_all_but_the_index(&self) {
        for folder in ["store/downloads", "store/results", "store/choices.json", "store/replacements.json", "dist"] {
            remove_tree(&self.sandbox.path(folder)).unwrap();
        }
    }

    fn run(&self, arguments: &[&str]) -> Invocation<'_> {
        self.sandbox.xtask(arguments).env("APT_CONFIG", self.sandbox.path("apt/apt.conf"))
    }

    #[track_caller]
    fn build(&self) -> Output {
        self.run(&["build", "emscripten-node"]).succeed()
    }

    /// The build fails before anything is unpacked.
    #[track_caller]
    fn fail(&self, code: i32) -> String {
        let output = self.run(&["build", "emscripten-node"]).fail(code);
        assert!(!self.sandbox.path(PACKAGE).exists());
        output.stderr
    }

    fn python_json(&self) -> serde_json::Value {
        let text = fs_err::read_to_string(self.sandbox.path(PACKAGE).join("PYTHON.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// What says that an input of the package is right.
    fn verified_by(&self, file: &str) -> String {
        let python = self.python_json();
        let inputs = python["inputs"].as_array().unwrap();
        let input = inputs.iter().find(|input| input["file"] == file).unwrap_or_else(|| panic!("{file} is an input"));
        input["verified-by"].as_str().unwrap().to_owned()
    }
}

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
