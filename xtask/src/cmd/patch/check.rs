//! `cargo xtask patch check`: checks the form of all patches, and that each series applies to every version that uses it.
//!
//! A version is checked if its source is among the store's downloads. Nothing is downloaded, except with `--fetch`.

use anyhow::Result;

use super::subject::{self, Subject};
use super::{SOURCE, all_series, folder, names_in, read, wrong};
use crate::app::App;
use crate::patch::{self, ApplyError};
use crate::recipe::Catalogue;

/// Checks all series and reports every mistake at once.
pub fn run(app: &App, fetch: bool) -> Result<()> {
    let catalogue = app.catalogue()?;
    let names = all_series(app)?;
    let mut mistakes = unknown_series(catalogue, &names);
    let (subjects, unresolved) = subject::all(catalogue, &app.lock()?, &names);
    mistakes.extend(unresolved);
    let mut patches = 0;
    let mut all_applied = Vec::new();
    let mut not_checked = Vec::new();
    if fetch {
        for subject in &subjects {
            if let Some(reason) = subject.fetch(app)? {
                app.ui.note(format!("cannot fetch {}: {reason}", subject.title));
            }
        }
    }
    for name in names {
        if !subject::named(catalogue).any(|(_, series)| series == name) {
            mistakes.push(format!("patches/{name}: no recipe names this series\nhint: {}", how_to_name(&name)));
        }
        let series = match read(&app.checkout, &name) {
            Ok(series) => series,
            Err(found) => {
                mistakes.extend(found);
                continue;
            }
        };
        patches += series.patches.len();
        let found = patch::lint(&series, &names_in(&folder(app, &name))?);
        mistakes.extend(found.iter().map(|mistake| format!("patches/{name}/{mistake}")));
        let (mut applies_to, mut does_not_apply_to) = (Vec::new(), Vec::new());
        for subject in subjects.iter().filter(|subject| subject.series == name) {
            let Subject { title, .. } = subject;
            match subject.apply(app, &series)? {
                Some(Ok(applied)) => {
                    applies_to.push(title.clone());
                    for offset in &applied.offsets {
                        app.ui.note(format!(
                            "patches/{name}/{}: {} of {} applies to {title} with an offset of {} lines",
                            offset.patch, offset.hunk, offset.path, offset.lines
                        ));
                    }
                }
                Some(Err(errors)) => does_not_apply_to.push((subject, errors)),
                None => not_checked.push(format!("{title} (`{}`)", subject.how_to_get)),
            }
        }
        for (subject, errors) in does_not_apply_to {
            mistakes.push(does_not_apply(subject, &errors, &applies_to));
        }
        all_applied.append(&mut applies_to);
    }
    if !not_checked.is_empty() {
        app.ui.note(format!("not checked, because the source is not in the store: {}", not_checked.join(", ")));
    }
    if !mistakes.is_empty() {
        return Err(wrong(&mistakes));
    }
    let applied_to = match all_applied.join(", ") {
        none if none.is_empty() => none,
        titles => format!("; they apply to {titles}"),
    };
    app.ui.note(format!("{patches} patches checked{applied_to}"));
    Ok(())
}

/// Names the version that a series does not apply to, and those that it does apply to.
fn does_not_apply(subject: &Subject, errors: &[ApplyError], applies_to: &[String]) -> String {
    let Subject { title, series, .. } = subject;
    let lines: Vec<String> = errors.iter().map(|error| format!("patches/{series}: {error}")).collect();
    let but = match applies_to {
        [] => String::new(),
        others => format!("patches/{series} applies to {} but not to {title}\n", others.join(", ")),
    };
    let hint = match (&subject.version, applies_to) {
        (Some(version), [_, ..]) => format!(
            "\nhint: give {title} a series of its own: copy patches/{series} to patches/{SOURCE}/{version}, set \
             `patches = \"{SOURCE}/{version}\"` for it in recipes/{SOURCE}/{}.toml, and adapt the patch",
            version.minor
        ),
        _ => String::new(),
    };
    format!("{but}{title}: {}{hint}", lines.join("\n"))
}

fn unknown_series(catalogue: &Catalogue, names: &[String]) -> Vec<String> {
    let unknown = subject::named(catalogue).filter(|(_, series)| !names.iter().any(|name| name == series));
    let mistake = |(recipe, series): (String, &str)| {
        format!(
            "recipes/{recipe} names the series `{series}`, but patches/{series} does not exist\n\
             hint: create that folder with an empty file `series`, or remove the line"
        )
    };
    unknown.map(mistake).collect()
}

fn how_to_name(series: &str) -> String {
    if series.starts_with(&format!("{SOURCE}/")) {
        format!("add `patches = \"{series}\"` to a release in recipes/cpython/, or remove the folder")
    } else {
        format!("name it under `patched` in a toolchain's recipe, `series = \"{series}\"`, or remove the folder")
    }
}
