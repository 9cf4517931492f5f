//! `prepare-toolchain` and `prepare-runner`: the cross compiler, or a program that runs host binaries, unpacked into the store, ready to be called.

use camino::Utf8Path;

use super::prepare_source::open_verified;
use super::{Job, StageError};
use crate::archive::{self, Layout, Limits, Options};
use crate::recipe::model::ToolchainContents;
use crate::recipe::raw::{Launchers, Link};

/// Fills `root/`; whatever it comes from, its programs are in `root/bin/` then.
pub fn run(job: &Job<'_>, contents: &ToolchainContents) -> Result<(), StageError> {
    let root = job.workspace.join("root");
    match contents {
        ToolchainContents::Folder { path } => {
            fs_err::os::unix::fs::symlink(path, &root).map_err(|error| StageError::io(&root, error))
        }
        ToolchainContents::Archive { artifact } => {
            job.folder("root")?;
            let path = open_verified(job, artifact)?;
            let options = Options { layout: Layout::StripTop(None), limits: Limits::default() };
            archive::unpack(&path, &root, &options, job.context.cancel, job.progress)?;
            Ok(())
        }
        ToolchainContents::Debian { artifacts, launchers, links } => {
            job.folder("root")?;
            for artifact in artifacts {
                let path = open_verified(job, artifact)?;
                job.progress.line(&artifact.file);
                let options = Options { layout: Layout::AsIs, limits: Limits::default() };
                archive::unpack(&path, &root, &options, job.context.cancel, job.progress)?;
            }
            add_links(&root, links)?;
            add_launchers(&root, launchers)
        }
    }
}

fn add_links(root: &Utf8Path, links: &[Link]) -> Result<(), StageError> {
    for link in links {
        let path = root.join(&link.path);
        let parent = path.parent().unwrap_or(root);
        fs_err::create_dir_all(parent).map_err(|error| StageError::io(parent, error))?;
        fs_err::os::unix::fs::symlink(&link.target, &path).map_err(|error| StageError::io(&path, error))?;
    }
    Ok(())
}

/// Small scripts in `bin/` that name the toolchain's own libraries and become the program. They find the toolchain
/// from their own path, and start no process to do so: configure calls the compiler a thousand times.
fn add_launchers(root: &Utf8Path, launchers: &Launchers) -> Result<(), StageError> {
    use std::os::unix::fs::PermissionsExt as _;
    let bin = root.join("bin");
    fs_err::create_dir_all(&bin).map_err(|error| StageError::io(&bin, error))?;
    let libraries: Vec<String> = launchers.library_path.iter().map(|folder| format!("$root/{folder}")).collect();
    for program in &launchers.programs {
        let (libraries, directory) = (libraries.join(":"), &launchers.directory);
        let program_path = format!("\"$root/{directory}/{program}\" \"$@\"");
        let start = match &launchers.loader {
            // A C library of its own has a loader of its own, which alone can start programs with it.
            Some(loader) => format!("exec \"$root/{loader}\" --library-path \"{libraries}\" {program_path}"),
            None => format!("LD_LIBRARY_PATH={libraries} exec {program_path}"),
        };
        let script = format!("#!/bin/sh\nroot=${{0%/*}}/..\n{start}\n");
        let path = bin.join(program);
        fs_err::write(&path, script).map_err(|error| StageError::io(&path, error))?;
        let mode = std::fs::Permissions::from_mode(0o755);
        fs_err::set_permissions(&path, mode).map_err(|error| StageError::io(&path, error))?;
    }
    Ok(())
}
