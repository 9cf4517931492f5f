//! A whole world for `xtask` in a temporary folder: a checkout, a mirror, and programs that stand for compilers and write down how they are called.
//!
//! Everything that is called is a real process; only what it makes is in miniature. See `xtask/testing/sandbox`.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;
use xtask::digest::Sha256;
use xtask::lock::{Lock, Locked};
use xtask::sys::fs::{copy_tree, hash_tree, remove_tree};
use xtask::sys::machine::build_machine;

use super::archives::{SOURCE, WASI_SDK, folder};
use super::invocation::{Invocation, own_path, redact};

pub const MINOR_RECIPE: &str = "recipes/cpython/3.13.toml";
pub const HOST_RECIPE: &str = "recipes/hosts/wasi/3.13.toml";
pub const SOURCE_FILE: &str = "Python-3.13.1.tar.gz";
pub const PACKAGE: &str = "python-3.13.1-wasm32-wasip1";

/// How a program was called.
#[derive(Debug, Clone, Deserialize)]
pub struct Call {
    args: Vec<String>,
    pub environment: BTreeMap<String, String>,
}

impl Call {
    /// The program and its arguments.
    pub fn words(&self) -> Vec<&str> {
        let program = self.args[0].rsplit('/').next().unwrap();
        let words = std::iter::once(program).chain(self.args[1..].iter().map(String::as_str));
        words.skip(usize::from(program == "scribe")).collect()
    }
}

pub struct Sandbox {
    root: Utf8PathBuf,
    _guard: tempfile::TempDir,
}

impl Sandbox {
    pub fn new() -> Self {
        Self::named("sandbox")
    }

    /// A sandbox in a folder of this name, which is part of all its paths.
    pub fn named(name: &str) -> Self {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::try_from(guard.path().canonicalize().unwrap()).unwrap().join(name);
        let sandbox = Self { root, _guard: guard };
        for folder in ["home", "mirror"] {
            fs_err::create_dir_all(sandbox.path(folder)).unwrap();
        }
        sandbox.add_checkout();
        sandbox.add_programs();
        sandbox.add_input(SOURCE_FILE, &SOURCE);
        sandbox.add_input("wasi-sdk-24.0.tar.gz", &WASI_SDK);
        sandbox
    }

    fn add_checkout(&self) {
        let shipped = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for part in ["recipes", "patches"] {
            copy(&folder(part), &self.checkout().join(part));
        }
        copy(&shipped.join("recipes/profiles"), &self.checkout().join("recipes/profiles"));
        let as_shipped = [
            "recipes/build-python/full.toml",
            "recipes/packages/index.toml",
            "recipes/runners/host-runner.toml",
            "recipes/runners/wasmtime.toml",
            "recipes/runners/node.toml",
            "package-files/launcher/node.mjs",
        ];
        for file in as_shipped {
            self.write(file, &fs_err::read_to_string(shipped.join(file)).unwrap());
        }
        // The runners that this machine happens to have are not used by themselves; `use_installed_runners` changes that.
        self.edit("recipes/runners/node.toml", "\nautomatic = 1\n", "\n");
        self.edit("recipes/runners/wasmtime.toml", "\nautomatic = 2\n", "\n");
        let host = fs_err::read_to_string(shipped.join("recipes/hosts/wasi.toml")).unwrap();
        self.write("recipes/hosts/wasi.toml", &host.replace(", \"debian-clang\"", ""));
        self.edit("recipes/toolchains/wasi-sdk.toml", "@BUILD_MACHINE@", &build_machine());
        for file in [
            "Cargo.toml",
            "Cargo.lock",
            "runners/host/Cargo.toml",
            "runners/host/src/main.rs",
            "runners/browser/Cargo.toml",
            "runners/browser/src/main.rs",
            "runners/browser/harness/page.mjs",
        ] {
            self.write(file, "# the fake cargo does not read it\n");
        }
        let unavailable = Locked { size: Some(1), sha256: Sha256::of(b"3.13.2"), pinned_from: "a test".to_owned() };
        let lock = Lock { artifacts: [("Python-3.13.2.tar.gz".to_owned(), unavailable)].into() };
        self.write("recipes/lock.toml", &lock.print());
    }

