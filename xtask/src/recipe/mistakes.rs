//! Collects the errors in files below `recipes/`. It knows TOML and the schema version, but not the contents.

use std::ops::Range;

use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, ValueDeserializer};

use super::Texts;
use super::template;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::name::Minor;
use crate::suggest;

/// The schema version that this xtask reads.
pub const SCHEMA: u32 = 1;

/// A diagnostics factory: collects, so that one run shows all mistakes.
pub struct Mistakes<'a> {
    pub texts: &'a Texts,
    found: Vec<Diagnostic>,
}

impl<'a> Mistakes<'a> {
    pub fn new(texts: &'a Texts) -> Self {
        Self { texts, found: Vec::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The value, if it is right: all mistakes otherwise.
    pub fn none_or<T>(self, value: T) -> Result<T, Diagnostics> {
        if self.found.is_empty() { Ok(value) } else { Err(Diagnostics(self.found)) }
    }

    /// Adds a mistake at these bytes of a file, or one in the whole of it.
    pub fn add(&mut self, file: &str, span: Option<Range<usize>>, message: &str, help: Option<String>) {
        let text = self.texts.get(file).cloned().unwrap_or_default();
        self.found.push(Diagnostic { file: file.to_owned(), text, span, message: message.to_owned(), help });
    }

    /// Reads a recipe, and checks the placeholders in its texts.
    pub fn recipe<T: DeserializeOwned>(&mut self, file: &str) -> Option<T> {
        self.recipe_of(file, |table| T::deserialize(toml::Deserializer::from(table)))
    }

    /// The same for a file whose kind depends on what is in it.
    pub fn recipe_of<T>(
        &mut self,
        file: &str,
        read: impl FnOnce(Spanned<DeTable<'a>>) -> Result<T, toml::de::Error>,
    ) -> Option<T> {
        let table = self.table(file)?;
        let (value, misused) = template::read(&self.texts[file], table, read);
        for mistake in misused {
            self.add(file, Some(mistake.span), &mistake.message, Some(mistake.help));
        }
        self.value(file, value)
    }

    /// Reads a recipe that is named like its file.
    pub fn named<T: DeserializeOwned>(&mut self, file: &str, name: &str) -> Option<(String, T)> {
        self.recipe(file).map(|recipe| (name.to_owned(), recipe))
    }

    /// Reads a recipe that is named like a minor.
    pub fn of_minor<T: DeserializeOwned>(&mut self, file: &str, name: &str) -> Option<(Minor, T)> {
        let recipe = self.recipe(file);
        self.minor(file, name).zip(recipe)
    }

    /// Reads a file that has no placeholders.
    pub fn parse<T: DeserializeOwned>(&mut self, file: &str) -> Option<T> {
        let table = self.table(file)?;
        self.value(file, T::deserialize(toml::Deserializer::from(table)))
    }

    /// The contents of a file, if its schema is known.
    fn table(&mut self, file: &str) -> Option<Spanned<DeTable<'a>>> {
        let table = self.value(file, DeTable::parse(&self.texts[file]))?;
        let Some(schema) = table.get_ref().get("schema") else {
            self.add(file, None, &format!("the first line must be `schema = {SCHEMA}`"), None);
            return None;
        };
        let place = schema.span();
        let schema = self.value(file, u32::deserialize(ValueDeserializer::from(schema.clone())))?;
        if schema != SCHEMA {
            let message = format!("schema {schema} is not known: this xtask reads schema {SCHEMA}");
            self.add(file, Some(place), &message, Some("use an xtask of the same checkout".to_owned()));
            return None;
        }
        Some(table)
    }

    fn value<T>(&mut self, file: &str, value: Result<T, toml::de::Error>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(error) => {
                self.found.push(Diagnostic::from_toml(file, &self.texts[file], &error));
                None
            }
        }
    }

    /// Reads the minor that a file is named after.
    pub fn minor(&mut self, file: &str, name: &str) -> Option<Minor> {
        match name.parse() {
            Ok(minor) => Some(minor),
            Err(error) => {
                self.add(file, None, &format!("the file's name {error}"), None);
                None
            }
        }
    }

    /// Adds a mistake if a name is not among the valid ones.
    pub fn known(&mut self, file: &str, name: &Spanned<String>, kind: &str, valid: &[&str]) {
        let given = name.get_ref().as_str();
        if !valid.contains(&given) {
            let kinds = kind.strip_suffix('y').map_or_else(|| format!("{kind}s"), |stem| format!("{stem}ies"));
            let help = suggest::valid_names(&kinds, given, valid);
            self.add(file, Some(name.span()), &format!("unknown {kind} `{given}`"), Some(help));
        }
    }
}
