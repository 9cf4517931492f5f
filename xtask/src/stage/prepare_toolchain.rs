//! `prepare-toolchain` and `prepare-runner`: the cross compiler, or a program that runs host binaries, unpacked into the store, ready to be called.

use camino::Utf8Path;

use super::prepare_source::{apply, open_verified};
use super::{Job, StageError};
use crate::archive::{self, Layout, Limits, Options};
use crate::event::Unit;
use crate::plan::{CheckoutFile, StageSpec};
use crate::recipe::model::{DebianContents, ToolchainContents};
use crate::recipe::model::{Launchers, Link, OwnFile};
use crate::recipe::placeholder::FinishWord;
use crate::recipe::template::Template;

pub fn spec() -> StageSpec {
    StageSpec { unit: Unit::Bytes, ..StageSpec::new(1) }
}

/// Fills `root/`; whatever it comes from, its programs are in `root/bin/` then.
pub fn run(
    job: &Job<'_>,
    contents: &ToolchainContents,
    patches: &[CheckoutFile],
    files: &[CheckoutFile],
) -> Result<(), StageError> {
    let root = job.workspace.join("root");
    match contents {
        ToolchainContents::Folder { path } => {
            fs_err::os::unix::fs::symlink(path, &root).map_err(|error| StageError::io(&root, error))
        }
        ToolchainContents::Archive { artifact } => {
            job.folder("root")?;
            let path = open_verified(job, artifact)?;
            archive::unpack(&path, &root, &Options::default(), job.context.cancel, job.progress)?;
            Ok(())
        }
        ToolchainContents::Debian(contents) => {
            unpack_packages(job, contents, &root)?;
            if let Some(patched) = &contents.patched {
                apply(job, patches, &root.join(&patched.folder))?;
            }
            add_links(&root, &contents.links)?;
            for launchers in &contents.launchers {
                add_launchers(&root, launchers)?;
            }
            add_files(job, contents, files, &root)?;
            finish(job, &contents.finish, &root)
        }
    }
}

fn unpack_packages(job: &Job<'_>, contents: &DebianContents, root: &Utf8Path) -> Result<(), StageError> {
    job.folder("root")?;
    let exclude: Vec<String> = contents.exclude.keys().cloned().collect();
    let options = Options { layout: Layout::AsIs, limits: Limits::default(), exclude, keep: contents.keep.clone() };
    for artifact in &contents.artifacts {
        let path = open_verified(job, artifact)?;
        job.progress.line(&artifact.file);
        let below = contents.below.get(&artifact.file).map_or("", String::as_str);
        let into = job.folder(root.join(below).as_str())?;
        archive::unpack(&path, &into, &options, job.context.cancel, job.progress)?;
    }
    Ok(())
}

fn add_links(root: &Utf8Path, links: &[Link]) -> Result<(), StageError> {
    for link in links {
        let path = root.join(&link.path);
        make_parent(&path)?;
        fs_err::os::unix::fs::symlink(&link.target, &path).map_err(|error| StageError::io(&path, error))?;
    }
    Ok(())
}

/// Small scripts in `bin/` that name the toolchain's own libraries and become the program. They find the toolchain
/// from their own path, and start no process to do so: configure calls the compiler a thousand times.
fn add_launchers(root: &Utf8Path, launchers: &Launchers) -> Result<(), StageError> {
    let libraries: Vec<String> = launchers.library_path.iter().map(|folder| format!("$root/{folder}")).collect();
    for program in &launchers.programs {
        let (libraries, directory) = (libraries.join(":"), &launchers.directory);
        let program_path = format!("\"$root/{directory}/{program}\" \"$@\"");
        let start = match &launchers.loader {
            // A bundled C library has its own loader, and only that can start programs with it.
            Some(loader) => format!("exec \"$root/{loader}\" --library-path \"{libraries}\" {program_path}"),
            None => format!("LD_LIBRARY_PATH={libraries} exec {program_path}"),
        };
        let up: String = launchers.into.split('/').map(|_| "/..").collect();
        let script = format!("#!/bin/sh\nroot=${{0%/*}}{up}\n{start}\n");
        write(&root.join(&launchers.into).join(program), script.as_bytes(), true)?;
    }
    Ok(())
}

/// Files of this checkout, as they were when the plan was made.
fn add_files(
    job: &Job<'_>,
    contents: &DebianContents,
    files: &[CheckoutFile],
    root: &Utf8Path,
) -> Result<(), StageError> {
    for OwnFile { from, path, executable } in &contents.files {
        let name = format!("{}/{from}", contents.files_folder);
        let file = files.iter().find(|file| file.file == name).expect("the plan lists every file of the toolchain");
        write(&root.join(path), &job.checkout_file(file)?, *executable)?;
    }
    Ok(())
}

/// Runs the toolchain's own programs on it; nothing is written into it after that.
fn finish(job: &Job<'_>, commands: &[Vec<Template<FinishWord>>], root: &Utf8Path) -> Result<(), StageError> {
    for words in commands {
        let words: Vec<String> = words.iter().map(|word| word.fill(|FinishWord::Toolchain| root.as_str())).collect();
        let Some((program, arguments)) = words.split_first() else { continue };
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let program = root.join(program);
        job.run(&job.command("", program.as_str(), &arguments, job.environment(0)))?;
    }
    Ok(())
}

fn make_parent(path: &Utf8Path) -> Result<(), StageError> {
    let parent = path.parent().unwrap_or(path);
    fs_err::create_dir_all(parent).map_err(|error| StageError::io(parent, error))
}

fn write(path: &Utf8Path, contents: &[u8], executable: bool) -> Result<(), StageError> {
    use std::os::unix::fs::PermissionsExt as _;
    make_parent(path)?;
    fs_err::write(path, contents).map_err(|error| StageError::io(path, error))?;
    let mode = std::fs::Permissions::from_mode(if executable { 0o755 } else { 0o644 });
    fs_err::set_permissions(path, mode).map_err(|error| StageError::io(path, error))
}
