//! Tests of plans: made from the recipes that are shipped, with literal facts.

use std::collections::BTreeMap;

use super::key::key;
use super::select::{Range, StageStatus, statuses};
use super::*;
use crate::digest::Sha256;
use crate::lock::Lock;
use crate::recipe::{BuildRequest, Catalogue, Recipe, Texts};

fn shipped() -> (Catalogue, Lock) {
    let root = camino::Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut texts = Texts::new();
    for entry in crate::sys::fs::list_tree(&root.join("recipes")).unwrap() {
        if entry.path.extension() == Some("toml") {
            let path = format!("recipes/{}", entry.path);
            texts.insert(path.clone(), fs_err::read_to_string(root.join(&path)).unwrap());
        }
    }
    let lock = Lock::parse(&texts["recipes/lock.toml"]).unwrap();
    (Catalogue::parse(&texts).unwrap(), lock)
}

fn recipe(python: &str, profile: &str) -> Recipe {
    let (catalogue, lock) = shipped();
    let request = BuildRequest {
        host: "wasi".to_owned(),
        python: python.to_owned(),
        profile: profile.to_owned(),
        toolchain: "debian-clang".to_owned(),
        build_machine: "x86_64-linux".to_owned(),
    };
    let (version, source) = catalogue.sources(&request, &lock).unwrap().remove(0);
    let toolchain = catalogue.toolchains(&request, &lock).unwrap().remove(0);
    catalogue.recipe(&request, version, source, toolchain, Vec::new(), &lock).unwrap()
}

fn facts() -> Facts {
    let build_machine = "x86_64-linux".to_owned();
    Facts {
        build_machine,
        toolchain_folder: String::new(),
        c_compiler: "cc 12.2.0".to_owned(),
        host_runner: Sha256::of(b"host runner"),
        browser_runner: Sha256::of(b"browser runner"),
    }
}

fn plan(recipe: &Recipe, patches: Vec<CheckoutFile>) -> Plan {
    plan_on(recipe, patches, "host-runner", None)
}

/// The plan with the smoke test on a runner.
fn plan_on(recipe: &Recipe, patches: Vec<CheckoutFile>, runner: &str, version: Option<&str>) -> Plan {
    let guest = shipped().0.runners.remove(runner).unwrap().guest;
    let version = version.map(|version| version.parse().unwrap());
    build(&Inputs {
        spec: &crate::stage::spec,
        recipe,
        files: &CheckoutFiles { patches, ..CheckoutFiles::default() },
        source_folder: None,
        smoke_test_runner: &SmokeTestRunner { name: runner.to_owned(), version, guest },
        facts: &facts(),
        tests: false,
    })
}

fn key_of(plan: &Plan, id: StageId) -> Sha256 {
    plan.stage(id).unwrap().key
}

#[test]
fn facts_about_the_machine_and_workspaces_are_in_the_keys_of_what_depends_on_them() {
    let recipe = recipe("3.13.15", "release");
    let guest = shipped().0.runners.remove("host-runner").unwrap().guest;
    let plan = |facts: &Facts| {
        build(&Inputs {
            spec: &crate::stage::spec,
            recipe: &recipe,
            files: &CheckoutFiles::default(),
            source_folder: None,
            smoke_test_runner: &SmokeTestRunner { name: "host-runner".to_owned(), version: None, guest: guest.clone() },
            facts,
            tests: false,
        })
    };
    let before = plan(&facts());
    let other = "another".to_owned();
    let cases: [(Facts, &[StageId]); 4] = [
        (
            Facts { build_machine: other.clone(), ..facts() },
            &[
                StageId::ConfigureBuildPython,
                StageId::PrepareToolchain,
                StageId::MakeBuildPython,
                StageId::BuildHostRunner,
            ],
        ),
        (Facts { c_compiler: other.clone(), ..facts() }, &[StageId::ConfigureBuildPython, StageId::MakeBuildPython]),
        (Facts { toolchain_folder: other, ..facts() }, &[StageId::PrepareToolchain]),
        (Facts { host_runner: Sha256::of(b"another"), ..facts() }, &[StageId::BuildHostRunner]),
    ];
    for (facts, directly) in cases {
        let after = plan(&facts);
        let own = |stage: &Stage| {
            let mut inputs = stage.inputs.clone();
            inputs.retain(|name, _| !name.starts_with("result of "));
            inputs
        };
        let stages = before.stages.iter().zip(&after.stages);
        let changed: Vec<StageId> =
            stages.filter(|(before, after)| own(before) != own(after)).map(|(before, _)| before.id).collect();
        assert_eq!(changed, directly, "{facts:?}");
        assert!(changed.iter().all(|id| key_of(&before, *id) != key_of(&after, *id)));
    }
    // The path of a workspace is written in what is made there.
    for (id, workspace) in [
        (StageId::ConfigureBuildPython, "build-python-3.13.15-lean"),
        (StageId::ConfigureHost, "wasi-3.13.15-release"),
        (StageId::MakeHost, "wasi-3.13.15-release"),
    ] {
        assert_eq!(before.stage(id).unwrap().inputs["workspace"], workspace);
    }
}