    /// Scripts, the `scribe` that they all call, and `cc`, which is asked for its version without any `PATH`.
    fn add_programs(&self) {
        copy(&folder("programs"), &self.path("programs"));
        let (scribe, cc) = (self.path("programs/scribe"), self.path("programs/cc"));
        // The temporary folder may be on another file system.
        let linked = fs_err::hard_link(crate::FAKE_TOOL, &scribe);
        linked.or_else(|_| fs_err::copy(crate::FAKE_TOOL, &scribe).map(drop)).unwrap();
        for other in [cc, self.path("programs/guest")] {
            fs_err::hard_link(&scribe, other).unwrap();
        }
        fs_err::write(self.path("programs/guest.script"), format!("guest {}\n", self.path("tests"))).unwrap();
        self.script(&[]);
        let transcript = self.path("transcript");
        let version = "when --version out cc (a sandbox's) 1.0";
        fs_err::write(self.path("programs/cc.script"), format!("transcript {transcript}\n{version}\n")).unwrap();
    }

    /// Puts a file into the mirror and into the lock.
    pub fn add_input(&self, file: &str, content: &[u8]) {
        fs_err::write(self.path("mirror").join(file), content).unwrap();
        let size = Some(content.len() as u64);
        self.pin(file, Locked { size, sha256: Sha256::of(content), pinned_from: "downloaded".to_owned() });
    }

    pub fn pin(&self, file: &str, locked: Locked) {
        let mut lock = Lock::parse(&self.read("recipes/lock.toml")).unwrap();
        lock.artifacts.insert(file.to_owned(), locked);
        self.write("recipes/lock.toml", &lock.print());
    }

    // Places.

    pub fn path(&self, name: &str) -> Utf8PathBuf {
        self.root.join(name)
    }

    pub fn checkout(&self) -> Utf8PathBuf {
        self.path("checkout")
    }

    pub fn store(&self) -> Utf8PathBuf {
        self.path("store")
    }

    pub fn package(&self) -> Utf8PathBuf {
        self.path("dist").join(PACKAGE)
    }

    /// The result of a stage. There must be one and no more.
    #[track_caller]
    pub fn result(&self, stage: &str) -> Utf8PathBuf {
        let results = self.store().join("results").read_dir_utf8().unwrap();
        let mut found = results
            .map(|entry| entry.unwrap().into_path())
            .filter(|path| path.file_name().unwrap().rsplit_once('-').is_some_and(|(name, _)| name == stage));
        let result = found.next().unwrap_or_else(|| panic!("there is a result of {stage}"));
        assert_eq!(found.next(), None);
        result
    }

    /// The names of all results in the store.
    pub fn store_listing(&self) -> Vec<String> {
        let results = self.store().join("results").read_dir_utf8().unwrap();
        let mut names: Vec<String> = results.map(|entry| entry.unwrap().file_name().to_owned()).collect();
        names.sort();
        names
    }

    /// Names, modes and contents of the package, as one hash.
    pub fn package_hash(&self) -> Sha256 {
        hash_tree(&self.package()).unwrap()
    }

    // Files of the checkout.

