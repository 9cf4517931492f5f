//! What the key of a stage covers: every file of this repository that the stage uses, and nothing that is written for people.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use xtask::cancel::Cancel;
use xtask::cli::BuildOptions;
use xtask::cmd::inputs::checkout_files;
use xtask::digest::Sha256;
use xtask::embedded::EmbeddedFile;
use xtask::engine;
use xtask::event::{Event, Listener};
use xtask::fetch::Proxies;
use xtask::lock::Lock;
use xtask::plan::select::Range;
use xtask::plan::{self, CheckoutFile, Facts, Plan, SmokeTestRunner, StageId, StageSpec, Work};
use xtask::provider::FetchPolicy;
use xtask::recipe::model::ToolchainContents;
use xtask::recipe::{BuildRequest, Catalogue, Recipe, Texts, Toolchain};
use xtask::stage::{self, Cargo, Checkout, Context};
use xtask::store::Store;
use xtask::sys::fs::{Kind, copy_tree, list_tree};

use crate::fetch::client;
use crate::kit::sandbox::{HOST_RECIPE, MINOR_RECIPE, Sandbox};

fn checkout() -> &'static Utf8Path {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

struct Shipped {
    catalogue: Catalogue,
    lock: Lock,
}

impl Shipped {
    fn load() -> Self {
        let mut texts = Texts::new();
        for entry in list_tree(&checkout().join("recipes")).unwrap() {
            if entry.path.extension() == Some("toml") {
                let path = format!("recipes/{}", entry.path);
                texts.insert(path.clone(), fs_err::read_to_string(checkout().join(&path)).unwrap());
            }
        }
        let lock = Lock::parse(&texts["recipes/lock.toml"]).unwrap();
        Self { catalogue: Catalogue::parse(&texts).unwrap(), lock }
    }

    /// One recipe for each host that is shipped, with the last toolchain, which is made of packages: there is more in its recipe.
    fn recipes(&self) -> Vec<Recipe> {
        self.recipes_with(|mut toolchains| toolchains.remove(toolchains.len() - 1))
    }

    fn recipes_with(&self, choose: impl Fn(Vec<Toolchain>) -> Toolchain) -> Vec<Recipe> {
        let recipe = |host: &String| {
            let request = BuildRequest {
                host: host.clone(),
                python: "3.13".to_owned(),
                profile: "release".to_owned(),
                toolchain: "auto".to_owned(),
                build_machine: "x86_64-linux".to_owned(),
            };
            let (version, source) = self.catalogue.sources(&request, &self.lock).unwrap().remove(0);
            let toolchain = choose(self.catalogue.toolchains(&request, &self.lock).unwrap());
            let libraries = self.catalogue.libraries(&request, &self.lock).unwrap();
            let libraries = libraries.into_iter().map(|mut packed| packed.remove(0)).collect();
            self.catalogue.recipe(&request, version, source, toolchain, libraries, &self.lock).unwrap()
        };
        self.catalogue.hosts.keys().map(recipe).collect()
    }

    fn plan(&self, recipe: &Recipe, spec: &dyn Fn(&Work) -> StageSpec) -> Plan {
        self.plan_in(checkout(), recipe, spec)
    }

    /// The plan with the copied files that a checkout has.
    fn plan_in(&self, checkout: &Utf8Path, recipe: &Recipe, spec: &dyn Fn(&Work) -> StageSpec) -> Plan {
        let facts = Facts {
            build_machine: "x86_64-linux".to_owned(),
            toolchain_folder: String::new(),
            c_compiler: "cc 12.2.0".to_owned(),
            host_runner: Sha256::of(b"host runner"),
            browser_runner: Sha256::of(b"browser runner"),
        };
        plan::build(&plan::Inputs {
            spec,
            recipe,
            files: &checkout_files(checkout, recipe, &BuildOptions::new(recipe.host.clone(), None)).unwrap(),
            source_folder: None,
            smoke_test_runner: &SmokeTestRunner {
                name: "host-runner".to_owned(),
                version: None,
                guest: self.catalogue.runners["host-runner"].guest.clone(),
            },
            facts: &facts,
            tests: true,
        })
    }
}

