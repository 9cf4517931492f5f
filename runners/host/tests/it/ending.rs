//! How runs end: exit codes, traps, time limits, and failures of the host.

use super::{Scene, exits_with, guest};

#[test]
fn the_exit_code_of_the_guest_is_passed_on() {
    for (given, seen) in [(0, 0), (1, 1), (2, 2), (120, 120), (126, 126), (255, 255), (-1, 255), (256, 0)] {
        let ended = Scene::new().run_text(&exits_with(given), &[]);
        assert_eq!((ended.code, ended.stderr.as_str()), (seen, ""));
    }
}

#[test]
fn returning_from_start_is_success() {
    assert_eq!(Scene::new().run_text(&guest(r#"(func (export "_start"))"#), &["--timeout", "600"]).code, 0);
}

#[test]
fn a_trap_shows_the_names_of_the_functions() {
    let text = r#"(func $culprit unreachable) (func $caller (call $culprit)) (func (export "_start") (call $caller))"#;
    let ended = Scene::new().run_text(&guest(text), &[]);
    assert_eq!(ended.code, 134);
    assert!(ended.stderr.starts_with("host-runner: the guest trapped: "), "{}", ended.stderr);
    for part in ["culprit", "caller", "unreachable"] {
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
}

#[test]
fn endless_recursion_is_a_trap_at_any_stack_size() {
    let text = r#"(func $deeper (param i64) (result i64)
            (i64.add (local.get 0) (call $deeper (i64.add (local.get 0) (i64.const 1)))))
        (func (export "_start") (drop (call $deeper (i64.const 0))))"#;
    for stack in ["max-wasm-stack=65536", "max-wasm-stack=16777216", "max-wasm-stack=268435456"] {
        let ended = Scene::new().run_text(&guest(text), &["-W", stack]);
        assert_eq!(ended.code, 134);
        assert!(ended.stderr.contains("call stack exhausted"), "{}", ended.stderr);
        assert!(ended.stderr.contains("deeper"), "{}", ended.stderr);
    }
}

#[test]
fn the_host_has_stack_where_the_guest_has_none_left() {
    // Each level writes to stdout, so that the last host call is made from within a few bytes of the limit.
    let text = r#"(func $deeper (call $print (i32.const 0) (i32.const 1)) (call $deeper))
        (func (export "_start") (call $deeper))"#;
    let ended = Scene::new().run_text(&guest(text), &["--wasm", "max-wasm-stack=65536"]);
    assert_eq!(ended.code, 134);
    assert!(ended.stderr.contains("call stack exhausted"), "{}", ended.stderr);
}

#[test]
fn a_larger_stack_is_deeper() {
    let text = r#"(func $down (param $levels i32)
            (if (local.get $levels) (then (call $down (i32.sub (local.get $levels) (i32.const 1))) (drop (memory.size)))))
        (func (export "_start") (call $down (i32.const 100000)))"#;
    let scene = Scene::new();
    assert_eq!(scene.run_text(&guest(text), &["-W", "max-wasm-stack=65536"]).code, 134);
    assert_eq!(scene.run_text(&guest(text), &["-W", "max-wasm-stack=67108864"]).code, 0);
}

#[test]
fn a_guest_that_computes_forever_is_stopped() {
    let ended = Scene::new().run_text(&guest(r#"(func (export "_start") (loop (br 0)))"#), &["--timeout", "0.5"]);
    assert_eq!(ended.code, 124);
    assert!(ended.stderr.starts_with("host-runner: timeout: `guest.wasm`"), "{}", ended.stderr);
    assert!(ended.stderr.contains("500ms"), "{}", ended.stderr);
}

#[test]
fn a_guest_that_waits_forever_is_stopped() {
    // A relative timer of 2^62 nanoseconds on the monotonic clock.
    let text = r#"(func (export "_start")
        (i32.store (i32.const 64) (i32.const 0))
        (i32.store (i32.const 80) (i32.const 1))
        (i64.store (i32.const 88) (i64.const 0x4000000000000000))
        (call $try (call $poll_oneoff (i32.const 64) (i32.const 128) (i32.const 1) (i32.const 8))))"#;
    assert_eq!(Scene::new().run_text(&guest(text), &["--timeout", "0.5"]).code, 124);
}

#[test]
fn a_usage_error_is_distinguished_from_exit_code_two() {
    let ended = Scene::new().run(&["run", "--frobnicate", "guest.wasm"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.starts_with("host-runner: error: "), "{}", ended.stderr);
    assert!(ended.stderr.contains("--frobnicate"), "{}", ended.stderr);
}

#[test]
fn what_cannot_be_run_is_named_with_a_hint() {
    let scene = Scene::new();
    std::fs::write(scene.path("text.wasm"), "print('hello')").unwrap();
    scene.module("library.wasm", r#"(module (func (export "f")))"#);
    scene.module("alien.wasm", r#"(module (import "env" "emscripten_x" (func)) (func (export "_start")))"#);
    scene.module("start.wasm", r#"(module (memory (export "_start") 1))"#);
    for (module, expected) in [
        ("missing.wasm", "missing.wasm"),
        ("text.wasm", "magic"),
        ("library.wasm", "_start"),
        ("start.wasm", "_start"),
        ("alien.wasm", "emscripten_x"),
        (".", "directory"),
    ] {
        let ended = scene.run(&["run", "--argv0", "x", module]);
        assert_eq!(ended.code, 125, "{module}: {}", ended.stderr);
        assert!(ended.stderr.starts_with("host-runner: error: "), "{}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
        assert!(ended.stderr.contains("\nhint: "), "{}", ended.stderr);
    }
}

#[test]
fn versions_are_printed() {
    let ended = Scene::new().run(&["--version"]);
    assert_eq!(ended.code, 0);
    assert_eq!(ended.stdout, format!("host-runner {} (wasmtime 48.0.8)\n", env!("CARGO_PKG_VERSION")));
}
