//! Mistakes in recipes and in the lock, with the file, the line and the column, drawn for a person to read.

use std::fmt;
use std::ops::Range;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};

use crate::suggest;

/// One mistake in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file, relative to the checkout.
    pub file: String,
    /// The file's whole text, to draw from.
    pub text: String,
    /// The bytes that are wrong; the whole file where no place can be named.
    pub span: Option<Range<usize>>,
    pub message: String,
    pub help: Option<String>,
}

/// All mistakes that were found at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostic {
    /// What the TOML parser or serde found wrong, in the words of TOML, with the nearest valid key where one was mistyped.
    pub fn from_toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let (message, expected) = match error.message().split_once(", expected ") {
            Some((message, expected)) => (message, Some(expected)),
            None => (error.message(), None),
        };
        Self {
            file: file.to_owned(),
            text: text.to_owned(),
            // Where a key is missing at the top, there is no place to point at.
            span: error.span().filter(|span| span.end > 0),
            message: in_toml_words(message),
            help: expected.map(|expected| valid_names(message, expected)),
        }
    }
}

/// serde says "unknown field `x`, expected one of `a`, `b`" (or "unknown variant"): turns the list into help.
fn valid_names(message: &str, expected: &str) -> String {
    let valid: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    match message.split('`').nth(1) {
        Some(given) if message.starts_with("unknown") => suggest::valid_names("names here", given, &valid),
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
    let said = WORDS.iter().find_map(|(rust, toml)| Some(format!("{toml}{}", message.strip_prefix(rust)?)));
    said.unwrap_or_else(|| message.to_owned())
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
