//! `cargo xtask patch check`: are the patches in order, and do they apply to the sources that are here? Connects to nothing.

use anyhow::Result;

use super::{Notes, Release, all_series, folder, names_in, read, read_file, releases_with, unpack, wrong};
use crate::app::App;
use crate::fetch::{self, Verdict};
use crate::name::PythonVersion;
use crate::patch::{self, Applied, ApplyError, Series};
use crate::provider::obtain;
use crate::recipe::Catalogue;
use crate::sys;

/// Checks everything, and tells all that is wrong at once.
pub fn run(app: &App) -> Result<()> {
    let catalogue = app.catalogue()?;
    let lock = app.lock()?;
    let names = all_series(app)?;
    let mut mistakes = unknown_series(&catalogue, &names);
    let mut patches = 0;
    let mut applied_to = Vec::new();
    let mut not_here = Vec::new();
    for name in names {
        let releases = releases_with(&catalogue, &name);
        if releases.is_empty() {
            mistakes.push(format!(
                "patches/{name}: no recipe names this series\n\
                 hint: add `patches = \"{name}\"` to a release in recipes/cpython/, or remove the folder"
            ));
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
        for micro in releases {
            let version = micro.version;
            let release = match Release::of(&catalogue, &lock, micro) {
                Ok(release) => release,
                Err(error) => {
                    mistakes.push(error.to_string());
                    continue;
                }
            };
            match apply(app, &release, &series)? {
                Some(Ok(applied)) => {
                    applied_to.push(version.to_string());
                    for offset in &applied.offsets {
                        app.ui.note(format!(
                            "patches/{name}/{}: {} of {} applies to Python {version} with an offset of {} lines",
                            offset.patch, offset.hunk, offset.path, offset.lines
                        ));
                    }
                }
                Some(Err(errors)) => {
                    mistakes.extend(errors.iter().map(|error| format!("Python {version}: patches/{name}: {error}")));
                }
                None => not_here.push(how_to_get(&catalogue, version)),
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
        versions => format!(", and apply to Python {versions}"),
    };
    app.ui.note(format!("patches are in order: {patches} of them{applied_to}"));
    Ok(())
}

fn unknown_series(catalogue: &Catalogue, names: &[String]) -> Vec<String> {
    let micros = catalogue.cpython.values().flat_map(|cpython| &cpython.micro);
    let named = micros.filter_map(|micro| Some((micro.version, micro.patches.as_ref()?)));
    let unknown = named.filter(|(_, series)| !names.contains(series));
    let mistake = |(version, series): (PythonVersion, &String)| {
        format!(
            "recipes/cpython/{}.toml: {version} names the series `{series}`, and there is no patches/{series}\n\
             hint: make that folder with an empty file `series`, or take the line out",
            version.minor
        )
    };
    unknown.map(mistake).collect()
}

fn how_to_get(catalogue: &Catalogue, version: PythonVersion) -> String {
    let host = catalogue.hosts.iter().find(|(_, host)| host.minors.contains_key(&version.minor));
    let host = host.map_or("HOST", |(name, _)| name);
    format!("\n  Python {version}: `cargo xtask fetch {host} --python {version}` gets it")
}

/// What comes of a series on a release's source; `None` if the store does not have that, or not as it is pinned.
fn apply(app: &App, release: &Release, series: &Series) -> Result<Option<Result<Applied, Vec<ApplyError>>>> {
    let store = app.store()?;
    let archive = store.download(&release.artifact.sha256, &release.artifact.file);
    let pinned = obtain::as_fetch(&release.artifact, &app.roads(true));
    let is_here = obtain::is_downloaded(store, &release.artifact)
        && matches!(fetch::verify(&archive, &pinned)?, Verdict::Right(_));
    if !is_here {
        return Ok(None);
    }
    let workspace = store.lock(&format!("patch-check-{}", release.version), &app.cancel, &Notes(app))?;
    workspace.clear()?;
    unpack(app, &archive, workspace.path())?;
    let applied = series.apply(|path| read_file(&workspace.path().join(path)));
    sys::fs::remove_tree(workspace.path())?;
    Ok(Some(applied))
}
