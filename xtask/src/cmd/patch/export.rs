//! `cargo xtask patch export MINOR`: the commits of a checkout become the patch series. A series that did not change keeps every byte.

use anyhow::{Context as _, Result, bail};
use camino::Utf8Path;

use super::{PRISTINE, Release, folder, git, read, wrong};
use crate::app::App;
use crate::patch::{self, Diagnostic, Patch, Series};
use crate::sys::{self, git::Git};

/// How to fix a commit that cannot become a patch.
const HINT: &str = "hint: `git rebase -i pristine` with `reword` changes messages: a summary line, an explanation, \
                    and the fields as the last paragraph; patches/README.md lists them";

/// Writes the series.
pub fn run(app: &App, python: &str, from: Option<&Utf8Path>) -> Result<()> {
    let release = Release::find(app, python)?;
    let old = read(&app.checkout, &release.series).map_err(|mistakes| wrong(&mistakes))?;
    let repository = release.repository(app, from)?;
    let hint = "hint: `cargo xtask patch checkout` creates a repository to export from";
    if !repository.join(".git").exists() {
        bail!("{repository} is not a git repository\n{hint}");
    }
    let git = git(app, &repository)?;
    let pristine = git.ask(&["rev-parse", "--verify", &format!("{PRISTINE}^{{commit}}")]);
    let pristine = pristine.with_context(|| format!("{repository} has no tag `pristine`\n{hint}"))?;
    if git.message(pristine.trim())? != release.pristine_message() {
        bail!(
            "{repository} is not made of the pinned source, Python {}\n\
             hint: it was created before the recipe changed; create a new one with `cargo xtask patch checkout`",
            release.version
        );
    }
    refuse_unfinished(&git, &repository)?;
    let patches = patches(&git, pristine.trim(), &old)?;
    write(app, &release.series, &old, &patches)
}

fn refuse_unfinished(git: &Git<'_>, repository: &Utf8Path) -> Result<()> {
    if ["rebase-merge", "rebase-apply"].iter().any(|name| repository.join(".git").join(name).exists()) {
        bail!("a rebase is in progress in {repository}\nhint: run `git rebase --continue` or `git rebase --abort`");
    }
    let changes = git.ask(&["status", "--porcelain", "--untracked-files=normal"])?;
    if !changes.is_empty() {
        bail!("{repository} has uncommitted changes:\n{changes}hint: commit or discard them");
    }
    Ok(())
}

/// The patch of every commit from `pristine` to `HEAD`. All problems of all of them are reported.
fn patches(git: &Git<'_>, pristine: &str, old: &Series) -> Result<Vec<Patch>> {
    let history = git.ask(&["rev-list", "--reverse", "--topo-order", "--parents", &format!("{PRISTINE}..HEAD")])?;
    let mut tip = pristine.to_owned();
    let mut patches: Vec<Patch> = Vec::new();
    let mut mistakes = Vec::new();
    for line in history.lines() {
        let (commit, parents) = line.split_once(' ').unwrap_or((line, ""));
        if parents != tip {
            bail!(
                "the history since `pristine` is not a line: commit {commit} is a merge or begins elsewhere\n\
                 hint: `git rebase pristine` makes it one"
            );
        }
        let message = git.message(commit)?;
        // `diff-tree` does not follow the repository's settings for `git diff`.
        let diff = git.ask(&[
            "diff-tree",
            "-p",
            "-U3",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--no-renames",
            "--full-index",
            &tip,
            commit,
        ])?;
        commit.clone_into(&mut tip);
        let subject = message.lines().next().unwrap_or_default();
        let commit = format!("commit {} (`{subject}`)", &commit[..10]);
        match to_patch(&message, &diff, old) {
            Ok(patch) => match patches.iter().find(|other| other.file_name == patch.file_name) {
                None => patches.push(patch),
                Some(other) => mistakes.push(format!(
                    "{commit}: another commit, `{}`, becomes `{}` as well\n  give it another first line",
                    other.header.synopsis, patch.file_name
                )),
            },
            Err(found) => mistakes.extend(found.into_iter().map(|mistake| format!("{commit}: {mistake}"))),
        }
    }
    if !mistakes.is_empty() {
        mistakes.push(HINT.to_owned());
        return Err(wrong(&mistakes));
    }
    Ok(patches)
}

fn to_patch(message: &str, diff: &str, old: &Series) -> Result<Patch, Vec<String>> {
    let said = |mistake: &Diagnostic| match &mistake.hint {
        Some(hint) => format!("{}\n  {hint}", mistake.message),
        None => mistake.message.clone(),
    };
    let mut patch = patch::export("", message, diff).map_err(|found| found.iter().map(said).collect::<Vec<_>>())?;
    patch.file_name = patch::file_name(&patch.header.synopsis, old).ok_or_else(|| {
        vec![
            "its first line cannot become a file name: at least three words are needed, and no number first".to_owned(),
        ]
    })?;
    Ok(patch)
}

/// Writes what changed, in an order in which `series` never names a file that is not there.
fn write(app: &App, name: &str, old: &Series, patches: &[Patch]) -> Result<()> {
    let folder = folder(app, name);
    let mut changed = false;
    let mut write = |file: &str, text: &str| -> Result<()> {
        let path = folder.join(file);
        if fs_err::read(&path).ok().as_deref() != Some(text.as_bytes()) {
            sys::fs::write_atomic(&path, text.as_bytes())?;
            app.ui.note(format!("wrote patches/{name}/{file}"));
            changed = true;
        }
        Ok(())
    };
    for patch in patches {
        write(&patch.file_name, &patch.to_string())?;
    }
    let before = fs_err::read_to_string(folder.join("series"))?;
    let names: Vec<&str> = patches.iter().map(|patch| patch.file_name.as_str()).collect();
    write("series", &patch::series_text(&before, &names))?;
    for old in &old.patches {
        if !names.contains(&old.file_name.as_str()) {
            fs_err::remove_file(folder.join(&old.file_name))?;
            app.ui.note(format!("removed patches/{name}/{}", old.file_name));
        }
        let new = patches
            .iter()
            .find(|new| new.file_name == old.file_name && new.header.last_update == old.header.last_update);
        if new.is_some_and(|new| new.to_string() != old.to_string()) {
            app.ui.warning(format!("{} changed, and its `Last-Update` did not", old.file_name));
        }
    }
    if !changed {
        app.ui.note("nothing changed");
    }
    Ok(())
}
