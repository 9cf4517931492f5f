//! Errors in recipes and in the lock, shown with file, line and column.

use std::fmt;
use std::ops::Range;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};

use crate::suggest;

/// One error in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file, relative to the checkout.
    pub file: String,
    /// The file's whole text.
    pub text: String,
    /// The position of the error; `None` for the whole file.
    pub span: Option<Range<usize>>,
    pub message: String,
    pub help: Option<String>,
}

/// All errors that were found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostic {
    /// An error of the TOML parser or serde, in TOML's terms, with the most similar valid key.
    pub fn from_toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let (message, expected) = match error.message().split_once(", expected ") {
            Some((message, expected)) => (message, Some(expected)),
            None => (error.message(), None),
        };
        Self {
            file: file.to_owned(),
            text: text.to_owned(),
            // A missing key at the top level has no position.
            span: error.span().filter(|span| span.end > 0),
            message: in_toml_words(message),
            help: expected.map(|expected| valid_names(message, expected)),
        }
    }
}

/// serde says "unknown field `x`, expected one of `a`, `b`" (or "unknown variant"): the list becomes the help.
fn valid_names(message: &str, expected: &str) -> String {
    let valid: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    match message.split('`').nth(1) {
        Some(given) if message.starts_with("unknown") => suggest::valid_names("names", given, &valid),
        _ if expected.starts_with("struct") => "expected a table".to_owned(),
        _ => format!("expected {}", expected.replace("a sequence", "a list").replace("a map", "a table")),
    }
}

/// serde speaks of Rust's types: "field" is "key" to the author of a TOML file.
fn in_toml_words(message: &str) -> String {
    const WORDS: [(&str, &str); 5] = [
        ("unknown field", "unknown key"),
        ("missing field", "missing key"),
        ("unknown variant", "unknown value"),
        ("invalid type: sequence", "invalid type: list"),
        ("invalid type: map", "invalid type: table"),
    ];
    let translated = WORDS.iter().find_map(|(rust, toml)| Some(format!("{toml}{}", message.strip_prefix(rust)?)));
    translated.unwrap_or_else(|| message.to_owned())
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_width(110);
        for diagnostic in &self.0 {
            let mut drawn = match &diagnostic.span {
                Some(span) => {
                    MietteDiagnostic::new(&diagnostic.message).with_label(LabeledSpan::underline(span.clone()))
                }
                None => MietteDiagnostic::new(format!("{}: {}", diagnostic.file, diagnostic.message)),
            };
            if let Some(help) = &diagnostic.help {
                drawn = drawn.with_help(help);
            }
            let report =
                Report::new(drawn).with_source_code(NamedSource::new(&diagnostic.file, diagnostic.text.clone()));
            handler.render_report(f, report.as_ref())?;
        }
        Ok(())
    }
}
