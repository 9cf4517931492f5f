//! Texts with placeholders, such as `{toolchain}/bin/clang`, and the check of every text of a recipe that has one.
//!
//! Which placeholders a key has is an enum, declared in `placeholder.rs`.
//! The place that fills a template in matches on that enum, so that a placeholder cannot be declared and never filled in, or the reverse.
//! A text that is no [`Template`] may have no placeholder: nothing would fill it in.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::suggest;

/// The placeholders of one kind of text.
pub trait Placeholder: Copy + 'static {
    /// All of them, in the order in which help lists them.
    const ALL: &'static [Self];
    /// Which of them a list of words has to use.
    const USE: Use;
    /// Its name, without braces.
    fn name(self) -> &'static str;
}

/// Which of its placeholders a list of words has to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Any number of them.
    Any,
    /// Exactly one of them.
    One,
    /// Each of them.
    All,
}

/// Declares the placeholders of each kind of text as an enum.
macro_rules! placeholders {
    ($($(#[$attribute:meta])* pub enum $set:ident use $required:ident {
        $($(#[$variant_attribute:meta])* $variant:ident = $name:literal),+ $(,)?
    })+) => {$(
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $set {
            $($(#[$variant_attribute])* $variant,)+
        }

        impl $crate::recipe::template::Placeholder for $set {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            const USE: $crate::recipe::template::Use = $crate::recipe::template::Use::$required;

            fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    )+};
}
pub(super) use placeholders;

/// A text with the placeholders `P`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template<P> {
    pieces: Vec<Piece<P>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece<P> {
    Text(String),
    Placeholder(P),
}

/// Words of a command line that use placeholders as [`Placeholder::USE`] says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent, bound = "P: Placeholder")]
pub struct Words<P>(Vec<Template<P>>);

/// A text in which braces belong to another program. It is passed on as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verbatim(String);

/// A mistake in a text of a recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Its bytes in the file.
    pub span: Range<usize>,
    pub message: String,
    pub help: String,
}

impl<P: Placeholder> Template<P> {
    /// The text with its placeholders replaced, once: braces in a value stay as they are.
    pub fn fill<'v>(&self, value: impl Fn(P) -> &'v str) -> String {
        let pieces = self.pieces.iter();
        pieces
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Placeholder(placeholder) => value(*placeholder),
            })
            .collect()
    }

    /// Takes a text that was read from these bytes of a file.
    pub fn at<E: serde::de::Error>(text: &str, span: Range<usize>) -> Result<Self, E> {
        let (template, mistakes) = Self::parse(text, &span);
        Reading::template(span);
        Reading::report(mistakes).map_err(E::custom)?;
        Ok(template)
    }

    fn uses(&self, wanted: P) -> bool {
        let mut pieces = self.pieces.iter();
        pieces.any(|piece| matches!(piece, Piece::Placeholder(found) if found.name() == wanted.name()))
    }

    /// Reads a text at this range of bytes in a file.
    fn parse(text: &str, span: &Range<usize>) -> (Self, Vec<Mistake>) {
        let (mut pieces, mut mistakes) = (Vec::new(), Vec::new());
        let mut mistake = |message, help| mistakes.push(Mistake { span: span.clone(), message, help });
        let mut rest = text;
        while let Some(start) = rest.find(['{', '}']) {
            let (before, from_brace) = rest.split_at(start);
            pieces.push(Piece::Text(before.to_owned()));
            let inside = &from_brace[1..];
            match inside.split_once(['{', '}']) {
                Some((name, after)) if from_brace.starts_with('{') && inside[name.len()..].starts_with('}') => {
                    match P::ALL.iter().find(|placeholder| placeholder.name() == name) {
                        Some(placeholder) => pieces.push(Piece::Placeholder(*placeholder)),
                        None => {
                            let valid: Vec<String> = P::ALL.iter().map(|known| in_braces(known.name())).collect();
                            let valid: Vec<&str> = valid.iter().map(String::as_str).collect();
                            let given = in_braces(name);
                            let help = suggest::valid_names("placeholders here", &given, &valid);
                            mistake(format!("unknown placeholder `{given}`"), help);
                        }
                    }
                    rest = after;
                }
                _ => {
                    let message = format!("`{}` has no matching brace", &from_brace[..1]);
                    mistake(message, "a placeholder is a name in braces, such as `{toolchain}`".to_owned());
                    rest = inside;
                }
            }
        }
        pieces.push(Piece::Text(rest.to_owned()));
        pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
        (Self { pieces }, mistakes)
    }
}

impl<P: Placeholder> Words<P> {
    /// The words with their placeholders replaced.
    pub fn fill<'v>(&self, value: impl Fn(P) -> &'v str) -> Vec<String> {
        self.0.iter().map(|word| word.fill(&value)).collect()
    }

    /// Whether a word uses this placeholder.
    pub fn uses(&self, placeholder: P) -> bool {
        self.0.iter().any(|word| word.uses(placeholder))
    }

    /// The errors in its placeholders.
    fn misuse(&self) -> Option<(String, String)> {
        let used = P::ALL.iter().filter(|placeholder| self.uses(**placeholder)).count();
        let list = || P::ALL.iter().map(|known| format!("`{}`", in_braces(known.name()))).collect::<Vec<_>>();
        match P::USE {
            Use::All => {
                let missing = P::ALL.iter().find(|placeholder| !self.uses(**placeholder))?;
                let message = format!("missing placeholder `{}`", in_braces(missing.name()));
                Some((message, format!("required here: {}", list().join(" and "))))
            }
            Use::One if used != 1 => {
                let message = if used == 0 { "missing placeholder" } else { "too many placeholders" };
                Some((message.to_owned(), format!("required here: either {}", list().join(" or "))))
            }
            Use::One | Use::Any => None,
        }
    }
}

