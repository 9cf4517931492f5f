//! Each verb of the real `xtask`, seen from outside: what it prints, what it leaves, and how it ends.

use std::fmt::Write as _;

use camino::Utf8PathBuf;
use xtask::sys::fs::list_tree;

use crate::kit::sandbox::{HOST_RECIPE, Sandbox};

/// What lies in the sandbox's store, but for folders.
fn files_in_store(sandbox: &Sandbox) -> Vec<Utf8PathBuf> {
    let entries = list_tree(&sandbox.store()).unwrap_or_default();
    let is_folder = |path: &Utf8PathBuf| sandbox.store().join(path).is_dir();
    entries.into_iter().map(|entry| entry.path).filter(|path| !is_folder(path)).collect()
}

#[test]
fn every_verb_has_help() {
    let sandbox = Sandbox::new();
    let verbs = ",build,run,plan,fetch,explain,path,recipe,recipe list,recipe show,recipe check,lock,bump,\
                 patch,patch status,patch checkout,patch export,patch check,doctor,clean,completions";
    let mut all = String::new();
    for verb in verbs.split(',') {
        let arguments: Vec<&str> = verb.split_whitespace().chain(["--help"]).collect();
        let output = sandbox.xtask(&arguments).succeed();
        writeln!(all, "$ cargo xtask {}\n{}\n", arguments.join(" "), output.stdout.trim_end()).unwrap();
    }
    insta::assert_snapshot!("help", all);
}

#[test]
fn a_wrong_name_is_answered_with_the_right_ones() {
    let sandbox = Sandbox::new();
    let mut all = String::new();
    for arguments in [
        "build wasy",
        "build wasi --python 3.14",
        "build wasi --python 3.13.9",
        "build wasi --python newest",
        "build wasi --profile relase",
        "build wasi --toolchain wasi-sdl",
        "build wasi --from make-hots",
        "plan wasi --until make",
        "explain wasi make-hots",
        "clean wasy",
        "path wasi pakage",
        "bild wasi",
        "build",
    ] {
        let output = sandbox.xtask(&arguments.split(' ').collect::<Vec<_>>()).fail(2);
        assert_eq!(output.stdout, "");
        writeln!(all, "$ cargo xtask {arguments}\n{}\n", output.stderr.trim_end()).unwrap();
    }
    insta::assert_snapshot!("wrong-names", all);
    assert_eq!(sandbox.calls().iter().filter(|call| call.words() != ["cc", "--version"]).count(), 0);
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let sandbox = Sandbox::new();
    let mut all = String::new();
    for arguments in [
        "--locked --source ../cpython",
        "--locked --toolchain path --wasi-sdk /opt/wasi-sdk",
        "--toolchain path",
        "--wasi-sdk /opt/wasi-sdk",
        "--source ../no-such-folder",
        "--source ..",
    ] {
        let arguments = format!("build wasi {arguments}");
        let output = sandbox.xtask(&arguments.split(' ').collect::<Vec<_>>()).fail(2);
        writeln!(all, "$ cargo xtask {arguments}\n{}\n", output.stderr.trim_end()).unwrap();
    }
    insta::assert_snapshot!("contradictions", all);
}

// Looking without touching.

