//! The browser runner as it is called, with a real Chromium and a package that is no Python but does what each test says.
//!
//! These tests need `chromium` in PATH: without it they fail.
#![expect(clippy::disallowed_methods, reason = "tests start the program")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

const PROGRAM: &str = env!("CARGO_BIN_EXE_browser-runner");

/// A folder with a package in it.
struct Sandbox(tempfile::TempDir);

/// What a program output, and how it ended.
#[derive(Debug)]
struct Output {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Sandbox {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = Self(folder);
        sandbox.write("package/python.mjs", include_str!("python.mjs"));
        // An empty module.
        sandbox.write("package/python.wasm", "\0asm\x01\0\0\0");
        sandbox
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn command(&self, verb: &str, options: &[&str], arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg(verb).args(options).arg(self.path("package/python.wasm")).args(arguments);
        command.current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, options: &[&str], arguments: &[&str]) -> Output {
        output_of(&mut self.command("run", options, arguments))
    }
}

fn output_of(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Output { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

#[test]
fn arguments_environment_and_exit_code_pass_through() {
    let sandbox = Sandbox::new();
    let output = sandbox.run(&["--env", "A=1 ö"], &["say", "--dir", "ä b"]);
    assert_eq!((output.code, output.stdout.as_str(), output.stderr.as_str()), (0, "--dir ä b {\"A\":\"1 ö\"} /\n", ""));
    assert_eq!(sandbox.run(&[], &["exit", "7"]).code, 7);
    let output = sandbox.run(&[], &["complain", "oh"]);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", "oh"));
}

#[test]
fn stdin_comes_as_it_is_and_ends() {
    let sandbox = Sandbox::new();
    let mut child =
        sandbox.command("run", &[], &["echo"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    for text in ["one\n", "two\n"] {
        // Each line is there before the next is sent.
        stdin.write_all(text.as_bytes()).unwrap();
        line.clear();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, text);
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_trap_is_reported_with_its_backtrace() {
    let output = Sandbox::new().run(&[], &["trap"]);
    assert_eq!(output.code, 134);
    assert!(
        output.stderr.starts_with("browser-runner: the guest trapped: RuntimeError: unreachable\n    at "),
        "{output:?}"
    );
    assert!(output.stderr.contains("package/python.mjs:") && !output.stderr.contains("127.0.0.1"), "{output:?}");
}

#[test]
fn what_a_hanging_guest_wrote_is_kept() {
    let sandbox = Sandbox::new();
    let journal = format!("{}::/journal", sandbox.path("journal").display());
    let output = sandbox.run(&["--timeout", "0.5", "--append", &journal], &["hang", "before"]);
    assert_eq!((output.code, output.stdout.as_str()), (124, "waiting\n"));
    assert!(output.stderr.contains("`hang before` did not end within 500ms"), "{output:?}");
    assert_eq!(sandbox.read("journal"), "before\n");
}

#[test]
fn interrupts_reach_the_guest_and_not_the_browser() {
    for action in ["hang", "echo"] {
        let sandbox = Sandbox::new();
        let journal = format!("{}::/journal", sandbox.path("journal").display());
        let mut command = sandbox.command("run", &["--append", &journal], &[action, "x"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        if action == "hang" {
            let mut line = String::new();
            BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        } else {
            child.stdin.as_mut().unwrap().write_all(b"x").unwrap();
            let mut byte = [0];
            std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut byte).unwrap();
        }
        // `wait` would close it, and the end of stdin could reach the guest before the interrupt.
        let _stdin = child.stdin.take();
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(if action == "hang" { 77 } else { 130 }), "{action}");
    }
}

#[test]
fn a_reader_that_leaves_ends_a_flood() {
    let sandbox = Sandbox::new();
    let mut child =
        sandbox.command("run", &[], &["flood"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut byte = [0];
    std::io::Read::read_exact(&mut child.stdout.take().unwrap(), &mut byte).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(134));
}

#[test]
fn directories_are_read_where_they_are_or_copied() {
    let sandbox = Sandbox::new();
    sandbox.write("folder/file", "text");
    sandbox.write("folder/a b/ö", "more");
    sandbox.write("outside", "secret");
    let mounted = ["--dir", "folder::/d::ro", "--cwd", "/d"];
    assert_eq!(sandbox.run(&mounted, &["read", "/d/file"]).stdout, "text");
    assert_eq!(sandbox.run(&mounted, &["list", "/d"]).stdout, ". .. a b file\n");
    assert_eq!(sandbox.run(&mounted, &["change", "/d"]).stdout, "errno 69\n");
    assert!(sandbox.path("folder/file").is_file());
    assert_eq!(sandbox.run(&["--dir", "folder::/d"], &["copied", "/d/a b/ö"]).stdout, "more");
}

#[test]
fn errors_have_hints() {
    let sandbox = Sandbox::new();
    let wrong = |options: &[&str], code: i32, words: &[&str]| {
        let output = sandbox.run(options, &["exit", "0"]);
        assert_eq!(output.code, code, "{output:?}");
        for word in words.iter().chain(&["browser-runner: error: ", "\nhint: "]) {
            assert!(output.stderr.contains(word), "{word}: {output:?}");
        }
    };
    wrong(
        &["--browser", "/no/chromium"],
        125,
        &["cannot start the browser `/no/chromium`", "apt-get install chromium"],
    );
    wrong(&["--dir", "nowhere::/d::ro"], 125, &["cannot read the directory `nowhere`"]);
    wrong(&["--nonsense"], 2, &["nonsense"]);
    // A browser that ends at once is quoted.
    let browser = sandbox.write("browser", "#!/bin/sh\necho no display >&2\nexit 3\n");
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&browser, permissions).unwrap();
    wrong(
        &["--browser", browser.to_str().unwrap()],
        125,
        &["does not start: it ended, with exit status: 3", "no display"],
    );
    sandbox.write("package/python.mjs", "export async function loadPython() { throw new Error('no such luck'); }");
    wrong(&[], 125, &["Python could not be started in the browser", "no such luck"]);
    sandbox.write("package/python.mjs", "this is no JavaScript");
    wrong(&[], 125, &["Python could not be started in the browser", "SyntaxError"]);
    std::fs::remove_file(sandbox.path("package/python.mjs")).unwrap();
    wrong(&[], 125, &["python.mjs is missing beside it"]);
}

/// A server that is asked by lines.
struct Server {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Server {
    fn start(sandbox: &Sandbox, options: &[&str], arguments: &[&str]) -> Self {
        let mut command = sandbox.command("server", options, arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (questions, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut server = Self { child, questions, answers };
        assert_eq!(server.answer(), "ready");
        server
    }

    fn ask(&mut self, words: &[&str]) -> String {
        let line: String = words.iter().map(|word| format!("{word}\0")).collect();
        writeln!(self.questions, "{line}").unwrap();
        self.answer()
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn end(mut self) {
        drop(self.questions);
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn a_server_runs_each_guest_anew_with_its_own_files() {
    let sandbox = Sandbox::new();
    sandbox.write("one/file", "first\n");
    sandbox.write("two/file", "second\n");
    let mut server = Server::start(&sandbox, &[], &["read", "/d/file"]);
    assert_eq!(server.ask(&["log", "--dir", "one::/d::ro"]), "exited 0");
    assert_eq!(server.ask(&["log", "--dir", "two::/d::ro"]), "exited 0");
    assert_eq!(server.ask(&["other", "--dir", "one::/d::ro"]), "exited 0");
    assert_eq!((sandbox.read("log"), sandbox.read("other")), ("first\nsecond\n".to_owned(), "first\n".to_owned()));
    server.end();
}

#[test]
fn a_server_outlives_guests_that_trap_or_hang() {
    let sandbox = Sandbox::new();
    let journal = format!("{}::/journal", sandbox.path("journal").display());
    let mut server = Server::start(&sandbox, &[], &["hang", "line"]);
    assert_eq!(server.ask(&["log", "--append", &journal, "--timeout", "0.3"]), "timed-out");
    assert_eq!(server.ask(&["log", "--append", &journal, "--timeout", "0.3"]), "timed-out");
    assert_eq!(sandbox.read("journal"), "line\nline\n");
    server.end();
    let mut server = Server::start(&sandbox, &[], &["trap"]);
    assert_eq!(server.ask(&["trapped"]), "exited 134");
    assert_eq!(server.ask(&["trapped"]), "exited 134");
    assert_eq!(sandbox.read("trapped").matches("the guest trapped: RuntimeError: unreachable").count(), 2);
    server.end();
}

#[test]
fn a_browser_ends_with_a_runner_that_is_killed_and_the_next_one_clears_up() {
    let sandbox = Sandbox::new();
    let profiles = sandbox.path("profiles");
    let options = ["--profiles", profiles.to_str().unwrap()];
    let mut server = Server::start(&sandbox, &options, &["exit", "0"]);
    assert!(running(&profiles) > 0);
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let began = Instant::now();
    while running(&profiles) > 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "the browser still runs");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(folders(&profiles), 1);
    assert_eq!(sandbox.run(&options, &["exit", "0"]).code, 0);
    assert_eq!(folders(&profiles), 0);
}

fn folders(profiles: &Path) -> usize {
    std::fs::read_dir(profiles).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count()
}

/// How many processes have a profile below this folder.
fn running(profiles: &Path) -> usize {
    let needle = profiles.to_str().unwrap().as_bytes();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    // The runner itself has it as an option, too.
    let browsers = lines.filter(|line| !line.windows(10).any(|part| part == b"--profiles"));
    browsers.filter(|line| line.windows(needle.len()).any(|part| part == needle)).count()
}
