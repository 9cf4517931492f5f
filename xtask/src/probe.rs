//! Probes: small programs that ask a Python whether a feature works. Pure.
//!
//! `recipes/probes/README.md` describes the programs; `index.toml` beside it says in which order they are shown.

pub mod answer;
pub mod changes;
pub mod columns;
pub mod expected;
pub mod html;
pub mod page;
pub mod summary;
pub mod table;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::recipe::Texts;
use crate::suggest;

/// The index, relative to the checkout.
pub const INDEX: &str = "recipes/probes/index.toml";

/// All probes, in the order of the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probes {
    pub groups: Vec<Group>,
}

/// Probes of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub title: String,
    pub probes: Vec<Probe>,
}

/// One program, and what is done with it beside starting it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// `GROUP/NAME`.
    pub name: String,
    /// The question, as the title of a row.
    pub title: String,
    pub program: String,
    pub stdin: String,
    /// The exit code with which it ends.
    pub exit_code: i32,
    /// It runs twice, and if its `value:` lines are the same, the answer is no for this reason.
    pub differs: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Index {
    #[serde(rename = "schema")]
    _schema: u32,
    group: Vec<IndexGroup>,
    #[serde(default)]
    title: BTreeMap<String, String>,
    #[serde(default)]
    stdin: BTreeMap<String, String>,
    #[serde(default)]
    exit_code: BTreeMap<String, i32>,
    #[serde(default)]
    differs: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct IndexGroup {
    name: String,
    title: String,
    probes: Vec<String>,
}

impl Probes {
    /// Reads the index and the programs, which `texts` has by their paths from the checkout.
    ///
    /// # Errors
    /// If the index names a program that does not exist, or does not name one that does, or a program has no title.
    pub fn parse(texts: &Texts) -> Result<Self, Diagnostics> {
        let text = texts.get(INDEX).map(String::as_str).unwrap_or_default();
        let index: Index =
            toml::from_str(text).map_err(|error| Diagnostics(vec![Diagnostic::from_toml(INDEX, text, &error)]))?;
        let mut mistakes = Vec::new();
        let mut mistake = |file: &str, message: String, help: &str| {
            let text = texts.get(file).cloned().unwrap_or_default();
            let help = Some(help.to_owned());
            mistakes.push(Diagnostic { file: file.to_owned(), text, span: None, message, help });
        };
        let mut groups = Vec::new();
        let mut named = BTreeSet::new();
        for group in &index.group {
            let mut probes = Vec::new();
            for file in &group.probes {
                let name = format!("{}/{file}", group.name);
                let path = path_of(&name);
                named.insert(path.clone());
                let Some(program) = texts.get(&path) else {
                    mistake(INDEX, format!("{path} does not exist"), "remove it from the list of its group");
                    continue;
                };
                let Some(title) = index.title.get(&name).cloned().or_else(|| title_of(program)) else {
                    mistake(&path, "the program has no title".to_owned(), "begin it with a docstring of one line");
                    continue;
                };
                probes.push(Probe {
                    title,
                    program: program.clone(),
                    stdin: index.stdin.get(&name).cloned().unwrap_or_default(),
                    exit_code: index.exit_code.get(&name).copied().unwrap_or_default(),
                    differs: index.differs.get(&name).cloned(),
                    name,
                });
            }
            groups.push(Group { title: group.title.clone(), probes });
        }
        for path in texts.keys().filter(|path| path.ends_with(".py") && !named.contains(*path)) {
            mistake(INDEX, format!("{path} is in no group"), "list it where its row is to be");
        }
        let tables =
            [index.title.keys().collect::<Vec<_>>(), index.stdin.keys().collect(), index.differs.keys().collect()];
        for name in tables.into_iter().flatten().chain(index.exit_code.keys()) {
            if !named.contains(&path_of(name)) {
                mistake(INDEX, format!("no group has the probe `{name}`"), "probes are named GROUP/NAME");
            }
        }
        if mistakes.is_empty() { Ok(Self { groups }) } else { Err(Diagnostics(mistakes)) }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Probe> {
        self.groups.iter().flat_map(|group| &group.probes)
    }

    /// The names of all of them.
    pub fn names(&self) -> Vec<&str> {
        self.iter().map(|probe| probe.name.as_str()).collect()
    }

    /// The probes with these names, or all if none is named.
    ///
    /// # Errors
    /// The message about a name that no probe has, with a hint.
    pub fn select(&self, names: &[String]) -> Result<Vec<&Probe>, String> {
        if names.is_empty() {
            return Ok(self.iter().collect());
        }
        let find = |name: &String| {
            self.iter().find(|probe| probe.name == *name).ok_or_else(|| {
                let near = suggest::near(name, self.iter().map(|probe| probe.name.as_str()));
                let hint = match near.is_empty() {
                    true => format!("{INDEX} lists them, as GROUP/NAME"),
                    false => format!("did you mean `{}`?", near.join("` or `")),
                };
                format!("unknown probe `{name}`\nhint: {hint}")
            })
        };
        names.iter().map(find).collect()
    }
}

/// The path of a program from the checkout.
fn path_of(name: &str) -> String {
    format!("recipes/probes/{name}.py")
}

/// The first line of a docstring.
fn title_of(program: &str) -> Option<String> {
    let first = program.strip_prefix("\"\"\"")?.lines().next()?;
    let title = first.trim_end_matches("\"\"\"").trim();
    (!title.is_empty()).then(|| title.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(index: &str) -> Texts {
        let programs =
            [("a/one", "\"\"\"One thing\"\"\"\nprint('yes')\n"), ("a/two", "\"\"\"Two things\n\nMore.\n\"\"\"\n")];
        let programs = programs.map(|(name, text)| (path_of(name), text.to_owned()));
        programs.into_iter().chain([(INDEX.to_owned(), index.to_owned())]).collect()
    }

    #[test]
    fn the_index_orders_and_names_the_programs() {
        let index = "schema = 1\n[[group]]\nname = \"a\"\ntitle = \"A\"\nprobes = [\"two\", \"one\"]\n\
                     [title]\n\"a/one\" = \"Shorter\"\n[exit-code]\n\"a/two\" = 7\n";
        let probes = Probes::parse(&texts(index)).unwrap();
        let shown: Vec<_> =
            probes.iter().map(|probe| (probe.name.as_str(), probe.title.as_str(), probe.exit_code)).collect();
        assert_eq!(shown, [("a/two", "Two things", 7), ("a/one", "Shorter", 0)]);
        let unknown = |name: &str| probes.select(&[name.to_owned()]).unwrap_err();
        assert_eq!(unknown("a/ome"), "unknown probe `a/ome`\nhint: did you mean `a/one`?");
        assert_eq!(unknown("threads"), format!("unknown probe `threads`\nhint: {INDEX} lists them, as GROUP/NAME"));
        assert_eq!(probes.select(&[]).unwrap().len(), 2);
    }

    #[test]
    fn each_program_must_be_in_the_index_once_and_exist() {
        let index = "schema = 1\n[[group]]\nname = \"a\"\ntitle = \"A\"\nprobes = [\"two\", \"three\"]\n[stdin]\n\"b/x\" = \"\"\n";
        let messages: Vec<String> =
            Probes::parse(&texts(index)).unwrap_err().0.into_iter().map(|mistake| mistake.message).collect();
        let expected = [
            "recipes/probes/a/three.py does not exist",
            "recipes/probes/a/one.py is in no group",
            "no group has the probe `b/x`",
        ];
        assert_eq!(messages, expected);
    }
}
