//! What a series applies to: the source of a release or the packages of a toolchain, unpacked as far as the patches need.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::{Notes, Release, patched_toolchains, read_file, unpack};
use crate::app::App;
use crate::archive::{self, Layout, Limits, Options};
use crate::fetch::{self, Verdict};
use crate::lock::Lock;
use crate::name::PythonVersion;
use crate::patch::{Applied, ApplyError, FileChange, Series};
use crate::progress::Silent;
use crate::provider::{download, obtain};
use crate::recipe::model::DebianContents;
use crate::recipe::{Artifact, Catalogue, ResolveError};
use crate::sys;

/// A release or a toolchain that uses a series.
pub struct Subject {
    /// Name and version.
    pub title: String,
    /// Of a release of CPython.
    pub version: Option<PythonVersion>,
    pub series: String,
    /// The command that downloads it.
    pub how_to_get: String,
    source: Source,
}

enum Source {
    Release(Artifact),
    Packages(DebianContents),
}

/// The recipes that name a series, each with the version that does so, and the series.
pub fn named(catalogue: &Catalogue) -> impl Iterator<Item = (String, &str)> {
    let micros = catalogue.cpython.values().flat_map(|cpython| &cpython.micro);
    let releases = micros.filter_map(|micro| {
        let recipe = format!("cpython/{}.toml: {}", micro.version.minor, micro.version);
        Some((recipe, micro.patches.as_deref()?))
    });
    let toolchains = patched_toolchains(catalogue);
    releases.chain(toolchains.map(|(name, version, series)| (format!("toolchains/{name}.toml: {version}"), series)))
}

/// All versions that use these series, newest releases first, and the errors of those that cannot be resolved.
pub fn all(catalogue: &Catalogue, lock: &Lock, names: &[String]) -> (Vec<Subject>, Vec<String>) {
    let mut micros: Vec<_> = catalogue.cpython.values().flat_map(|cpython| &cpython.micro).collect();
    micros.retain(|micro| micro.patches.as_ref().is_some_and(|series| names.contains(series)));
    micros.sort_by_key(|micro| std::cmp::Reverse(micro.version));
    let releases = micros.into_iter().map(|micro| {
        let Release { version, series, artifact, .. } = Release::of(catalogue, lock, micro)?;
        let host = catalogue.hosts.iter().find(|(_, host)| host.has(version.minor));
        let how_to_get = how_to_get(host.map(|(name, _)| name), &format!("--python {version}"));
        let (title, source) = (format!("Python {version}"), Source::Release(artifact));
        Ok(Subject { title, version: Some(version), series, how_to_get, source })
    });
    let toolchains = patched_toolchains(catalogue).map(|(name, version, series)| {
        let host = catalogue.hosts.iter().find(|(_, host)| host.uses_toolchain(name, version));
        let how_to_get = how_to_get(host.map(|(name, _)| name), &format!("--toolchain {name}"));
        let source = Source::Packages(catalogue.patched_packages(name, version, lock)?);
        let (title, series) = (format!("{name} {version}"), series.to_owned());
        Ok(Subject { title, version: None, series, how_to_get, source })
    });
    let found: Vec<Result<Subject, ResolveError>> = releases.chain(toolchains).collect();
    let (mut subjects, mut mistakes) = (Vec::new(), Vec::new());
    for subject in found {
        match subject {
            Ok(subject) => subjects.push(subject),
            Err(error) => mistakes.push(error.to_string()),
        }
    }
    (subjects, mistakes)
}

fn how_to_get(host: Option<&String>, option: &str) -> String {
    format!("cargo xtask fetch {} {option}", host.map_or("HOST", String::as_str))
}

impl Subject {
    /// Downloads what is missing; gives the reason if no source has it.
    pub fn fetch(&self, app: &App) -> Result<Option<String>> {
        let artifacts = match &self.source {
            Source::Release(artifact) => std::slice::from_ref(artifact),
            Source::Packages(contents) => &contents.artifacts,
        };
        match obtain::obtain(artifacts, app.store()?, &app.policy(false), &app.cancel, &Notes(app)) {
            Ok(_) => Ok(None),
            Err(_) if app.cancel.is_cancelled() => Err(crate::cancel::Cancelled.into()),
            // A release that no source has yet is no mistake of the patches; wrong bytes are an error.
            Err(error) if error.is_environmental() => {
                Ok(Some(error.to_string().lines().next().unwrap_or_default().to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Applies a series to it; `None` if the store does not have the pinned bytes.
    pub fn apply(&self, app: &App, series: &Series) -> Result<Option<Result<Applied, Vec<ApplyError>>>> {
        let name = self.title.to_lowercase().replace(' ', "-");
        let workspace = app.store()?.lock(&format!("patch-check-{name}"), &app.cancel, &Notes(app))?;
        workspace.clear()?;
        let unpacked = match &self.source {
            Source::Release(artifact) => unpack_release(app, artifact, workspace.path())?,
            Source::Packages(contents) => unpack_packages(app, contents, series, workspace.path())?,
        };
        let applied = unpacked.map(|folder| series.apply(|path| read_file(&folder.join(path))));
        sys::fs::remove_tree(workspace.path())?;
        Ok(applied)
    }
}

fn unpack_release(app: &App, artifact: &Artifact, root: &Utf8Path) -> Result<Option<Utf8PathBuf>> {
    let Some(archive) = here(app, artifact)? else { return Ok(None) };
    unpack(app, &archive, root)?;
    Ok(Some(root.to_owned()))
}

/// Unpacks packages until every file that the patches change exists; gives the folder that their paths are relative to.
fn unpack_packages(
    app: &App,
    contents: &DebianContents,
    series: &Series,
    root: &Utf8Path,
) -> Result<Option<Utf8PathBuf>> {
    let folder = contents.patched.as_ref().map_or_else(|| root.to_owned(), |patched| root.join(&patched.folder));
    let changes = series.patches.iter().flat_map(|patch| &patch.diff.files);
    let changed = changes.filter_map(|file| match &file.change {
        FileChange::Create { .. } => None,
        FileChange::Rename { from, .. } => Some(folder.join(from)),
        FileChange::Modify { .. } | FileChange::Delete { .. } => Some(folder.join(&file.path)),
    });
    let changed: Vec<Utf8PathBuf> = changed.collect();
    let exclude = contents.exclude.keys().cloned().collect();
    let options = Options { layout: Layout::AsIs, limits: Limits::default(), exclude, keep: contents.keep.clone() };
    for artifact in contents.artifacts.iter().filter(|artifact| !contents.below.contains_key(&artifact.file)) {
        if changed.iter().all(|path| path.is_file()) {
            break;
        }
        let Some(archive) = here(app, artifact)? else { return Ok(None) };
        archive::unpack(&archive, root, &options, &app.cancel, &Silent)?;
    }
    Ok(Some(folder))
}

/// The path of a download, if the store has the pinned bytes.
fn here(app: &App, artifact: &Artifact) -> Result<Option<Utf8PathBuf>> {
    let store = app.store()?;
    let path = store.download(&artifact.sha256, &artifact.file);
    let pinned = download::as_fetch(artifact, &app.policy(true));
    let is_here =
        download::is_downloaded(store, artifact) && matches!(fetch::verify(&path, &pinned)?, Verdict::Right(_));
    Ok(is_here.then_some(path))
}
