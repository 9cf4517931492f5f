//! Guests that are started once and copied for each request.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::{Ended, Scene, exits_with, guest};

/// A server that waits for requests.
struct Server {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Server {
    /// Starts it on what `text` describes, up to its first yield.
    fn start(scene: &Scene, text: &str, options: &[&str]) -> Self {
        scene.module("guest.wasm", text);
        let mut command = scene.command(&[&["fork-server"], options, &["guest.wasm"]].concat());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (requests, answers) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut server = Self { child, requests, answers };
        assert_eq!(server.line(), "ready");
        server
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn send(&mut self, words: &[&str]) {
        let request: String = words.iter().map(|word| format!("{word}\0")).collect();
        self.requests.as_mut().unwrap().write_all(format!("{request}\n").as_bytes()).unwrap();
    }

    /// How a copy ended, without the processor time that it took.
    fn ask(&mut self, words: &[&str]) -> String {
        self.send(words);
        let answer = self.line();
        let (ending, seconds) = answer.rsplit_once(' ').unwrap_or_else(|| panic!("{answer:?}"));
        assert!(seconds.parse::<f64>().unwrap() >= 0.0, "{answer}");
        ending.to_owned()
    }

    /// How it ends when there are no more requests.
    fn end(mut self) -> Ended {
        self.requests = None;
        Ended::from(self.child.wait_with_output().unwrap())
    }
}

/// A guest that yields, and then does what `body` says. Before that it writes an `A` to address 512.
fn yields_and(body: &str) -> String {
    guest(&format!(
        r#"(data (i32.const 1024) "file")
        (data (i32.const 2048) "hello\n")
        (func (export "_start")
            (i32.store8 (i32.const 512) (i32.const 65))
            (call $try (call $sched_yield))
            {body})"#
    ))
}

const HELLO: &str = "(call $print (i32.const 2048) (i32.const 6))";

#[test]
fn each_request_gets_a_copy_that_begins_where_the_guest_yielded() {
    let scene = Scene::new();
    // Prints what is in memory and counts it up: the next copy must not see that.
    let body = r#"(call $print (i32.const 512) (i32.const 1))
        (i32.store8 (i32.const 512) (i32.add (i32.load8_u (i32.const 512)) (i32.const 1)))
        (call $try (call $sched_yield))
        (call $print (i32.const 512) (i32.const 1))"#;
    let mut server = Server::start(&scene, &yields_and(body), &[]);
    for output in ["one", "two", "one"] {
        assert_eq!(server.ask(&[output]), "exited 0");
    }
    let ended = server.end();
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, "", ""));
    // What a file has is kept.
    assert_eq!(std::fs::read_to_string(scene.path("one")).unwrap(), "ABAB");
    assert_eq!(std::fs::read_to_string(scene.path("two")).unwrap(), "AB");
}

#[test]
fn a_copy_has_directories_of_its_own() {
    let scene = Scene::new();
    for folder in ["original", "first", "second"] {
        std::fs::create_dir(scene.path(folder)).unwrap();
        std::fs::write(scene.path(folder).join("file"), folder).unwrap();
    }
    let text = yields_and("(call $try (call $path_unlink_file (i32.const 3) (i32.const 1024) (i32.const 4)))");
    let mut server = Server::start(&scene, &text, &["--dir", "original::/"]);
    assert_eq!(server.ask(&["log", "--dir", "first::/"]), "exited 0");
    assert_eq!(server.ask(&["log", "--dir", "first::/"]), "exited 44");
    assert_eq!(server.ask(&["log", "--dir", "second::/::ro"]), "exited 63");
    assert_eq!(server.end().code, 0);
    let has_file = |folder: &str| scene.path(folder).join("file").exists();
    assert_eq!((has_file("original"), has_file("first"), has_file("second")), (true, false, true));
}

#[test]
fn a_copy_can_end_in_every_way_and_the_server_goes_on() {
    let scene = Scene::new();
    // The directory says what the copy does: none traps, an empty one exits, one with the file loops forever.
    let body = r#"(if (i32.eq (call $path_unlink_file (i32.const 3) (i32.const 1024) (i32.const 4)) (i32.const 44))
            (then (call $proc_exit (i32.const 7))))
        (if (i32.eqz (call $path_unlink_file (i32.const 4) (i32.const 1024) (i32.const 4)))
            (then (loop (br 0))))
        unreachable"#;
    for folder in ["empty", "full", "also-full"] {
        std::fs::create_dir(scene.path(folder)).unwrap();
    }
    let fill = || ["full", "also-full"].map(|folder| std::fs::write(scene.path(folder).join("file"), "").unwrap());
    let mut server = Server::start(&scene, &yields_and(body), &[]);
    for _ in 0..2 {
        assert_eq!(server.ask(&["left", "--dir", "empty::/"]), "exited 7");
        assert_eq!(server.ask(&["trapped"]), "exited 134");
        fill();
        assert_eq!(
            server.ask(&["looped", "--dir", "full::/", "--dir", "also-full::/x", "--timeout", "0.5"]),
            "timed-out"
        );
    }
    assert_eq!(server.end().code, 0);
    let said = std::fs::read_to_string(scene.path("trapped")).unwrap();
    assert!(said.starts_with("host-runner: the guest trapped: ") && said.contains("unreachable"), "{said}");
    assert_eq!(std::fs::read_to_string(scene.path("left")).unwrap(), "");
}

#[test]
fn an_invalid_request_is_an_error() {
    let scene = Scene::new();
    let mut server = Server::start(&scene, &yields_and(HELLO), &[]);
    assert_eq!(server.ask(&["log", "--dir", "nowhere::/"]), "exited 125");
    assert_eq!(server.ask(&["log"]), "exited 0");
    assert_eq!(server.end().code, 0);
    let said = std::fs::read_to_string(scene.path("log")).unwrap();
    assert!(said.contains("`nowhere`") && said.ends_with("hello\n"), "{said}");
}

#[test]
fn a_request_that_is_none_ends_the_server() {
    for (words, expected) in
        [(&["log", "--frobnicate"][..], "--frobnicate"), (&["log", "--timeout", "x"], "`--timeout x`")]
    {
        let scene = Scene::new();
        let mut server = Server::start(&scene, &yields_and(HELLO), &[]);
        server.send(words);
        assert_eq!(server.line(), "");
        let ended = server.end();
        assert_eq!(ended.code, 125, "{}", ended.stderr);
        assert!(
            ended.stderr.starts_with("host-runner: error: ") && ended.stderr.contains(expected),
            "{}",
            ended.stderr
        );
        assert!(!scene.path("log").exists());
    }
}

#[test]
fn a_guest_that_never_yields_is_run_once() {
    let scene = Scene::new();
    scene.module("guest.wasm", &exits_with(3));
    assert_eq!(scene.run(&["fork-server", "guest.wasm"]).code, 3);
}