#[test]
fn a_plan_is_the_same_everywhere_and_does_nothing() {
    let (one, other) = (Sandbox::new(), Sandbox::named("elsewhere"));
    let plan = one.xtask(&["plan", "wasi"]).succeed();
    insta::assert_snapshot!(plan, @"
    exit code: 0
    --- stdout ---
    Python 3.13.2 for wasi (wasm32-wasip1, release), wasi-sdk 24
      fetch-source            to do       CPython 3.13.2, the source
      prepare-source          to do       CPython 3.13.2, unpacked and patched <- fetch-source
      configure-build-python  to do       the build Python's makefile <- prepare-source
      fetch-toolchain         to do       wasi-sdk 24
      prepare-toolchain       to do       wasi-sdk 24, unpacked <- fetch-toolchain
      configure-host          to do       the makefile for wasm32-wasip1 <- prepare-source, prepare-toolchain
      compile-host            to do       object files for wasm32-wasip1 <- prepare-source, prepare-toolchain, configure-host
      make-build-python       to do       a Python 3.13.2 for this machine <- prepare-source, configure-build-python
      make-host               to do       python.wasm for wasm32-wasip1 <- prepare-source, prepare-toolchain, configure-host, compile-host, make-build-python
      build-host-runner       to do       the program that runs host binaries
      package                 to do       python-3.13.2-wasm32-wasip1 <- prepare-source, make-build-python, make-host
      smoke-test              to do       smoke test <- package, build-host-runner, make-host
    ");
    let json = |sandbox: &Sandbox| sandbox.xtask(&["plan", "wasi", "--format", "json"]).unredacted().succeed();
    assert_eq!(json(&one).stdout, json(&other).stdout);
    insta::assert_snapshot!(format!("{:?}", files_in_store(&one)), @r#"["compiler.json", "store.json", "users.lock"]"#);
}

#[test]
fn a_dry_run_says_what_each_stage_would_do_and_does_nothing() {
    let sandbox = Sandbox::new();
    let output = sandbox.xtask(&["build", "wasi", "--dry-run"]).succeed();
    insta::assert_snapshot!("dry-run", output);
    assert_eq!(files_in_store(&sandbox), ["compiler.json", "store.json", "users.lock"]);
    assert!(!sandbox.path("dist").exists());
    let called: Vec<String> = sandbox.calls().iter().map(|call| call.words().join(" ")).collect();
    assert_eq!(called, ["cc --version"]);
}

#[test]
fn every_place_has_a_path() {
    let sandbox = Sandbox::new();
    let places = [
        "package",
        "launcher",
        "python-wasm",
        "libpython",
        "store",
        "build-python",
        "source",
        "toolchain",
        "build",
        "host-runner",
    ];
    insta::assert_snapshot!(sandbox.xtask(&["path", "wasi"]).fail(1), @"
    exit code: 1
    --- stderr ---
    error: python-3.13.2-wasm32-wasip1 is not built yet
    hint: run `cargo xtask build wasi`
    ");
    sandbox.build().succeed();
    let mut all = String::new();
    for place in places {
        let output = sandbox.xtask(&["path", "wasi", place]).unredacted().succeed();
        assert!(Utf8PathBuf::from(output.stdout.trim_end()).exists(), "{output}");
        write!(all, "{place:13} {}", sandbox.redact(&output.stdout)).unwrap();
    }
    insta::assert_snapshot!(all, @"
    package       [DIST]/python-3.13.1-wasm32-wasip1
    launcher      [DIST]/python-3.13.1-wasm32-wasip1/bin/python3.13
    python-wasm   [DIST]/python-3.13.1-wasm32-wasip1/python.wasm
    libpython     [DIST]/python-3.13.1-wasm32-wasip1/lib/libpython3.13.a
    store         [STORE]
    build-python  [STORE]/results/make-build-python-[KEY]/build/python
    source        [STORE]/results/prepare-source-[KEY]/source
    toolchain     [STORE]/results/prepare-toolchain-[KEY]/root
    build         [STORE]/results/make-host-[KEY]/build
    host-runner   [STORE]/results/build-host-runner-[KEY]/host-runner/bin/host-runner
    ");
}

#[test]
fn recipes_are_listed_shown_and_checked() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.xtask(&["recipe", "list"]).succeed(), @"
    exit code: 0
    --- stdout ---
    host  python  triple         toolchains   state
    wasi  3.13.2  wasm32-wasip1  wasi-sdk 24  built and run: release, debug, reference
    wasi  3.13.1  wasm32-wasip1  wasi-sdk 24  built and run: release, debug, reference

    runner       what it is                                                        state
    host-runner  this project's own program, which embeds wasmtime                 ran
    node         Node.js, whose engine is V8, with its own implementation of WASI  ran
    wasmtime     wasmtime's own command line                                       ran
    ");
    insta::assert_snapshot!(sandbox.xtask(&["recipe", "check"]).succeed(), @"
    exit code: 0
    --- stderr ---
    recipes are in order: 1 minors, 1 of them on a host, 3 runners, 3 inputs in recipes/lock.toml, 0 files of expected test results, 0 of recorded results of configure, 2 probes
    ");
    let shown = sandbox.xtask(&["recipe", "show", "wasi"]).succeed();
    assert!(shown.stdout.contains(&sandbox.redact(&sandbox.read(HOST_RECIPE))), "{shown}");
    let resolved = sandbox.xtask(&["recipe", "show", "wasi", "--resolved"]).succeed();
    assert!(resolved.stdout.contains("\"--prefix=/usr/local\""), "{resolved}");

    let expectations = "recipes/expectations/3.13-wasi.toml";
    sandbox.write(expectations, "schema = 1\npython = \"3.13.2\"\n[files.test_abc]\ncases = 34\n");
    let checked = sandbox.xtask(&["recipe", "check"]).succeed();
    assert!(
        checked.stderr.ends_with(", 1 files of expected test results, 0 of recorded results of configure, 2 probes\n"),
        "{checked}"
    );
    sandbox.edit(expectations, "cases = 34", "outcome = \"error\"");
    let reject = sandbox.xtask(&["recipe", "check"]).fail(3);
    assert!(reject.stderr.contains("[recipes/expectations/3.13-wasi.toml:4:11]"), "{reject}");
    // Users of `build` do not need it.
    sandbox.xtask(&["recipe", "list"]).succeed();

    sandbox.edit(HOST_RECIPE, "tier = 2", "teir = 2");
    insta::assert_snapshot!(sandbox.xtask(&["recipe", "check"]).fail(3), @r#"
    exit code: 3
    --- stderr ---
    error:   × unknown key `teir`
       ╭─[recipes/hosts/wasi/3.13.toml:3:1]
     2 │ triple = "wasm32-wasip1"
     3 │ teir = 2
       · ────
     4 │
       ╰────
      help: valid names: schema, triple, tier, unverified, verified, toolchain, toolchain-reject, configure,
            runner, reference, modules, wasm; did you mean `tier`?
    "#);
}

#[test]
fn the_lock_must_have_exactly_what_recipes_name() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.xtask(&["lock", "--check"]).succeed(), @"
    exit code: 0
    --- stderr ---
    recipes/lock.toml has exactly the 3 inputs that the recipes name
    ");
    let lock = sandbox.read("recipes/lock.toml");
    let (before, last) = lock.rsplit_once("[[artifact]]").unwrap();
    assert!(last.contains("wasi-sdk-24.0.tar.gz"), "{last}");
    sandbox.write("recipes/lock.toml", before);
    insta::assert_snapshot!(sandbox.xtask(&["lock", "--check"]).fail(3), @"
    exit code: 3
    --- stderr ---
    error: recipes/lock.toml does not match the recipes:
      wasi-sdk-24.0.tar.gz is named by a recipe and not locked
    hint: `cargo xtask lock --update` updates it
    ");
    sandbox.write(
        "recipes/lock.toml",
        &format!("{lock}{}", format!("\n[[artifact]]{last}").replace("wasi-sdk", "unused")),
    );
    insta::assert_snapshot!(sandbox.xtask(&["lock", "--check"]).fail(3), @"
    exit code: 3
    --- stderr ---
    error: recipes/lock.toml does not match the recipes:
      unused-24.0.tar.gz is locked and named by no recipe
    hint: `cargo xtask lock --update` updates it
    ");
}

// Using and removing what was built.

#[test]
fn run_gives_the_programs_output_and_its_exit_code() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.xtask(&["run", "wasi", "--", "-c", "pass"]).fail(1), @"
    exit code: 1
    --- stderr ---
    error: python-3.13.2-wasm32-wasip1 is not built yet
    hint: run `cargo xtask build wasi`
    ");
    sandbox.build().succeed();
    sandbox.calls();
    let output = sandbox.xtask(&["run", "wasi", "--", "-c", "pass"]).succeed();
    assert!(output.stdout.contains("\"version\": \"3.13.1\"") && output.stderr.is_empty(), "{output}");
    insta::assert_snapshot!(sandbox.redact(&sandbox.calls()[0].words().join(" ")), @"host-runner run --dir [STORE]/results/package-[KEY]/package::/usr/local::ro --dir [CHECKOUT]::/ --dir [CHECKOUT]::[CHECKOUT] --argv0 /usr/local/bin/python3.13 --wasm max-wasm-stack=16777216 --cache [STORE]/host-runner-cache [STORE]/results/package-[KEY]/package/python.wasm -c pass");
    sandbox.script(&["when sys.exit(42) exit 42"]);
    let _printed = sandbox.xtask(&["run", "wasi", "--", "-c", "sys.exit(42)"]).fail(42);
}

#[test]
fn clean_removes_what_it_says_and_nothing_else() {
    let sandbox = Sandbox::new();
    let left = || -> Vec<&str> {
        ["store/downloads", "store/results", "store", "dist"]
            .into_iter()
            .filter(|folder| {
                // Locks stay, and so does what is not ours.
                let ours = |path: &str| !path.ends_with(".lock") && !path.ends_with("notes.txt");
                let entries = list_tree(&sandbox.path(folder)).unwrap_or_default();
                entries.iter().any(|entry| ours(entry.path.as_str()))
            })
            .collect()
    };
    insta::assert_snapshot!(sandbox.xtask(&["clean"]).succeed(), @"
    exit code: 0
    --- stderr ---
    there is no store in [STORE]: nothing to remove
    ");
    for (arguments, expected) in [
        (&["clean"][..], &["store/downloads", "store", "dist"][..]),
        (&["clean", "--downloads"], &["store/results", "store", "dist"]),
        (&["clean", "--all"], &[]),
    ] {
        sandbox.build().succeed();
        let notes = ["store/notes.txt", "dist/notes.txt"].map(|path| sandbox.path(path));
        notes.iter().for_each(|path| fs_err::write(path, "not ours").unwrap());
        let output = sandbox.xtask(arguments).succeed();
        assert!(notes.iter().all(|path| path.is_file()), "{arguments:?} takes only what is ours");
        assert!(output.stderr.starts_with("freed ") && !output.stderr.contains("freed 0 B"), "{arguments:?}: {output}");
        assert_eq!(left(), expected, "{arguments:?}");
    }
}

#[test]
fn clean_of_a_host_keeps_what_serves_others() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    sandbox.xtask(&["clean", "wasi"]).succeed();
    assert!(!sandbox.package().exists());
    let results = sandbox.store().join("results").read_dir_utf8().unwrap();
    let mut kept: Vec<String> = results.map(|entry| sandbox.redact(entry.unwrap().file_name())).collect();
    kept.sort();
    insta::assert_snapshot!(kept.join("\n"), @"
    build-host-runner-[KEY]
    build-machine-[KEY]
    configure-build-python-[KEY]
    make-build-python-[KEY]
    prepare-source-[KEY]
    prepare-toolchain-[KEY]
    ");
    sandbox.build().succeed();
    assert!(sandbox.package().exists());
}

#[test]
fn completions_exist_for_each_shell() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish"] {
        let output = sandbox.xtask(&["completions", shell]).succeed();
        assert!(output.stdout.contains("keep-going"), "{shell}");
    }
}

const MATRIX: &str = r#"schema = 1
builtin = ["_abc"]
library = { zstd = [] }
reason = { disk = "no disk on {platform}" }

[module._crypt]
until = "3.12"

[module._dbm]
not-available.wasi = "@disk"

[module._zstd]
library = "zstd"
"#;

#[test]
fn modules_are_shown_with_the_line_that_decides() {
    let sandbox = Sandbox::new();
    sandbox.write("recipes/modules.toml", MATRIX);
    insta::assert_snapshot!(sandbox.xtask(&["modules"]).succeed());
    insta::assert_snapshot!(sandbox.xtask(&["modules", "wasi"]).succeed());
    for name in ["_abc", "_crypt", "_dbm", "_zstd", "zlib"] {
        let output = sandbox.xtask(&["modules", "--why", name, "wasi"]).succeed();
        insta::assert_snapshot!(format!("why-{name}"), output);
    }
    insta::assert_snapshot!(sandbox.xtask(&["modules", "--format", "md"]).succeed());
    insta::assert_snapshot!(sandbox.xtask(&["modules", "wasi", "--why", "_dbm", "--format", "json"]).succeed());
    insta::assert_snapshot!(sandbox.xtask(&["modules", "--why", "_zsdt"]).fail(2));
    insta::assert_snapshot!(sandbox.xtask(&["modules", "--why", "tensorflow"]).fail(2));
    insta::assert_snapshot!(sandbox.xtask(&["modules", "wsai"]).fail(2));
    sandbox.xtask(&["plan", "wasi", "--format", "md"]).fail(2);
}

/// Three ways to ask, one answer.
#[test]
fn modules_why_and_the_resolved_recipe_agree() {
    let sandbox = Sandbox::new();
    sandbox.write("recipes/modules.toml", MATRIX);
    sandbox.xtask(&["recipe", "check"]).succeed();
    let json = |arguments: &[&str]| -> serde_json::Value {
        let output = sandbox.xtask(arguments).unredacted().succeed();
        // Events may come first, one a line.
        serde_json::Deserializer::from_str(&output.stdout).into_iter().last().unwrap().unwrap()
    };
    let resolved = json(&["recipe", "show", "wasi", "--resolved", "--format", "json"]);
    let tables = resolved["modules"].as_object().unwrap();
    let all = json(&["modules", "wasi", "--format", "json"]);
    let all = all.as_array().unwrap();
    for entry in all {
        let (name, state) = (entry["module"].as_str().unwrap(), entry["state"].as_str().unwrap());
        match &tables[state] {
            serde_json::Value::Array(names) => assert!(names.contains(&entry["module"]), "{entry}"),
            reasons => assert_eq!(reasons[name], entry["reason"], "{entry}"),
        }
        assert_eq!(json(&["modules", "wasi", "--why", name, "--format", "json"])[0], *entry);
    }
    let size = |table: &serde_json::Value| table.as_array().map_or_else(|| table.as_object().unwrap().len(), Vec::len);
    assert_eq!(tables.values().map(size).sum::<usize>(), all.len());
}
