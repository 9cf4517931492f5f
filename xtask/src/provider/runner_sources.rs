//! The sources of the runners in this workspace: which files one is compiled from, and their hash.

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::machine::{MachineError, hash_sources};
use crate::digest::Sha256;

/// The hash of everything that the runner in the folder `package` is compiled from.
pub fn hash(checkout: &Utf8Path, package: &str) -> Result<Sha256, MachineError> {
    let io = |error| MachineError::Io { path: checkout.join(package), error };
    hash_sources(checkout, &sources(checkout, package).map_err(io)?)
}

/// What a runner is compiled from: its package and those of this workspace that it depends on, without their tests.
fn sources(checkout: &Utf8Path, package: &str) -> io::Result<Vec<String>> {
    #[derive(serde::Deserialize)]
    struct Manifest {
        #[serde(default)]
        dependencies: BTreeMap<String, toml::Value>,
    }
    let mut sources = vec!["Cargo.lock".to_owned(), "Cargo.toml".to_owned()];
    let (mut found, mut looked_at) = (vec![Utf8PathBuf::from(package)], 0);
    while let Some(folder) = found.get(looked_at).cloned() {
        looked_at += 1;
        for entry in checkout.join(&folder).read_dir_utf8()? {
            let entry = entry?;
            if !matches!(entry.file_name(), "tests" | "README.md") {
                sources.push(folder.join(entry.file_name()).into_string());
            }
        }
        let manifest = folder.join("Cargo.toml");
        let text = fs_err::read_to_string(checkout.join(&manifest))?;
        let parsed: Manifest =
            toml::from_str(&text).map_err(|error| io::Error::other(format!("{manifest}: {error}")))?;
        for path in parsed.dependencies.values().filter_map(|dependency| dependency.get("path")?.as_str()) {
            let path = checkout.join(&folder).join(path).canonicalize_utf8()?;
            let path = path.strip_prefix(checkout.canonicalize_utf8()?).map_err(io::Error::other)?.to_owned();
            if !found.contains(&path) {
                found.push(path);
            }
        }
    }
    sources.sort();
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runner_is_compiled_from_its_package_and_those_that_it_depends_on() {
        let checkout = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let host = sources(checkout, "runners/host").unwrap();
        let shared = ["runners/shared/Cargo.toml", "runners/shared/chromium-flags.txt", "runners/shared/src"];
        let expected = ["Cargo.lock", "Cargo.toml", "runners/host/Cargo.toml", "runners/host/src"];
        assert_eq!(host, [expected.as_slice(), &shared].concat());
        let browser = sources(checkout, "runners/browser").unwrap();
        assert!(browser.contains(&"runners/browser/harness".to_owned()) && browser.contains(&shared[2].to_owned()));
    }
}
