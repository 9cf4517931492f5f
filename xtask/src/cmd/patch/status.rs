//! `cargo xtask patch status [MINOR]`: every patch that is carried, why, and whether that is still needed.

use anyhow::Result;
use serde::Serialize;

use super::{all_series, patched_toolchains, read, releases_with, wrong};
use crate::app::App;
use crate::cli::Format;
use crate::name::{Minor, ProgramVersion, PythonVersion, ReleaseLevel};
use crate::patch::Patch;

/// The report on one patch; `--format json` gives a list of these.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row {
    series: String,
    patch: String,
    synopsis: String,
    /// `no`, `not-needed`, or a URL.
    forwarded: String,
    bugs: Vec<String>,
    last_update: String,
    applied_upstream: Option<String>,
    /// The newest release, or the toolchain's version, that the series is for.
    pinned: Option<String>,
    /// That has the change already.
    drop: bool,
}

/// What a series is for.
enum Pinned {
    Python(PythonVersion),
    Toolchain(String),
}

/// Prints the table.
pub fn run(app: &App, python: Option<&str>) -> Result<()> {
    let catalogue = app.catalogue()?;
    let minor = python.map(|python| catalogue.minor(python)).transpose()?;
    let mut rows = Vec::new();
    let mut mistakes = Vec::new();
    for name in all_series(app)? {
        let releases = releases_with(catalogue, &name);
        if minor.is_some_and(|minor| releases.iter().all(|micro| micro.version.minor != minor)) {
            continue;
        }
        let release = releases.first().map(|micro| Pinned::Python(micro.version));
        let toolchain = || patched_toolchains(catalogue).find(|(.., series)| *series == name);
        let pinned = release.or_else(|| toolchain().map(|(_, version, _)| Pinned::Toolchain(version.to_owned())));
        match read(&app.checkout, &name) {
            Ok(series) => rows.extend(series.patches.iter().map(|patch| row(&name, pinned.as_ref(), patch))),
            Err(found) => mistakes.extend(found),
        }
    }
    match app.format {
        Format::Json => app.ui.data(&(serde_json::to_string_pretty(&rows)? + "\n")),
        Format::Text if rows.is_empty() => app.ui.note("there are no patches"),
        Format::Text => {
            let heading = ["series", "patch", "last update", "forwarded", "upstream has it", "bug", "synopsis"];
            app.ui.table(heading, &rows.iter().map(cells).collect::<Vec<_>>());
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(wrong(&mistakes)) }
}

fn row(series: &str, pinned: Option<&Pinned>, patch: &Patch) -> Row {
    let header = &patch.header;
    Row {
        series: series.to_owned(),
        patch: patch.file_name.clone(),
        synopsis: header.synopsis.clone(),
        forwarded: header.forwarded.to_string(),
        bugs: header.bugs.iter().map(|bug| bug.url.clone()).collect(),
        last_update: header.last_update.clone(),
        applied_upstream: header.applied_upstream.clone(),
        pinned: pinned.map(|pinned| match pinned {
            Pinned::Python(version) => version.to_string(),
            Pinned::Toolchain(version) => version.clone(),
        }),
        drop: header.applied_upstream.as_deref().zip(pinned).is_some_and(|(since, pinned)| has(pinned, since)),
    }
}

/// Whether a version contains what upstream applied in the version in `Applied-Upstream`; false for a commit.
fn has(pinned: &Pinned, applied_upstream: &str) -> bool {
    match pinned {
        Pinned::Python(version) => release(applied_upstream).is_some_and(|since| since <= *version),
        Pinned::Toolchain(version) => {
            let since = first_word(applied_upstream).parse::<ProgramVersion>();
            since.ok().zip(version.parse().ok()).is_some_and(|(since, version)| since <= version)
        }
    }
}

fn first_word(applied_upstream: &str) -> &str {
    applied_upstream.split([' ', ',']).next().unwrap_or_default()
}

/// The release that `Applied-Upstream` begins with, if it is not a commit: 3.12 is 3.12.0.
fn release(applied_upstream: &str) -> Option<PythonVersion> {
    let word = first_word(applied_upstream);
    let first_of = |minor: Minor| PythonVersion { minor, micro: 0, level: ReleaseLevel::Final };
    word.parse().ok().or_else(|| word.parse().ok().map(first_of))
}

fn cells(row: &Row) -> [String; 7] {
    let upstream = match &row.applied_upstream {
        None => "no".to_owned(),
        Some(since) if row.drop => format!("since {since}: drop it"),
        Some(since) => format!("since {since}"),
    };
    let bugs = if row.bugs.is_empty() { "none".to_owned() } else { row.bugs.join(", ") };
    [
        row.series.clone(),
        row.patch.clone(),
        row.last_update.clone(),
        row.forwarded.clone(),
        upstream,
        bugs,
        row.synopsis.clone(),
    ]
}
