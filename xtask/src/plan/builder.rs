//! Makes the plan: the one place that knows which work there is and in which order. Pure.

use std::collections::BTreeMap;

use super::key;
use super::prose::{contents_without_prose, without_prose};
use super::{
    BuildLibraries, CheckoutFiles, ConfigureHost, Facts, Package, Plan, PrepareTests, SmokeTest, SmokeTestRunner,
    SourceFolder, Stage, StageId, StageSpec, Work,
};
use crate::digest::Sha256;
use crate::name::PythonVersion;
use crate::recipe::Recipe;
use crate::recipe::model::HostFamily;
use crate::recipe::model::{Artifact, Library, Vendored};
use crate::recipe::placeholder::ConfigureVariable;
use crate::recipe::runner::{HOST_RUNNER, Packages, Runner};
use crate::recipe::template::Template;

/// Everything that a plan is made from.
pub struct Inputs<'a> {
    /// What each kind of stage says about itself: `stage::spec`, except in tests.
    pub spec: &'a dyn Fn(&Work) -> StageSpec,
    pub recipe: &'a Recipe,
    pub files: &'a CheckoutFiles,
    /// A source folder of the user's instead of the pinned archive.
    pub source_folder: Option<SourceFolder>,
    /// What runs the new Python in the smoke test of a host that runs on a runner.
    pub smoke_test_runner: &'a SmokeTestRunner,
    pub facts: &'a Facts,
    /// Whether CPython's own tests will be run on the result.
    pub tests: bool,
}

