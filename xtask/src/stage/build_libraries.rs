//! `build-libraries`: static libraries that the host's extension modules need, from pinned sources, in one prefix.

use super::prepare_source::open_verified;
use super::{Job, StageError};
use crate::archive::{self, Options};
use crate::plan::{BuildLibraries, StageId, StageSpec};
use crate::recipe::placeholder::{ConfigureVariable, LibraryBuildWord};

/// The prefix, in the stage's result.
pub const PREFIX: &str = "prefix";

pub fn spec() -> StageSpec {
    StageSpec::new(1)
}

/// Fills `prefix/`: each library is unpacked, and the commands of its recipe run in its source.
pub fn run(job: &Job<'_>, work: &BuildLibraries) -> Result<(), StageError> {
    job.link("toolchain", StageId::PrepareToolchain, "root")?;
    let prefix = job.folder(PREFIX)?;
    let toolchain = job.workspace.join("toolchain");
    let sysroot = toolchain.join(&work.sysroot);
    let word = |placeholder| match placeholder {
        LibraryBuildWord::Prefix => prefix.as_str(),
        LibraryBuildWord::Toolchain => toolchain.as_str(),
        LibraryBuildWord::Sysroot => sysroot.as_str(),
        LibraryBuildWord::Triple => &work.triple,
    };
    let tool = |placeholder| match placeholder {
        ConfigureVariable::Toolchain => toolchain.as_str(),
        ConfigureVariable::Sysroot => sysroot.as_str(),
        ConfigureVariable::Triple => &work.triple,
        ConfigureVariable::Libraries => prefix.as_str(),
        ConfigureVariable::Workspace => job.workspace.as_str(),
    };
    for library in &work.libraries {
        job.progress.line(&library.title());
        let folder = library.name.as_str();
        let source = job.folder(folder)?;
        let path = open_verified(job, &library.artifact)?;
        archive::unpack(&path, &source, &Options::default(), job.context.cancel, job.progress)?;
        let mut environment = job.environment(work.source_date_epoch);
        let path = format!("{toolchain}/bin:{}", environment["PATH"]);
        environment.insert("PATH".to_owned(), path);
        environment.extend(work.tools.iter().map(|(name, value)| (name.clone(), value.fill(tool))));
        environment.extend(library.build.environment.iter().map(|(name, value)| (name.clone(), value.fill(word))));
        for words in &library.build.commands {
            let words: Vec<String> = words.iter().map(|template| template.fill(word)).collect();
            let Some((program, arguments)) = words.split_first() else { continue };
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            job.run_with_tokens(&job.command(folder, program, &arguments, environment.clone()))?;
        }
        fs_err::remove_dir_all(&source).map_err(|error| StageError::io(&source, error))?;
    }
    Ok(())
}
