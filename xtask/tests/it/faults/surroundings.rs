//! Odd surroundings: an environment full of traps, odd paths, a store that was moved, and machines and networks that lack something.

use xtask::digest::Sha256;
use xtask::lock::Locked;

use crate::kit::sandbox::{SOURCE_FILE, Sandbox};

#[test]
fn nothing_of_the_environment_reaches_a_program_or_the_package() {
    let (clean, poisoned) = (Sandbox::new(), Sandbox::new());
    clean.build().succeed();
    let names = [
        "CFLAGS",
        "LDFLAGS",
        "CC",
        "CXX",
        "AR",
        "CPPFLAGS",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONDONTWRITEBYTECODE",
        "CONFIG_SITE",
        "MAKEFLAGS",
        "MFLAGS",
        "PKG_CONFIG_PATH",
        "TZ",
        "LC_ALL",
        "LANG",
        "LANGUAGE",
        "SOURCE_DATE_EPOCH",
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "VIRTUAL_ENV",
        "DESTDIR",
        "ENV",
        "BASH_ENV",
        "CDPATH",
        "GREP_OPTIONS",
        "POISON",
    ];
    let build = names.iter().fold(poisoned.build(), |build, name| build.env(name, "/poison -Werror"));
    // clang would call it, and make python.wasm differ.
    fs_err::copy(poisoned.path("programs/make"), poisoned.path("programs/wasm-opt")).unwrap();
    build.with_umask(0o077).succeed();

    assert_eq!(poisoned.package_hash(), clean.package_hash());
    for call in poisoned.calls() {
        let poison: Vec<_> = call.environment.iter().filter(|(_, value)| value.contains("poison")).collect();
        assert!(poison.is_empty(), "{:?} has {poison:?}", call.words());
        let path = &call.environment.get("PATH").map_or("", String::as_str);
        let user = path.split(':').any(|folder| poisoned.path("programs") == *folder);
        assert!(!user || call.words()[0] == "cargo", "{:?} has the user's PATH", call.words());
    }
}

// Paths.

#[test]
fn letters_of_all_countries_may_be_in_paths() {
    let (plain, odd) = (Sandbox::new(), Sandbox::named("çä日本"));
    plain.build().succeed();
    odd.build().succeed();
    assert_eq!(odd.package_hash(), plain.package_hash());
}

/// configure, make and compilers get a path of the store without such characters.
#[test]
fn a_checkout_may_have_any_characters_in_its_path() {
    let plain = Sandbox::new();
    plain.build().succeed();
    for name in ["ein Ordner ü", "a \"quote\", it's $HOME & more", "back\\slash #1"] {
        let sandbox = Sandbox::named(name);
        sandbox.build().succeed();
        assert_eq!(sandbox.package_hash(), plain.package_hash(), "{name}");
        let calls = sandbox.calls();
        let own = ["cargo", "host-runner"];
        let built: Vec<_> = calls.iter().filter(|call| !own.contains(&call.words()[0])).collect();
        assert!(built.len() > 5, "{calls:?}");
        for call in built {
            let shown = |text: &str| text.contains(name);
            let environment = call.environment.iter().find(|(_, value)| shown(value));
            assert_eq!(environment, None, "{:?}", call.words());
            assert!(!call.words().iter().any(|word| shown(word)), "{:?}", call.words());
        }
        let store = sandbox.xtask(&["path", "wasi", "store"]).succeed().stdout;
        assert_eq!(store.trim_end(), "[STORE]");
        assert_eq!(sandbox.build().succeed().stderr, "Python 3.13.1 for wasi is up to date\n");
    }
}

