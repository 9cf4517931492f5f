//! A host whose toolchain is made of packages, our own files and patches, that has a library, and whose Python is run by Node.js.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;

use xtask::sys::fs::list_tree;

use crate::kit::emscripten::sandbox;
use crate::kit::sandbox::Sandbox;

const PACKAGE: &str = "python-3.13.1-wasm32-unknown-emscripten";

/// Builds a host, and says which stages were done for that.
#[track_caller]
fn built(sandbox: &Sandbox, host: &str) -> BTreeSet<String> {
    let output = sandbox.xtask(&["build", host, "--format", "json"]).succeed();
    let events = output.events();
    let built = events.iter().filter(|event| event["outcome"]["kind"] == "built");
    built.map(|event| event["stage"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_toolchain_is_made_of_packages_files_and_patches() {
    let sandbox = sandbox();
    sandbox.xtask(&["build", "emscripten-node", "--until", "prepare-toolchain"]).succeed();
    let root = sandbox.result("prepare-toolchain").join("root");
    let entries = list_tree(&root).unwrap();
    let files: Vec<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    insta::assert_snapshot!(files.join("\n"));
    assert_eq!(fs_err::read_to_string(root.join("usr/share/js/doors.js")).unwrap(), "open\n");
    assert_eq!(fs_err::read_to_string(root.join("usr/share/js/acorn/acorn.js")).unwrap(), "acorn\n");
    let calls: Vec<String> = sandbox.calls().iter().map(|call| sandbox.redact(&call.words().join(" "))).collect();
    insta::assert_snapshot!(calls.join("\n"));
}

#[test]
fn configure_gets_the_library_and_the_probe_programs() {
    let sandbox = sandbox();
    built(&sandbox, "emscripten-node");
    let calls = sandbox.calls();
    let called = |program: &str| calls.iter().find(|call| call.words()[0] == program).unwrap();
    let configure = called("configure");
    let host = calls.iter().rfind(|call| call.words()[0] == "configure").unwrap();
    assert!(!configure.environment.contains_key("Z_CFLAGS"), "the build Python has no libraries of the host's");
    let folder = host.environment["HOME"].as_str();
    assert_eq!(host.environment["Z_CFLAGS"], format!("-I{folder}/libraries/include"));
    assert!(host.environment["PATH"].starts_with(&format!("{folder}/toolchain/probe:{folder}/toolchain/bin:")));
    assert_eq!(called("probe-emcc").words(), ["probe-emcc", "-c", "conftest.c"]);
    let library = called("emcc");
    assert_eq!(library.words(), ["emcc", "-c", "z.c"]);
    assert_eq!(library.environment["CC"], "emcc");
    assert!(library.environment["AR"].ends_with("/toolchain/bin/llvm-ar"), "{:?}", library.environment);
    let header = sandbox.result("build-libraries").join("prefix/include/z.h");
    assert!(header.is_file());
}

#[test]
fn the_package_has_a_launcher_for_node_and_what_it_starts() {
    let sandbox = sandbox();
    built(&sandbox, "emscripten-node");
    assert!(sandbox.calls().iter().all(|call| call.words()[0] != "cargo"), "nothing needs the host runner");
    let package = sandbox.path("dist").join(PACKAGE);
    assert_eq!(fs_err::read_to_string(package.join("python.js")).unwrap(), "// loads python.wasm\n");
    let start = fs_err::read_to_string(package.join("start.cjs")).unwrap();
    assert!(start.contains("const MINIMUM = 20;") && start.contains("bin/python3.13`"), "{start}");
    assert!(!start.contains('@'), "{start}");
    assert!(package.join("compiled_code.cjs").is_file());
    let launcher = fs_err::read_to_string(package.join("bin/python3.13")).unwrap();
    assert!(launcher.contains("stack=65536\n"), "{launcher}");
    let about = fs_err::read_to_string(package.join("PYTHON.json")).unwrap();
    let about: serde_json::Value = serde_json::from_str(&about).unwrap();
    let inputs: Vec<&str> =
        about["inputs"].as_array().unwrap().iter().map(|input| input["file"].as_str().unwrap()).collect();
    assert_eq!(inputs, ["Python-3.13.1.tar.gz", "tools_3-1_all.deb", "libc_9_all.deb", "z-1.tar.gz"]);
    assert_eq!(about["patches"][1]["file"], "tools/3/doors-let-him-in.patch");
}

#[test]
fn the_second_host_of_a_minor_costs_only_itself() {
    let sandbox = sandbox();
    let first = built(&sandbox, "wasi");
    let second = built(&sandbox, "emscripten-node");
    assert!(first.contains("make-build-python"));
    let only_itself = ["fetch-toolchain", "fetch-libraries", "prepare-toolchain", "build-libraries", "configure-host"];
    let only_itself = only_itself.into_iter().chain(["compile-host", "make-host", "package", "smoke-test"]);
    assert_eq!(second, only_itself.map(str::to_owned).collect());
}

#[test]
fn a_changed_file_or_patch_of_the_toolchain_makes_it_anew() {
    let sandbox = sandbox();
    built(&sandbox, "emscripten-node");
    assert!(built(&sandbox, "emscripten-node").is_empty());
    sandbox.edit("recipes/toolchains/tools/emcc", "exec ", "");
    assert!(built(&sandbox, "emscripten-node").contains("prepare-toolchain"));
    sandbox.edit("patches/tools/3/doors-let-him-in.patch", "+open", "+ajar");
    assert!(built(&sandbox, "emscripten-node").contains("prepare-toolchain"));
}

#[test]
fn node_runs_it_with_a_large_stack_and_the_environment_that_was_asked_for() {
    let sandbox = sandbox();
    built(&sandbox, "emscripten-node");
    sandbox.calls();
    let run = ["run", "emscripten-node", "--env", "A=1", "--", "-c", "a b"];
    sandbox.xtask(&run).env("SECRET", "x").succeed();
    let call = sandbox.calls().pop().unwrap();
    let words = call.words();
    assert!(words[1].starts_with("--stack-size="), "{words:?}");
    // Compiled code is kept in the store, and only optimized code can be.
    assert_eq!(words[2..5], ["--allow-natives-syntax", "--no-liftoff", "--no-wasm-lazy-compilation"]);
    assert_eq!(call.environment["PYTHON_NODE_CACHE"], sandbox.path("store/runner-cache"));
    assert!(words[5].ends_with("/package/start.cjs"), "{words:?}");
    assert_eq!(words[6..], ["-c", "a b"]);
    assert_eq!(call.environment["A"], "1");
    assert!(!call.environment.contains_key("SECRET"));
}

#[test]
fn what_node_does_not_support_is_rejected() {
    let sandbox = sandbox();
    built(&sandbox, "emscripten-node");
    let run = |arguments: &[&str]| sandbox.xtask(&[&["run", "emscripten-node"], arguments].concat()).fail(2);
    insta::assert_snapshot!(run(&["--dir", "/tmp"]));
    sandbox.script(&[]);
    let wasmtime = sandbox.path("programs/wasmtime");
    fs_err::write(&wasmtime, "#!/bin/sh\necho wasmtime 48.0.0\n").unwrap();
    fs_err::set_permissions(&wasmtime, std::fs::Permissions::from_mode(0o755)).unwrap();
    insta::assert_snapshot!(run(&["--runner", "wasmtime"]));
}