#[test]
fn the_shape_of_a_plan() {
    let plan = plan(&recipe("3.13.15", "release"), Vec::new());
    insta::assert_snapshot!(render::text(&plan, |_| StageStatus::Run), @"
    Python 3.13.15 for wasi (wasm32-wasip1, release), debian-clang 19
      fetch-source            to do       CPython 3.13.15, the source
      prepare-source          to do       CPython 3.13.15, unpacked and patched <- fetch-source
      configure-build-python  to do       the build Python's makefile <- prepare-source
      fetch-toolchain         to do       debian-clang 19
      prepare-toolchain       to do       debian-clang 19, unpacked <- fetch-toolchain
      configure-host          to do       the makefile for wasm32-wasip1 <- prepare-source, prepare-toolchain
      compile-host            to do       object files for wasm32-wasip1 <- prepare-source, prepare-toolchain, configure-host
      make-build-python       to do       a Python 3.13.15 for this machine <- prepare-source, configure-build-python
      make-host               to do       python.wasm for wasm32-wasip1 <- prepare-source, prepare-toolchain, configure-host, compile-host, make-build-python
      build-host-runner       to do       the program that runs host binaries
      package                 to do       python-3.13.15-wasm32-wasip1 <- prepare-source, make-build-python, make-host
      smoke-test              to do       smoke test <- package, build-host-runner, make-host
    ");
}

#[test]
fn every_stage_comes_after_what_it_needs() {
    let plan = plan(&recipe("3.13.15", "release"), Vec::new());
    for (index, stage) in plan.stages.iter().enumerate() {
        for need in &stage.needs {
            assert!(plan.stages[..index].iter().any(|earlier| earlier.id == *need), "{} before {need}", stage.id);
        }
    }
}

#[test]
fn the_build_python_is_shared_by_profiles_and_the_rest_is_not() {
    let release = plan(&recipe("3.13.15", "release"), Vec::new());
    let debug = plan(&recipe("3.13.15", "debug"), Vec::new());
    assert_eq!(key_of(&release, StageId::MakeBuildPython), key_of(&debug, StageId::MakeBuildPython));
    assert_ne!(key_of(&release, StageId::ConfigureHost), key_of(&debug, StageId::ConfigureHost));
}

#[test]
fn where_bytes_come_from_is_no_input_and_what_they_are_is() {
    let recipe = recipe("3.13.15", "release");
    let before = plan(&recipe, Vec::new());
    let mut elsewhere = recipe.clone();
    elsewhere.source.artifact.origin.urls = vec!["https://example.org/Python.tar.xz".to_owned()];
    let after = plan(&elsewhere, Vec::new());
    assert_eq!(key_of(&before, StageId::MakeHost), key_of(&after, StageId::MakeHost));
    assert_eq!(key_of(&before, StageId::Package), key_of(&after, StageId::Package));
    let mut other = recipe.clone();
    other.source.artifact.sha256 = Sha256::of(b"other bytes");
    for id in
        [StageId::PrepareSource, StageId::MakeBuildPython, StageId::MakeHost, StageId::Package, StageId::SmokeTest]
    {
        assert_ne!(key_of(&before, id), key_of(&plan(&other, Vec::new()), id), "{id}");
    }
    assert_eq!(
        key_of(&before, StageId::PrepareToolchain),
        key_of(&plan(&other, Vec::new()), StageId::PrepareToolchain)
    );
}

#[test]
fn a_changed_patch_is_explained_by_name() {
    let recipe = recipe("3.13.15", "release");
    let patch = |content: &[u8]| CheckoutFile {
        folder: CheckoutFolder::Patches,
        file: "cpython/3.13/a.patch".to_owned(),
        sha256: Sha256::of(content),
    };
    let (before, now) = (plan(&recipe, vec![patch(b"1")]), plan(&recipe, vec![patch(b"2")]));
    let inputs = |plan: &Plan, id| plan.stage(id).unwrap().inputs.clone();
    let changes = explain::changes(&inputs(&before, StageId::PrepareSource), &inputs(&now, StageId::PrepareSource));
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].input, "patches.0.sha256");
    let further = explain::changes(&inputs(&before, StageId::ConfigureHost), &inputs(&now, StageId::ConfigureHost));
    assert_eq!(further[0].input, "result of prepare-source");
}