/// Makes the whole plan.
pub fn build(inputs: &Inputs<'_>) -> Plan {
    let recipe = &without_prose(inputs.recipe);
    let python = recipe.python;
    let minor = python.minor.to_string();
    let epoch = recipe.source_date_epoch;
    let build_python = format!("build-python-{python}-{}", recipe.build_python.flavour);
    let host = format!("{}-{python}-{}", recipe.host, recipe.profile);
    let machine = ("build machine", inputs.facts.build_machine.as_str());
    let compiler = ("C compiler of the build machine", inputs.facts.c_compiler.as_str());
    let mut plan = Builder { plan: Plan { title: title(recipe), stages: Vec::new() }, spec: inputs.spec };

    let mut source_needs = Vec::new();
    if inputs.source_folder.is_none() {
        let work = Work::Fetch { artifacts: vec![recipe.source.artifact.clone()] };
        plan.add(StageId::FetchSource, format!("CPython {python}, the source"), &[], &[], "", work);
        source_needs.push(StageId::FetchSource);
    }
    plan.add(
        StageId::PrepareSource,
        format!("CPython {python}, unpacked and patched"),
        &source_needs,
        &[],
        "",
        Work::PrepareSource {
            artifact: inputs.source_folder.is_none().then(|| recipe.source.artifact.clone()),
            folder: inputs.source_folder.clone(),
            patches: inputs.files.patches.clone(),
        },
    );
    plan.add(
        StageId::ConfigureBuildPython,
        "the build Python's makefile".to_owned(),
        &[StageId::PrepareSource],
        &[machine, compiler],
        &build_python,
        Work::ConfigureBuildPython { python: recipe.build_python.clone(), source_date_epoch: epoch },
    );
    let toolchain: Vec<Artifact> = recipe.toolchain.artifacts().into_iter().cloned().collect();
    let mut toolchain_needs = Vec::new();
    if !toolchain.is_empty() {
        let work = Work::Fetch { artifacts: toolchain.clone() };
        plan.add(StageId::FetchToolchain, recipe.toolchain.title(), &[], &[], "", work);
        toolchain_needs.push(StageId::FetchToolchain);
    }
    plan.add(
        StageId::PrepareToolchain,
        format!("{}, unpacked", recipe.toolchain.title()),
        &toolchain_needs,
        &[machine, ("state of the toolchain's folder", inputs.facts.toolchain_folder.as_str())],
        "",
        Work::PrepareToolchain {
            contents: recipe.toolchain.contents.clone(),
            patches: inputs.files.toolchain_patches.clone(),
            files: inputs.files.toolchain.clone(),
        },
    );
    let mut host_needs = vec![StageId::PrepareSource, StageId::PrepareToolchain];
    let libraries: Vec<Artifact> = recipe.libraries.iter().map(|library| library.artifact.clone()).collect();
    if !libraries.is_empty() {
        let titles: Vec<String> = recipe.libraries.iter().map(Library::title).collect();
        let titles = titles.join(", ");
        let work = Work::Fetch { artifacts: libraries.clone() };
        plan.add(StageId::FetchLibraries, format!("{titles}, the source"), &[], &[], "", work);
        plan.add(
            StageId::BuildLibraries,
            format!("{titles} for {}", recipe.triple),
            &[StageId::FetchLibraries, StageId::PrepareToolchain],
            &[],
            &format!("{}-libraries", recipe.host),
            Work::BuildLibraries(BuildLibraries {
                libraries: recipe.libraries.clone(),
                tools: tools(&recipe.configure.environment),
                triple: recipe.triple.clone(),
                sysroot: recipe.toolchain.sysroot.clone(),
                source_date_epoch: epoch,
            }),
        );
        host_needs.push(StageId::BuildLibraries);
    }
    plan.add(
        StageId::ConfigureHost,
        format!("the makefile for {}", recipe.triple),
        &host_needs,
        &[],
        &host,
        Work::ConfigureHost(ConfigureHost {
            minor: minor.clone(),
            triple: recipe.triple.clone(),
            sysroot: recipe.toolchain.sysroot.clone(),
            configure: recipe.configure.clone(),
            exclude: recipe.modules.exclude.clone(),
            programs: recipe.toolchain.configure_programs.clone(),
            cache: inputs.files.configure_cache.clone(),
            source_date_epoch: epoch,
        }),
    );
    host_needs.push(StageId::ConfigureHost);
    plan.add(
        StageId::CompileHost,
        format!("object files for {}", recipe.triple),
        &host_needs,
        &[],
        &host,
        Work::CompileHost { source_date_epoch: epoch },
    );
    plan.add(
        StageId::MakeBuildPython,
        format!("a Python {python} for this machine"),
        &[StageId::PrepareSource, StageId::ConfigureBuildPython],
        &[machine, compiler],
        &build_python,
        Work::MakeBuildPython { make_targets: recipe.build_python.make_targets.clone(), source_date_epoch: epoch },
    );
    host_needs.extend([StageId::CompileHost, StageId::MakeBuildPython]);
    plan.add(
        StageId::MakeHost,
        format!("python.wasm for {}", recipe.triple),
        &host_needs,
        &[],
        &host,
        Work::MakeHost { source_date_epoch: epoch },
    );
    let mut check_needs = vec![StageId::Package, StageId::MakeHost];
    let runs_on_runner = recipe.family == HostFamily::Wasi;
    if runs_on_runner {
        plan.add(
            StageId::BuildHostRunner,
            "the program that runs host binaries".to_owned(),
            &[],
            &[("build machine", inputs.facts.build_machine.as_str())],
            "build-host-runner",
            Work::BuildHostRunner { sources: inputs.facts.host_runner },
        );
        if inputs.smoke_test_runner.name == HOST_RUNNER {
            check_needs.insert(1, StageId::BuildHostRunner);
        }
    }
    if recipe.family == HostFamily::EmscriptenBrowser {
        plan.add(
            StageId::BuildBrowserRunner,
            "the program that runs packages for browsers".to_owned(),
            &[],
            &[("build machine", inputs.facts.build_machine.as_str())],
            "build-browser-runner",
            Work::BuildBrowserRunner { sources: inputs.facts.browser_runner },
        );
    }
    let mut package_needs = vec![StageId::PrepareSource, StageId::MakeBuildPython, StageId::MakeHost];
    let vendored: Vec<Artifact> = recipe.vendored.iter().map(|vendored| vendored.artifact.clone()).collect();
    if !vendored.is_empty() {
        let titles: Vec<String> = recipe.vendored.iter().map(Vendored::title).collect();
        let work = Work::Fetch { artifacts: vendored.clone() };
        plan.add(StageId::FetchVendored, titles.join(", "), &[], &[], "", work);
        package_needs.push(StageId::FetchVendored);
    }
    plan.add(
        StageId::Package,
        recipe.package_name(),
        &package_needs,
        &[],
        "",
        Work::Package(Box::new(package(recipe, inputs, &minor))),
    );
    plan.add(
        StageId::SmokeTest,
        "smoke test".to_owned(),
        &check_needs,
        &[],
        "",
        Work::SmokeTest(Box::new(SmokeTest {
            family: recipe.family,
            python: python.to_string(),
            minor,
            runner: recipe.runner.clone(),
            runs_on: runs_on_runner.then(|| inputs.smoke_test_runner.clone()),
            modules: recipe.modules.clone(),
            threads: recipe.threads,
            wasm: recipe.wasm.clone(),
            unverified: !recipe.unverified.is_empty(),
        })),
    );
    if inputs.tests {
        plan.add(
            StageId::PrepareTests,
            format!("CPython {python}'s own tests"),
            &[StageId::PrepareSource, StageId::MakeBuildPython, StageId::Package],
            &[],
            "",
            Work::PrepareTests(PrepareTests {
                family: recipe.family,
                minor: recipe.python.minor.to_string(),
                paths: recipe.standard_library_exclude.clone(),
                source_date_epoch: epoch,
            }),
        );
    }
    plan.plan
}

