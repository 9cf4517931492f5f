//! Packages of PyPI, with the machine's own pip and a folder of wheels: what is chosen, kept, installed and refused.

use std::collections::BTreeSet;

use rustix::process::Signal;
use xtask::digest::Sha256;
use xtask::packages::Index;
use xtask::sys::fs::remove_tree;

use crate::kit::invocation::{eventually, own_path};
use crate::kit::sandbox::Sandbox;
use crate::kit::wheels::Wheels;
use crate::recipes::texts_below;

const RUN_A: [&str; 6] = ["run", "wasi", "--with", "a", "--", "x.py"];

/// A built sandbox, with `a`, which needs `b` on WASI, and what does not exist elsewhere.
fn with_a(sandbox: &Sandbox) -> Wheels<'_> {
    let wheels = Wheels::new(sandbox);
    sandbox.build().succeed();
    let needs = ["b; sys_platform == 'wasi' and python_full_version == '3.13.1'", "c; sys_platform == 'linux'"];
    wheels.add("a-1.0-py3-none-any.whl", &needs, "");
    wheels.add("b-2.0-py3-none-any.whl", &[], "");
    sandbox.calls();
    wheels
}

/// What the host runner got.
fn words(sandbox: &Sandbox) -> Vec<String> {
    let calls = sandbox.calls();
    let call = calls.iter().find(|call| call.words()[0] == "host-runner").expect("Python was started");
    call.words().into_iter().map(|word| sandbox.redact(word)).collect()
}

#[test]
fn a_layer_has_what_the_markers_of_the_host_ask_for_and_python_gets_it() {
    let sandbox = Sandbox::new();
    let wheels = with_a(&sandbox);
    wheels.xtask(&RUN_A).succeed();
    let layer = wheels.layer();
    assert_eq!(Wheels::modules(&layer), ["a.py", "b.py"]);
    let folder = sandbox.redact(layer.join("site-packages").as_str());
    let mount = format!("{folder}::/usr/local/lib/python3.13/site-packages::ro");
    assert!(words(&sandbox).contains(&mount));
    // It has pins for another time, and no path of this machine.
    let pinned = fs_err::read_to_string(layer.join("requirements.txt")).unwrap();
    assert!(pinned.starts_with("a==1.0 --hash=sha256:") && pinned.lines().count() == 2, "{pinned}");
}