#[test]
fn a_key_depends_on_names_values_and_the_stage() {
    let inputs = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
    let base = key(StageId::MakeHost, &inputs("a", "bc"));
    assert_ne!(base, key(StageId::MakeHost, &inputs("ab", "c")));
    assert_ne!(base, key(StageId::Package, &inputs("a", "bc")));
    assert_eq!(base, key(StageId::MakeHost, &inputs("a", "bc")));
}

#[test]
fn only_what_is_missing_and_needed_runs() {
    use StageId::*;
    let plan = plan(&recipe("3.13.15", "release"), Vec::new());
    let every: Vec<StageId> = plan.stages.iter().map(|stage| stage.id).collect();
    let run = |range: Range, there: &[StageId]| -> Vec<StageId> {
        let statuses = statuses(&plan, range, |id| there.contains(&id));
        statuses.into_iter().filter(|(_, status)| *status == StageStatus::Run).map(|(id, _)| id).collect()
    };
    let all = Range::default();
    assert_eq!(run(all, &[]).len(), plan.stages.len());
    assert_eq!(run(all, &every), []);
    // The package and its smoke test are there: nothing needs their inputs.
    assert_eq!(run(all, &[Package, SmokeTest]), []);
    // The smoke test of a package that was lost does not replace it.
    assert_eq!(run(all, &[BuildHostRunner, MakeHost, PrepareSource, MakeBuildPython, SmokeTest]), [Package]);
    assert_eq!(run(all, &[Package, MakeHost]), [BuildHostRunner, SmokeTest]);
    let until = Range { until: Some(ConfigureBuildPython), ..all };
    assert_eq!(run(until, &[]), [FetchSource, PrepareSource, ConfigureBuildPython]);
    let from = Range { from: Some(MakeHost), ..all };
    assert_eq!(run(from, &every), [MakeHost, Package, SmokeTest]);
    let both = Range { from: Some(MakeHost), until: Some(MakeHost) };
    assert_eq!(run(both, &every), [MakeHost]);
}

#[test]
fn the_smoke_test_says_what_it_runs_on_and_needs_the_host_runner_only_there() {
    use StageId::*;
    let recipe = recipe("3.13.15", "release");
    let plans = [("host-runner", None), ("node", Some("20.20.2")), ("node", Some("24.1.0"))]
        .map(|(name, version)| plan_on(&recipe, Vec::new(), name, version));
    let [host_runner, node, newer_node] = &plans;
    for stage in &host_runner.stages {
        assert_eq!(stage.key == key_of(node, stage.id), stage.id != SmokeTest, "{}", stage.id);
        assert_eq!(key_of(node, stage.id) == key_of(newer_node, stage.id), stage.id != SmokeTest, "{}", stage.id);
    }
    let inputs = |plan: &Plan| {
        let inputs = plan.stage(SmokeTest).unwrap().inputs.clone();
        ["runs-on.name", "runs-on.version"].map(|name| inputs.get(name).cloned().unwrap_or_default())
    };
    assert_eq!(inputs(host_runner), ["host-runner", ""]);
    assert_eq!(inputs(newer_node), ["node", "24.1.0"]);
    let runs = |plan: &Plan| {
        let statuses = statuses(plan, Range::default(), |_| false);
        statuses.iter().any(|(id, status)| *id == BuildHostRunner && *status == StageStatus::Run)
    };
    assert!(runs(host_runner) && !runs(node));
}
