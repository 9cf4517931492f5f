//! Integration tests of the program, in the sandbox that xtask's own tests use.

mod help;
mod kit;
mod run;

use kit::invocation::Invocation;
use kit::sandbox::Sandbox;

const BENCH: &[&str] = &[env!("CARGO_BIN_EXE_bench")];
/// `bench` is xtask too, for the builds that it measures.
const XTASK: &[&str] = &[env!("CARGO_BIN_EXE_bench"), "xtask"];
const FAKE_TOOL: &str = env!("CARGO_BIN_EXE_bench-fake-tool");

/// `cargo xtask bench` in a sandbox.
fn bench<'a>(sandbox: &'a Sandbox, arguments: &[&str]) -> Invocation<'a> {
    Invocation::new(sandbox, BENCH, arguments).env("CARGO_MANIFEST_DIR", sandbox.checkout().join("bench"))
}
