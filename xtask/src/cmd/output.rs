//! Prints where a result is.

use camino::Utf8Path;

use crate::app::App;
use crate::cli::Format;

/// Prints where something is: a path alone on a line or, among events, one more event.
pub fn tell_path(app: &App, path: &Utf8Path) {
    app.ui.data(&match app.format {
        Format::Text => format!("{path}\n"),
        Format::Json => format!("{}\n", serde_json::json!({ "event": "result", "path": path })),
    });
}
