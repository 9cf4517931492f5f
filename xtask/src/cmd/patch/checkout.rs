//! `cargo xtask patch checkout MINOR`: a git repository with the source as it was published, and one commit for each patch.
//!
//! Names, dates and trees depend on nothing but the lock and the patches, so that the commits have the same hashes everywhere.

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use super::{Notes, PRISTINE, Release, git, read, read_file, unpack, wrong};
use crate::app::App;
use crate::patch::{self, Change, Patch, Series};
use crate::provider::obtain;
use crate::sys;

/// Attributes have the last word over those of the source: no line end is converted, no text is taken for binary.
const ATTRIBUTES: &str = "* -text !eol !diff !filter -ident !working-tree-encoding\n";

/// Makes the repository, and says what can be done with it.
pub fn run(app: &App, python: &str, into: Option<&Utf8Path>) -> Result<()> {
    let release = Release::find(app, python)?;
    let series = read(&app.checkout, &release.series).map_err(|mistakes| wrong(&mistakes))?;
    let folder = release.repository(app, into)?;
    let (version, minor) = (release.version, release.version.minor);
    refuse_taken(&folder)?;
    let store = app.store()?;
    // Held until the end: two runs would work in the same place.
    let _lock = store.lock(&format!("patch-checkout-{minor}"), &app.cancel, &Notes(app))?;
    refuse_taken(&folder)?;
    let wanted = std::slice::from_ref(&release.artifact);
    obtain::obtain(wanted, store, &app.policy(false), &app.cancel, &Notes(app))?;
    let partial = Utf8PathBuf::from(format!("{folder}.partial"));
    sys::fs::remove_tree(&partial)?;
    fs_err::create_dir_all(&partial)?;
    let archive = store.download(&release.artifact.sha256, &release.artifact.file);
    let made = make(app, &release, &series, &archive, &partial);
    if made.is_err() {
        sys::fs::remove_tree(&partial)?;
    }
    made?;
    sys::fs::fsync_tree(&partial)?;
    fs_err::rename(&partial, &folder)?;
    let from = into.map(|folder| format!(" --from {}", sys::command::quote(folder.as_str()))).unwrap_or_default();
    app.ui.note(format!(
        "Python {version} with the tag `pristine`, and on top of it a commit for each patch: {} of them\n  \
         edit there and `git commit`, or `git rebase -i pristine`; a message ends with the patch's fields\n  \
         then `cargo xtask patch export {python}{from}` writes the commits back",
        series.patches.len()
    ));
    app.ui.data(&format!("{folder}\n"));
    Ok(())
}

fn refuse_taken(folder: &Utf8Path) -> Result<()> {
    let taken = match folder.read_dir_utf8() {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    };
    if taken {
        bail!(
            "{folder} is there already, and may have work in it\n\
             hint: export that work, then remove the folder; or name another with `--into DIR`"
        );
    }
    Ok(())
}

fn make(app: &App, release: &Release, series: &Series, archive: &Utf8Path, folder: &Utf8Path) -> Result<()> {
    unpack(app, archive, folder)?;
    let git = git(app, folder)?;
    git.ask(&["init", "--quiet", "--template=", "--initial-branch=patches"])?;
    fs_err::create_dir_all(folder.join(".git/info"))?;
    fs_err::write(folder.join(".git/info/attributes"), ATTRIBUTES)?;
    // Else git takes lines of a description that begin with `#` out of a message that is edited.
    git.ask(&["config", "commit.cleanup", "scissors"])?;
    git.commit_all(&release.pristine_message(), None, release.source_date_epoch)?;
    git.ask(&["update-ref", PRISTINE, "HEAD"])?;
    for patch in &series.patches {
        apply(patch, folder, &release.series)?;
        git.commit_all(&patch::commit_message(patch), patch.header.author.as_deref(), release.source_date_epoch)?;
    }
    Ok(())
}

fn apply(patch: &Patch, folder: &Utf8Path, series: &str) -> Result<()> {
    let applied = patch.apply(|path| read_file(&folder.join(path))).map_err(|errors| {
        let mut mistakes: Vec<String> = errors.iter().map(|error| format!("patches/{series}: {error}")).collect();
        mistakes
            .push("hint: fix the file until `cargo xtask patch check` succeeds, then create the checkout".to_owned());
        wrong(&mistakes)
    })?;
    applied.changes.into_iter().try_for_each(|change| write(folder, change))
}

fn write(folder: &Utf8Path, change: Change) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join(&change.path);
    let Some(file) = change.file else { return Ok(fs_err::remove_file(path)?) };
    fs_err::create_dir_all(path.parent().unwrap_or(folder))?;
    fs_err::write(&path, &file.content)?;
    let mode = if file.executable { 0o755 } else { 0o644 };
    Ok(fs_err::set_permissions(&path, std::fs::Permissions::from_mode(mode))?)
}
