//! `ci/matrix.toml`: which Pythons are built, used and tested, and by which steps.

use anyhow::{Context as _, Result};
use camino::Utf8Path;
use serde::Deserialize;

/// The whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    pub run: Run,
    pub build: Vec<Target>,
    pub variant: Vec<Target>,
    pub test: Vec<Tests>,
    pub suite: Vec<Python>,
    pub upstream: Upstream,
    pub playwright: Playwright,
    pub status: Status,
}

/// Lists of steps, each as on the command line.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    pub all: Vec<String>,
    pub nightly: Vec<String>,
}

/// A Python to build and use.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub host: String,
    /// A minor, or one release.
    pub python: String,
    /// `sys.platform`, `os.name` and `platform.machine()`.
    pub system: String,
    /// Modules that must be importable.
    #[serde(default)]
    pub imports: Vec<String>,
    pub uses: Vec<Use>,
}

/// What is done with a built Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    Launcher,
    Embed,
    Doctor,
    Machine,
    FullPipe,
    NodeTrap,
    NodeCache,
    Runners,
    Browser,
    ConfigureCache,
    Extension,
    Packages,
    Threads,
}

/// Tests to run on a built Python.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tests {
    pub host: String,
    pub python: String,
    /// Arguments of `cargo xtask test`, one list for each run.
    pub runs: Vec<Vec<String>>,
    #[serde(default)]
    pub smoke: bool,
}

/// One Python.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Python {
    pub host: String,
    pub python: String,
}

/// What the server that plays upstream has.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    pub python: String,
    /// A newer release of the same minor, which the recipe knows.
    pub missing: String,
}

/// The npm package `playwright-core`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playwright {
    pub version: String,
    pub integrity: String,
}

/// The part of the status page that is compared.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    pub columns: Vec<String>,
}

impl Matrix {
    /// Reads the file. Errors name the line.
    pub fn load(path: &Utf8Path) -> Result<Self> {
        toml::from_str(&fs_err::read_to_string(path)?).with_context(|| format!("{path} is not valid"))
    }
}

impl Target {
    /// The minor, such as `3.13`.
    pub fn minor(&self) -> &str {
        let end = self.python.match_indices('.').nth(1).map_or(self.python.len(), |(end, _)| end);
        &self.python[..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tests run offline on what was built, and a typing error would be found only after an hour.
    #[test]
    fn the_matrix_is_consistent() {
        let checkout = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let matrix = Matrix::load(&checkout.join("ci/matrix.toml")).unwrap();
        for host in matrix.build.iter().chain(&matrix.variant).map(|target| &target.host) {
            assert!(checkout.join(format!("recipes/hosts/{host}.toml")).is_file(), "{host}");
        }
        for Tests { host, python, .. } in &matrix.test {
            let is_built = matrix.build.iter().any(|target| target.host == *host && target.python == *python);
            assert!(is_built, "{host} {python} is tested and not built");
        }
    }

    #[test]
    fn a_wrong_use_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("matrix.toml");
        let checkout = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = fs_err::read_to_string(checkout.join("matrix.toml")).unwrap();
        fs_err::write(&path, text.replacen("\"launcher\"", "\"lancher\"", 1)).unwrap();
        let error = format!("{:#}", Matrix::load(&path).unwrap_err());
        assert!(error.contains("lancher") && error.contains("line"), "{error}");
    }
}
