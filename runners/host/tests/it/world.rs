//! What the guest can see and change: arguments, environment, directories, clocks, random bytes.

use std::os::unix::fs::symlink;

use super::{Scene, exits_with, guest};

/// Prints its arguments and then its environment, each ended by NUL, with a line feed between the two.
fn prints_arguments_and_environment() -> String {
    guest(
        r#"(func (export "_start")
            (call $try (call $args_sizes_get (i32.const 16) (i32.const 20)))
            (call $try (call $args_get (i32.const 1024) (i32.const 8192)))
            (call $print (i32.const 8192) (i32.load (i32.const 20)))
            (i32.store (i32.const 24) (i32.const 10))
            (call $print (i32.const 24) (i32.const 1))
            (call $try (call $environ_sizes_get (i32.const 16) (i32.const 20)))
            (call $try (call $environ_get (i32.const 1024) (i32.const 8192)))
            (call $print (i32.const 8192) (i32.load (i32.const 20))))"#,
    )
}

/// Opens `path` below the first open directory with these `oflags` and `rights`, reads from it and prints what it read.
/// Ends with the error number of what failed.
fn opens(path: &str, oflags: u32, rights: u32) -> String {
    opens_in(3, path, oflags, rights)
}

fn opens_in(directory: u32, path: &str, oflags: u32, rights: u32) -> String {
    let length = path.len();
    guest(&format!(
        r#"(data (i32.const 1024) "{path}")
        (func (export "_start")
            (call $try (call $path_open (i32.const {directory}) (i32.const 1) (i32.const 1024) (i32.const {length})
                (i32.const {oflags}) (i64.const {rights}) (i64.const 0) (i32.const 0) (i32.const 16)))
            (i32.store (i32.const 0) (i32.const 8192))
            (i32.store (i32.const 4) (i32.const 100))
            (call $try (call $fd_read (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 8)))
            (call $print (i32.const 8192) (i32.load (i32.const 8))))"#
    ))
}

/// Calls a function that takes an open directory and a path, and ends with its error number.
fn calls(function: &str, path: &str) -> String {
    let length = path.len();
    guest(&format!(
        r#"(data (i32.const 1024) "{path}")
        (func (export "_start") (call $try (call ${function} (i32.const 3) (i32.const 1024) (i32.const {length}))))"#
    ))
}

const READ: u32 = 1 << 1;
const WRITE: u32 = 1 << 6;
const CREATE: u32 = 1 << 0;
const TRUNCATE: u32 = 1 << 3;

/// The error numbers of WASI that say no.
const EPERM: i32 = 63;
const ENOENT: i32 = 44;
const EROFS: i32 = 69;

#[test]
fn arguments_arrive_as_they_are() {
    let scene = Scene::new();
    scene.module("guest.wasm", &prints_arguments_and_environment());
    let ended = scene.run(&["run", "guest.wasm", "-c", "print('ü')", "", "--dir", "a b"]);
    assert_eq!(ended.stdout, "guest.wasm\0-c\0print('ü')\0\0--dir\0a b\0\n");
    let ended = scene.run(&["run", "--argv0", "/usr/bin/python", "./guest.wasm"]);
    assert_eq!(ended.stdout, "/usr/bin/python\0\n");
}

#[test]
fn the_environment_is_what_the_options_say_and_nothing_else() {
    let scene = Scene::new();
    scene.module("guest.wasm", &prints_arguments_and_environment());
    let options =
        ["run", "--env", "PASSED", "--env", "ABSENT", "--env", "A=1", "--env", "B==", "--env", "A=2", "guest.wasm"];
    let output =
        scene.command(&options).env("PASSED", "on").env("HIDDEN", "yes").env_remove("ABSENT").output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "guest.wasm\0\nPASSED=on\0B==\0A=2\0");
}

#[test]
fn a_directory_can_be_read_and_written() {
    let scene = Scene::new();
    std::fs::create_dir(scene.path("d")).unwrap();
    std::fs::write(scene.path("d/file"), "content").unwrap();
    let ended = scene.run_text(&opens("file", 0, READ), &["--dir", "d"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "content"));
    assert_eq!(scene.run_text(&opens("new", CREATE, READ | WRITE), &["--dir", "d::/x"]).code, 0);
    assert!(scene.path("d/new").exists());
    assert_eq!(scene.run_text(&calls("path_unlink_file", "new"), &["--dir", "d::/"]).code, 0);
    assert!(!scene.path("d/new").exists());
}

