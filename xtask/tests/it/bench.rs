//! `cargo xtask bench` becomes `cargo run --package bench`. What that measures is tested in `bench/tests`.

use crate::kit::sandbox::Sandbox;

#[test]
fn bench_is_compiled_and_started_by_cargo_with_the_same_arguments() {
    let sandbox = Sandbox::new();
    sandbox.script(&["exit 7"]);
    sandbox
        .xtask(&["--format", "json", "bench", "test", "wasi", "--rounds", "2", "test_os", "--help"])
        .env("OF_THE_USER", "1")
        .fail(7);
    let [call] = &sandbox.calls()[..] else { panic!("cargo is called once") };
    let manifest = sandbox.checkout().join("Cargo.toml");
    let expected = format!(
        "cargo run --quiet --locked --manifest-path {manifest} --package bench -- \
         --format json test wasi --rounds 2 test_os --help"
    );
    assert_eq!(call.words().join(" "), expected);
    assert_eq!(call.environment["OF_THE_USER"], "1");
}

#[test]
fn the_output_options_may_stand_behind_the_verb() {
    let sandbox = Sandbox::new();
    sandbox.script(&["exit 0"]);
    sandbox.xtask(&["bench", "--quiet", "run", "wasi", "--verbose"]).succeed();
    let calls = sandbox.calls();
    assert!(calls[0].words().ends_with(&["--", "--quiet", "run", "wasi", "--verbose"]), "{:?}", calls[0].words());
}

#[test]
fn without_cargo_it_fails_with_a_hint() {
    let sandbox = Sandbox::new();
    let output = sandbox.xtask(&["bench", "run", "wasi"]).env("CARGO", "/nowhere/cargo").fail(1);
    assert!(output.stderr.contains("could not start `/nowhere/cargo`"), "{output}");
}
