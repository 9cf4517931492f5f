//! Recorded results of configure's checks: recorded, used, and not used where they do not apply.

use xtask::sys::fs::remove_tree;

use crate::kit::sandbox::{HOST_RECIPE, Sandbox};

const FILE: &str = "recipes/configure/wasi-sdk/wasi-3.13.1-release.cache";
const CHECK: &str = "checking for pipe...";

/// Builds, and says whether configure ran its check. Also what xtask printed.
#[track_caller]
fn build(sandbox: &Sandbox, arguments: &[&str]) -> (bool, String) {
    let output = sandbox.xtask(&[&["build", "wasi"], arguments].concat()).succeed().in_order();
    let log = fs_err::read_to_string(sandbox.result("configure-host").join("log.txt")).unwrap();
    remove_tree(&sandbox.result("configure-host")).unwrap();
    (log.contains(CHECK), output.to_string())
}

fn recorded() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.xtask(&["recipe", "configure-cache", "wasi", "--update"]).succeed();
    remove_tree(&sandbox.result("configure-host")).unwrap();
    sandbox
}

#[test]
fn results_are_recorded_and_compared() {
    let sandbox = Sandbox::new();
    let verify = || sandbox.xtask(&["recipe", "configure-cache", "wasi", "--quiet"]);
    let output = verify().fail(3).in_order().to_string();
    assert!(output.contains("hint: run `cargo xtask recipe configure-cache wasi --update`"), "{output}");
    sandbox.xtask(&["recipe", "configure-cache", "wasi", "--update"]).succeed();
    let text = sandbox.read(FILE);
    let inputs: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("# input ")?.split(':').next()).collect();
    assert_eq!(inputs, ["arguments", "config.site", "configure", "toolchain"]);
    assert_eq!(text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>(), ["ac_cv_func_pipe=no"]);
    verify().succeed();

    sandbox.edit(FILE, "ac_cv_func_pipe=no", "ac_cv_func_pipe=yes");
    let output = verify().fail(3).in_order().to_string();
    assert!(output.contains("-ac_cv_func_pipe=yes\n+ac_cv_func_pipe=no\n"), "{output}");
}

#[test]
fn recorded_results_are_used_and_make_the_same_package() {
    let sandbox = Sandbox::new();
    assert!(build(&sandbox, &[]).0);
    let package = sandbox.package_hash();
    let sandbox = recorded();
    assert!(!build(&sandbox, &[]).0);
    assert_eq!(sandbox.package_hash(), package);
    assert!(build(&sandbox, &["--no-configure-cache"]).0);
}

#[test]
fn results_that_were_recorded_with_other_inputs_are_not_used() {
    let sandbox = recorded();
    sandbox.edit(HOST_RECIPE, "--disable-ipv6", "--enable-ipv6");
    let (checked, output) = build(&sandbox, &[]);
    assert!(checked);
    assert!(
        output.contains(&format!("configure runs all of its checks: {FILE} was recorded with another arguments")),
        "{output}"
    );
}

#[test]
fn a_malformed_file_is_an_error() {
    let sandbox = recorded();
    sandbox.edit(FILE, "ac_cv_func_pipe=no", "ac_cv_func_pipe=$(rm -rf /)");
    sandbox.xtask(&["recipe", "check"]).fail(3);
    let output = sandbox.build().fail(1).in_order().to_string();
    assert!(
        output.contains(&format!("configure-host failed: {FILE}: line 6: `ac_cv_func_pipe=$(rm -rf /)`")),
        "{output}"
    );
}

#[test]
fn a_file_that_no_build_looks_for_is_an_error() {
    let sandbox = recorded();
    sandbox.xtask(&["recipe", "check"]).succeed();
    for other in ["other/wasi-3.13.1-release.cache", "wasi-sdk/wasi-3.13.9-release.cache", "wasi-sdk/notes.txt"] {
        let file = format!("recipes/configure/{other}");
        sandbox.write(&file, "");
        let output = sandbox.xtask(&["recipe", "check"]).fail(3).in_order().to_string();
        assert!(output.contains(&format!("{file}: no build looks for this file")), "{output}");
        fs_err::remove_file(sandbox.checkout().join(&file)).unwrap();
    }
}
