//! `cargo xtask patch check`: are the patches in order, and do they apply to the sources that are here? Connects to nothing.

use anyhow::Result;

use super::subject::{self, Subject};
use super::{SOURCE, all_series, folder, names_in, read, wrong};
use crate::app::App;
use crate::patch;
use crate::recipe::Catalogue;

/// Checks everything, and tells all that is wrong at once.
pub fn run(app: &App) -> Result<()> {
    let catalogue = app.catalogue()?;
    let names = all_series(app)?;
    let mut mistakes = unknown_series(&catalogue, &names);
    let (subjects, unresolved) = subject::all(&catalogue, &app.lock()?, &names);
    mistakes.extend(unresolved);
    let mut patches = 0;
    let mut applied_to = Vec::new();
    let mut not_here = Vec::new();
    for name in names {
        if !subject::named(&catalogue).any(|(_, series)| series == name) {
            mistakes.push(format!("patches/{name}: no recipe names this series\nhint: {}", how_to_name(&name)));
        }
        let series = match read(app, &name) {
            Ok(series) => series,
            Err(found) => {
                mistakes.extend(found);
                continue;
            }
        };
        patches += series.patches.len();
        let found = patch::lint(&series, &names_in(&folder(app, &name))?);
        mistakes.extend(found.iter().map(|mistake| format!("patches/{name}/{mistake}")));
        for subject in subjects.iter().filter(|subject| subject.series == name) {
            let Subject { title, .. } = subject;
            match subject.apply(app, &series)? {
                Some(Ok(applied)) => {
                    applied_to.push(title.clone());
                    for offset in &applied.offsets {
                        app.ui.note(format!(
                            "patches/{name}/{}: {} of {} applies to {title} with an offset of {} lines",
                            offset.patch, offset.hunk, offset.path, offset.lines
                        ));
                    }
                }
                Some(Err(errors)) => {
                    mistakes.extend(errors.iter().map(|error| format!("{title}: patches/{name}: {error}")));
                }
                None => not_here.push(format!("\n  {title}: `{}` gets it", subject.how_to_get)),
            }
        }
    }
    if !not_here.is_empty() {
        app.ui.note(format!("applying was not tried where the source is not in the store:{}", not_here.concat()));
    }
    if !mistakes.is_empty() {
        return Err(wrong(&mistakes));
    }
    let applied_to = match applied_to.join(", ") {
        none if none.is_empty() => none,
        titles => format!(", and apply to {titles}"),
    };
    app.ui.note(format!("patches are in order: {patches} of them{applied_to}"));
    Ok(())
}

fn unknown_series(catalogue: &Catalogue, names: &[String]) -> Vec<String> {
    let unknown = subject::named(catalogue).filter(|(_, series)| !names.iter().any(|name| name == series));
    let mistake = |(recipe, series): (String, &str)| {
        format!(
            "recipes/{recipe} names the series `{series}`, and there is no patches/{series}\n\
             hint: make that folder with an empty file `series`, or take the line out"
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
