//! Runs that are killed or interrupted at any moment, and runs side by side: nothing is left behind, nothing half made is taken for whole.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use xtask::digest::Sha256;

use crate::kit::invocation::{Invocation, eventually, processes_in};
use crate::kit::sandbox::Sandbox;

/// A word for each call that a build makes, in the order in which one job makes them.
const CALLS: [&str; 7] = ["cargo", "configure", "pybuilddir.txt", "freeze", "inclinstall", "compileall", "host-runner"];

fn undisturbed() -> Sha256 {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    sandbox.package_hash()
}

/// Starts a build, waits until it is in this call and stops there, and sends a signal then. Gives the exit code.
fn stopped_in(sandbox: &Sandbox, call: &str, signal: Signal) -> (i32, String) {
    sandbox.script(&[&format!("when {call} write {{}}/reached yes"), &format!("when {call} sleep 600")]);
    // One job: what runs beside a call that stops may end before the signal comes, and its calls are not made again then.
    stop(sandbox, sandbox.xtask(&["build", "wasi", "--jobs", "1"]), call, signal)
}

fn stop(sandbox: &Sandbox, invocation: Invocation<'_>, call: &str, signal: Signal) -> (i32, String) {
    let mut running = invocation.start();
    eventually("the call is reached", || sandbox.path("reached").exists() || running.has_ended());
    if running.has_ended() {
        panic!("{call} is not reached: {}", running.wait());
    }
    running.signal(signal);
    let output = running.wait();
    eventually("all children are gone", || processes_in(&sandbox.path("")).is_empty());
    fs_err::remove_file(sandbox.path("reached")).unwrap();
    (output.code, output.stderr)
}

#[test]
fn a_run_that_is_killed_leaves_no_child_and_nothing_half_made() {
    let sandbox = Sandbox::new();
    for call in CALLS {
        assert_eq!(stopped_in(&sandbox, call, Signal::KILL).0, 128 + 9, "{call}");
    }
    sandbox.script(&[]);
    sandbox.build().succeed();
    assert_eq!(sandbox.package_hash(), undisturbed());
}

#[test]
fn a_run_that_is_killed_under_nohup_leaves_no_child() {
    let sandbox = Sandbox::new();
    sandbox.script(&["when configure write {}/reached yes", "when configure sleep 600"]);
    let invocation = sandbox.xtask(&["build", "wasi", "--jobs", "1"]).with_hangups_ignored();
    assert_eq!(stop(&sandbox, invocation, "configure", Signal::KILL).0, 128 + 9);
}

#[test]
fn an_interrupted_run_is_reported_and_continues_later() {
    let sandbox = Sandbox::new();
    for call in ["configure", "all"] {
        let (code, said) = stopped_in(&sandbox, call, Signal::INT);
        assert_eq!(code, 130, "{call}: {said}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(said.split_once("error: ").unwrap().1, @"
            interrupted; completed stages are kept
            hint: `cargo xtask build wasi` resumes
            ");
        }
    }
    sandbox.script(&[]);
    sandbox.build().succeed();
    assert_eq!(sandbox.package_hash(), undisturbed());
}

/// Kills at moments that have nothing to do with what is going on: while archives are unpacked, results are published, packages are copied.
#[test]
fn a_kill_at_any_moment_costs_nothing_but_time() {
    let sandbox = Sandbox::new();
    let expected = undisturbed();
    let mut moments = Moments(20_260_101);
    let mut kills = 0;
    while kills < 50 {
        let running = sandbox.build().start();
        thread::sleep(moments.next());
        running.signal(Signal::KILL);
        let code = running.wait().code;
        // It may have been through before the signal came.
        assert!(code == 0 || code == 128 + 9, "{code}");
        kills += usize::from(code != 0);
        // Every other kill falls on what the kill before it left; then a normal run repairs everything.
        if code == 0 || kills % 2 == 0 {
            sandbox.build().succeed();
            assert_eq!(sandbox.package_hash(), expected, "after {kills} kills");
            sandbox.start_over();
        }
    }
    eventually("all children are gone", || processes_in(&sandbox.path("")).is_empty());
}

/// Durations that are the same in each run, and look like chance (xorshift).
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        Duration::from_millis(self.0 % 400)
    }
}

#[test]
fn runs_side_by_side_do_each_stage_once() {
    let sandbox = Sandbox::new();
    let runs = [sandbox.build().start(), sandbox.build().start(), sandbox.build().start()];
    for run in runs {
        let output = run.wait().with_code(0);
        assert!(output.stdout.ends_with("/python-3.13.1-wasm32-wasip1\n"), "{output}");
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for call in sandbox.calls() {
        *counts.entry(call.words()[0].to_owned()).or_default() += 1;
    }
    counts.remove("cc");
    insta::assert_snapshot!(format!("{counts:?}"), @r#"{"cargo": 1, "clang": 3, "configure": 2, "host-runner": 1, "make": 4, "python": 5}"#);
}