/// Makes the plan for a runner that comes from packages: it is of no Python's plan, and made when it is asked for.
pub fn build_runner(
    spec: &dyn Fn(&Work) -> StageSpec,
    runner: &Runner,
    packages: &Packages,
    build_machine: &str,
) -> Plan {
    let name = format!("{} {}", runner.name, packages.version);
    let mut plan = Builder { plan: Plan { title: name.clone(), stages: Vec::new() }, spec };
    let contents = contents_without_prose(&packages.contents);
    let artifacts = contents.artifacts().into_iter().cloned().collect();
    plan.add(StageId::FetchRunner, name.clone(), &[], &[], "", Work::Fetch { artifacts });
    plan.add(
        StageId::PrepareRunner,
        format!("{name}, unpacked"),
        &[StageId::FetchRunner],
        &[("build machine", build_machine)],
        "",
        Work::PrepareToolchain { contents, patches: Vec::new(), files: Vec::new() },
    );
    plan.plan
}

fn package(recipe: &Recipe, inputs: &Inputs<'_>, minor: &str) -> Package {
    Package {
        minor: minor.to_owned(),
        family: recipe.family,
        source_date_epoch: recipe.source_date_epoch,
        strip: recipe.strip,
        abi_flags: recipe.abi_flags.clone(),
        runner: recipe.runner.clone(),
        threads: recipe.threads,
        program_files: recipe.program_files.clone(),
        browser_files: inputs.files.browser.clone(),
        vendored: recipe.vendored.clone(),
        shared_modules: recipe.modules.shared.clone(),
        standard_library_exclude: recipe.standard_library_exclude.clone(),
    }
}

fn title(recipe: &Recipe) -> String {
    let python: PythonVersion = recipe.python;
    format!("Python {python} for {} ({}, {}), {}", recipe.host, recipe.triple, recipe.profile, recipe.toolchain.title())
}

/// The part of the environment of CPython's `configure` that libraries are compiled with.
fn tools(environment: &BTreeMap<String, Template<ConfigureVariable>>) -> BTreeMap<String, Template<ConfigureVariable>> {
    let tool = |name: &str| environment.get(name).map(|value| (name.to_owned(), value.clone()));
    ["CC", "CXX", "AR", "RANLIB"].into_iter().filter_map(tool).collect()
}

struct Builder<'a> {
    plan: Plan,
    spec: &'a dyn Fn(&Work) -> StageSpec,
}

impl Builder<'_> {
    fn add(
        &mut self,
        id: StageId,
        title: String,
        needs: &[StageId],
        facts: &[(&str, &str)],
        workspace: &str,
        work: Work,
    ) {
        let spec = (self.spec)(&work);
        let keys: Vec<(StageId, Sha256)> = needs.iter().map(|need| (*need, self.key_of(*need))).collect();
        let mut inputs = key::inputs(&work, &spec, &keys, facts);
        if !workspace.is_empty() {
            // Its path is written in what is made there.
            inputs.insert("workspace".to_owned(), workspace.to_owned());
        }
        let key = key::key(id, &inputs);
        let workspace = if workspace.is_empty() { format!("{id}-{}", key.short()) } else { workspace.to_owned() };
        self.plan.stages.push(Stage { id, title, needs: needs.to_vec(), key, inputs, workspace, work, spec });
    }

    fn key_of(&self, id: StageId) -> Sha256 {
        self.plan.stage(id).expect("a stage is added after what it needs").key
    }
}
