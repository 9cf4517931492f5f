//! `configure-host`: CPython's configure for the host.

use std::fmt::Write as _;

use camino::Utf8Path;

use super::build_libraries::PREFIX;
use super::configure_build_python::{configure, exclude, write_setup_local};
use super::{Job, StageError, read};
use crate::configure_cache::{self, ConfigureCache, Inputs};
use crate::plan::{ConfigureHost, Stage, StageId, StageSpec};
use crate::recipe::placeholder::ConfigureVariable;
use crate::sys;

/// The link to the prefix of the host's libraries, in the workspaces of configure and make.
pub const LIBRARIES: &str = "libraries";

pub fn spec() -> StageSpec {
    StageSpec { bound_to_path: true, ..StageSpec::new(1) }
}

/// Fills `build/`, beside links `source` and `toolchain`.
///
/// It does not wait for the build Python: configure asks that for nothing but its version, which is known.
pub fn run(job: &Job<'_>, work: &ConfigureHost) -> Result<(), StageError> {
    job.link("source", StageId::PrepareSource, "source")?;
    job.link("toolchain", StageId::PrepareToolchain, "root")?;
    if job.needs(StageId::BuildLibraries) {
        job.link(LIBRARIES, StageId::BuildLibraries, PREFIX)?;
    }
    job.folder("build")?;
    write_setup_local(job, &work.configure.setup_local)?;
    let config_site = config_site(job, work)?;
    let recorded = recorded(job, work, &config_site)?;
    job.write("config.site", &(config_site + &recorded))?;
    write_version_teller(job, &work.minor)?;

    let toolchain = job.workspace.join("toolchain");
    let sysroot = toolchain.join(&work.sysroot);
    let libraries = job.workspace.join(LIBRARIES);
    let variable = |placeholder| match placeholder {
        ConfigureVariable::Toolchain => toolchain.as_str(),
        ConfigureVariable::Sysroot => sysroot.as_str(),
        ConfigureVariable::Triple => &work.triple,
        ConfigureVariable::Libraries => libraries.as_str(),
        ConfigureVariable::Workspace => job.workspace.as_str(),
    };
    let mut environment = job.environment(work.source_date_epoch);
    let mut path = format!("{toolchain}/bin:{}", environment["PATH"]);
    if !work.programs.is_empty() {
        path = format!("{toolchain}/{}:{path}", work.programs);
    }
    environment.insert("PATH".to_owned(), path);
    environment.insert("CONFIG_SITE".to_owned(), "../config.site".to_owned());
    environment.extend(work.configure.environment.iter().map(|(name, value)| (name.clone(), value.fill(variable))));

    let guess = job.command("build", "sh", &["../source/config.guess"], job.environment(work.source_date_epoch));
    let guess = sys::output(&guess, job.context.cancel)?;
    let host = format!("--host={}", work.triple);
    let build = format!("--build={}", String::from_utf8_lossy(&guess.stdout).trim());
    let build_python = format!("--with-build-python={}", job.workspace.join("build-python"));
    // The path of configure must be relative: the interpreter finds its library by it when it runs in its build folder.
    let mut arguments = vec!["../source/configure", &host, &build, &build_python];
    arguments.extend(work.configure.arguments.iter().map(String::as_str));
    configure(job, &arguments, environment)
}

/// CPython's own answers, then ours. One file, because older configure scripts read no more than one.
fn config_site(job: &Job<'_>, work: &ConfigureHost) -> Result<String, StageError> {
    let mut text = read(&job.workspace.join("source").join(&work.configure.config_site))?;
    text.push_str("\n# The recipe's answers.\n");
    for (name, preset) in &work.configure.preset {
        writeln!(text, "{name}={}", preset.value).expect("writing to a string does not fail");
    }
    text.push_str(&exclude(&work.exclude));
    Ok(text)
}

/// Recorded results of checks, as lines of a `config.site`; none if they were recorded with other inputs.
fn recorded(job: &Job<'_>, work: &ConfigureHost, config_site: &str) -> Result<String, StageError> {
    let Some(file) = &work.cache else { return Ok(String::new()) };
    let text = String::from_utf8_lossy(&job.checkout_file(file)?).into_owned();
    let cache =
        ConfigureCache::parse(&text).map_err(|error| StageError::Unexpected(format!("{}: {error}", file.path())))?;
    let other = cache.other_inputs(&inputs(job, config_site)?).join(", ");
    if other.is_empty() {
        return Ok(format!("\n# Recorded in {}.\n{}", file.path(), cache.assignments()));
    }
    (job.context.note)(format!("configure runs all of its checks: {} was recorded with another {other}", file.path()));
    Ok(String::new())
}

/// What the results of the checks depend on.
fn inputs(job: &Job<'_>, config_site: &str) -> Result<Inputs, StageError> {
    let script = read(&job.workspace.join("source/configure"))?;
    Ok(configure_cache::inputs(&job.stage.inputs, script.as_bytes(), config_site))
}

/// The results of the checks of a run that was given none of them, from the stage's result.
pub fn record(stage: &Stage, result: &Utf8Path) -> Result<ConfigureCache, StageError> {
    let config_site = read(&result.join("config.site"))?;
    let script = read(&result.join("source/configure"))?;
    let log = fs_err::read(result.join("build/config.log")).map_err(|error| StageError::io(result, error))?;
    let inputs = configure_cache::inputs(&stage.inputs, script.as_bytes(), &config_site);
    let workspace = &stage.workspace;
    Ok(ConfigureCache::from_config_log(&String::from_utf8_lossy(&log), inputs, &config_site, workspace))
}

/// Stands where `make-host` will put the build Python, and answers configure's one question.
fn write_version_teller(job: &Job<'_>, minor: &str) -> Result<(), StageError> {
    use std::os::unix::fs::PermissionsExt as _;
    let script = format!(
        "#!/bin/sh\ncase \"$2\" in\n*sys.version_info.major*sys.version_info.minor*) echo {minor} ;;\n\
         *) echo 'build-python: it is not built yet; configure was expected to ask for its version only' >&2; exit 1 ;;\nesac\n"
    );
    job.write("build-python", &script)?;
    let path = job.workspace.join("build-python");
    let mode = std::fs::Permissions::from_mode(0o755);
    fs_err::set_permissions(&path, mode).map_err(|error| StageError::io(&path, error))
}