#[test]
fn a_second_run_needs_neither_pip_nor_wheels_and_upgrade_chooses_again() {
    let sandbox = Sandbox::new();
    let wheels = with_a(&sandbox);
    insta::assert_snapshot!(wheels.xtask(&["run", "wasi", "--with", "a", "--offline"]).fail(4), @"
    exit code: 4
    --- stderr ---
    error: offline, and the store does not have a
    hint: run the command once without `--offline`
    ");
    wheels.xtask(&RUN_A).succeed();
    let first = wheels.layer();
    wheels.add("b-2.1-py3-none-any.whl", &[], "");
    let without_pip = sandbox.programs_without(&[]);
    let again = wheels.xtask(&RUN_A).env("PATH", without_pip.as_str());
    again.succeed();
    assert_eq!(wheels.layer(), first);
    wheels.xtask(&["run", "wasi", "--with", "a", "--upgrade"]).succeed();
    let layers = sandbox.store_listing();
    assert_eq!(layers.iter().filter(|name| name.starts_with("install-packages-")).count(), 2);
    // Another request has to be resolved, and there is no pip.
    let other = wheels.xtask(&["run", "wasi", "--with", "b"]).env("PATH", without_pip.as_str());
    insta::assert_snapshot!(other.fail(4), @"
    exit code: 4
    --- stderr ---
    error: this machine has no Python with pip, which installs b
    hint: on Debian, `apt-get install python3-pip`
    ");
}

#[test]
fn a_damaged_layer_is_removed_and_made_again_from_the_downloads() {
    let sandbox = Sandbox::new();
    let wheels = with_a(&sandbox);
    wheels.xtask(&RUN_A).succeed();
    let layer = wheels.layer();
    let module = layer.join("site-packages/a.py");
    remove_tree(&module).unwrap();
    let found = wheels.xtask(&["doctor", "--store"]).run().stdout;
    assert!(found.contains("site-packages/a.py is missing"), "{found}");
    assert!(!layer.exists());
    remove_tree(&wheels.folder).unwrap();
    wheels.xtask(&["run", "wasi", "--with", "a", "--offline"]).succeed();
    assert!(module.exists() && wheels.layer() == layer);
    wheels.xtask(&["clean"]).succeed();
    assert!(!layer.exists() && sandbox.store().join("chosen-packages").exists());
    wheels.xtask(&["clean", "--all"]).succeed();
    assert!(!sandbox.store().join("chosen-packages").exists());
}

#[test]
fn what_cannot_be_installed_is_refused_with_the_reason() {
    let sandbox = Sandbox::new();
    let wheels = with_a(&sandbox);
    wheels.add("d-1.0-cp313-cp313-musllinux_1_2_x86_64.whl", &[], "");
    wheels.add("e-1.0-py3-none-any.whl", &["d>0"], "");
    let mut all = String::new();
    let hash = "00".repeat(32);
    fs_err::write(sandbox.checkout().join("wrong.txt"), format!("b==2.0 --hash=sha256:{hash}\n")).unwrap();
    fs_err::write(sandbox.checkout().join("mixed.txt"), format!("b==2.0 --hash=sha256:{hash}\na\n")).unwrap();
    fs_err::write(sandbox.checkout().join("nested.txt"), "--requirement wrong.txt\n").unwrap();
    for (arguments, code) in [
        ("--with d", 1),
        ("--with e", 1),
        ("--with no-such-package", 1),
        ("--with b==3", 1),
        ("--with b==1 --with b==2.0", 1),
        ("--with ./b-2.0-py3-none-any.whl", 2),
        ("--with b --locked", 2),
        ("--requirement wrong.txt --locked", 1),
        ("--requirement mixed.txt", 2),
        ("--requirement nested.txt", 2),
        ("--requirement missing.txt", 1),
    ] {
        let words: Vec<&str> = ["run", "wasi"].into_iter().chain(arguments.split(' ')).collect();
        let output = wheels.xtask(&words).fail(code);
        all.push_str(&format!("$ cargo xtask run wasi {arguments}\n{}\n", output.stderr));
    }
    insta::assert_snapshot!("refused", all);
    assert_eq!(sandbox.store_listing().iter().filter(|name| name.starts_with("install-packages-")).count(), 0);
}

#[test]
fn requirements_that_are_pinned_by_their_hashes_are_locked() {
    let sandbox = Sandbox::new();
    let wheels = with_a(&sandbox);
    let hash = |file: &str| Sha256::of(&fs_err::read(wheels.folder.join(file)).unwrap());
    let [a, b] = [hash("a-1.0-py3-none-any.whl"), hash("b-2.0-py3-none-any.whl")];
    let file = sandbox.checkout().join("pinned.txt");
    let lock = wheels.xtask(&["packages", "lock", "a"]).unredacted().succeed();
    assert_eq!(lock.stdout, format!("a==1.0 --hash=sha256:{a}\nb==2.0 --hash=sha256:{b}\n"));
    fs_err::write(&file, format!("# both\na==1.0 \\\n  --hash=sha256:{a}\n")).unwrap();
    let locked = ["run", "wasi", "--locked", "--requirement", "pinned.txt"];
    let incomplete = wheels.xtask(&locked).fail(1).stderr;
    assert!(incomplete.contains("packages that are needed are not pinned by their hashes: b"), "{incomplete}");
    fs_err::write(&file, lock.stdout).unwrap();
    wheels.xtask(&locked).succeed();
    assert_eq!(Wheels::modules(&wheels.layer()), ["a.py", "b.py"]);
    // The same wheels are the same layer, however they were asked for.
    wheels.xtask(&RUN_A).succeed();
    wheels.layer();
}

#[test]
fn a_killed_installation_leaves_nothing_that_is_used() {
    let sandbox = Sandbox::new();
    let wheels = with_a(&sandbox);
    // It stops after the modules were written, and before they are published.
    let (marker, wrapper) = (sandbox.path("installed"), sandbox.path("programs/python3"));
    let real = own_path();
    let script = format!(
        "#!/bin/sh\nPATH={real} python3 \"$@\" || exit\ncase \"$*\" in *--find-links*) touch {marker}; sleep 600 ;; esac\n"
    );
    fs_err::write(&wrapper, script).unwrap();
    fs_err::set_permissions(&wrapper, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let running = wheels.xtask(&RUN_A).start();
    eventually("the modules are written", || marker.exists());
    running.signal(Signal::KILL);
    assert_eq!(running.wait().code, 137);
    assert_eq!(sandbox.store_listing().iter().filter(|name| name.starts_with("install-packages-")).count(), 0);
    fs_err::remove_file(wrapper).unwrap();
    wheels.xtask(&RUN_A).succeed();
    assert_eq!(Wheels::modules(&wheels.layer()), ["a.py", "b.py"]);
}

/// The data of packages, with another sample.
fn sample(sandbox: &Sandbox, names: &str) {
    let index = sandbox.read("recipes/packages/index.toml");
    let (before, after) = (index.find("names = [").unwrap(), index.find("\n[wheel-tag").unwrap());
    sandbox
        .write("recipes/packages/index.toml", &format!("{}names = [{names}]\n{}", &index[..before], &index[after..]));
}

#[test]
fn packages_are_used_on_each_host_and_the_page_is_checked_with_its_versions() {
    let sandbox = Sandbox::new();
    let wheels = with_a(&sandbox);
    wheels.add("d-1.0-cp313-cp313-musllinux_1_2_x86_64.whl", &[], "");
    wheels.add("e-1.0-py3-none-any.whl", &["d>0"], "");
    sandbox.write("recipes/packages/a.py", "import a\nprint(\"yes\")\n");
    sample(&sandbox, "\"a\", \"b\", \"d\", \"e\", \"f\"");
    fs_err::create_dir_all(sandbox.checkout().join("docs")).unwrap();
    sandbox.script(&["out yes"]);
    insta::assert_snapshot!(wheels.xtask(&["packages", "check", "a", "b", "d", "e", "f"]).succeed(), @"
    exit code: 0
    --- stdout ---
    a 1.0 on wasi: works
    b 2.0 on wasi: imports
    d on wasi: compiled only
    e on wasi: compiled only: needs d
    f on wasi: not installed: there is no package `f`
    --- stderr ---
    running wasi with host-runner
    ");
    wheels.xtask(&["packages", "check", "--all", "--write"]).succeed();
    let page = sandbox.read("docs/packages.md");
    insta::assert_snapshot!(page.split_once("The packages are").unwrap().1, @"
     a fixed sample of 100 widely downloaded packages of PyPI, listed from general knowledge; neither the choice nor the order was compared with download statistics (2026-11-28).

    - `wasi`: Python 3.13.1, run by host-runner: 1 works, 1 imports, 2 compiled only, 1 not installed.

    | package | version | wasi |
    |---|---|---|
    | a | 1.0 | works |
    | b | 2.0 | imports |
    | d |  | compiled only |
    | e |  | compiled only: `needs d` |
    | f |  | not installed: `there is no package 'f'` |
    ");
    // A newer version changes nothing, and a failing package does.
    wheels.add("b-2.1-py3-none-any.whl", &[], "");
    wheels.xtask(&["packages", "check", "--all", "--check"]).succeed();
    sandbox.script(&["out Traceback (most recent call last):", "out ImportError: no x", "exit 1"]);
    insta::assert_snapshot!(wheels.xtask(&["packages", "check", "--all", "--check"]).fail(1), @"
    exit code: 1
    --- stdout ---
    @@ -3 +3 @@
    -| a | 1.0 | works |
    -| b | 2.0 | imports |
    +| a | 1.0 | fails: `ImportError: no x` |
    +| b | 2.0 | fails: `ImportError: no x` |
    --- stderr ---
    running wasi with host-runner
    error: docs/packages.md differs from this run
    hint: `cargo xtask packages check --all --write` updates it
    ");
}

#[test]
fn the_shipped_sample_has_a_hundred_packages_and_no_program_is_of_another() {
    let texts = texts_below("recipes/packages", &["toml", "py"]);
    let index = Index::parse(&texts).unwrap_or_else(|mistakes| panic!("\n{mistakes}"));
    let names: BTreeSet<&String> = index.sample.names.iter().collect();
    assert_eq!(names.len(), 100);
    let others: Vec<&String> = index.programs.keys().filter(|name| !names.contains(name)).collect();
    assert_eq!(others, [""; 0]);
    let without_answer: Vec<_> =
        index.programs.iter().filter(|(_, text)| !text.ends_with("\nprint(\"yes\")\n")).collect();
    assert_eq!(without_answer, []);
}
