//! `sys` with real processes: what children see, what of their output arrives, and that none is left behind.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{fs, thread};

use camino::{Utf8Path, Utf8PathBuf};
use xtask::cancel::Cancel;
use xtask::progress::{Progress, Silent};
use xtask::sys::{self, Command, CommandError, Failure, Finished};

use crate::FAKE_TOOL;

/// A folder of its own for a test, and what tests do in it.
struct Place {
    root: Utf8PathBuf,
    _guard: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let guard = tempfile::tempdir().unwrap();
        Self { root: Utf8PathBuf::from_path_buf(guard.path().to_owned()).unwrap(), _guard: guard }
    }

    fn path(&self, name: &str) -> Utf8PathBuf {
        self.root.join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// A fake tool that performs some instructions, in which `{}` is this place.
    fn tool(&self, instructions: &[&str]) -> Command {
        let args: Vec<_> = instructions.iter().map(|text| text.replace("{}", self.root.as_str())).collect();
        Command { args, ..self.command(FAKE_TOOL) }
    }

    fn command(&self, program: impl Into<Utf8PathBuf>) -> Command {
        Command {
            program: program.into(),
            args: Vec::new(),
            directory: self.root.clone(),
            environment: BTreeMap::new(),
            timeout: None,
        }
    }

    fn run(&self, command: &Command) -> Result<Finished, CommandError> {
        sys::run(command, &self.path("log"), None, &Cancel::default(), &Silent)
    }

    fn failure(&self, command: &Command) -> Failure {
        self.run(command).unwrap_err().kind
    }

    fn program(&self, name: &str, contents: impl AsRef<[u8]>, mode: u32) -> Utf8PathBuf {
        let path = self.path(name);
        fs::write(&path, contents).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    /// The processes that wrote their numbers to `pids`, once there are so many.
    fn pids(&self, count: usize) -> Vec<String> {
        eventually("all processes have begun", || self.read("pids").lines().count() == count);
        self.read("pids").lines().map(str::to_owned).collect()
    }
}

/// Waits for something that must come true, and gives up after a time that no working machine needs.
fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(60), "it never happened that {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A process whose parent has not asked for its status yet is gone too.
fn is_gone(pid: &str) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
}

fn all_gone(pids: &[String]) {
    eventually("the processes are gone", || pids.iter().all(|pid| is_gone(pid)));
}

/// Something that is started without `sys`, to see what `sys` does in it. It ends with the test.
struct Helper(std::process::Child);

impl Helper {
    #[expect(clippy::disallowed_methods, reason = "the helper stands for xtask, which is not started by `sys`")]
    fn start(command: &Command) -> Self {
        let mut helper = std::process::Command::new(&command.program);
        helper.args(&command.args).envs(&command.environment).stdin(Stdio::null()).stdout(Stdio::null());
        Self(helper.spawn().unwrap())
    }

    fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.0), signal).unwrap();
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Progress for Heard {
    fn advance(&self, _done: u64, _total: Option<u64>) {}
    fn line(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

#[test]
fn a_child_inherits_no_variable() {
    let place = Place::new();
    let poison = ["PYTHONPATH", "CFLAGS", "MAKEFLAGS", "CARGO_MANIFEST_DIR", "LC_ALL", "POISON"];
    let helper = Command {
        environment: poison.map(|name| (name.to_owned(), "poison".to_owned())).into(),
        ..place.tool(&["run {}/log transcript {}/transcript"])
    };
    assert!(Helper::start(&helper).0.wait().unwrap().success());
    let transcript: serde_json::Value = serde_json::from_str(&place.read("transcript")).unwrap();
    assert_eq!(transcript["environment"], serde_json::json!({}));
}

#[test]
fn a_child_gets_its_arguments_directory_environment_and_no_input() {
    let place = Place::new();
    let mut command = place.tool(&["transcript {}/transcript", "stdin", "when stdin out end of input"]);
    command.environment.insert("LANG".into(), "C".into());
    place.run(&command).unwrap();
    let transcript: serde_json::Value = serde_json::from_str(&place.read("transcript")).unwrap();
    let mut argv = vec![FAKE_TOOL.to_owned()];
    argv.extend(command.args.iter().cloned());
    assert_eq!(
        transcript,
        serde_json::json!({ "args": argv, "directory": place.root, "environment": { "LANG": "C" } })
    );
    assert!(place.read("log").contains("\nend of input\n"));
}

#[test]
fn a_question_on_the_terminal_is_answered_with_the_end_of_input() {
    let place = Place::new();
    place.run(&place.tool(&["terminal", "out no answer"])).unwrap();
    assert!(place.read("log").contains("\nno answer\n"));
}

#[test]
fn a_shell_reads_back_what_was_quoted() {
    let nasty = [
        "", " ", "a b", "it's", "''", "\"", "$HOME", "`id`", "$(id)", "\\", "\\n", "a\nb", "\t", "*", "?", "[a]", "~",
        "#", "!", "&", "|", ";", "<", ">", "(", ")", "{a,b}", "-n", "--", "=", "A=b", "é", "日本", "%s", "\u{1}",
        "'\"'\"'", "a'", "'a",
    ];
    let place = Place::new();
    let odd = place.root.join("odd = ' place");
    fs::create_dir(&odd).unwrap();
    fs::copy(FAKE_TOOL, odd.join("tool")).unwrap();
    fs::write(odd.join("tool.script"), "transcript transcript\n").unwrap();
    let command = Command {
        program: odd.join("tool"),
        args: nasty.map(str::to_owned).into(),
        directory: odd.clone(),
        environment: [("ODD".to_owned(), nasty.concat())].into(),
        timeout: None,
    };
    let shell = |script: String| Command {
        args: vec!["-c".into(), script],
        directory: odd.clone(),
        ..place.command("/bin/sh")
    };

    place.run(&command).unwrap();
    place.run(&shell(command.to_string())).unwrap();
    place.run(&shell(command.script())).unwrap();
    let transcript = place.read("odd = ' place/transcript");
    let calls: Vec<serde_json::Value> = transcript.lines().map(|call| serde_json::from_str(call).unwrap()).collect();
    assert_eq!(calls[0]["args"], calls[1]["args"], "one line, pasted into a shell");
    // The shell adds variables of its own (`PWD`).
    assert_eq!(calls[0]["environment"]["ODD"], calls[2]["environment"]["ODD"], "the script");
    assert_eq!((&calls[0]["args"], &calls[0]["directory"]), (&calls[2]["args"], &calls[2]["directory"]), "the script");
}

#[test]
fn output_is_in_the_log_and_heard_in_its_order() {
    let place = Place::new();
    let heard = Heard::default();
    let command = place.tool(&["out one", "err two", "out three", "err four", "err five"]);
    sys::run(&command, &place.path("log"), None, &Cancel::default(), &heard).unwrap();
    let lines = ["one", "two", "three", "four", "five"];
    assert_eq!(*heard.0.lock().unwrap(), lines);
    let log = format!("# directory: {}\n$ {command}\n{}\n# done\n", place.root, lines.join("\n"));
    assert_eq!(place.read("log"), log);
    place.run(&place.tool(&["out again"])).unwrap();
    assert!(place.read("log").starts_with(&log), "the log is added to");
}

#[test]
fn an_error_has_status_and_tail() {
    let place = Place::new();
    let mut instructions: Vec<_> = (0..50).map(|n| format!("out {n}")).collect();
    instructions.push("exit 3".into());
    let command = Command { args: instructions, ..place.tool(&[]) };
    let error = place.run(&command).unwrap_err();
    assert_eq!(error.to_string(), format!("`{FAKE_TOOL}` failed with exit status 3"));
    assert_eq!(error.tail, (10..50).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!((*error.command, error.log), (command, Some(place.path("log"))));
    assert!(place.read("log").ends_with("failed with exit status 3\n"));
}

#[test]
fn a_signal_is_reported_by_name() {
    let place = Place::new();
    let error = place.run(&place.tool(&["kill 9"])).unwrap_err();
    assert!(matches!(error.kind, Failure::Signal(9)));
    assert!(error.to_string().ends_with("was killed by signal 9 (SIGKILL)"));
    assert!(error.hint().is_some());
}

#[test]
fn what_cannot_be_started_is_explained() {
    let place = Place::new();
    let kind = |program: &Utf8Path| place.failure(&place.command(program));
    assert!(matches!(kind("no-such-tool".into()), Failure::NotFound));
    assert!(matches!(kind("./no-such-tool".into()), Failure::NotFound));
    assert!(matches!(kind(&place.program("data", "#!/bin/sh\n", 0o644)), Failure::NotExecutable));
    assert!(matches!(kind(&place.root), Failure::NotExecutable));
    assert!(matches!(kind(&place.program("text", "exit 0\n", 0o755)), Failure::NotAProgram));
    assert!(matches!(kind(&place.program("empty", "", 0o755)), Failure::NotAProgram));
    match kind(&place.program("script", "#! /no/such/python -I\n", 0o755)) {
        Failure::MissingInterpreter { interpreter } => assert_eq!(interpreter.unwrap(), "/no/such/python"),
        other => panic!("{other:?}"),
    }

    // Our own program, but for a machine that nobody builds any more; then with another loader.
    let mut elf = fs::read(FAKE_TOOL).unwrap();
    elf[18] = 2;
    assert!(matches!(kind(&place.program("foreign", &elf, 0o755)), Failure::WrongMachine));
    let mut elf = fs::read(FAKE_TOOL).unwrap();
    let loader = elf.windows(4).position(|bytes| bytes == b"/lib").unwrap();
    elf[loader + 1] = b'x';
    let loaderless = kind(&place.program("loaderless", &elf, 0o755));
    assert!(matches!(loaderless, Failure::MissingInterpreter { interpreter: None }), "{loaderless:?}");

    let nowhere = Command { directory: place.path("nowhere"), ..place.tool(&[]) };
    assert!(matches!(place.failure(&nowhere), Failure::DirectoryMissing));
    let unlogged = sys::run(&place.tool(&[]), &place.path("no/log"), None, &Cancel::default(), &Silent).unwrap_err();
    assert!(matches!(unlogged.kind, Failure::Log(_)));
}

#[test]
fn a_bare_name_is_looked_for_in_the_childs_path() {
    let place = Place::new();
    fs::create_dir(place.path("bin")).unwrap();
    place.program("tool", "not executable", 0o644);
    place.program("bin/tool", "#!/bin/sh\necho found\n", 0o755);
    let path = |path: String| Command { environment: [("PATH".into(), path)].into(), ..place.command("tool") };
    place.run(&path(format!("{0}:{0}/bin", place.root))).unwrap();
    assert!(place.read("log").contains("\nfound\n"));
    assert!(matches!(place.failure(&path(String::new())), Failure::NotFound));
}

#[test]
fn a_timeout_stops_grandchildren_too() {
    let place = Place::new();
    let mut command =
        place.tool(&["spawn pid {}/pids, sleep 600", "stray pid {}/pids, sleep 600", "pid {}/pids", "sleep 600"]);
    command.timeout = Some(Duration::from_secs(1));
    let error = place.run(&command).unwrap_err();
    assert!(matches!(error.kind, Failure::TimedOut(_)));
    all_gone(&place.pids(3));
}

#[test]
fn an_interruption_stops_those_that_ignore_it() {
    let place = Place::new();
    let command = place.tool(&[
        "ignore 1",
        "ignore 15",
        "spawn ignore 1, ignore 15, pid {}/pids, sleep 600",
        "stray ignore 1, ignore 15, pid {}/pids, sleep 600",
        "pid {}/pids",
        "sleep 600",
    ]);
    let cancel = Cancel::default();
    thread::scope(|scope| {
        let run = scope.spawn(|| sys::run(&command, &place.path("log"), None, &cancel, &Silent));
        let pids = place.pids(3);
        cancel.cancel();
        assert!(matches!(run.join().unwrap().unwrap_err().kind, Failure::Cancelled));
        all_gone(&pids);
    });
    let again = sys::run(&place.tool(&["pid {}/pids"]), &place.path("log"), None, &cancel, &Silent).unwrap_err();
    assert!(matches!(again.kind, Failure::Cancelled));
    assert_eq!(place.read("pids").lines().count(), 3, "nothing starts after an interruption");
}

#[test]
fn a_process_that_was_left_behind_does_not_hold_up_the_run() {
    let place = Place::new();
    // The child ends; one holds the pipe and ignores the hangup, the other closed it but runs on.
    let command = place.tool(&["spawn ignore 1, pid {}/pids, sleep 600", "await {}/pids", "out last words"]);
    place.run(&command).unwrap();
    assert!(place.read("log").contains("\nlast words\n"));
    all_gone(&place.pids(1));
    // In a group of its own: it is not ours to stop, and yet is not waited for.
    let command = place.tool(&["stray pid {}/pids, await {}/go", "await {}/pids", "out last words"]);
    fs::remove_file(place.path("pids")).unwrap();
    place.run(&command).unwrap();
    let pids = place.pids(1);
    assert!(!is_gone(&pids[0]));
    fs::write(place.path("go"), "").unwrap();
    all_gone(&pids);
}

#[test]
fn nothing_outlives_a_parent_that_is_killed() {
    let place = Place::new();
    let helper = place.tool(&["run {}/log ignore 1; ignore 15; spawn pid {}/pids, sleep 600; pid {}/pids; sleep 600"]);
    let helper = Helper::start(&helper);
    let pids = place.pids(2);
    assert!(!pids.iter().any(|pid| is_gone(pid)));
    helper.signal(rustix::process::Signal::KILL);
    all_gone(&pids);
}

#[test]
fn a_jobserver_bounds_the_jobs_of_all_makes_together() {
    const TOKENS: usize = 3;
    let place = Place::new();
    // The first job of a make waits for its second: a make that ran one job at a time would never end.
    let makefile = format!(
        "all: {targets}\n\
         job0:\n\t@{FAKE_TOOL} 'append ../jobs begin' 'await job1.begun' 'append ../jobs end'\n\
         job%:\n\t@{FAKE_TOOL} 'append ../jobs begin' 'write $@.begun x' 'append ../jobs end'\n",
        targets = (0..12).map(|n| format!("job{n} ")).collect::<String>(),
    );
    let makes = ["a", "b"].map(|name| {
        let directory = place.path(name);
        fs::create_dir(&directory).unwrap();
        fs::write(directory.join("Makefile"), &makefile).unwrap();
        let environment = [("PATH".into(), "/usr/bin:/bin".into())].into();
        Command { directory, environment, timeout: Some(Duration::from_secs(60)), ..place.command("make") }
    });
    let jobserver = jobserver::Client::new(TOKENS).unwrap();
    thread::scope(|scope| {
        for make in &makes {
            let (log, jobserver) = (make.directory.join("log"), &jobserver);
            scope.spawn(move || sys::run(make, &log, Some(jobserver), &Cancel::default(), &Silent).unwrap());
        }
    });
    let mut running = 0usize;
    let mut most = 0;
    for line in place.read("jobs").lines() {
        running = if line == "begin" { running + 1 } else { running - 1 };
        most = most.max(running);
    }
    assert_eq!(place.read("jobs").lines().count(), 48);
    assert!((2..=TOKENS).contains(&most), "{most} jobs ran at a time");
    assert_eq!(jobserver.available().unwrap(), TOKENS, "all tokens came back");
    let logs = ["a/log", "b/log"].map(|log| place.read(log)).concat();
    assert!(!logs.contains("jobserver"), "make does not complain: {logs}");
}

#[test]
fn who_waits_for_a_token_can_be_interrupted() {
    let place = Place::new();
    let jobserver = jobserver::Client::new(1).unwrap();
    let _taken = jobserver.acquire().unwrap();
    let cancel = Cancel::default();
    thread::scope(|scope| {
        let run = scope.spawn(|| sys::run(&place.tool(&[]), &place.path("log"), Some(&jobserver), &cancel, &Silent));
        cancel.cancel();
        assert!(matches!(run.join().unwrap().unwrap_err().kind, Failure::Cancelled));
    });
}

#[test]
fn an_answer_is_captured() {
    let place = Place::new();
    let cancel = Cancel::default();
    let captured = sys::output(&place.tool(&["out clang 22", "err a warning"]), &cancel).unwrap();
    assert_eq!((captured.stdout, captured.stderr), (b"clang 22\n".to_vec(), b"a warning\n".to_vec()));
    let error = sys::output(&place.tool(&["err unknown option", "exit 1"]), &cancel).unwrap_err();
    assert!(matches!(error.kind, Failure::Status(1)));
    assert_eq!((error.tail, error.log), (vec!["unknown option".to_owned()], None));
    let endless = Command { args: vec!["/dev/zero".into()], ..place.command("/bin/cat") };
    assert!(matches!(sys::output(&endless, &cancel).unwrap_err().kind, Failure::TooMuchOutput(_)));
}

#[test]
fn an_interactive_child_gives_its_status() {
    let place = Place::new();
    assert_eq!(sys::interactive(&place.tool(&["exit 7"])).unwrap(), 7);
    assert_eq!(sys::interactive(&place.tool(&["kill 15"])).unwrap(), 143);
    assert!(matches!(sys::interactive(&place.command("nothing")).unwrap_err().kind, Failure::NotFound));
}

#[test]
fn an_interactive_child_and_its_descendants_are_stopped_at_the_time_limit() {
    let place = Place::new();
    let limited = |instructions: &[&str], seconds| {
        let timeout = Some(Duration::from_secs(seconds));
        sys::interactive(&Command { timeout, ..place.tool(instructions) })
    };
    assert_eq!(limited(&["exit 7"], 60).unwrap(), 7);
    let error = limited(&["spawn pid {}/pids, sleep 600", "ignore 15", "pid {}/pids", "sleep 600"], 1).unwrap_err();
    assert!(matches!(error.kind, Failure::TimedOut(limit) if limit.as_secs() == 1));
    all_gone(&place.pids(2));
}

#[test]
fn interrupts_are_the_interactive_childs_alone() {
    let place = Place::new();
    let mut helper = Helper::start(&place.tool(&["interactive pid {}/pids; await {}/go; exit 5"]));
    place.pids(1);
    helper.signal(rustix::process::Signal::INT);
    helper.signal(rustix::process::Signal::INT);
    helper.signal(rustix::process::Signal::QUIT);
    fs::write(place.path("go"), "").unwrap();
    assert_eq!(helper.0.wait().unwrap().code(), Some(5));
}

#[test]
fn the_first_interrupt_cancels_and_the_second_ends() {
    let place = Place::new();
    let mut helper = Helper::start(&place.tool(&["cancellable {}/cancelled", "pid {}/pids", "sleep 600"]));
    place.pids(1);
    helper.signal(rustix::process::Signal::INT);
    eventually("the first interrupt cancels", || !place.read("cancelled").is_empty());
    assert!(helper.0.try_wait().unwrap().is_none());
    helper.signal(rustix::process::Signal::INT);
    assert_eq!(helper.0.wait().unwrap().code(), Some(130));
}
