//! The status page. Pure.

use super::Probes;
use super::table::{Column, markdown};

/// The page, relative to the checkout.
pub const FILE: &str = "docs/status.md";

const HEADER: &str = "# What works where\n\n\
    Each cell is the answer of a small program in [recipes/probes](../recipes/probes/README.md), which ran on the Python of that host.\n\
    `cargo xtask status --write` makes this page from new runs, and `cargo xtask status --check` fails if a run gives other answers.\n\n";

/// The whole page.
pub fn text(probes: &Probes, columns: &[Column]) -> String {
    format!("{HEADER}{}", markdown(probes, columns))
}

/// What must be the same on every machine: everything but the lines that name the versions of runners.
pub fn tables(page: &str) -> &str {
    page.find("\n## ").map_or("", |start| &page[start..])
}
