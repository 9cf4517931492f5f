//! Runs the real binary on small modules, written as text, that do one thing each.

#![expect(clippy::disallowed_methods, reason = "these tests start the binary they test")]

mod cache;
mod ending;
mod fork_server;
mod streams;
mod world;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A directory of its own for one test, and the binary.
struct Scene(TempDir);

impl Scene {
    fn new() -> Self {
        Scene(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes the module that `text` describes.
    fn module(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, wat::parse_str(text).unwrap()).unwrap();
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_host-runner"));
        command.current_dir(self.0.path()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.command(arguments).output().unwrap())
    }

    /// Runs `host-runner run OPTIONS… MODULE`, where the module is what `text` describes.
    fn run_text(&self, text: &str, options: &[&str]) -> Ended {
        self.module("guest.wasm", text);
        self.run(&[&["run"], options, &["guest.wasm"]].concat())
    }
}

/// How a run ended. A run that a signal ended has no code, and fails here.
struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Ended {
            code: output.status.code().unwrap_or_else(|| panic!("{output:?}")),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A command whose `_start` is `body`, with the functions of WASI that these tests use and a page of memory.
///
/// `$try` ends the guest with the error number that it is given, unless that is zero.
/// `$print` writes bytes to stdout.
fn guest(body: &str) -> String {
    format!(
        r#"(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
        (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fd_fdstat_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_create_directory"
            (func $path_create_directory (param i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_unlink_file" (func $path_unlink_file (param i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_remove_directory"
            (func $path_remove_directory (param i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
        (import "wasi_snapshot_preview1" "path_open"
            (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
        (memory (export "memory") 1)
        (func $try (param $errno i32)
            (if (local.get $errno) (then (call $proc_exit (local.get $errno)))))
        (func $print (param $start i32) (param $length i32)
            (i32.store (i32.const 0) (local.get $start))
            (i32.store (i32.const 4) (local.get $length))
            (call $try (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
        {body})"#
    )
}

/// A guest that ends with `code`.
fn exits_with(code: i32) -> String {
    guest(&format!(r#"(func (export "_start") (call $proc_exit (i32.const {code})))"#))
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
