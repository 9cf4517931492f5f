//! Packages of PyPI, with the machine's own pip and a folder of wheels: what is chosen, kept, installed and refused.

use rustix::process::Signal;
use xtask::digest::Sha256;
use xtask::sys::fs::remove_tree;

use crate::kit::invocation::{eventually, own_path};
use crate::kit::sandbox::Sandbox;
use crate::kit::wheels::Wheels;

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