fn spec_with(changed: &'static str) -> impl Fn(&Work) -> StageSpec {
    move |work| {
        let mut spec = stage::spec(work);
        for file in spec.files.iter_mut().filter(|file| file.path() == changed) {
            let text = file.text(&[*file]);
            let other = format!("{}?", &text[..text.len() - 1]);
            *file = EmbeddedFile::new(changed, other.leak());
        }
        spec
    }
}

/// The stages whose keys differ: those with a changed input of their own, and those that use what such a stage makes.
fn changed(before: &Plan, after: &Plan) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut directly, mut all) = (BTreeSet::new(), BTreeSet::new());
    for (before, after) in before.stages.iter().zip(&after.stages) {
        let own = |inputs: &BTreeMap<String, String>| -> BTreeMap<String, String> {
            inputs.clone().into_iter().filter(|(name, _)| !name.starts_with("result of ")).collect()
        };
        if own(&before.inputs) != own(&after.inputs) {
            directly.insert(before.id.to_string());
        }
        if before.key != after.key {
            all.insert(before.id.to_string());
        }
    }
    (directly, all)
}

/// A stage, and all that use its result, directly or not.
fn with_users(plan: &Plan, stages: &BTreeSet<String>) -> BTreeSet<String> {
    let mut users = stages.clone();
    for stage in &plan.stages {
        if stage.needs.iter().any(|need| users.contains(need.name())) {
            users.insert(stage.id.to_string());
        }
    }
    users
}

