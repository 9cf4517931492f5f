//! Failing builds, with the real `xtask`: the messages, what is kept, and that the same command continues after the cause is fixed.

mod damage;
mod interruption;
mod surroundings;

use crate::kit::archives::{SOURCE, python_wasm, source};
use crate::kit::invocation::Output;
use crate::kit::sandbox::{HOST_RECIPE, SOURCE_FILE, Sandbox};

// A program fails.

#[test]
fn a_configure_that_fails_is_reported_whole_and_continued() {
    let sandbox = Sandbox::new();
    sandbox.script(&[
        "when --target=wasm32-wasip1 err clang: error: no such sysroot",
        "when --target=wasm32-wasip1 exit 1",
    ]);
    let output = sandbox.xtask(&["build", "wasi", "--jobs", "1"]).fail(1);
    insta::assert_snapshot!(report(&output), @"
    error: configure-host failed: `sh` failed with exit status 1

    command:
      sh ../source/configure --host=wasm32-wasip1 --build=x86_64-pc-linux-gnu --with-build-python=[STORE]/work/wasi-3.13.1-release/build-python --prefix=/usr/local --disable-ipv6
    folder:
      [STORE]/work/wasi-3.13.1-release/build
    environment:
      AR=[STORE]/work/wasi-3.13.1-release/toolchain/bin/llvm-ar
      CC=[STORE]/work/wasi-3.13.1-release/toolchain/bin/clang --target=wasm32-wasip1 --sysroot=[STORE]/work/wasi-3.13.1-release/toolchain/share/wasi-sysroot
      CONFIG_SITE=../config.site
      CPP=[STORE]/work/wasi-3.13.1-release/toolchain/bin/clang-cpp --target=wasm32-wasip1 --sysroot=[STORE]/work/wasi-3.13.1-release/toolchain/share/wasi-sysroot
      CXX=[STORE]/work/wasi-3.13.1-release/toolchain/bin/clang++ --target=wasm32-wasip1 --sysroot=[STORE]/work/wasi-3.13.1-release/toolchain/share/wasi-sysroot
      HOME=[STORE]/work/wasi-3.13.1-release
      HOSTRUNNER=host-runner run
      LC_ALL=C
      OPT=-DNDEBUG -fwrapv -O3 -Wall
      PATH=[STORE]/work/wasi-3.13.1-release/toolchain/bin:[STORE]/work/wasi-3.13.1-release/programs
      PKG_CONFIG_LIBDIR=[STORE]/work/wasi-3.13.1-release/toolchain/share/wasi-sysroot/lib/pkgconfig:[STORE]/work/wasi-3.13.1-release/toolchain/share/wasi-sysroot/share/pkgconfig
      PKG_CONFIG_PATH=
      PWD=[STORE]/work/wasi-3.13.1-release/build
      PYTHONHASHSEED=0
      PYTHONPYCACHEPREFIX=[STORE]/work/wasi-3.13.1-release/pycache
      RANLIB=[STORE]/work/wasi-3.13.1-release/toolchain/bin/llvm-ranlib
      SOURCE_DATE_EPOCH=1000000100
      TZ=UTC
    last lines of its output:
      checking whether the C compiler works...
      configure: error: C compiler cannot create executables
    from [STORE]/work/wasi-3.13.1-release/build/config.log:
      It was created by configure.
      clang: error: no such sysroot
    whole output: [STORE]/work/wasi-3.13.1-release/log.txt
    to repeat only this command: sh [STORE]/work/wasi-3.13.1-release/repeat.sh
    hint: `cargo xtask build wasi` resumes from here
    ");
    continues(&sandbox, &["configure", "clang"]);
}

#[test]
fn a_make_that_fails_is_reported_whole_and_continued() {
    let sandbox = Sandbox::new();
    sandbox.script(&[
        "when all out clang -c Modules/main.c",
        "when all err make: *** [Makefile:1: main.o] Error 1",
        "when all exit 2",
    ]);
    let output = sandbox.xtask(&["build", "wasi", "--jobs", "1"]).fail(1);
    insta::assert_snapshot!(report(&output), @"
    error: make-host failed: `make` failed with exit status 2

    command:
      make all
    folder:
      [STORE]/work/wasi-3.13.1-release/build
    environment:
      HOME=[STORE]/work/wasi-3.13.1-release
      LC_ALL=C
      PATH=[STORE]/work/wasi-3.13.1-release/toolchain/bin:[STORE]/work/wasi-3.13.1-release/programs
      PWD=[STORE]/work/wasi-3.13.1-release/build
      PYTHONHASHSEED=0
      PYTHONPYCACHEPREFIX=[STORE]/work/wasi-3.13.1-release/pycache
      SOURCE_DATE_EPOCH=1000000100
      TZ=UTC
    last lines of its output:
      clang -c Modules/main.c
      make: *** [Makefile:1: main.o] Error 1
    whole output: [STORE]/work/wasi-3.13.1-release/log.txt
    to repeat only this command: sh [STORE]/work/wasi-3.13.1-release/repeat.sh
    hint: `cargo xtask build wasi` resumes from here
    ");
    continues(&sandbox, &["make"]);
}

/// What is said after the stages.
fn report(output: &Output) -> &str {
    output.stderr.split_once("\nfailed after ").unwrap().1.split_once('\n').unwrap().1
}

/// Once the programs work again, the same command ends well. The first that it calls are these; what had ended before is not done again.
#[track_caller]
fn continues(sandbox: &Sandbox, first: &[&str]) {
    let before: Vec<String> = calls(sandbox);
    sandbox.script(&[]);
    sandbox.xtask(&["build", "wasi", "--jobs", "1"]).succeed();
    let after = calls(sandbox);
    assert_eq!(first, &after[..first.len()]);
    let whole: Vec<&String> = before[..before.len() - first.len()].iter().chain(&after).collect();
    assert_eq!(whole.iter().filter(|call| **call == "configure").count(), 2, "{before:?}, then {after:?}");
    assert_eq!(whole.iter().filter(|call| **call == "cargo").count(), 1, "{before:?}, then {after:?}");
}

fn calls(sandbox: &Sandbox) -> Vec<String> {
    sandbox.calls().iter().map(|call| call.words()[0].to_owned()).collect()
}

#[test]
fn with_keep_going_everything_is_done_that_does_not_need_what_failed() {
    let sandbox = Sandbox::new();
    sandbox.script(&["when --target=wasm32-wasip1 exit 1"]);
    let output = sandbox.xtask(&["build", "wasi", "--keep-going"]).fail(1).in_order();
    let stages: Vec<&str> =
        output.stderr.lines().filter(|line| line.starts_with('[') && !line.ends_with("started")).collect();
    insta::assert_snapshot!(stages.join("\n"), @"
    [ 1/12] fetch-source: built in [TIME] s
    [ 2/12] prepare-source: built in [TIME] s
    [ 3/12] configure-build-python: built in [TIME] s
    [ 4/12] fetch-toolchain: built in [TIME] s
    [ 5/12] prepare-toolchain: built in [TIME] s
    [ 6/12] configure-host: failed after [TIME] s: `sh` failed with exit status 1
    [ 7/12] compile-host: skipped: configure-host failed
    [ 8/12] make-build-python: built in [TIME] s
    [ 9/12] make-host: skipped: configure-host failed
    [10/12] build-host-runner: built in [TIME] s
    [11/12] package: skipped: make-host failed
    [12/12] smoke-test: skipped: package failed
    ");
}

// A promise is broken.

#[test]
fn every_broken_promise_is_named() {
    let sandbox = Sandbox::new();
    sandbox.add_input(SOURCE_FILE, &source(&python_wasm(&["fd_write", "sock_accept"])));
    sandbox.edit(HOST_RECIPE, "zlib = \"needs zlib for wasm\"", "_zstd = \"needs zstd for wasm\"");
    sandbox.edit(HOST_RECIPE, "\"_io\", \"builtins\"", "\"_io\", \"_socket\"");
    let output = sandbox.xtask(&["build", "wasi", "--jobs", "1"]).fail(1);
    insta::assert_snapshot!(report(&output), @"
    error: smoke-test failed: the result differs from the recipe:
      import from wasi_snapshot_preview1 `proc_exit` is in the recipe but missing in the build
      import from wasi_snapshot_preview1 `sock_accept` is in the build but not in the recipe
      module `_zstd`: the recipe says `missing`, but configure does not know it
      module `zlib`: configure says `missing`, but the recipe has no such entry
      built-in module `_socket` is in the recipe but missing in the build
      built-in module `builtins` is in the build but not in the recipe
    hint: if this is intended, update recipes/hosts/*/3.13.toml, with the reason
    hint: `cargo xtask build wasi` resumes from here
    ");
    assert!(!sandbox.package().exists(), "a package that is not what was promised is not for people");

    sandbox.edit(HOST_RECIPE, "\"3.13.1\" = [\"release\", \"debug\", \"reference\"]\n", "");
    let output = sandbox.build().succeed();
    let notes: Vec<&str> = output.stderr.lines().filter(|line| line.starts_with("unverified")).collect();
    insta::assert_snapshot!(notes.join("\n"), @"
    unverified: 3.13.1 was never built on wasi; 3.13.2 ran there
    unverified build differs from its recipe: import from wasi_snapshot_preview1 `proc_exit` is in the recipe but missing in the build
    unverified build differs from its recipe: import from wasi_snapshot_preview1 `sock_accept` is in the build but not in the recipe
    unverified build differs from its recipe: module `_zstd`: the recipe says `missing`, but configure does not know it
    unverified build differs from its recipe: module `zlib`: configure says `missing`, but the recipe has no such entry
    unverified build differs from its recipe: built-in module `_socket` is in the recipe but missing in the build
    unverified build differs from its recipe: built-in module `builtins` is in the build but not in the recipe
    ");
}

#[test]
fn a_patch_that_does_not_apply_stops_the_build() {
    let sandbox = Sandbox::new();
    sandbox.edit("patches/cpython/3.13/os-know-name.patch", "-name = \"unknown\"", "-name = \"?\"");
    let output = sandbox.xtask(&["build", "wasi", "--jobs", "1"]).fail(1);
    insta::assert_snapshot!(report(&output), @r#"
    error: prepare-source failed: `cpython/3.13/os-know-name.patch` does not apply to `Lib/os.py`: no place fits
      hunk @@ -1,3 +1,3 @@, line 10 of the patch
      the patch expects
          1   """What there is of the system."""
          2
          3 ! name = "?"
      the file has
          1   """What there is of the system."""
          2
          3 ! name = "unknown"
    hint: `cargo xtask build wasi` resumes from here
    "#);
}

#[test]
fn bytes_that_are_not_the_pinned_ones_are_not_kept() {
    let sandbox = Sandbox::new();
    let mut other = SOURCE.clone();
    *other.last_mut().unwrap() ^= 1;
    fs_err::write(sandbox.path("mirror").join(SOURCE_FILE), other).unwrap();
    let output = sandbox.xtask(&["build", "wasi", "--until", "fetch-source"]).fail(1);
    insta::assert_snapshot!(report(&output), @"
    error: fetch-source failed: cannot download `Python-3.13.1.tar.gz`
      [MIRROR]/Python-3.13.1.tar.gz: sent other bytes than the pinned ones: found sha256 [HASH] (14871 bytes), pinned is [HASH] (14871 bytes)
      [MIRROR]/[HASH]/Python-3.13.1.tar.gz: has no such file
      http://127.0.0.1:1/Python-3.13.1.tar.gz: cannot be reached: Connection refused (os error 111)
    hint: set `HTTPS_PROXY` if this network needs a proxy, or `XTASK_MIRROR` to a URL or folder that has the file; `--offline` uses no network
    hint: you can also put a file with sha256 [HASH] at `[STORE]/downloads/[KEY]-Python-3.13.1.tar.gz`
    hint: `cargo xtask build wasi` resumes from here
    ");
    let downloads = sandbox.store().join("downloads").read_dir_utf8().unwrap();
    let kept: Vec<String> =
        downloads.map(|entry| entry.unwrap().file_name().to_owned()).filter(|name| !name.ends_with(".lock")).collect();
    assert_eq!(kept, [""; 0]);
}
