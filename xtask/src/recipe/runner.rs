//! Programs that run host binaries, and the command line that each of them needs for one guest. Pure: nothing is started or looked for here.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::model::{Compile, GuestTemplates, RunnerRecipe, ToolchainContents};
use super::placeholder::{
    Argv0, Begin, Cache, CompileWord, Module, Mount, StackSize, Timeout, Variable, WorkingDirectory,
};
use super::template::Words;
use crate::name::ProgramVersion;

/// The runner that a stage compiles, and that everything uses unless another is asked for.
pub const HOST_RUNNER: &str = "host-runner";

/// The runner that packages for WASI bring a script for.
pub const NODE: &str = "node";

/// A runner from its recipe, with what is available for this machine.
#[derive(Debug, Clone)]
pub struct Runner {
    pub name: String,
    pub recipe: RunnerRecipe,
    /// Packages for the machine that builds; `None` where there are none.
    pub packages: Option<Packages>,
}

/// A runner made of packages.
#[derive(Debug, Clone)]
pub struct Packages {
    pub version: ProgramVersion,
    pub contents: ToolchainContents,
}

/// One run of a host binary: everything that it may have of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    pub module: Utf8PathBuf,
    /// What the program is called in its own world. A runner that cannot say it gives the module's file name,
    /// and Python then has no `sys.executable`; it finds its library by the prefix that was compiled in.
    pub argv0: String,
    pub directories: Vec<Directory>,
    /// Files that the guest adds to while it runs, beside those in directories that it may write to: a runner that keeps those in memory
    /// needs these; for the others they are in such a directory anyway.
    pub appended_files: Vec<AppendedFile>,
    /// Its working directory, if the runner supports that; otherwise its root.
    pub working_directory: Option<String>,
    /// All of its environment.
    pub environment: BTreeMap<String, String>,
    pub arguments: Vec<String>,
    /// Bytes of stack that the engine gives it.
    pub stack_size: u64,
    /// After which it is ended, by a runner that can.
    pub timeout: Option<Duration>,
    /// Where the runner keeps what it compiled.
    pub cache: Option<Utf8PathBuf>,
}

impl Guest {
    /// A run that may have nothing of this machine, with no arguments.
    pub fn new(module: impl Into<Utf8PathBuf>) -> Self {
        Self {
            module: module.into(),
            argv0: String::new(),
            directories: Vec::new(),
            appended_files: Vec::new(),
            working_directory: None,
            environment: BTreeMap::new(),
            arguments: Vec::new(),
            stack_size: 0,
            timeout: None,
            cache: None,
        }
    }
}

/// A directory that is open to a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    pub host: Utf8PathBuf,
    /// Its name in the guest.
    pub guest: String,
    pub read_only: bool,
}

/// A file of the guest and the one of the machine that gets what is written to it, at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendedFile {
    pub host: Utf8PathBuf,
    pub guest: String,
}

/// What a command line begins with, besides words of its recipe.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beginning<'a> {
    /// The file of the recipe's `script`.
    pub script: Option<&'a Utf8Path>,
    /// The program that a driver starts.
    pub program: Option<&'a Utf8Path>,
}

/// An ability that some runners have and others lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ability {
    ReadOnlyDirectory,
    Argv0,
    MaxWasmStack,
    Timeout,
    Cache,
}

/// The guest cannot be described to this runner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuestError {
    #[error(
        "the path `{path}` has `{separator}` in it, which separates the names of a directory for this runner\nhint: use another folder, or another `--runner`"
    )]
    Separator { path: String, separator: String },
}

impl Ability {
    pub const ALL: [Self; 5] = [Self::ReadOnlyDirectory, Self::Argv0, Self::MaxWasmStack, Self::Timeout, Self::Cache];

    /// The key in recipes.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadOnlyDirectory => "read-only-directory",
            Self::Argv0 => "argv0",
            Self::MaxWasmStack => "max-wasm-stack",
            Self::Timeout => "timeout",
            Self::Cache => "cache",
        }
    }
}

impl Directory {
    /// A directory in the form that `--dir` takes: `HOST`, `HOST::GUEST`, `HOST::GUEST::ro`.
    ///
    /// # Errors
    /// The message about a text of another form, with a hint.
    pub fn parse(text: &str) -> Result<Self, String> {
        let found = runner_shared::arguments::directory(text).ok();
        let found =
            found.and_then(|found| Some((Utf8PathBuf::try_from(found.host).ok()?, found.guest, found.read_only)));
        let (host, guest, read_only) =
            found.ok_or_else(|| format!("invalid --dir `{text}`\nhint: use HOST, HOST::GUEST or HOST::GUEST::ro"))?;
        Ok(Self { host, guest, read_only })
    }

    /// A directory that the guest may write to.
    pub fn writable(host: impl Into<Utf8PathBuf>, guest: impl Into<String>) -> Self {
        Self { host: host.into(), guest: guest.into(), read_only: false }
    }

    /// A directory that the guest may only read.
    pub fn read_only(host: impl Into<Utf8PathBuf>, guest: impl Into<String>) -> Self {
        Self { read_only: true, ..Self::writable(host, guest) }
    }
}

impl RunnerRecipe {
    /// Why it lacks an ability; `None` if it has it.
    pub fn cannot(&self, ability: Ability) -> Option<&str> {
        let cannot = &self.cannot;
        match ability {
            Ability::ReadOnlyDirectory => &cannot.read_only_directory,
            Ability::Argv0 => &cannot.argv0,
            Ability::MaxWasmStack => &cannot.stack_size,
            Ability::Timeout => &cannot.timeout,
            Ability::Cache => &cannot.cache,
        }
        .as_deref()
    }

