//! A signed apt repository on the loopback interface, and a checkout whose toolchain comes from it.

use crate::kit::emscripten;
use crate::kit::invocation::{Invocation, Output};
use crate::kit::sandbox::Sandbox;
use crate::kit::server::{Reply, Server};
use camino::Utf8Path;
use std::fmt::Write as _;
use std::process::Command;
use xtask::digest::Sha256;
use xtask::sys::fs::remove_tree;

use super::{LIBC, PACKAGE, TOOLS, rebuilt};

/// Keys that sign; removed with the agent that gpg starts for them.
pub struct Keys {
    pub folder: tempfile::TempDir,
}

impl Keys {
    pub fn new() -> Self {
        let keys = Self { folder: tempfile::tempdir().unwrap() };
        keys.gpg(&["--quick-generate-key", "A Test <test@example.org>", "ed25519", "sign", "never"], b"");
        keys
    }

    /// What gpg writes for this input.
    #[expect(clippy::disallowed_methods, reason = "gpg signs what xtask reads")]
    pub fn gpg(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
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
pub struct Place {
    pub sandbox: Sandbox,
    pub server: Server,
    pub keys: Keys,
    pub tools: Vec<u8>,
    pub libc: Vec<u8>,
}

impl Place {
    /// `None` on a machine that has no apt, which has nothing to test here.
    pub fn new() -> Option<Self> {
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
    pub fn configure_apt(&self, keys: &Keys) {
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
    pub fn publish(&self, packages: Packages<'_>, sources: &str, sign: &dyn Fn(&[u8]) -> Option<Vec<u8>>) {
        self.publish_in("moon", packages, sources, sign);
    }

    pub fn publish_in(
        &self,
        suite: &str,
        packages: Packages<'_>,
        sources: &str,
        sign: &dyn Fn(&[u8]) -> Option<Vec<u8>>,
    ) {
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

    pub fn publish_signed(&self, packages: Packages<'_>) {
        self.publish(packages, "", &|release| Some(self.keys.gpg(&["--clearsign"], release)));
    }

    /// Puts a source archive into the repository, in a revision that no recipe names; gives its entry for an index.
    pub fn listed_source(&self, archive: &[u8]) -> String {
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
    pub fn add_alternative(&self) -> Vec<u8> {
        let alternative = rebuilt(&self.tools);
        self.sandbox.add_input("tools_3-0_all.deb", &alternative);
        fs_err::remove_file(self.sandbox.path("mirror/tools_3-0_all.deb")).unwrap();
        let pinned = "name = \"tools\", version = \"3-1\", architecture = \"all\", suite = \"moon\"";
        let with = format!("{pinned}, or = [{{ version = \"3-0\", suite = \"mars\" }}]");
        self.sandbox.edit("recipes/toolchains/tools.toml", pinned, &with);
        alternative
    }

    /// Takes a package's file out of the repository.
    pub fn remove(&self, name: &str, version: &str) {
        self.server.script(&format!("/debian/pool/{name}_{version}_all.deb"), [Reply::status(404)]);
    }

    pub fn forget_all_but_the_index(&self) {
        for folder in ["store/downloads", "store/results", "store/choices.json", "store/replacements.json", "dist"] {
            remove_tree(&self.sandbox.path(folder)).unwrap();
        }
    }

    pub fn run(&self, arguments: &[&str]) -> Invocation<'_> {
        self.sandbox.xtask(arguments).env("APT_CONFIG", self.sandbox.path("apt/apt.conf"))
    }

    #[track_caller]
    pub fn build(&self) -> Output {
        self.run(&["build", "emscripten-node"]).succeed()
    }

    /// The build fails before anything is unpacked.
    #[track_caller]
    pub fn fail(&self, code: i32) -> String {
        let output = self.run(&["build", "emscripten-node"]).fail(code);
        assert!(!self.sandbox.path(PACKAGE).exists());
        output.stderr
    }

    pub fn python_json(&self) -> serde_json::Value {
        let text = fs_err::read_to_string(self.sandbox.path(PACKAGE).join("PYTHON.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// What says that an input of the package is right.
    pub fn verified_by(&self, file: &str) -> String {
        let python = self.python_json();
        let inputs = python["inputs"].as_array().unwrap();
        let input = inputs.iter().find(|input| input["file"] == file).unwrap_or_else(|| panic!("{file} is an input"));
        input["verified-by"].as_str().unwrap().to_owned()
    }
}
