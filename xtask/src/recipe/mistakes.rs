//! Collects the errors in files below `recipes/`. It knows TOML and the schema version, but not the contents.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;

use super::Texts;
use super::template;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::name::Minor;
use crate::suggest;

/// The schema version that this xtask reads.
pub const SCHEMA: u32 = 1;

/// Only the schema version, to be able to say "too new" before anything else looks wrong.
#[derive(serde::Deserialize)]
struct SchemaOnly {
    schema: Option<Spanned<u32>>,
}

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

    /// Whether a file has this key at its top. A file that is not TOML has none; `parse` reports that.
    pub fn has(&self, file: &str, key: &str) -> bool {
        toml::from_str::<toml::Table>(&self.texts[file]).is_ok_and(|table| table.contains_key(key))
    }

    /// Reads a recipe, and checks the placeholders in its texts.
    pub fn recipe<T: DeserializeOwned>(&mut self, file: &str) -> Option<T> {
        let mut misused = Vec::new();
        let value = self.read(file, |text| {
            let value;
            (value, misused) = template::parse(text);
            value
        });
        for mistake in misused {
            self.add(file, Some(mistake.span), &mistake.message, Some(mistake.help));
        }
        value
    }

    /// Reads a file that has no placeholders.
    pub fn parse<T: DeserializeOwned>(&mut self, file: &str) -> Option<T> {
        self.read(file, |text| toml::from_str(text))
    }

    /// Reads a file as what it should be, if its schema is known.
    fn read<T>(&mut self, file: &str, parse: impl FnOnce(&str) -> Result<T, toml::de::Error>) -> Option<T> {
        let text = &self.texts[file];
        match toml::from_str::<SchemaOnly>(text) {
            Ok(SchemaOnly { schema: Some(schema) }) if *schema.get_ref() == SCHEMA => {}
            Ok(SchemaOnly { schema: Some(schema) }) => {
                let message = format!("schema {} is not known: this xtask reads schema {SCHEMA}", schema.get_ref());
                self.add(file, Some(schema.span()), &message, Some("use an xtask of the same checkout".to_owned()));
                return None;
            }
            Ok(SchemaOnly { schema: None }) => {
                self.add(file, None, &format!("the first line must be `schema = {SCHEMA}`"), None);
                return None;
            }
            Err(error) => {
                self.found.push(Diagnostic::from_toml(file, text, &error));
                return None;
            }
        }
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.found.push(Diagnostic::from_toml(file, text, &error));
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