    /// Whether `[guest]` has the arguments for an ability.
    pub fn can(&self, ability: Ability) -> bool {
        let guest = &self.guest;
        match ability {
            Ability::ReadOnlyDirectory => guest.read_only_directory.is_some(),
            Ability::Argv0 => guest.argv0.is_some(),
            Ability::MaxWasmStack => guest.stack_size.is_some(),
            Ability::Timeout => guest.timeout.is_some(),
            Ability::Cache => guest.cache.is_some() || guest.cache_variable.is_some(),
        }
    }
}

/// The runner's arguments for a guest. Unsupported settings are omitted: a read-only directory becomes one
/// that can be written to, so ask [`RunnerRecipe::can`] where that matters.
pub fn arguments(
    templates: &GuestTemplates,
    beginning: Beginning<'_>,
    guest: &Guest,
) -> Result<Vec<String>, GuestError> {
    let path = |path: Option<&'_ Utf8Path>| path.map_or("", Utf8Path::as_str).to_owned();
    let (script, program) = (path(beginning.script), path(beginning.program));
    let mut words = templates.begin.fill(|placeholder| match placeholder {
        Begin::Script => &script,
        Begin::Program => &program,
    });
    let mount = |template: &Words<Mount>, host: &str, guest: &str| match [host, guest]
        .into_iter()
        .find(|path| path.contains(&templates.separator))
    {
        Some(path) => Err(GuestError::Separator { path: path.to_owned(), separator: templates.separator.clone() }),
        None => Ok(template.fill(|placeholder| match placeholder {
            Mount::Host => host,
            Mount::Guest => guest,
        })),
    };
    for directory in &guest.directories {
        let read_only = templates.read_only_directory.as_ref().filter(|_| directory.read_only);
        words.extend(mount(read_only.unwrap_or(&templates.directory), directory.host.as_str(), &directory.guest)?);
    }
    if let Some(template) = &templates.appended_file {
        for file in &guest.appended_files {
            words.extend(mount(template, file.host.as_str(), &file.guest)?);
        }
    }
    if let (Some(template), Some(directory)) = (&templates.working_directory, &guest.working_directory) {
        words.extend(template.fill(|WorkingDirectory::Guest| directory));
    }
    for (name, value) in &guest.environment {
        words.extend(templates.variable.fill(|placeholder| match placeholder {
            Variable::Name => name,
            Variable::Value => value,
        }));
    }
    if let Some(template) = &templates.argv0 {
        words.extend(template.fill(|Argv0::Argv0| &guest.argv0));
    }
    if let Some(template) = &templates.stack_size {
        let bytes = guest.stack_size.to_string();
        words.extend(template.fill(|StackSize::Bytes| &bytes));
    }
    if let (Some(template), Some(limit)) = (&templates.timeout, guest.timeout) {
        let (seconds, milliseconds) = (limit.as_secs_f64().to_string(), limit.as_millis().to_string());
        words.extend(template.fill(|placeholder| match placeholder {
            Timeout::Seconds => &seconds,
            Timeout::Milliseconds => &milliseconds,
        }));
    }
    if let (Some(template), Some(cache)) = (&templates.cache, &guest.cache) {
        words.extend(template.fill(|Cache::Cache| cache.as_str()));
    }
    words.extend(templates.module.fill(|Module::Module| guest.module.as_str()));
    words.extend(guest.arguments.iter().cloned());
    Ok(words)
}

/// The arguments that start a runner to be asked for guests; `None` if it cannot.
pub fn server_arguments(
    templates: &GuestTemplates,
    beginning: Beginning<'_>,
    guest: &Guest,
) -> Option<Result<Vec<String>, GuestError>> {
    let begin = templates.server.clone()?;
    Some(arguments(&GuestTemplates { begin, ..templates.clone() }, beginning, guest))
}

/// The line that asks a server for a guest: the file for its output, and its directories and its time, each followed by a NUL.
pub fn server_request(templates: &GuestTemplates, output: &Utf8Path, guest: &Guest) -> Result<String, GuestError> {
    let templates = GuestTemplates {
        begin: Words::default(),
        module: Words::default(),
        argv0: None,
        stack_size: None,
        cache: None,
        ..templates.clone()
    };
    let guest = Guest { environment: BTreeMap::new(), arguments: Vec::new(), ..guest.clone() };
    let words = arguments(&templates, Beginning::default(), &guest)?;
    Ok(std::iter::once(output.to_string()).chain(words).map(|word| word + "\0").collect())
}

/// The arguments that compile a host binary.
pub fn compile_arguments(compile: &Compile, module: &Utf8Path, compiled: &Utf8Path) -> Vec<String> {
    compile.arguments.fill(|placeholder| match placeholder {
        CompileWord::Module => module.as_str(),
        CompileWord::Compiled => compiled.as_str(),
    })
}

/// What the runner's own environment must have for a guest.
pub fn variables(templates: &GuestTemplates, guest: &Guest) -> BTreeMap<String, String> {
    let cache = templates.cache_variable.iter().zip(&guest.cache);
    cache.map(|(name, folder)| (name.clone(), folder.to_string())).collect()
}

#[cfg(test)]
mod tests;