#[test]
fn a_read_only_directory_can_be_read_and_not_changed() {
    let scene = Scene::new();
    std::fs::create_dir(scene.path("d")).unwrap();
    std::fs::write(scene.path("d/file"), "content").unwrap();
    let read_only = ["--dir", "d::/d::ro"];
    let ended = scene.run_text(&opens("file", 0, READ), &read_only);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "content"));
    for text in [
        opens("new", CREATE, READ | WRITE),
        opens("new", CREATE, READ),
        opens("file", TRUNCATE, READ),
        opens("file", 0, READ | WRITE),
        calls("path_create_directory", "new"),
        calls("path_unlink_file", "file"),
    ] {
        let ended = scene.run_text(&text, &read_only);
        assert!([EPERM, EROFS].contains(&ended.code), "{} {}", ended.code, ended.stderr);
    }
    assert_eq!(super::names(&scene.path("d")), ["file"]);
    assert_eq!(std::fs::read(scene.path("d/file")).unwrap(), b"content");
}

#[test]
fn what_is_not_in_a_read_only_directory_cannot_be_removed_because_it_is_missing() {
    let scene = Scene::new();
    std::fs::create_dir_all(scene.path("d/sub/empty")).unwrap();
    std::fs::write(scene.path("d/file"), "content").unwrap();
    std::fs::write(scene.path("secret"), "secret").unwrap();
    symlink("nowhere", scene.path("d/dangling")).unwrap();
    let remove = |function: &str, path: &str, option: &str| {
        let ended = scene.run_text(&calls(function, path), &["--dir", option]);
        assert_eq!(ended.stderr, "");
        ended.code
    };
    for function in ["path_unlink_file", "path_remove_directory"] {
        for missing in ["missing", "sub/missing", "missing/file"] {
            assert_eq!(remove(function, missing, "d::/d::ro"), ENOENT, "{function} {missing}");
        }
        for there in ["file", "sub", "sub/empty", "dangling", "../secret", "../nothing"] {
            assert_eq!(remove(function, there, "d::/d::ro"), EPERM, "{function} {there}");
        }
    }
    assert_eq!(super::names(&scene.path("d")).len(), 3);
    assert!(scene.path("d/sub/empty").is_dir());
    assert_eq!(std::fs::read(scene.path("d/file")).unwrap(), b"content");
    // Where it may write, the system answers.
    assert_eq!(remove("path_unlink_file", "missing", "d::/d"), ENOENT);
    assert_eq!(remove("path_remove_directory", "sub/empty", "d::/d"), 0);
    assert!(!scene.path("d/sub/empty").exists());
}

#[test]
fn a_directory_cannot_be_left() {
    let scene = Scene::new();
    std::fs::create_dir_all(scene.path("d/sub")).unwrap();
    std::fs::write(scene.path("secret"), "secret").unwrap();
    symlink("../secret", scene.path("d/relative")).unwrap();
    symlink(scene.path("secret"), scene.path("d/absolute")).unwrap();
    symlink("..", scene.path("d/up")).unwrap();
    let absolute = scene.path("secret").to_str().unwrap().to_owned();
    for path in ["../secret", "sub/../../secret", "relative", "absolute", "up/secret", &absolute] {
        let ended = scene.run_text(&opens(path, 0, READ), &["--dir", "d"]);
        assert_eq!((ended.code, ended.stdout.as_str()), (EPERM, ""), "{path}: {}", ended.stderr);
    }
}

#[test]
fn there_may_be_many_directories() {
    let scene = Scene::new();
    std::fs::write(scene.path("file"), "content").unwrap();
    let directories: Vec<String> = (0..300).map(|number| format!("--dir=.::/{number}::ro")).collect();
    let options: Vec<&str> = directories.iter().map(String::as_str).collect();
    let ended = scene.run_text(&opens_in(3 + 299, "file", 0, READ), &options);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "content"));
}

#[test]
fn a_directory_that_cannot_be_opened_is_named() {
    let ended = Scene::new().run_text(&exits_with(0), &["--dir", "nowhere::/"]);
    assert_eq!(ended.code, 125);
    assert!(ended.stderr.contains("`nowhere`"), "{}", ended.stderr);
}

#[test]
fn there_are_clocks_and_random_bytes() {
    // Ends with 0 if both clocks and the first eight of 4096 random bytes are not zero.
    let text = r#"(func (export "_start")
        (call $try (call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 16)))
        (call $try (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 24)))
        (call $try (call $random_get (i32.const 1024) (i32.const 4096)))
        (call $try (i64.eqz (i64.load (i32.const 16))))
        (call $try (i64.eqz (i64.load (i32.const 24))))
        (call $try (i64.eqz (i64.load (i32.const 1024)))))"#;
    assert_eq!(Scene::new().run_text(&guest(text), &[]).code, 0);
}
