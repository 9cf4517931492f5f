//! The Python that packages are installed for, as pip has to know it: markers and tags.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::name::PythonVersion;
use crate::recipe::Texts;

/// The data of packages, relative to the checkout.
pub const INDEX: &str = "recipes/packages/index.toml";

/// What `recipes/packages/index.toml` says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Index {
    #[serde(rename = "schema")]
    _schema: u32,
    /// The values of environment markers, by `sys.platform`.
    marker: BTreeMap<String, BTreeMap<String, String>>,
}

/// A Python, as far as the choice of packages depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    /// Such as 3.13.
    python: String,
    /// The values of all environment markers.
    markers: BTreeMap<String, String>,
}

impl Index {
    /// Reads it from the texts of the checkout.
    pub fn parse(texts: &Texts) -> Result<Self, Diagnostics> {
        let text = texts.get(INDEX).map(String::as_str).unwrap_or_default();
        toml::from_str(text).map_err(|error| Diagnostics(vec![Diagnostic::from_toml(INDEX, text, &error)]))
    }

    /// The target for a Python on a platform.
    ///
    /// # Errors
    /// The message about a platform of which nothing is known.
    pub fn target(&self, sys_platform: &str, python: PythonVersion) -> Result<Target, String> {
        let (minor, full) = (python.minor.to_string(), python.to_string());
        let markers = self.marker.get(sys_platform);
        let mut markers = markers.ok_or_else(|| format!("{INDEX} has no [marker.{sys_platform}]"))?.clone();
        for (name, value) in [
            ("implementation_name", "cpython"),
            ("platform_python_implementation", "CPython"),
            ("python_version", &minor),
            ("python_full_version", &full),
            ("implementation_version", &full),
        ] {
            markers.insert(name.to_owned(), value.to_owned());
        }
        Ok(Target { python: minor, markers })
    }
}

impl Target {
    /// The values of environment markers, as JSON.
    pub fn markers(&self) -> String {
        serde_json::to_string(&self.markers).expect("plain data becomes JSON")
    }

    /// The options of pip that admit wheels for this Python: those without compiled code.
    pub fn options(&self) -> Vec<String> {
        let python = format!("--python-version={}", self.python);
        ["--only-binary=:all:", "--implementation=cp", "--abi=none", "--platform=any", &python]
            .map(str::to_owned)
            .into()
    }

    /// All that the choice of a package depends on.
    pub fn key(&self) -> String {
        format!("{}\n{}\n", self.options().join(" "), self.markers())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_has_the_tags_and_markers_of_its_python() {
        let text = "schema = 1\n[marker.wasi]\nsys_platform = \"wasi\"\n".to_owned();
        let index = Index::parse(&Texts::from([(INDEX.to_owned(), text)])).unwrap();
        let target = |version: &str| index.target("wasi", version.parse().unwrap()).unwrap();
        insta::assert_snapshot!(target("3.13.15").key(), @r#"
        --only-binary=:all: --implementation=cp --abi=none --platform=any --python-version=3.13
        {"implementation_name":"cpython","implementation_version":"3.13.15","platform_python_implementation":"CPython","python_full_version":"3.13.15","python_version":"3.13","sys_platform":"wasi"}
        "#);
        assert_ne!(target("3.13.15").key(), target("3.13.5").key());
        assert!(index.target("plan9", "3.13.15".parse().unwrap()).is_err());
    }
}