    pub fn read(&self, file: &str) -> String {
        fs_err::read_to_string(self.checkout().join(file)).unwrap()
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.checkout().join(file);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    #[track_caller]
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} has `{from}`");
        self.write(file, &text.replace(from, to));
    }

    /// Forgets all that was built.
    pub fn start_over(&self) {
        for folder in ["store", "dist"] {
            remove_tree(&self.path(folder)).unwrap();
        }
    }

    // Programs.

    /// Instructions (see `fake_tool.rs`) that every program follows when it is called, but for `cc`. `{}` is the sandbox.
    pub fn script(&self, instructions: &[&str]) {
        let transcript = format!("transcript {}", self.path("transcript"));
        let lines = instructions.iter().map(|line| line.replace("{}", self.root.as_str()));
        let lines: Vec<String> = std::iter::once(transcript).chain(lines).collect();
        fs_err::write(self.path("programs/scribe.script"), lines.join("\n")).unwrap();
    }

    /// How programs were called since this was asked last.
    pub fn calls(&self) -> Vec<Call> {
        let transcript = fs_err::read_to_string(self.path("transcript")).unwrap_or_default();
        fs_err::write(self.path("transcript"), "").unwrap();
        transcript.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Runs git in a folder, with nothing of the user's settings.
    #[expect(clippy::disallowed_methods, reason = "git makes the repository that xtask is given")]
    pub fn git(&self, folder: &Utf8Path, arguments: &[&str]) {
        let identity = ["-c", "user.name=a test", "-c", "user.email=test@example.invalid"];
        let mut git = std::process::Command::new("git");
        git.args(identity).args(arguments).current_dir(folder).env_clear().env("PATH", own_path());
        assert!(git.env("HOME", self.path("home")).status().unwrap().success());
    }

    /// Lets xtask pick `node` and `wasmtime`, in this order, as it does outside of sandboxes.
    pub fn use_installed_runners(&self) {
        for (name, rank) in [("node", 1), ("wasmtime", 2)] {
            self.edit(
                &format!("recipes/runners/{name}.toml"),
                "\n[program]\n",
                &format!("\nautomatic = {rank}\n\n[program]\n"),
            );
        }
    }

    // Runs.

    pub fn environment(&self) -> BTreeMap<String, String> {
        let environment = [
            ("CARGO_MANIFEST_DIR", self.checkout().join("xtask").into_string()),
            ("CARGO", self.path("programs/cargo").into_string()),
            ("HOME", self.path("home").into_string()),
            ("PATH", format!("{}:/usr/bin:/bin", self.path("programs"))),
            ("XTASK_STORE", self.store().into_string()),
            ("XTASK_DIST", self.path("dist").into_string()),
            ("XTASK_MIRROR", self.path("mirror").into_string()),
        ];
        environment.map(|(name, value)| (name.to_owned(), value)).into()
    }

    pub fn xtask(&self, arguments: &[&str]) -> Invocation<'_> {
        Invocation::new(self, crate::XTASK, arguments)
    }

    /// `xtask build wasi`.
    pub fn build(&self) -> Invocation<'_> {
        self.xtask(&["build", "wasi"])
    }

    /// A text with names for what differs from sandbox to sandbox and from run to run.
    pub fn redact(&self, text: &str) -> String {
        let roots = [
            (self.store(), "[STORE]"),
            (self.checkout(), "[CHECKOUT]"),
            (self.path("dist"), "[DIST]"),
            (self.path("mirror"), "[MIRROR]"),
            (self.path("programs"), "[PROGRAMS]"),
            (self.root.clone(), "[SANDBOX]"),
        ];
        redact(text, &roots).replace(&build_machine(), "[MACHINE]")
    }

    /// A folder with the programs that a build needs, but for some.
    pub fn programs_without(&self, exclude: &[&str]) -> Utf8PathBuf {
        let folder = self.path("fewer-programs");
        fs_err::create_dir_all(&folder).unwrap();
        for name in ["sh", "cc", "make", "nice", "cat", "cp", "mkdir", "sed", "scribe"] {
            let places = [self.path("programs"), "/usr/bin".into(), "/bin".into()];
            let program = places.iter().map(|place| place.join(name)).find(|path| path.is_file()).unwrap();
            if !exclude.contains(&name) {
                symlink(&program, folder.join(name)).unwrap();
            }
        }
        folder
    }
}

fn copy(from: &Utf8Path, to: &Utf8Path) {
    fs_err::create_dir_all(to.parent().unwrap()).unwrap();
    copy_tree(from, to, &|_| true).unwrap();
}
