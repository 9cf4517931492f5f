//! What the work of a stage does, in words and in the order in which it does it. Pure.

use std::collections::BTreeMap;

use super::work::{BuildLibraries, ConfigureHost, Package, PrepareTests, SmokeTest, Work};
use crate::recipe::model::{Artifact, BuildPython, ToolchainContents};

/// One line for each step; lines that start with a space belong to the step before.
pub fn steps(work: &Work) -> Vec<String> {
    match work {
        Work::Fetch { artifacts } => artifacts.iter().flat_map(fetch).collect(),
        Work::PrepareSource { artifact, folder, patches } => {
            let unpacked = artifact.iter().map(|artifact| format!("unpack {}", artifact.file));
            let copied = folder.iter().map(|folder| format!("copy {}", folder.path));
            let patched = patches.iter().map(|patch| format!("apply {}", patch.path()));
            unpacked.chain(copied).chain(patched).collect()
        }
        Work::PrepareToolchain { contents, patches, files } => {
            let patched = patches.iter().map(|patch| format!("apply {}", patch.path()));
            let copied = files.iter().map(|file| format!("copy {}", file.path()));
            unpack(contents).into_iter().chain(patched).chain(copied).collect()
        }
        Work::BuildLibraries(work) => build_libraries(work),
        Work::ConfigureBuildPython { python, .. } => configure_build_python(python),
        Work::MakeBuildPython { make_targets, .. } => vec![format!("run make {}", make_targets.join(" "))],
        Work::ConfigureHost(work) => configure_host(work),
        Work::CompileHost { .. } => vec!["run make for the object files that need no Python".to_owned()],
        Work::MakeHost { .. } => vec!["run make all".to_owned()],
        Work::BuildHostRunner { .. } => vec!["compile runners/host with cargo".to_owned()],
        Work::BuildBrowserRunner { .. } => vec!["compile runners/browser with cargo".to_owned()],
        Work::Package(work) => package(work),
        Work::SmokeTest(work) => smoke_test(work),
        Work::PrepareTests(work) => prepare_tests(work),
    }
}

fn fetch(artifact: &Artifact) -> Vec<String> {
    let origin = &artifact.origin;
    let place = match (origin.urls.first(), &origin.debian_package, &origin.npm_package) {
        (Some(url), ..) => url.clone(),
        (_, Some(package), _) => format!("{} {} from Debian's {}", package.name, package.version, package.suite),
        (_, _, Some(package)) => format!("{} {} from npm", package.name, package.version),
        _ => artifact.file.clone(),
    };
    vec![format!("fetch {place}"), format!("  sha256 {}", artifact.sha256)]
}

fn unpack(contents: &ToolchainContents) -> Vec<String> {
    match contents {
        ToolchainContents::Archive { artifact } => vec![format!("unpack {}", artifact.file)],
        ToolchainContents::Debian(contents) => {
            contents.artifacts.iter().map(|artifact| format!("unpack {}", artifact.file)).collect()
        }
        ToolchainContents::Folder { path } => vec![format!("use {path}")],
    }
}

fn build_libraries(work: &BuildLibraries) -> Vec<String> {
    work.libraries
        .iter()
        .map(|library| format!("unpack, configure and make {} {} for {}", library.name, library.version, work.triple))
        .collect()
}

fn configure_build_python(python: &BuildPython) -> Vec<String> {
    let mut steps = vec![format!("run configure {}", python.arguments.join(" "))];
    steps.extend(variables(&python.environment));
    steps.extend(without("without the modules", python.left_out_modules.keys()));
    steps
}

fn configure_host(work: &ConfigureHost) -> Vec<String> {
    let configure = &work.configure;
    let mut steps = vec![format!("run configure --host={} {}", work.triple, configure.arguments.join(" "))];
    steps.extend(variables(&configure.environment));
    steps.push(format!("  with CPython's {}", configure.config_site));
    steps.extend(configure.preset.iter().map(|(name, preset)| format!("  with {name}={} preset", preset.value)));
    steps.extend(configure.setup_local.iter().map(|line| format!("  with `{line}` in Modules/Setup.local")));
    steps.extend(without("without the modules", work.exclude.keys()));
    steps.extend(work.cache.iter().map(|file| format!("  with the results of checks from {}", file.path())));
    steps
}

fn package(work: &Package) -> Vec<String> {
    let mut steps = vec!["copy python.wasm, libpython and the C headers".to_owned()];
    steps.extend(work.program_files.iter().map(|file| format!("copy {file}")));
    if work.strip {
        steps.push("drop names and debug information from python.wasm".to_owned());
    }
    steps.extend(work.shared_modules.iter().map(|module| format!("copy the extension module {module}")));
    steps.push("copy the standard library and compile it to bytecode".to_owned());
    steps.extend(without("without", work.standard_library_exclude.keys()));
    steps.extend(work.browser_files.iter().map(|file| format!("copy {}", file.path())));
    steps.extend(work.vendored.iter().map(|vendored| format!("copy files of {} {}", vendored.name, vendored.version)));
    steps
}

fn smoke_test(work: &SmokeTest) -> Vec<String> {
    let runner = match &work.runs_on {
        Some(runner) => match &runner.version {
            Some(version) => format!("with {} {version}", runner.name),
            None => format!("with {}", runner.name),
        },
        None => "with the package's launcher".to_owned(),
    };
    let mut steps = vec![
        format!("run Python {} {runner}", work.python),
        "compare its extension modules with the recipe".to_owned(),
    ];
    if work.wasm.is_some() {
        steps.push("compare the imports and the memory of python.wasm with the recipe".to_owned());
    }
    steps
}

fn prepare_tests(work: &PrepareTests) -> Vec<String> {
    let paths = work.paths.keys().map(|path| format!("copy Lib/{path}"));
    paths.collect()
}

fn variables<T: std::fmt::Display>(variables: &BTreeMap<String, T>) -> impl Iterator<Item = String> {
    variables.iter().map(|(name, value)| format!("  with {name}={value}"))
}

/// A list that breaks into lines.
fn without<'a>(what: &str, names: impl Iterator<Item = &'a String>) -> Vec<String> {
    const WIDTH: usize = 100;
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        match lines.last_mut() {
            Some(line) if line.len() + name.len() < WIDTH => *line = format!("{line}, {name}"),
            Some(line) => {
                line.push(',');
                lines.push(format!("    {name}"));
            }
            None => lines.push(format!("  {what} {name}")),
        }
    }
    lines
}
