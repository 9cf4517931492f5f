//! `bench run`: a baseline from npm and the package, both run by a script that stands for Node.js.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use camino::Utf8Path;
use xtask::digest::Sha256;
use xtask::lock::Locked;

use crate::bench;
use crate::kit::archives;
use crate::kit::emscripten;
use crate::kit::sandbox::Sandbox;

const BASELINE: &str = r#"
    schema = 1
    description = "another Python"
    license = "MIT"
    version = "7.1"
    python = "3.13.9"
    families = ["emscripten-node"]
    npm-package = { name = "theirs", version = "7.1.0" }
"#;

/// Answers for the Python of the launcher and for the baseline, which takes twice as much of everything.
const NODE: &str = r#"#!/bin/sh
case $1 in --version) echo v20.1.0; exit ;; esac
scribe node "$@" || exit
case $1 in
*/pyodide_node.mjs) [ -f "$2/pyodide.mjs" ] || exit 5; seconds=0.5 bytes=200000000 ;;
*) seconds=0.25 bytes=100000000 ;;
esac
case "$*" in
*"-c print(1)") [ -z "$XTASK_PEAK_MEMORY" ] || echo "$bytes" | tr -d '\n' >"$XTASK_PEAK_MEMORY"; echo 1 ;;
*/measured-*.py) echo "took $seconds its result" ;;
*) exec @PROGRAMS@/node-of-the-check "$@" ;;
esac
"#;

/// Writes the requested file to the requested path.
const NPM: &str = r#"#!/bin/sh
scribe npm "$@" || exit
while [ $# -gt 1 ]; do
    case $1 in --pack-destination) destination=$2 ;; esac
    shift
done
[ "$1" = theirs@7.1.0 ] || exit 1
cp "$0.tgz" "$destination/theirs-7.1.0.tgz"
"#;

/// A package as npm downloads it.
fn npm_package(files: &[(&str, &[u8])]) -> Vec<u8> {
    let nothing = tempfile::tempdir().unwrap();
    archives::archive("package", Utf8Path::from_path(nothing.path()).unwrap(), files)
}