impl<P> Default for Words<P> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl Verbatim {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<P: Placeholder> fmt::Display for Template<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => f.write_str(text)?,
                Piece::Placeholder(placeholder) => f.write_str(&in_braces(placeholder.name()))?,
            }
        }
        Ok(())
    }
}

/// The words with spaces between them, as in the recipe.
impl<P: Placeholder> fmt::Display for Words<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{word}")?;
        }
        Ok(())
    }
}

fn in_braces(name: &str) -> String {
    format!("{{{name}}}")
}

impl<P: Placeholder> Serialize for Template<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, P: Placeholder> Deserialize<'de> for Template<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Spanned::<String>::deserialize(deserializer)?;
        Self::at(text.get_ref(), text.span())
    }
}

impl<'de, P: Placeholder> Deserialize<'de> for Words<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = Spanned::<Vec<Template<P>>>::deserialize(deserializer)?;
        let span = words.span();
        let words = Self(words.into_inner());
        let misuse = words.misuse().map(|(message, help)| Mistake { span, message, help });
        Reading::report(misuse.into_iter().collect()).map_err(D::Error::custom)?;
        Ok(words)
    }
}

impl<'de> Deserialize<'de> for Verbatim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Spanned::<String>::deserialize(deserializer)?;
        Reading::template(text.span());
        Ok(Self(text.into_inner()))
    }
}

/// What is known of the texts of the file that is being read.
/// serde passes no context to `deserialize`, and would report only the first mistake.
#[derive(Default)]
struct Reading {
    /// Where the templates stand.
    templates: Vec<Range<usize>>,
    mistakes: Vec<Mistake>,
}

thread_local! {
    static READING: RefCell<Option<Reading>> = const { RefCell::new(None) };
}

impl Reading {
    fn template(span: Range<usize>) {
        READING.with_borrow_mut(|reading| {
            if let Some(reading) = reading {
                reading.templates.push(span);
            }
        });
    }

    /// Keeps mistakes for [`read`]; without that, the first of them is an error at once.
    fn report(mistakes: Vec<Mistake>) -> Result<(), String> {
        READING.with_borrow_mut(|reading| match (reading, mistakes.first()) {
            (Some(reading), _) => {
                reading.mistakes.extend(mistakes);
                Ok(())
            }
            (None, None) => Ok(()),
            (None, Some(mistake)) => Err(mistake.message.clone()),
        })
    }
}

/// Reads a recipe, with all mistakes in its placeholders in the order of the file.
pub fn read<'t, T>(
    text: &str,
    table: Spanned<DeTable<'t>>,
    read: impl FnOnce(Spanned<DeTable<'t>>) -> Result<T, toml::de::Error>,
) -> (Result<T, toml::de::Error>, Vec<Mistake>) {
    READING.set(Some(Reading::default()));
    let value = read(table.clone());
    let Reading { templates, mut mistakes } = READING.take().unwrap_or_default();
    // Where reading stopped early, what stands behind that place is not known to be a template.
    if value.is_ok() {
        table_texts(table.get_ref(), &mut |found, span| {
            if !templates.contains(&span) {
                mistakes.extend(placeholder_like(found).map(|name| Mistake {
                    span: span.clone(),
                    message: format!("placeholder `{}` is not supported here", in_braces(name)),
                    help: "no placeholder is replaced in this text".to_owned(),
                }));
            }
        });
    }
    for mistake in &mut mistakes {
        mistake.narrow(text);
    }
    mistakes.sort_by_key(|mistake| mistake.span.start);
    (value, mistakes)
}

