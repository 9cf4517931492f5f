//! Stdin, stdout and stderr: pipes, a pipe without a reader, and a terminal.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::process::Stdio;

use super::{Ended, Scene, guest};

/// Copies stdin to stdout until stdin ends.
fn copies() -> String {
    guest(
        r#"(func (export "_start")
            (loop
                (i32.store (i32.const 0) (i32.const 1024))
                (i32.store (i32.const 4) (i32.const 32768))
                (call $try (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
                (if (i32.load (i32.const 16)) (then
                    (call $print (i32.const 1024) (i32.load (i32.const 16)))
                    (br 1)))))"#,
    )
}

/// Ends with 0 if file descriptors 0, 1 and 2 are all terminals (character devices), and with 1 if none of them is.
fn looks_for_terminals() -> String {
    guest(
        r#"(func $kind (param $descriptor i32) (result i32)
            (call $try (call $fd_fdstat_get (local.get $descriptor) (i32.const 16)))
            (i32.load8_u (i32.const 16)))
        (func (export "_start") (local $sum i32)
            (local.set $sum (i32.add (i32.add (call $kind (i32.const 0)) (call $kind (i32.const 1))) (call $kind (i32.const 2))))
            (if (i32.eq (local.get $sum) (i32.const 6)) (then (call $proc_exit (i32.const 0))))
            (if (i32.eqz (local.get $sum)) (then (call $proc_exit (i32.const 1))))
            unreachable)"#,
    )
}

#[test]
fn bytes_go_through_unchanged() {
    let scene = Scene::new();
    scene.module("copy.wasm", &copies());
    let bytes: Vec<u8> = (0..1_000_003u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut child = scene.command(&["run", "copy.wasm"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let given = bytes.clone();
    let writer = std::thread::spawn(move || stdin.write_all(&given).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    assert!(output.stdout == bytes);
}

#[test]
fn each_write_arrives_at_once() {
    let scene = Scene::new();
    scene.module("copy.wasm", &copies());
    let mut child = scene.command(&["run", "copy.wasm"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    for word in [b"without", b"newline"] {
        stdin.write_all(word).unwrap();
        let mut echo = [0; 7];
        stdout.read_exact(&mut echo).unwrap();
        assert_eq!(&echo, word);
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn no_input_is_the_end_of_input() {
    let scene = Scene::new();
    scene.module("copy.wasm", &copies());
    let output = scene.command(&["run", "copy.wasm"]).stdin(Stdio::null()).output().unwrap();
    assert_eq!((output.status.code(), output.stdout), (Some(0), vec![]));
}

#[test]
fn a_pipe_that_nobody_reads_is_an_error_that_the_guest_sees() {
    let text = r#"(func (export "_start") (loop (call $print (i32.const 1024) (i32.const 1024)) (br 0)))"#;
    let scene = Scene::new();
    scene.module("guest.wasm", &guest(text));
    let mut child =
        scene.command(&["run", "guest.wasm"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = Ended::from(child.wait_with_output().unwrap());
    // EPIPE, which Python raises as BrokenPipeError.
    assert_eq!((ended.code, ended.stderr.as_str()), (64, ""));
}

#[test]
fn pipes_are_not_terminals() {
    let scene = Scene::new();
    scene.module("guest.wasm", &looks_for_terminals());
    let mut command = scene.command(&["run", "guest.wasm"]);
    let output = command.stdin(Stdio::piped()).output().unwrap();
    assert_eq!(Ended::from(output).code, 1);
}

#[test]
fn a_terminal_is_a_terminal() {
    let scene = Scene::new();
    scene.module("guest.wasm", &looks_for_terminals());
    let (_screen, terminal) = terminal();
    let streams = [terminal.try_clone().unwrap(), terminal.try_clone().unwrap(), terminal].map(Stdio::from);
    let [stdin, stdout, stderr] = streams;
    let status = scene.command(&["run", "guest.wasm"]).stdin(stdin).stdout(stdout).stderr(stderr).status().unwrap();
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_terminal_gives_line_by_line_until_control_d() {
    let scene = Scene::new();
    scene.module("copy.wasm", &copies());
    let (mut screen, terminal) = terminal();
    let mut child = scene.command(&["run", "copy.wasm"]).stdin(terminal).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for line in ["1 + 1\n", "exit\n"] {
        screen.write_all(line.as_bytes()).unwrap();
        let mut echo = String::new();
        stdout.read_line(&mut echo).unwrap();
        assert_eq!(echo, line);
    }
    screen.write_all(b"\x04").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// A new pseudo-terminal: the end that a person would sit at, and the end that a program is given.
#[expect(unsafe_code, reason = "the crate that does this without would switch on features below wasmtime")]
fn terminal() -> (File, OwnedFd) {
    let (mut screen, mut program) = (-1, -1);
    // SAFETY: the two integers are written, the three null pointers are allowed, and the new descriptors are owned here.
    unsafe {
        let null = std::ptr::null_mut();
        assert_eq!(libc::openpty(&mut screen, &mut program, null, null.cast(), null.cast()), 0);
        (File::from_raw_fd(screen), OwnedFd::from_raw_fd(program))
    }
}
