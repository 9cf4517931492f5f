//! `cargo xtask patch`: shows and checks patch series, and edits them in separate git repositories.
//!
//! The module `patch` parses and applies patches; this one handles files, the store and git.

mod check;
mod checkout;
mod export;
mod status;
mod subject;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use crate::app::App;
use crate::archive::{self, Options, UnpackError};
use crate::cli::Patch;
use crate::lock::Lock;
use crate::name::PythonVersion;
use crate::patch::{self, File, Series};
use crate::progress::{Progress, Silent};
use crate::provider::machine;
use crate::recipe::model::Micro;
use crate::recipe::{Artifact, BuildRequest, Catalogue, ResolveError};
use crate::sys::git::Git;

/// The source that `checkout` and `export` work on; the other series are of toolchains.
const SOURCE: &str = "cpython";

/// Does what was asked.
pub fn run(app: &App, arguments: &Patch) -> Result<()> {
    match arguments {
        Patch::Status { minor } => status::run(app, minor.as_deref()),
        Patch::Checkout { minor, into } => checkout::run(app, minor, into.as_deref()),
        Patch::Export { minor, from } => export::run(app, minor, from.as_deref()),
        Patch::Check { fetch } => check::run(app, *fetch),
    }
}

/// A pinned release with patches.
struct Release {
    version: PythonVersion,
    source_date_epoch: u64,
    /// The folder of its series, below `patches/`.
    series: String,
    artifact: Artifact,
}

impl Release {
    /// The newest release of a minor that has patches, or the release itself.
    fn find(app: &App, python: &str) -> Result<Self> {
        let catalogue = app.catalogue()?;
        let minor = catalogue.minor(python)?;
        let asked: Option<PythonVersion> = python.parse().ok();
        let mut micros = catalogue.cpython[&minor].micro.iter().filter(|micro| micro.patches.is_some());
        let Some(micro) = micros.find(|micro| asked.is_none_or(|asked| asked == micro.version)) else {
            let series = format!("{SOURCE}/{minor}");
            return Err(ResolveError::Impossible {
                message: format!("Python {python} has no patches"),
                hint: format!(
                    "to begin a series, add `patches = \"{series}\"` to a release in recipes/cpython/{minor}.toml \
                     and make an empty file patches/{series}/series"
                ),
            }
            .into());
        };
        Ok(Self::of(catalogue, &app.lock()?, micro)?)
    }

    fn of(catalogue: &Catalogue, lock: &Lock, micro: &Micro) -> Result<Self, ResolveError> {
        let nothing = String::new;
        let python = micro.version.to_string();
        let request = BuildRequest {
            python,
            host: nothing(),
            profile: nothing(),
            toolchain: nothing(),
            build_machine: nothing(),
        };
        let (version, source) = catalogue.sources(&request, lock)?.swap_remove(0);
        let source_date_epoch = micro.source_date_epoch;
        Ok(Self { version, source_date_epoch, series: source.patches, artifact: source.artifact })
    }

    /// Where its repository is, if no other place was asked for.
    fn repository(&self, app: &App, asked: Option<&Utf8Path>) -> Result<Utf8PathBuf> {
        match asked {
            // Without a slash or a dot at the end: another folder is made beside it.
            Some(folder) => Ok(app.current_folder()?.join(folder).components().collect()),
            None => Ok(app.store()?.file("patch-checkout").join(self.version.minor.to_string())),
        }
    }

    /// The message of the commit that has the source as it was published.
    fn pristine_message(&self) -> String {
        let Artifact { file, sha256, .. } = &self.artifact;
        format!("Python {}\n\nUnpacked from {file}, SHA-256 {sha256}.\n", self.version)
    }
}

/// The releases whose recipes name a series, newest first.
fn releases_with<'a>(catalogue: &'a Catalogue, series: &str) -> Vec<&'a Micro> {
    let mut micros: Vec<_> = catalogue.cpython.values().flat_map(|cpython| &cpython.micro).collect();
    micros.retain(|micro| micro.patches.as_deref() == Some(series));
    micros.sort_by_key(|micro| std::cmp::Reverse(micro.version));
    micros
}

/// The versions of toolchains whose recipes name a series: the name, the version, and the series.
fn patched_toolchains(catalogue: &Catalogue) -> impl Iterator<Item = (&str, &str, &str)> {
    catalogue.toolchains.iter().flat_map(|(name, toolchain)| {
        toolchain.version.iter().flat_map(move |version| {
            let patched = version.debian.iter().filter_map(|debian| debian.patched.as_ref());
            patched.map(move |patched| (name.as_str(), version.version.as_str(), patched.series.as_str()))
        })
    })
}

/// The folders of all series, below `patches/`.
fn all_series(app: &App) -> Result<Vec<String>> {
    let mut series = Vec::new();
    for source in names_in(&app.checkout.join("patches"))? {
        let path = folder(app, &source);
        if path.is_dir() {
            series.extend(names_in(&path)?.into_iter().map(|version| format!("{source}/{version}")));
        }
    }
    Ok(series)
}

/// Where a series lies.
fn folder(app: &App, series: &str) -> Utf8PathBuf {
    app.checkout.join("patches").join(series)
}

/// The names of all that is in a folder, in order.
fn names_in(folder: &Utf8Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Parses a series. The mistakes name their files from the root of the checkout.
pub fn read(checkout: &Utf8Path, series: &str) -> Result<Series, Vec<String>> {
    let folder = checkout.join("patches").join(series);
    let text = fs_err::read_to_string(folder.join("series")).map_err(|_| {
        vec![format!("patches/{series} has no file `series`\nhint: it lists the patches, one name a line")]
    })?;
    let parsed = patch::parse_series(&text, |name| fs_err::read_to_string(folder.join(name)).ok());
    parsed.map_err(|mistakes| mistakes.iter().map(|mistake| format!("patches/{series}/{mistake}")).collect())
}

/// The failure that lists all mistakes.
pub fn wrong(mistakes: &[String]) -> anyhow::Error {
    super::Failed { report: mistakes.join("\n"), code: 3 }.into()
}

/// The commit with the source as it was published.
const PRISTINE: &str = "refs/tags/pristine";

/// The user's git, in a folder that exists.
fn git<'a>(app: &'a App, repository: &'a Utf8Path) -> Result<Git<'a>> {
    let program = machine::find("git", &app.path).ok_or_else(|| super::Failed {
        report: "git is needed to work on patches, and is not in PATH\nhint: on Debian, `apt-get install git`"
            .to_owned(),
        code: 4,
    })?;
    Ok(Git { program, path: &app.path, repository, cancel: &app.cancel })
}

/// Unpacks a verified source.
fn unpack(app: &App, archive: &Utf8Path, into: &Utf8Path) -> Result<(), UnpackError> {
    archive::unpack(archive, into, &Options::default(), &app.cancel, &Silent).map(|_| ())
}

/// Reads a file of an unpacked source, as a patch sees it.
fn read_file(path: &Utf8Path) -> Option<File> {
    use std::os::unix::fs::PermissionsExt as _;
    let content = fs_err::read(path).ok()?;
    let executable = fs_err::metadata(path).ok()?.permissions().mode() & 0o111 != 0;
    Some(File { content, executable })
}

/// Shows the lines of long work as notes.
struct Notes<'a>(&'a App);

impl Progress for Notes<'_> {
    fn advance(&self, _done: u64, _total: Option<u64>) {}

    fn line(&self, line: &str) {
        self.0.ui.note(line);
    }
}