/// Temporary files are removed now and then.
#[test]
fn the_plain_path_of_a_store_may_vanish_between_runs() {
    let sandbox = Sandbox::named("two words");
    sandbox.build().succeed();
    let expected = sandbox.package_hash();
    let identity = fs_err::read_to_string(sandbox.store().join("store.json")).unwrap();
    let link = identity.split('"').find(|word| word.starts_with("/tmp/xtask-")).unwrap().to_owned();
    assert_eq!(fs_err::read_link(&link).unwrap(), sandbox.store());
    fs_err::remove_file(&link).unwrap();
    let output = sandbox.xtask(&["build", "wasi", "--from", "package"]).succeed().in_order();
    let stages: Vec<&str> = output.stderr.lines().filter(|line| line.contains("built in")).collect();
    insta::assert_snapshot!(stages.join("\n"), @"
    [11/12] package: built in [TIME] s
    [12/12] smoke-test: built in [TIME] s
    ");
    assert_eq!(sandbox.package_hash(), expected);
}

#[test]
fn a_store_that_cannot_be_written_is_named() {
    let sandbox = Sandbox::new();
    // Root writes where it may not; nobody writes there.
    let output = sandbox.build().env("XTASK_STORE", "/proc/store").fail(4);
    insta::assert_snapshot!(output, @"
    exit code: 4
    --- stderr ---
    error: cannot create the store: failed to create directory `/proc/store/downloads`: No such file or directory (os error 2)
    hint: set XTASK_STORE to a writable folder
    ");
    fs_err::write(sandbox.path("file"), "").unwrap();
    let output = sandbox.build().env("XTASK_STORE", sandbox.path("file")).fail(4);
    insta::assert_snapshot!(output, @"
    exit code: 4
    --- stderr ---
    error: cannot create the store: failed to create directory `[SANDBOX]/file/downloads`: Not a directory (os error 20)
    hint: set XTASK_STORE to a writable folder
    ");
}

#[test]
fn a_moved_store_works_and_makes_again_what_knows_its_old_path() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    let expected = sandbox.package_hash();
    let moved = sandbox.path("moved");
    fs_err::rename(sandbox.store(), &moved).unwrap();
    let build = |arguments: &[&str]| sandbox.xtask(arguments).env("XTASK_STORE", moved.clone()).succeed();
    let output = build(&["build", "wasi"]);
    assert!(!output.stderr.contains("built in"), "what is whole is not made again: {output}");
    let output = build(&["build", "wasi", "--from", "make-host"]).in_order();
    let stages: Vec<&str> = output.stderr.lines().filter(|line| line.contains("built in")).collect();
    insta::assert_snapshot!(stages.join("\n"), @"
    [ 5/11] configure-host: built in [TIME] s
    [ 6/11] compile-host: built in [TIME] s
    [ 8/11] make-host: built in [TIME] s
    [10/11] package: built in [TIME] s
    [11/11] smoke-test: built in [TIME] s
    ");
    assert_eq!(sandbox.package_hash(), expected);
}

#[test]
fn a_folder_for_packages_that_cannot_be_made_is_named() {
    let sandbox = Sandbox::new();
    fs_err::write(sandbox.path("file"), "").unwrap();
    let output = sandbox.build().env("XTASK_DIST", sandbox.path("file")).fail(1);
    insta::assert_snapshot!(output.stderr.lines().last().unwrap(), @"hint: XTASK_DIST names another folder for packages");
}

// Something is lacking.

#[test]
fn offline_with_an_empty_store_lists_all_that_is_missing_at_once() {
    let sandbox = Sandbox::new();
    let offline = || sandbox.xtask(&["build", "wasi", "--offline"]).without_env("XTASK_MIRROR");
    insta::assert_snapshot!(offline().fail(4), @"
    exit code: 4
    --- stderr ---
    error: no source of CPython is available:
      Python 3.13.2: offline, and not in [STORE]/downloads:
        Python-3.13.2.tar.gz (1 bytes, sha256 [HASH])
      Python 3.13.1: offline, and not in [STORE]/downloads:
        Python-3.13.1.tar.gz (14871 bytes, sha256 [HASH])
    no toolchain is available:
      wasi-sdk 24: offline, and not in [STORE]/downloads:
        wasi-sdk-24.0.tar.gz (4119 bytes, sha256 [HASH])
    hint: run `cargo xtask fetch` once with network access, or set XTASK_MIRROR to a folder that has the files
    ");
    sandbox.xtask(&["fetch", "wasi"]).succeed();
    offline().succeed();
}

#[test]
fn nothing_that_can_be_reached_is_an_error_with_all_that_was_tried() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.build().without_env("XTASK_MIRROR").fail(4), @"
    exit code: 4
    --- stderr ---
    error: no source of CPython is available:
      Python 3.13.2: 127.0.0.1:1 cannot be reached, and no package has it
      Python 3.13.1: 127.0.0.1:1 cannot be reached, and no package has it
    no toolchain is available:
      wasi-sdk 24: 127.0.0.1:1 cannot be reached, and no package has it
    hint: set `HTTPS_PROXY` if this network needs a proxy, or `XTASK_MIRROR` to a URL or folder that has the files
    ");
}

#[test]
fn fetch_again_chooses_the_newest_available_release() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    let newer = fs_err::read(sandbox.path("mirror").join(SOURCE_FILE)).unwrap();
    // The second of the places where a mirror may have it.
    let folder = sandbox.path("mirror").join(Sha256::of(&newer).to_string());
    fs_err::create_dir(&folder).unwrap();
    fs_err::write(folder.join("Python-3.13.2.tar.gz"), &newer).unwrap();
    assert_eq!(sandbox.build().succeed().stderr, "Python 3.13.1 for wasi is up to date\n");
    let size = Some(newer.len() as u64);
    sandbox
        .pin("Python-3.13.2.tar.gz", Locked { size, sha256: Sha256::of(&newer), pinned_from: "downloaded".to_owned() });
    let output = sandbox.xtask(&["fetch", "wasi", "--again"]).succeed();
    assert!(
        output.stderr.starts_with("using Python 3.13.2 from the mirror and wasi-sdk 24 from the store\n"),
        "{output}"
    );
}

#[test]
fn missing_programs_are_all_named_with_their_packages() {
    let sandbox = Sandbox::new();
    let path = sandbox.programs_without(&["make", "nice", "sed", "cat"]);
    insta::assert_snapshot!(sandbox.build().env("PATH", path.clone()).fail(4), @"
    exit code: 4
    --- stderr ---
    using Python 3.13.1 from the mirror and wasi-sdk 24 from the mirror, because 127.0.0.1:1 cannot be reached
    the smoke test runs on host-runner: no other runner is used unless it is named
    compiling the program that runs the new Python, which takes some minutes, once
    error: programs that builds need are not installed: cat, make, nice, sed
    hint: on Debian, `apt-get install coreutils make sed`
    ");
    let output = sandbox.xtask(&["doctor"]).env("PATH", path).fail(4);
    insta::assert_snapshot!(output.stderr, @"
    error: this machine cannot build yet:
      programs are missing: on Debian, `apt-get install coreutils make sed`
    ");
}