#[test]
fn one_byte_of_an_embedded_file_changes_the_keys_of_the_stages_that_use_it() {
    let shipped = Shipped::load();
    let mut lines: BTreeSet<String> = BTreeSet::new();
    for recipe in shipped.recipes() {
        let plan = shipped.plan(&recipe, &stage::spec);
        let files: BTreeSet<&str> =
            plan.stages.iter().flat_map(|stage| &stage.spec.files).map(EmbeddedFile::path).collect();
        for file in files {
            let (directly, all) = changed(&plan, &shipped.plan(&recipe, &spec_with(file)));
            assert_eq!(all, with_users(&plan, &directly), "{file}");
            let file = file.rsplit('/').next().unwrap();
            let stages = Vec::from_iter(directly).join(", ");
            lines.insert(format!("{file}: {stages} of {}", recipe.host));
        }
    }
    insta::assert_snapshot!(Vec::from_iter(lines).join("\n"), @"
    bundle_library.py: package of emscripten-browser
    compiled_code.cjs: package of emscripten-node
    compiled_code.cjs: package of emscripten-node-dl
    compiled_code.cjs: package of emscripten-node-pthreads
    driver.py: prepare-tests of emscripten-browser
    driver.py: prepare-tests of emscripten-node
    driver.py: prepare-tests of emscripten-node-dl
    driver.py: prepare-tests of emscripten-node-pthreads
    driver.py: prepare-tests of wasi
    find_package.sh: package of emscripten-node
    find_package.sh: package of emscripten-node-dl
    find_package.sh: package of emscripten-node-pthreads
    find_package.sh: package of wasi
    launcher.sh: package of wasi
    launcher_node.sh: package of emscripten-node
    launcher_node.sh: package of emscripten-node-dl
    launcher_node.sh: package of emscripten-node-pthreads
    node.mjs: package of wasi
    rewrite_sysconfig_data.py: package of emscripten-browser
    rewrite_sysconfig_data.py: package of emscripten-node
    rewrite_sysconfig_data.py: package of emscripten-node-dl
    rewrite_sysconfig_data.py: package of emscripten-node-pthreads
    rewrite_sysconfig_data.py: package of wasi
    smoke_test.py: smoke-test of emscripten-browser
    smoke_test.py: smoke-test of emscripten-node
    smoke_test.py: smoke-test of emscripten-node-dl
    smoke_test.py: smoke-test of emscripten-node-pthreads
    smoke_test.py: smoke-test of wasi
    smoke_test_browser.mjs: smoke-test of emscripten-browser
    start_node.cjs: package of emscripten-node
    start_node.cjs: package of emscripten-node-dl
    start_node.cjs: package of emscripten-node-pthreads
    threads_node.cjs: package of emscripten-node-pthreads
    ");
}

struct Deaf;

impl Listener for Deaf {
    fn on_event(&self, _event: &Event) {}
}

#[test]
#[should_panic(expected = "a stage names only stages of its plan")]
fn a_stage_that_panics_ends_the_run() {
    // A panic is how a stage ends that reads a file without declaring it; here, it reads the result of a stage without a plan for it.
    let shipped = Shipped::load();
    let mut plan = shipped.plan(&shipped.recipes()[0], &stage::spec);
    plan.stages.retain(|stage| stage.id == StageId::Package);
    plan.stages[0].needs.clear();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(Utf8Path::from_path(folder.path()).unwrap()).unwrap();
    let cargo = Cargo { program: "cargo".into(), environment: BTreeMap::new(), offline: true, jobs: 1 };
    let policy = FetchPolicy {
        client: client(Proxies::Never),
        mirror: None,
        offline: true,
        locked: true,
        network_environment: BTreeMap::new(),
        npm_environment: BTreeMap::new(),
    };
    let context = Context {
        plan: &plan,
        store: &store,
        policy: &policy,
        checkout: Checkout::new(checkout()),
        programs: store.location(),
        cargo: &cargo,
        runner: None,
        jobserver: &jobserver::Client::new(1).unwrap(),
        cancel: &Cancel::default(),
        note: &|_| (),
    };
    let options = engine::Options { jobs: 1, keep_going: false, range: Range::default() };
    let _ended = engine::run(&context, options, &Deaf);
}

/// Changes one byte of a file, so that a patch is still one.
fn change_a_byte(path: &Utf8Path) {
    let mut contents = fs_err::read(path).unwrap();
    let title = b"Description: ";
    let at = if contents.starts_with(title) { title.len() } else { contents.len() / 2 };
    contents[at] = if contents[at] == b'X' { b'Y' } else { b'X' };
    fs_err::write(path, contents).unwrap();
}

#[test]
fn one_byte_of_a_copied_file_changes_the_keys_of_the_stages_that_use_it() {
    let shipped = Shipped::load();
    let guard = tempfile::tempdir().unwrap();
    let copy = Utf8Path::from_path(guard.path()).unwrap();
    let folders = ["patches", "recipes", "package-files"];
    for name in folders {
        copy_tree(&checkout().join(name), &copy.join(name), &|_| true).unwrap();
    }
    let mut used = BTreeSet::new();
    let mut lines: BTreeSet<String> = BTreeSet::new();
    for recipe in shipped.recipes() {
        let plan = shipped.plan_in(copy, &recipe, &stage::spec);
        for stage in &plan.stages {
            for file in stage.work.checkout_files().into_iter().map(CheckoutFile::path) {
                let path = copy.join(&file);
                let before = fs_err::read(&path).unwrap();
                change_a_byte(&path);
                let (directly, all) = changed(&plan, &shipped.plan_in(copy, &recipe, &stage::spec));
                fs_err::write(&path, before).unwrap();
                assert_eq!(all, with_users(&plan, &directly), "{file}");
                assert_eq!(directly, BTreeSet::from([stage.id.to_string()]), "{file}");
                let (folder, _) = file.rsplit_once('/').unwrap();
                lines.insert(format!("{folder}: {} of {}", stage.id, recipe.host));
                used.insert(file);
            }
        }
    }
    insta::assert_snapshot!(Vec::from_iter(lines).join("\n"), @"
    package-files/browser/page: package of emscripten-browser
    package-files/browser: package of emscripten-browser
    patches/cpython/3.13: prepare-source of emscripten-browser
    patches/cpython/3.13: prepare-source of emscripten-node
    patches/cpython/3.13: prepare-source of emscripten-node-dl
    patches/cpython/3.13: prepare-source of emscripten-node-pthreads
    patches/cpython/3.13: prepare-source of wasi
    patches/emscripten/3.1.69: prepare-toolchain of emscripten-browser
    patches/emscripten/3.1.69: prepare-toolchain of emscripten-node
    patches/emscripten/3.1.69: prepare-toolchain of emscripten-node-dl
    patches/emscripten/3.1.69: prepare-toolchain of emscripten-node-pthreads
    recipes/toolchains/debian-emscripten: prepare-toolchain of emscripten-browser
    recipes/toolchains/debian-emscripten: prepare-toolchain of emscripten-node
    recipes/toolchains/debian-emscripten: prepare-toolchain of emscripten-node-dl
    recipes/toolchains/debian-emscripten: prepare-toolchain of emscripten-node-pthreads
    ");
    // Every file for packages is embedded or copied; recipes and patches are also for other releases and toolchains.
    let embedded = sources()
        .into_values()
        .flat_map(|code| arguments(&code, "embed!(").into_iter().map(str::to_owned).collect::<Vec<_>>());
    used.extend(embedded);
    let files = list_tree(&checkout().join("package-files")).unwrap().into_iter();
    let files = files.filter(|entry| matches!(entry.kind, Kind::File { .. }));
    let unused: Vec<String> =
        files.map(|entry| format!("package-files/{}", entry.path)).filter(|file| !used.contains(file)).collect();
    assert_eq!(unused, [""; 0]);
}

#[test]
fn stages_read_the_checkout_in_one_place() {
    // A stage that knew the path could read a file that its key does not cover.
    let ways = ["path_for_cargo_and_leaks", "CARGO_MANIFEST_DIR", "current_dir", "current_exe"];
    let found: Vec<String> = sources()
        .into_iter()
        .filter(|(path, _)| ["stage", "engine", "plan"].iter().any(|module| path.starts_with(module)))
        .flat_map(|(path, code)| {
            let found = ways.iter().filter(move |way| code.contains(**way));
            found.map(move |way| format!("{path}: {way}")).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(
        found,
        [
            "stage/build_runner.rs: path_for_cargo_and_leaks",
            "stage/checkout.rs: path_for_cargo_and_leaks",
            "stage/package/paths.rs: path_for_cargo_and_leaks",
        ],
        "use Job::checkout_file"
    );
}

#[test]
fn a_raised_version_changes_the_key_of_its_stage_and_of_all_that_use_its_result() {
    let shipped = Shipped::load();
    for recipe in shipped.recipes() {
        let plan = shipped.plan(&recipe, &stage::spec);
        for raised in &plan.stages {
            let spec = |work: &Work| {
                let spec = stage::spec(work);
                let version = spec.version + u32::from(*work == raised.work);
                StageSpec { version, ..spec }
            };
            let (directly, all) = changed(&plan, &shipped.plan(&recipe, &spec));
            assert_eq!(directly, BTreeSet::from([raised.id.to_string()]));
            assert_eq!(all, with_users(&plan, &directly));
        }
    }
}

/// The recipe with other words wherever it has words for people.
fn with_other_prose(recipe: &Recipe) -> Recipe {
    let mut recipe = recipe.clone();
    let artifacts = [&mut recipe.source.artifact]
        .into_iter()
        .chain(recipe.libraries.iter_mut().map(|library| &mut library.artifact))
        .chain(recipe.vendored.iter_mut().map(|vendored| &mut vendored.artifact));
    artifacts.for_each(|artifact| artifact.license.push_str(" OR 0BSD"));
    change_prose(&mut recipe.toolchain.contents);
    recipe.unverified.iter_mut().for_each(|reason| reason.push('!'));
    recipe.configure.preset.values_mut().for_each(|preset| preset.reason.push('!'));
    let modules = &mut recipe.modules;
    let reasons = [
        &mut modules.missing,
        &mut modules.disabled,
        &mut modules.not_available,
        &mut modules.not_built,
        &mut modules.exclude,
        &mut recipe.build_python.left_out_modules,
        &mut recipe.standard_library_exclude,
    ];
    reasons.into_iter().for_each(|reasons| reasons.values_mut().for_each(|reason| reason.push('!')));
    recipe
}

fn change_prose(contents: &mut ToolchainContents) {
    match contents {
        ToolchainContents::Archive { artifact } => artifact.license.push_str(" OR 0BSD"),
        ToolchainContents::Folder { path: _ } => {}
        ToolchainContents::Debian(contents) => {
            contents.artifacts.iter_mut().for_each(|artifact| artifact.license.push_str(" OR 0BSD"));
            contents.exclude.values_mut().for_each(|reason| reason.push('!'));
        }
    }
}

#[test]
fn no_word_for_people_is_in_a_key() {
    let shipped = Shipped::load();
    let with_archives = shipped.recipes_with(|mut toolchains| toolchains.remove(0));
    for mut recipe in shipped.recipes().into_iter().chain(with_archives) {
        recipe.unverified.push("nobody ran it".to_owned());
        let other = with_other_prose(&recipe);
        assert_ne!(recipe, other);
        let (before, after) = (shipped.plan(&recipe, &stage::spec), shipped.plan(&other, &stage::spec));
        assert_eq!(changed(&before, &after).1, BTreeSet::new(), "{}", recipe.host);
        // Nor do stages get any, which could pass them to a tool.
        let work = |plan: &Plan| serde_json::to_string(&plan.stages).unwrap();
        assert_eq!(work(&before), work(&after), "{}", recipe.host);
    }
    let mut packaged = 0;
    for name in shipped.catalogue.runners.keys() {
        let runner = shipped.catalogue.runner(name, "x86_64-linux", &shipped.lock).unwrap();
        let Some(packages) = &runner.packages else { continue };
        let mut other = packages.clone();
        change_prose(&mut other.contents);
        let work = |packages| {
            let plan = plan::build_runner(&stage::spec, &runner, packages, "x86_64-linux");
            serde_json::to_string(&plan.stages).unwrap()
        };
        assert_eq!(work(packages), work(&other), "{name}");
        packaged += 1;
    }
    assert_ne!(packaged, 0);
}

/// The sources of xtask without tests and without the bench, by their paths in the repository.
fn sources() -> BTreeMap<Utf8PathBuf, String> {
    let root = checkout().join("xtask/src");
    let is_test = |path: &Utf8Path| path.components().any(|part| part.as_str().trim_end_matches(".rs") == "tests");
    list_tree(&root)
        .unwrap()
        .into_iter()
        .filter(|entry| matches!(entry.kind, Kind::File { .. }) && entry.path.extension() == Some("rs"))
        .map(|entry| entry.path)
        .filter(|path| !is_test(path) && !path.starts_with("cmd/bench"))
        .map(|path| {
            let text = fs_err::read_to_string(root.join(&path)).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
            (path, code)
        })
        .collect()
}

/// The arguments of a macro that is called with one literal.
fn arguments<'a>(code: &'a str, call: &str) -> Vec<&'a str> {
    code.split(call).skip(1).map(|rest| rest.split(')').next().unwrap().trim().trim_matches('"')).collect()
}

#[test]
fn no_file_is_embedded_without_being_declared() {
    let shipped = Shipped::load();
    let mut declared: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for recipe in shipped.recipes() {
        for stage in shipped.plan(&recipe, &stage::spec).stages {
            for file in &stage.spec.files {
                declared.entry(file.path()).or_default().insert(stage.id.name().replace('-', "_"));
            }
        }
    }
    let mut wrong = Vec::new();
    let mut embedded = BTreeSet::new();
    for (path, code) in &sources() {
        let includes = ["include_str!", "include_bytes!"].iter().any(|name| code.contains(name));
        if includes && path != "embedded.rs" {
            wrong.push(format!("{path}: use embed!, so that a stage has to declare the file"));
        }
        for file in arguments(code, "embed!(") {
            embedded.insert(file.to_owned());
            // `stage/NAME.rs` and `stage/NAME/…` are the code of one stage.
            let stage = path.strip_prefix("stage").ok().and_then(|path| path.components().next());
            let stage = stage.map_or("", |stage| stage.as_str().trim_end_matches(".rs"));
            if !declared.get(file).is_some_and(|stages| stages.contains(stage)) {
                wrong.push(format!("{path}: {file} is not among the files that the stage of this code declares"));
            }
        }
    }
    let declared: BTreeSet<String> = declared.into_keys().map(str::to_owned).collect();
    wrong.extend(declared.difference(&embedded).map(|file| format!("{file} is declared and embedded nowhere")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_corrected_reason_rebuilds_nothing_and_is_in_the_package() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    let (before, calls) = (sandbox.store_listing(), sandbox.calls().len());
    assert!(calls > 0);
    sandbox.edit(HOST_RECIPE, "needs zlib for wasm", "zlib is not built for wasm yet");
    sandbox.edit(MINOR_RECIPE, "license = \"", "license = \"0BSD AND ");
    sandbox.build().succeed();
    assert_eq!(sandbox.calls().len(), 0);
    assert_eq!(sandbox.store_listing(), before);
    let about = fs_err::read_to_string(sandbox.package().join("PYTHON.json")).unwrap();
    assert!(about.contains("zlib is not built for wasm yet") && about.contains("0BSD AND "), "{about}");
    let configured = fs_err::read_to_string(sandbox.result("configure-host").join("config.site")).unwrap();
    assert!(configured.contains("=n/a\n") && !configured.contains("no users on WASI"), "{configured}");
}
