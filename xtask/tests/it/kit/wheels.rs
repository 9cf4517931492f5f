//! Wheels for the machine's own pip, in a folder instead of an index.

use camino::{Utf8Path, Utf8PathBuf};
use xtask::digest::Sha256;

use super::invocation::{Invocation, own_path};
use super::sandbox::Sandbox;

/// Reads file name and texts as JSON, and writes the wheel with all that pip wants of one.
const MAKE_WHEEL: &str = r#"
import json, sys, zipfile
path, requires, modules = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
name, version, *tag = path.rsplit("/", 1)[1].removesuffix(".whl").split("-")
info = f"{name}-{version}.dist-info"
metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", *(f"Requires-Dist: {it}\n" for it in requires)]
files = {**modules, f"{info}/METADATA": "".join(metadata)}
files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {'-'.join(tag)}\n"
files[f"{info}/RECORD"] = "".join(f"{it},,\n" for it in [*files, f"{info}/RECORD"])
with zipfile.ZipFile(path, "w") as wheel:
    for file, text in files.items():
        wheel.writestr(zipfile.ZipInfo(file), text)
"#;

/// A folder with wheels in a sandbox.
pub struct Wheels<'a> {
    pub sandbox: &'a Sandbox,
    pub folder: Utf8PathBuf,
}

impl<'a> Wheels<'a> {
    pub fn new(sandbox: &'a Sandbox) -> Self {
        let folder = sandbox.path("wheels");
        fs_err::create_dir_all(&folder).unwrap();
        Self { sandbox, folder }
    }

    /// Adds a wheel, whose file name says what it is, with one module. Returns its hash.
    #[expect(clippy::disallowed_methods, reason = "pip needs Python anyway, and Python can write wheels")]
    pub fn add(&self, file: &str, requires: &[&str], text: &str) -> Sha256 {
        let path = self.folder.join(file);
        let module = format!("{}.py", file.split('-').next().unwrap());
        let (requires, modules) = (serde_json::json!(requires), serde_json::json!({ module: text }));
        let mut python = std::process::Command::new("python3");
        python.args(["-c", MAKE_WHEEL, path.as_str(), &requires.to_string(), &modules.to_string()]);
        assert!(python.env("PATH", own_path()).status().unwrap().success());
        Sha256::of(&fs_err::read(path).unwrap())
    }

    /// `xtask`, whose pip has only this folder.
    pub fn xtask(&self, arguments: &[&str]) -> Invocation<'a> {
        let xtask = self.sandbox.xtask(arguments).with_git();
        xtask.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", self.folder.as_str())
    }

    /// The only layer of the store: its modules and what it was made from.
    #[track_caller]
    pub fn layer(&self) -> Utf8PathBuf {
        self.sandbox.result("install-packages")
    }

    /// The modules in a layer.
    pub fn modules(layer: &Utf8Path) -> Vec<String> {
        let entries = layer.join("site-packages").read_dir_utf8().unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().to_owned());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".py")).collect();
        names.sort();
        names
    }
}
