//! `prepare-source`: CPython's source with the patch series applied, ready to be built out of it.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Job, StageError};
use crate::archive::{self, Layout, Limits, Options};
use crate::digest::Sha256;
use crate::event::Unit;
use crate::fetch::{self, Verdict};
use crate::patch;
use crate::plan::{CheckoutFile, SourceFolder, StageSpec};
use crate::provider::{download, machine, obtain};
use crate::recipe::Artifact;
use crate::sys;
use crate::sys::Command;

/// Names in a user's checkout that are no part of the source.
const NOT_SOURCE: [&str; 3] = [".git", "__pycache__", "cross-build"];

pub fn spec() -> StageSpec {
    StageSpec { unit: Unit::Bytes, ..StageSpec::new(1) }
}

/// Fills `source/`.
pub fn run(
    job: &Job<'_>,
    artifact: Option<&Artifact>,
    folder: Option<&SourceFolder>,
    patches: &[CheckoutFile],
) -> Result<(), StageError> {
    let source = job.workspace.join("source");
    if let Some(artifact) = artifact {
        job.folder("source")?;
        let path = open_verified(job, artifact)?;
        archive::unpack(&path, &source, &Options::default(), job.context.cancel, job.progress)?;
    }
    if let Some(folder) = folder {
        match folder.path.rsplit_once('@') {
            Some((repository, tree)) if !Utf8Path::new(&folder.path).is_dir() => {
                unpack_tree(job, repository, tree, &source)?;
            }
            _ => copy_folder(folder, &source)?,
        }
    }
    if !source.join("configure.ac").is_file() {
        return Err(StageError::Unexpected(format!(
            "{}: this is not CPython's source: it has no configure.ac",
            job.stage.title
        )));
    }
    apply(job, patches, &source)
}

/// The path of a downloaded artifact, after its hash was compared with the pinned one: nothing is opened before.
/// A file that was damaged since it came is got again.
pub fn open_verified(job: &Job<'_>, artifact: &Artifact) -> Result<Utf8PathBuf, StageError> {
    let context = job.context;
    let path = context.store.download(&artifact.sha256, &artifact.file);
    let pinned = download::as_fetch(artifact, context.policy);
    match fetch::verify(&path, &pinned).map_err(|error| StageError::io(&path, error))? {
        Verdict::Right(_) => {}
        Verdict::Missing | Verdict::Wrong(_) => {
            let wanted = std::slice::from_ref(artifact);
            (context.note)(format!("{} is missing or damaged: getting it again", artifact.file));
            obtain::obtain(wanted, context.store, context.policy, context.cancel, job.progress)?;
        }
    }
    Ok(path)
}

/// The hash of a user's folder, without what is no part of the source.
pub fn hash_folder(folder: &Utf8Path) -> std::io::Result<Sha256> {
    sys::fs::hash_wanted(folder, &is_source)
}

fn is_source(entry: &sys::fs::Entry) -> bool {
    !NOT_SOURCE.contains(&entry.path.file_name().unwrap_or_default())
}

/// Copies a user's folder, and checks that the copy has the planned contents: the user may be editing the folder.
fn copy_folder(folder: &SourceFolder, source: &Utf8Path) -> Result<(), StageError> {
    let SourceFolder { path, contents } = folder;
    sys::fs::copy_tree(Utf8Path::new(path), source, &is_source).map_err(|error| StageError::io(source, error))?;
    let hash = hash_folder(source).map_err(|error| StageError::io(source, error))?;
    if hash != *contents {
        return Err(StageError::Unexpected(format!(
            "{path} changed while it was copied\nhint: run the same command again"
        )));
    }
    Ok(())
}

fn unpack_tree(job: &Job<'_>, repository: &str, tree: &str, source: &Utf8Path) -> Result<(), StageError> {
    let path = job.context.cargo.environment.get("PATH").map(String::as_str).unwrap_or_default();
    let git = machine::find("git", path).ok_or_else(|| {
        StageError::Unexpected(format!("git is needed to read {tree} of {repository}, and is not in PATH"))
    })?;
    let archive = job.workspace.join("tree.tar");
    let output = format!("--output={archive}");
    let command = Command {
        program: git,
        args: ["-C", repository, "archive", "--format=tar", &output, tree].map(str::to_owned).into(),
        directory: job.workspace.to_owned(),
        environment: job.environment(0),
        timeout: None,
    };
    job.run(&command)?;
    job.folder("source")?;
    let options = Options { layout: Layout::AsIs, limits: Limits::default(), exclude: Vec::new(), keep: Vec::new() };
    archive::unpack(&archive, source, &options, job.context.cancel, job.progress)?;
    fs_err::remove_file(&archive).map_err(|error| StageError::io(&archive, error))
}

/// Applies the series in its order; each patch sees what the ones before it did.
pub fn apply(job: &Job<'_>, patches: &[CheckoutFile], source: &Utf8Path) -> Result<(), StageError> {
    if patches.is_empty() {
        return Ok(());
    }
    let mut changed: BTreeMap<String, Option<patch::File>> = BTreeMap::new();
    for file in patches {
        let text = String::from_utf8(job.checkout_file(file)?)
            .map_err(|_| StageError::Patch(format!("{} is not UTF-8", file.path())))?;
        let parsed = patch::parse_patch(&file.file, &text).map_err(|mistakes| StageError::Patch(lines(&mistakes)))?;
        let applied = parsed.apply(|path| match changed.get(path) {
            Some(file) => file.clone(),
            None => read_file(&source.join(path)),
        });
        let applied = applied.map_err(|errors| StageError::Patch(lines(&errors)))?;
        changed.extend(applied.changes.into_iter().map(|change| (change.path, change.file)));
    }
    for (path, file) in changed {
        write_file(&source.join(path), file)?;
    }
    Ok(())
}

fn lines<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join("\n")
}

fn read_file(path: &Utf8Path) -> Option<patch::File> {
    use std::os::unix::fs::PermissionsExt as _;
    let content = fs_err::read(path).ok()?;
    let executable = fs_err::metadata(path).ok()?.permissions().mode() & 0o111 != 0;
    Some(patch::File { content, executable })
}

/// Writes a patched file with the time of the file that it replaces: make compares times.
fn write_file(path: &Utf8Path, file: Option<patch::File>) -> Result<(), StageError> {
    use std::os::unix::fs::PermissionsExt as _;
    let io = |error| StageError::io(path, error);
    let Some(file) = file else { return fs_err::remove_file(path).map_err(io) };
    let before = fs_err::metadata(path).and_then(|found| found.modified()).ok();
    if let Some(parent) = path.parent() {
        fs_err::create_dir_all(parent).map_err(io)?;
    }
    fs_err::write(path, &file.content).map_err(io)?;
    let mode = if file.executable { 0o755 } else { 0o644 };
    let written = fs_err::File::options().write(true).open(path).map_err(io)?;
    written.set_permissions(std::fs::Permissions::from_mode(mode)).map_err(io)?;
    before.map_or(Ok(()), |time| written.file().set_modified(time)).map_err(io)
}
