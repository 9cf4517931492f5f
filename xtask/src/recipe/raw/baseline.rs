//! What others distribute: `bench run` measures it beside ours, and nothing else uses it.

use serde::Deserialize;
use toml::Spanned;

use super::HostFamily;
use crate::name::PythonVersion;

/// `recipes/baselines/NAME.toml`: a distribution of CPython as an npm package.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Baseline {
    pub schema: u32,
    pub description: String,
    /// SPDX expression.
    pub license: String,
    pub version: String,
    /// The Python in it: hosts are compared with a baseline of the same minor.
    pub python: Spanned<PythonVersion>,
    /// Where it runs, by the hosts that run there too.
    pub families: Vec<HostFamily>,
    pub npm_package: NpmPackage,
}

/// A package of the registry that npm is set to on the machine.
#[derive(Debug, Clone, Deserialize, serde::Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NpmPackage {
    pub name: String,
    pub version: String,
}

impl NpmPackage {
    /// What npm calls the downloaded package.
    pub fn file(&self) -> String {
        format!("{}-{}.tgz", self.name.trim_start_matches('@').replace('/', "-"), self.version)
    }

    /// What npm is asked for.
    pub fn request(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::NpmPackage;

    #[test]
    fn packages_are_named_as_npm_names_them() {
        let package = |name: &str| NpmPackage { name: name.to_owned(), version: "1.2.3".to_owned() };
        assert_eq!(package("pyodide").file(), "pyodide-1.2.3.tgz");
        assert_eq!(package("@scope/name").file(), "scope-name-1.2.3.tgz");
        assert_eq!(package("@scope/name").request(), "@scope/name@1.2.3");
    }
}