impl Mistake {
    /// Points at the placeholder instead of at the whole text.
    fn narrow(&mut self, text: &str) {
        let Some(name) = self.message.split('`').nth(1).filter(|name| name.len() > 1) else { return };
        if let Some(start) = text.get(self.span.clone()).and_then(|text| text.find(name)) {
            let start = self.span.start + start;
            self.span = start..start + name.len();
        }
    }
}

/// Visits the texts of a table and of all that is in it, keys too.
fn table_texts(table: &DeTable<'_>, visit: &mut impl FnMut(&str, Range<usize>)) {
    for (key, value) in table {
        visit(key.get_ref(), key.span());
        value_texts(value, visit);
    }
}

fn value_texts(value: &Spanned<DeValue<'_>>, visit: &mut impl FnMut(&str, Range<usize>)) {
    match value.get_ref() {
        DeValue::String(text) => visit(text, value.span()),
        DeValue::Array(array) => array.iter().for_each(|value| value_texts(value, visit)),
        DeValue::Table(table) => table_texts(table, visit),
        _ => {}
    }
}

/// The first name in braces that looks like a placeholder. Prose may have other braces.
fn placeholder_like(text: &str) -> Option<&str> {
    text.split('{').skip(1).find_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        let like = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        (!name.is_empty() && name.chars().all(like)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    placeholders! {
        pub enum Compiler use Any {
            Toolchain = "toolchain",
            Triple = "triple",
        }

        pub enum Limit use One {
            Seconds = "seconds",
            Milliseconds = "milliseconds",
        }
    }

    #[derive(Debug, Deserialize)]
    struct File {
        #[serde(default)]
        environment: BTreeMap<String, Template<Compiler>>,
        #[serde(rename = "limit")]
        _limit: Option<Words<Limit>>,
        #[serde(default, rename = "plain")]
        _plain: BTreeMap<String, Vec<String>>,
        #[serde(rename = "script")]
        _script: Option<Verbatim>,
    }

    fn parse(text: &str) -> (Result<File, toml::de::Error>, Vec<Mistake>) {
        read(text, DeTable::parse(text).unwrap(), |table| File::deserialize(toml::Deserializer::from(table)))
    }

    fn mistakes(text: &str) -> Vec<String> {
        let (value, mistakes) = parse(text);
        value.unwrap();
        mistakes
            .iter()
            .map(|mistake| format!("{} [{}] {}", &text[mistake.span.clone()], mistake.message, mistake.help))
            .collect()
    }

    #[test]
    fn a_template_is_filled_in_once() {
        let (file, mistakes) = parse("environment.CC = '{toolchain}/clang --target={triple}'");
        assert_eq!(mistakes, []);
        let template = &file.unwrap().environment["CC"];
        let filled = template.fill(|placeholder| match placeholder {
            Compiler::Toolchain => "/{triple}",
            Compiler::Triple => "wasm32",
        });
        assert_eq!(filled, "/{triple}/clang --target=wasm32");
        assert_eq!(template.to_string(), "{toolchain}/clang --target={triple}");
    }

    #[test]
    fn every_mistake_is_found_at_its_place() {
        let text = "
            script = '{ANY} {of} {}'
            limit = ['{seconds}{milliseconds}']
            environment.A = '{toolchian}/bin {triple}{x}'
            environment.B = '{toolchain/bin'
            environment.C = 'toolchain}'
            plain.arguments = ['--sysroot={sysroot}', '${', '{ x; }', '{}']
            plain.'{triple}' = []
        ";
        insta::assert_snapshot!(mistakes(text).join("\n"), @"
        ['{seconds}{milliseconds}'] [too many placeholders] required here: either `{seconds}` or `{milliseconds}`
        {toolchian} [unknown placeholder `{toolchian}`] valid placeholders here: {toolchain}, {triple}; did you mean `{toolchain}`?
        {x} [unknown placeholder `{x}`] valid placeholders here: {toolchain}, {triple}
        '{toolchain/bin' [`{` has no matching brace] a placeholder is a name in braces, such as `{toolchain}`
        'toolchain}' [`}` has no matching brace] a placeholder is a name in braces, such as `{toolchain}`
        {sysroot} [placeholder `{sysroot}` is not supported here] no placeholder is replaced in this text
        {triple} [placeholder `{triple}` is not supported here] no placeholder is replaced in this text
        ");
        assert_eq!(
            mistakes("limit = ['10']"),
            ["['10'] [missing placeholder] required here: either `{seconds}` or `{milliseconds}`"]
        );
        assert_eq!(mistakes("limit = ['{seconds}']"), [""; 0]);
    }

    #[test]
    fn without_the_check_of_a_whole_file_a_mistake_is_an_error() {
        let error = toml::from_str::<File>("environment.A = '{toolchian}'").unwrap_err();
        assert_eq!(error.message(), "unknown placeholder `{toolchian}`");
    }
}
