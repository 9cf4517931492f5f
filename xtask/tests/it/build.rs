//! Builds from end to end with the real `xtask`, and programs in miniature in place of compilers: what comes out, and what is not done twice.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;

use camino::Utf8Path;
use serde_json::Value;
use xtask::digest::Sha256;
use xtask::sys::fs::{hash_tree, list_tree, remove_tree};
use xtask::verify::paths::leaks;

use crate::kit::archives::{SOURCE, folder};
use crate::kit::sandbox::{HOST_RECIPE, MINOR_RECIPE, SOURCE_FILE, Sandbox};

/// All stages but the two downloads, in the order of their names.
const ALL_STAGES: [&str; 10] = [
    "build-host-runner",
    "compile-host",
    "smoke-test",
    "configure-build-python",
    "configure-host",
    "make-build-python",
    "make-host",
    "package",
    "prepare-source",
    "prepare-toolchain",
];

const AFTER_CONFIGURE_HOST: [&str; 5] = ["smoke-test", "configure-host", "compile-host", "make-host", "package"];

/// Builds, and says which stages were done for that.
#[track_caller]
fn built(sandbox: &Sandbox, arguments: &[&str]) -> BTreeSet<String> {
    let output = sandbox.xtask(&[&["build", "wasi", "--format", "json"], arguments].concat()).succeed();
    output
        .events()
        .iter()
        .filter(|event| event["outcome"]["kind"] == "built")
        .map(|event| text(&event["stage"]))
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn names<const N: usize>(stages: [&str; N]) -> BTreeSet<String> {
    stages.map(str::to_owned).into()
}

fn json(path: &Utf8Path) -> Value {
    serde_json::from_str(&fs_err::read_to_string(path).unwrap()).unwrap()
}

// What comes out.

#[test]
fn a_build_ends_with_a_package() {
    let sandbox = Sandbox::new();
    let output = sandbox.build().succeed().in_order();
    insta::assert_snapshot!(output, @"
    exit code: 0
    --- stdout ---
    [DIST]/python-3.13.1-wasm32-wasip1
    --- stderr ---
    using Python 3.13.1 from the mirror and wasi-sdk 24 from the mirror, because 127.0.0.1:1 cannot be reached
    the smoke test runs on host-runner: no other runner is used unless it is named
    compiling the program that runs the new Python, which takes some minutes, once
    [ 1/12] fetch-source: started
    [ 1/12] fetch-source: built in [TIME] s
    [ 2/12] prepare-source: started
    [ 2/12] prepare-source: built in [TIME] s
    [ 3/12] configure-build-python: started
    [ 3/12] configure-build-python: built in [TIME] s
    [ 4/12] fetch-toolchain: started
    [ 4/12] fetch-toolchain: built in [TIME] s
    [ 5/12] prepare-toolchain: started
    [ 5/12] prepare-toolchain: built in [TIME] s
    [ 6/12] configure-host: started
    [ 6/12] configure-host: built in [TIME] s
    [ 7/12] compile-host: started
    [ 7/12] compile-host: built in [TIME] s
    [ 8/12] make-build-python: started
    [ 8/12] make-build-python: built in [TIME] s
    [ 9/12] make-host: started
    [ 9/12] make-host: built in [TIME] s
    [10/12] build-host-runner: started
    [10/12] build-host-runner: built in [TIME] s
    [11/12] package: started
    [11/12] package: built in [TIME] s
    [12/12] smoke-test: started
    [12/12] smoke-test: built in [TIME] s
    fetch-source: got CPython 3.13.1, the source from [MIRROR]/Python-3.13.1.tar.gz
    fetch-toolchain: got wasi-sdk 24 from [MIRROR]/wasi-sdk-24.0.tar.gz
    done in [TIME] s
    Python 3.13.1 passed the smoke test; try `cargo xtask run wasi -- -c 'import sys; print(sys.version)'`
    ");
    let files: Vec<String> =
        list_tree(&sandbox.package()).unwrap().iter().map(|entry| entry.path.to_string()).collect();
    insta::assert_snapshot!(files.join("\n"), @"
    PYTHON.json
    bin
    bin/python3
    bin/python3.13
    bin/python3.13-config
    build-details.json
    include
    include/python3.13
    include/python3.13/Python.h
    lib
    lib/libHacl_Hash_SHA2.a
    lib/libpython3.13.a
    lib/pkgconfig
    lib/pkgconfig/python-3.13-embed.pc
    lib/python3.13
    lib/python3.13/LICENSE.txt
    lib/python3.13/__pycache__
    lib/python3.13/__pycache__/_sysconfigdata__wasi_wasm32-wasi.cpython-313.pyc
    lib/python3.13/__pycache__/os.cpython-313.pyc
    lib/python3.13/_sysconfigdata__wasi_wasm32-wasi.py
    lib/python3.13/config-3.13-wasm32-wasi
    lib/python3.13/config-3.13-wasm32-wasi/Makefile
    lib/python3.13/json
    lib/python3.13/json/__init__.py
    lib/python3.13/json/__pycache__
    lib/python3.13/json/__pycache__/__init__.cpython-313.pyc
    lib/python3.13/lib-dynload
    lib/python3.13/lib-dynload/README.txt
    lib/python3.13/os.py
    node.mjs
    python.wasm
    ");

    let mode = sandbox.package().join("bin/python3.13").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
    let module = fs_err::read(sandbox.package().join("python.wasm")).unwrap();
    assert!(module.windows(4).all(|bytes| bytes != b"name"), "python.wasm is stripped");

    let about = json(&sandbox.package().join("PYTHON.json"));
    assert_eq!(about["inputs"][0]["file"], SOURCE_FILE);
    assert_eq!(about["inputs"][0]["sha256"], Sha256::of(&SOURCE).to_string());
    assert_eq!(about["python-wasm"]["sha256"], Sha256::of(&module).to_string());
    assert_eq!(about["patches"][0]["file"], "cpython/3.13/os-know-name.patch");
    assert_eq!(json(&sandbox.package().join("build-details.json"))["implementation"]["hexversion"], 0x030d_01f0);
    let patched = fs_err::read_to_string(sandbox.package().join("lib/python3.13/os.py")).unwrap();
    assert!(patched.contains("name = \"posix\""), "{patched}");
}

#[test]
fn a_debug_build_keeps_names_has_its_own_and_no_path_of_this_machine() {
    let sandbox = Sandbox::new();
    sandbox.xtask(&["build", "wasi", "--profile", "debug"]).succeed();
    let package = sandbox.path("dist").join("python-3.13.1-wasm32-wasip1-debug");
    let files: Vec<String> = list_tree(&package).unwrap().iter().map(|entry| entry.path.to_string()).collect();
    let with_flags: Vec<&str> = files.iter().map(String::as_str).filter(|file| file.contains("3.13d")).collect();
    let named = [
        "bin/python3.13d-config",
        "include/python3.13d",
        "include/python3.13d/Python.h",
        "lib/libpython3.13d.a",
        "lib/pkgconfig/python-3.13d-embed.pc",
        "lib/python3.13/config-3.13d-wasm32-wasi",
        "lib/python3.13/config-3.13d-wasm32-wasi/Makefile",
    ];
    assert_eq!(with_flags, named);
    let module = fs_err::read(package.join("python.wasm")).unwrap();
    assert!(module.windows(4).any(|bytes| bytes == b"name"), "python.wasm is not stripped");
    // Options of the compiler name the build's own folder, and `python3.13d-config` prints them.
    let config = fs_err::read_to_string(package.join("bin/python3.13d-config")).unwrap();
    assert!(config.contains("-ffile-prefix-map=/build=/build"), "{config}");
    assert_eq!(leaks(&package, &[sandbox.path("").as_str().trim_end_matches('/')]).unwrap(), [""; 0]);
}

#[test]
fn no_result_keeps_the_bytecode_that_was_cached_on_the_way() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    let files = list_tree(&sandbox.store().join("results")).unwrap();
    let ends_with = |end: &str| files.iter().any(|entry| entry.path.as_str().ends_with(end));
    assert!(ends_with("build/python.wasm"));
    assert!(!ends_with("freeze.pyc"), "the build Python's cache has folders with the store's path");
}

#[test]
fn every_program_is_called_with_an_environment_made_from_nothing() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    const OF_THE_SHELL: [&str; 4] = ["OLDPWD", "PWD", "SHLVL", "_"];
    let mut calls: Vec<String> = sandbox
        .calls()
        .iter()
        .map(|call| {
            let variables = call.environment.keys().map(String::as_str);
            let variables: Vec<&str> = variables.filter(|name| !OF_THE_SHELL.contains(name)).collect();
            format!("{}\n    {}", call.words()[..2.min(call.words().len())].join(" "), variables.join(" "))
        })
        .collect();
    calls.sort();
    calls.dedup();
    insta::assert_snapshot!(sandbox.redact(&calls.join("\n")), @"
    cargo build
        CARGO_TERM_COLOR HOME PATH
    cc --version
        LC_ALL
    cc -c
        CARGO_MAKEFLAGS CFLAGS CONFIG_SITE HOME LC_ALL MAKEFLAGS MFLAGS PATH PKG_CONFIG PYTHONHASHSEED PYTHONPYCACHEPREFIX SOURCE_DATE_EPOCH TZ
    cc -o
        CARGO_MAKEFLAGS HOME LC_ALL MAKEFLAGS MFLAGS PATH PYTHONHASHSEED PYTHONPYCACHEPREFIX SOURCE_DATE_EPOCH TZ
    clang --target=wasm32-wasip1
        AR CARGO_MAKEFLAGS CC CONFIG_SITE CPP CXX HOME HOSTRUNNER LC_ALL MAKEFLAGS MFLAGS OPT PATH PKG_CONFIG_LIBDIR PKG_CONFIG_PATH PYTHONHASHSEED PYTHONPYCACHEPREFIX RANLIB SOURCE_DATE_EPOCH TZ
    clang -c
        CARGO_MAKEFLAGS HOME LC_ALL MAKEFLAGS MFLAGS PATH PYTHONHASHSEED PYTHONPYCACHEPREFIX SOURCE_DATE_EPOCH TZ
    clang -o
        CARGO_MAKEFLAGS HOME LC_ALL MAKEFLAGS MFLAGS PATH PYTHONHASHSEED PYTHONPYCACHEPREFIX SOURCE_DATE_EPOCH TZ
    configure ../source/configure
        AR CARGO_MAKEFLAGS CC CONFIG_SITE CPP CXX HOME HOSTRUNNER LC_ALL MAKEFLAGS MFLAGS OPT PATH PKG_CONFIG_LIBDIR PKG_CONFIG_PATH PYTHONHASHSEED PYTHONPYCACHEPREFIX RANLIB SOURCE_DATE_EPOCH TZ
    configure ../source/configure
        CARGO_MAKEFLAGS CFLAGS CONFIG_SITE HOME LC_ALL MAKEFLAGS MFLAGS PATH PKG_CONFIG PYTHONHASHSEED PYTHONPYCACHEPREFIX SOURCE_DATE_EPOCH TZ
    host-runner run
        HOME LC_ALL PATH PYTHONHASHSEED PYTHONPYCACHEPREFIX SOURCE_DATE_EPOCH TZ
    make --makefile=Makefile
        CARGO_MAKEFLAGS HOME LC_ALL MAKEFLAGS MFLAGS PATH PYTHONHASHSEED PYTHONPYCACHEPREFIX SOURCE_DATE_EPOCH TZ
    make all
        CARGO_MAKEFLAGS HOME LC_ALL MAKEFLAGS MFLAGS PATH PYTHONHASHSEED PYTHONPYCACHEPREFIX SOURCE_DATE_EPOCH TZ
    make inclinstall
        CARGO_MAKEFLAGS HOME LC_ALL MAKEFLAGS MFLAGS PATH PYTHONHASHSEED PYTHONPYCACHEPREFIX SOURCE_DATE_EPOCH TZ
    make python
        CARGO_MAKEFLAGS HOME LC_ALL MAKEFLAGS MFLAGS PATH PYTHONHASHSEED PYTHONPYCACHEPREFIX SOURCE_DATE_EPOCH TZ
    python -E
        CARGO_MAKEFLAGS HOME LC_ALL MAKEFLAGS MFLAGS PATH PYTHONHASHSEED PYTHONPYCACHEPREFIX SOURCE_DATE_EPOCH TZ
    python -m
        CARGO_MAKEFLAGS HOME LC_ALL MAKEFLAGS MFLAGS PATH PYTHONDONTWRITEBYTECODE PYTHONHASHSEED SOURCE_DATE_EPOCH TZ
    python rewrite_sysconfig_data.py
        CARGO_MAKEFLAGS HOME LC_ALL MAKEFLAGS MFLAGS PATH PYTHONDONTWRITEBYTECODE PYTHONHASHSEED SOURCE_DATE_EPOCH TZ
    ");
}

// What is not done twice.

#[test]
fn a_second_run_starts_nothing_and_asks_nobody() {
    let sandbox = Sandbox::new();
    let first = sandbox.build().succeed();
    sandbox.calls();
    for gone in ["programs/make", "programs/cargo", "programs/scribe", "mirror"] {
        remove_tree(&sandbox.path(gone)).unwrap();
    }
    let second = sandbox.build().succeed();
    assert_eq!(second.stdout, first.stdout);
    insta::assert_snapshot!(second, @"
    exit code: 0
    --- stdout ---
    [DIST]/python-3.13.1-wasm32-wasip1
    --- stderr ---
    Python 3.13.1 for wasi is up to date
    ");
    assert_eq!(sandbox.calls().len(), 0, "not even the compiler is asked for its version");
    assert_eq!(built(&sandbox, &["--offline"]), names([]));
}

#[test]
fn events_are_json_one_a_line() {
    let sandbox = Sandbox::new();
    let output = sandbox.xtask(&["build", "wasi", "--format", "json"]).succeed();
    assert_eq!(output.stderr, "");
    let kinds: BTreeSet<String> = output.events().iter().map(|event| text(&event["event"])).collect();
    let expected =
        ["finished", "note", "planned", "result", "stage-finished", "stage-line", "stage-progress", "stage-started"];
    assert_eq!(kinds, names(expected));
}

#[test]
fn what_has_to_run_is_what_depends_on_the_change() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    type Change = fn(&Sandbox);
    let cases: [(&str, Change, BTreeSet<String>); 8] = [
        ("a comment in a recipe", |sandbox| sandbox.edit(HOST_RECIPE, "tier = 2", "# why\ntier = 2"), names([])),
        ("where a file comes from", |sandbox| sandbox.edit(MINOR_RECIPE, "127.0.0.1:1", "127.0.0.1:2"), names([])),
        ("a reason", |sandbox| sandbox.edit(HOST_RECIPE, "needs zlib for", "lacks zlib for"), names([])),
        (
            "an argument of configure",
            |sandbox| sandbox.edit(HOST_RECIPE, "--disable-ipv6", "--enable-ipv6"),
            names(AFTER_CONFIGURE_HOST),
        ),
        (
            "the host runner",
            |sandbox| sandbox.write("runners/host/src/main.rs", "changed"),
            names(["build-host-runner", "smoke-test"]),
        ),
        (
            "a patch",
            |sandbox| sandbox.edit("patches/cpython/3.13/os-know-name.patch", "+name = \"posix\"", "+name = \"wasi\""),
            &names(ALL_STAGES) - &names(["build-host-runner", "prepare-toolchain"]),
        ),
        (
            "back to what was there before",
            |sandbox| sandbox.edit(HOST_RECIPE, "--enable-ipv6", "--disable-ipv6"),
            names(AFTER_CONFIGURE_HOST),
        ),
        ("lost downloads", |sandbox| remove_tree(&sandbox.store().join("downloads")).unwrap(), names([])),
    ];
    for (what, change, expected) in cases {
        change(&sandbox);
        assert_eq!(built(&sandbox, &[]), expected, "{what}");
        assert_eq!(built(&sandbox, &[]), names([]), "{what}, again");
    }
}

#[test]
fn a_change_is_explained_by_its_name() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    sandbox.edit(HOST_RECIPE, "--disable-ipv6", "--enable-ipv6");
    insta::assert_snapshot!(sandbox.xtask(&["explain", "wasi", "configure-host"]).succeed(), @"
    exit code: 0
    --- stdout ---
    configure-host: the makefile for wasm32-wasip1
      differs from the nearest result that is there in:
        configure.arguments.1: --disable-ipv6 -> --enable-ipv6
    ");
    insta::assert_snapshot!(sandbox.xtask(&["explain", "wasi", "make-build-python"]).succeed(), @"
    exit code: 0
    --- stdout ---
    make-build-python: a Python 3.13.1 for this machine
      up to date: the store has the result of exactly these inputs
    ");
}

#[test]
fn two_checkouts_share_a_store() {
    let (one, other) = (Sandbox::new(), Sandbox::new());
    one.build().succeed();
    let output = other.build().env("XTASK_STORE", one.store()).env("XTASK_MIRROR", one.path("mirror")).succeed();
    insta::assert_snapshot!(output, @"
    exit code: 0
    --- stdout ---
    [DIST]/python-3.13.1-wasm32-wasip1
    --- stderr ---
    Python 3.13.1 passed the smoke test; try `cargo xtask run wasi -- -c 'import sys; print(sys.version)'`
    ");
    assert_eq!(one.package_hash(), other.package_hash());
}

#[test]
fn from_and_until_select_stages() {
    let sandbox = Sandbox::new();
    let output = sandbox.xtask(&["build", "wasi", "--until", "configure-build-python"]).succeed().in_order();
    insta::assert_snapshot!(output, @"
    exit code: 0
    --- stderr ---
    using Python 3.13.1 from the mirror and wasi-sdk 24 from the mirror, because 127.0.0.1:1 cannot be reached
    [1/3] fetch-source: started
    [1/3] fetch-source: built in [TIME] s
    [2/3] prepare-source: started
    [2/3] prepare-source: built in [TIME] s
    [3/3] configure-build-python: started
    [3/3] configure-build-python: built in [TIME] s
    fetch-source: got CPython 3.13.1, the source from [MIRROR]/Python-3.13.1.tar.gz
    done in [TIME] s
    stopped after configure-build-python, as requested
    ");
    sandbox.build().succeed();
    assert_eq!(built(&sandbox, &["--from", "configure-host"]), names(AFTER_CONFIGURE_HOST));
    assert_eq!(
        built(&sandbox, &["--from", "configure-host", "--until", "make-host"]),
        names(["configure-host", "compile-host", "make-host"])
    );
    assert_eq!(built(&sandbox, &[]), names([]));
}

// Other sources and toolchains.

#[test]
fn a_folder_of_the_user_is_built_and_never_written_to() {
    let sandbox = Sandbox::new();
    let source = sandbox.path("cpython");
    copy_source(&sandbox, &source);
    let before = (hash_tree(&source).unwrap(), list_tree(&source).unwrap().len());
    sandbox.xtask(&["build", "wasi", "--source", "../cpython"]).succeed();
    assert_eq!((hash_tree(&source).unwrap(), list_tree(&source).unwrap().len()), before);
    assert_eq!(built(&sandbox, &["--source", "../cpython"]), names([]));

    fs_err::write(source.join("Lib/os.py"), "name = 'mine'\n").unwrap();
    let expected = &names(ALL_STAGES) - &names(["build-host-runner", "prepare-toolchain"]);
    assert_eq!(built(&sandbox, &["--source", "../cpython"]), expected);
    let os = fs_err::read_to_string(sandbox.package().join("lib/python3.13/os.py")).unwrap();
    assert_eq!(os, "name = 'mine'\n", "the pinned release's patches are not for it");
}

#[test]
fn a_tree_of_a_git_repository_is_built() {
    let sandbox = Sandbox::new();
    let source = sandbox.path("cpython");
    copy_source(&sandbox, &source);
    sandbox.git(&source, &["init", "--quiet"]);
    sandbox.git(&source, &["add", "."]);
    sandbox.git(&source, &["commit", "--quiet", "--message", "all"]);
    fs_err::write(source.join("Lib/os.py"), "name = 'not committed'\n").unwrap();
    let build = ["build", "wasi", "--source", "../cpython@HEAD"];
    sandbox.xtask(&build).with_git().succeed();
    let os = fs_err::read_to_string(sandbox.package().join("lib/python3.13/os.py")).unwrap();
    assert!(os.contains("\"unknown\""), "{os}");
    insta::assert_snapshot!(sandbox.xtask(&build).with_git().succeed(), @"
    exit code: 0
    --- stdout ---
    [DIST]/python-3.13.1-wasm32-wasip1
    --- stderr ---
    Python 3.13.1 for wasi is up to date
    ");
}

fn copy_source(sandbox: &Sandbox, to: &Utf8Path) {
    xtask::sys::fs::copy_tree(&folder("cpython"), to, &|_| true).unwrap();
    let module = crate::kit::archives::python_wasm(&["fd_write", "proc_exit"]);
    fs_err::write(sandbox.path("cpython/python.wasm"), module).unwrap();
}

#[test]
fn a_toolchain_of_the_user_is_used_where_it_is() {
    let sandbox = Sandbox::new();
    let build = |sdk: &str| sandbox.xtask(&["build", "wasi", "--toolchain", "path", "--wasi-sdk", sdk]).run();
    insta::assert_snapshot!(build("/nowhere"), @"
    exit code: 2
    --- stderr ---
    error: /nowhere is not a WASI SDK: bin/clang does not exist
    hint: --wasi-sdk takes the folder that the SDK's archive unpacks to
    ");
    let sdk = folder("wasi-sdk");
    let about = build(sdk.as_str()).with_code(0);
    assert!(about.stdout.ends_with("python-3.13.1-wasm32-wasip1\n"), "{about}");
    assert_eq!(json(&sandbox.package().join("PYTHON.json"))["inputs"].as_array().unwrap().len(), 1);
}
