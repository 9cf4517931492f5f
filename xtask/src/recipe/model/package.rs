//! Packages of Debian and of npm, as recipes pin them.

use serde::{Deserialize, Serialize};

/// Whose package it comes in.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VendoredPackage {
    Debian(DebianPackage),
    Npm(NpmPackage),
}

/// A Debian binary package. Its name in the lock is `NAME_VERSION_ARCHITECTURE.deb`, as apt writes it.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DebianPackage {
    pub name: String,
    pub version: String,
    pub architecture: String,
    pub suite: String,
    /// The folder that it is unpacked into, below the toolchain's. For a C library that only some of the programs may see.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub below: String,
    /// Other pinned versions, tried in order where the archive no longer has this one.
    #[serde(default, rename = "or", skip_serializing)]
    pub alternative: Vec<DebianAlternative>,
}

/// Another pinned version of a package.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DebianAlternative {
    pub version: String,
    pub suite: String,
}

impl DebianPackage {
    /// The name that apt gives to the downloaded package: a colon in the version is written `%3a`.
    pub fn file(&self) -> String {
        format!("{}_{}_{}.deb", self.name, self.version.replace(':', "%3a"), self.architecture)
    }

    /// The same package in the other versions that are pinned.
    pub fn alternatives(&self) -> Vec<Self> {
        let with = |other: &DebianAlternative| Self {
            version: other.version.clone(),
            suite: other.suite.clone(),
            alternative: Vec::new(),
            ..self.clone()
        };
        self.alternative.iter().map(with).collect()
    }
}

/// A Debian source package.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DebianSource {
    pub package: String,
    pub version: String,
    pub suite: String,
}

/// A package of the registry that npm is set to on the machine.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
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