/// A sandbox with a host for Node.js, a baseline that only npm has, and both programs.
fn sandbox() -> Sandbox {
    let sandbox = emscripten::sandbox();
    sandbox.write("recipes/baselines/theirs.toml", BASELINE);
    let package = npm_package(&[("pyodide.mjs", b"// loads theirs\n")]);
    let (size, sha256) = (Some(package.len() as u64), Sha256::of(&package));
    sandbox.pin("theirs-7.1.0.tgz", Locked { size, sha256, pinned_from: "a test".to_owned() });
    fs_err::rename(sandbox.path("programs/node"), sandbox.path("programs/node-of-the-check")).unwrap();
    for (program, text) in [("node", NODE), ("npm", NPM)] {
        let path = sandbox.path("programs").join(program);
        fs_err::write(&path, text.replace("@PROGRAMS@", sandbox.path("programs").as_str())).unwrap();
        fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs_err::write(sandbox.path("programs/npm.tgz"), package).unwrap();
    sandbox
}

#[test]
fn both_sides_are_run_in_turn_and_compared() {
    let sandbox = sandbox();
    let output =
        bench(&sandbox, &["run", "emscripten-node", "--rounds", "2", "--format", "json"]).unredacted().succeed();
    let events = output.events();
    let report = events.iter().find(|event| event["event"] == "bench-run").expect("there is a report");
    assert_eq!((report["baseline"].as_str(), report["baseline-python"].as_str()), (Some("theirs 7.1"), Some("3.13.9")));
    assert_eq!((report["rounds"].as_u64(), report["runner"].as_str()), (Some(2), Some("node 20.1.0")));
    let ratios = report["ratios"].as_object().unwrap();
    for what in ["peak memory", "peak memory, with kept code", "pidigits", "sha256, with kept code"] {
        assert_eq!(ratios[what], 2.0, "{what}");
    }
    for what in ["start", "start, keeping code", "start, with kept code"] {
        assert!(ratios[what].as_f64().unwrap() > 0.0, "{what}");
    }
    assert_eq!(ratios.len(), 3 + 2 + 2 * 5);
    assert_eq!(report["figures"][0]["theirs"].as_array().unwrap().len(), 2);

    let calls = sandbox.calls();
    let npm = calls.iter().filter(|call| call.words()[0] == "npm").count();
    assert_eq!(npm, 1, "a package is downloaded once");
    let starts: Vec<bool> = calls
        .iter()
        .filter(|call| call.words().ends_with(&["-c", "print(1)"]) && !call.environment.contains_key("NODE_OPTIONS"))
        .map(|call| call.words()[1].ends_with("/pyodide_node.mjs"))
        .collect();
    // Once before, so that all files are in memory, and in each round: the baseline, ours, ours without and with kept code.
    assert_eq!(starts, [[true, false, false].as_slice(), &[true, false, false, false].repeat(2)].concat());
    let peak = calls.iter().find(|call| call.environment.contains_key("NODE_OPTIONS")).unwrap();
    assert!(peak.environment["NODE_OPTIONS"].ends_with("/peak_memory.cjs\""), "{:?}", peak.environment);
    assert!(!sandbox.path("store/work/bench").exists(), "nothing of it is kept");

    bench(&sandbox, &["run", "emscripten-node", "--rounds", "1", "--offline"]).succeed();
    assert!(sandbox.calls().iter().all(|call| call.words()[0] != "npm"), "what was downloaded is there");
}

#[test]
fn other_bytes_than_the_pinned_ones_are_refused() {
    let sandbox = sandbox();
    let other = npm_package(&[("pyodide.mjs", b"// loads  other\n")]);
    fs_err::write(sandbox.path("programs/npm.tgz"), other).unwrap();
    let output = bench(&sandbox, &["run", "emscripten-node"]).fail(1);
    let stderr = output.stderr;
    assert!(stderr.contains("theirs-7.1.0.tgz from npm's registry has other bytes than the pinned ones"), "{stderr}");
    assert!(
        sandbox.calls().iter().all(|call| !call.words()[1].ends_with("/pyodide_node.mjs")),
        "nothing of it was run"
    );
}

#[test]
fn without_npm_or_the_network_it_says_what_is_missing() {
    let sandbox = sandbox();
    fs_err::remove_file(sandbox.path("programs/npm")).unwrap();
    sandbox.xtask(&["build", "emscripten-node"]).succeed();
    let arguments = ["run", "emscripten-node"];
    let offline = bench(&sandbox, &[&arguments[..], &["--offline"]].concat()).fail(1).stderr;
    assert!(offline.contains("theirs-7.1.0.tgz (") && offline.contains("hint: run `cargo xtask fetch`"), "{offline}");
    let fewer = sandbox.programs_without(&[]);
    symlink(sandbox.path("programs/node"), fewer.join("node")).unwrap();
    let missing = bench(&sandbox, &arguments).env("PATH", fewer.as_str()).fail(1).stderr;
    assert!(missing.contains("this machine has no npm, which downloads theirs@7.1.0"), "{missing}");
}

#[test]
fn a_program_that_comes_to_something_else_is_not_compared() {
    let sandbox = sandbox();
    let node = sandbox.path("programs/node");
    let text = fs_err::read_to_string(&node).unwrap();
    fs_err::write(&node, text.replace("its result", "${seconds#0}")).unwrap();
    let output = bench(&sandbox, &["run", "emscripten-node"]).fail(1).stderr;
    assert!(output.contains("pidigits came to `.5` with the baseline and to `.25` with this package"), "{output}");
}

#[test]
fn a_host_without_a_baseline_is_an_error_before_anything_runs() {
    let sandbox = sandbox();
    let output = bench(&sandbox, &["run", "wasi"]).fail(1).stderr;
    assert!(output.contains("recipes/baselines has no baseline with CPython 3.13 for hosts like wasi"), "{output}");
    assert!(output.contains("hint: theirs has 3.13"), "{output}");
    assert!(
        sandbox.calls().iter().all(|call| call.words()[0] == "cc"),
        "the compiler says its version, and that is all"
    );
}
