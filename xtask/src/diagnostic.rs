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
    /// What the TOML parser or serde found wrong, with the nearest valid key where one was mistyped.
    pub fn from_toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let message = error.message().to_owned();
        let help = mistyped(&message);
        let message = message.split(", expected").next().unwrap_or_default().to_owned();
        Self { file: file.to_owned(), text: text.to_owned(), span: error.span(), message, help }
    }
}

/// serde says "unknown field `x`, expected one of `a`, `b`" (or "unknown variant"): turns the list into help.
fn mistyped(message: &str) -> Option<String> {
    let (head, expected) = message.split_once(", expected ")?;
    let given = head.split('`').nth(1)?;
    let valid: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    if !head.starts_with("unknown") || valid.is_empty() {
        return Some(format!("expected {expected}"));
    }
    Some(suggest::valid_names("names here", given, &valid))
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_width(110);
        for diagnostic in &self.0 {
            let mut drawn = MietteDiagnostic::new(diagnostic.message.clone());
            if let Some(span) = &diagnostic.span {
                drawn = drawn.with_label(LabeledSpan::at(span.clone(), "here"));
            }
            if let Some(help) = &diagnostic.help {
                drawn = drawn.with_help(help.clone());
            } else if diagnostic.span.is_none() {
                drawn = drawn.with_help(format!("in {}", diagnostic.file));
            }
            let report =
                Report::new(drawn).with_source_code(NamedSource::new(&diagnostic.file, diagnostic.text.clone()));
            handler.render_report(f, report.as_ref())?;
        }
        Ok(())
    }
}
