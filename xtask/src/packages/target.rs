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
    pub sample: Sample,
    /// The tags of wheels with compiled code, by `sys.platform` and minor.
    wheel_tag: BTreeMap<String, BTreeMap<String, String>>,
    /// Programs that do a small piece of a package's work, by its name.
    #[serde(skip)]
    pub programs: BTreeMap<String, String>,
}

/// The packages that are measured all together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Sample {
    /// When it was put together.
    pub date: String,
    /// Where it is from.
    pub source: String,
    pub names: Vec<String>,
}

/// A Python, as far as the choice of packages depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    /// Such as 3.13.
    python: String,
    /// The values of all environment markers.
    markers: BTreeMap<String, String>,
    /// The tag of wheels with compiled code, if they are admitted.
    compiled: Option<String>,
}

impl Index {
    /// Reads it from the texts of the checkout.
    pub fn parse(texts: &Texts) -> Result<Self, Diagnostics> {
        let text = texts.get(INDEX).map(String::as_str).unwrap_or_default();
        let index: Self =
            toml::from_str(text).map_err(|error| Diagnostics(vec![Diagnostic::from_toml(INDEX, text, &error)]))?;
        let programs = texts.iter().filter_map(|(path, text)| {
            let name = path.strip_suffix(".py")?.rsplit('/').next()?;
            Some((name.to_owned(), text.clone()))
        });
        Ok(Self { programs: programs.collect(), ..index })
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
        Ok(Target { python: minor, markers, compiled: None })
    }

    /// The tag of wheels with compiled code that an index may have for a Python.
    pub fn wheel_tag(&self, sys_platform: &str, python: PythonVersion) -> Option<&str> {
        self.wheel_tag.get(sys_platform)?.get(&python.minor.to_string()).map(String::as_str)
    }
}

impl Target {
    /// The values of environment markers, as JSON.
    pub fn markers(&self) -> String {
        serde_json::to_string(&self.markers).expect("plain data becomes JSON")
    }

    /// The same Python, which also takes wheels with compiled code.
    pub fn with_compiled(&self, tag: &str) -> Self {
        Self { compiled: Some(tag.to_owned()), ..self.clone() }
    }

    /// The options of pip that admit wheels for this Python: those without compiled code, and those with the tag of `compiled`.
    pub fn options(&self) -> Vec<String> {
        let python = format!("--python-version={}", self.python);
        let mut options = vec!["--only-binary=:all:", "--implementation=cp", "--abi=none", "--platform=any", &python];
        let tags = self.compiled.as_ref().map(|tag| {
            [format!("--platform={tag}"), format!("--abi=cp{}", self.python.replace('.', "")), "--abi=abi3".to_owned()]
        });
        options.extend(tags.iter().flatten().map(String::as_str));
        options.into_iter().map(str::to_owned).collect()
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
        let text = "schema = 1\n[marker.wasi]\nsys_platform = \"wasi\"\n[sample]\ndate = \"\"\nsource = \"\"\nnames = []\n\
                    [wheel-tag.wasi]\n\"3.13\" = \"x_wasm32\"\n";
        let program = ("recipes/packages/a.py".to_owned(), "print()".to_owned());
        let index = Index::parse(&Texts::from([(INDEX.to_owned(), text.to_owned()), program])).unwrap();
        assert_eq!(index.programs.keys().collect::<Vec<_>>(), ["a"]);
        assert_eq!(index.wheel_tag("wasi", "3.13.15".parse().unwrap()), Some("x_wasm32"));
        assert_eq!(index.wheel_tag("wasi", "3.14.0".parse().unwrap()), None);
        let target = |version: &str| index.target("wasi", version.parse().unwrap()).unwrap();
        insta::assert_snapshot!(target("3.13.15").key(), @r#"
        --only-binary=:all: --implementation=cp --abi=none --platform=any --python-version=3.13
        {"implementation_name":"cpython","implementation_version":"3.13.15","platform_python_implementation":"CPython","python_full_version":"3.13.15","python_version":"3.13","sys_platform":"wasi"}
        "#);
        assert_ne!(target("3.13.15").key(), target("3.13.5").key());
        let options = target("3.13.15").with_compiled("x_wasm32").options();
        assert_eq!(options[5..], ["--platform=x_wasm32", "--abi=cp313", "--abi=abi3"]);
        assert!(index.target("plan9", "3.13.15".parse().unwrap()).is_err());
    }
}
