//! One run of the real `xtask`: what it is given, and its result.

use std::collections::BTreeMap;
use std::fmt;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::{Pid, Signal, kill_process};

use super::sandbox::Sandbox;

/// A command line of `xtask`, or of another program, in the surroundings that a sandbox gives it.
#[must_use = "it has to be run"]
pub struct Invocation<'a> {
    sandbox: &'a Sandbox,
    /// The program and its arguments.
    words: Vec<String>,
    environment: BTreeMap<String, String>,
    directory: Utf8PathBuf,
    /// What a shell does before it becomes xtask.
    prelude: Option<String>,
    redacted: bool,
}

impl<'a> Invocation<'a> {
    pub fn new(sandbox: &'a Sandbox, program: &[&str], arguments: &[&str]) -> Self {
        let words = program.iter().chain(arguments).map(|word| (*word).to_owned()).collect();
        Self {
            sandbox,
            words,
            environment: sandbox.environment(),
            directory: sandbox.checkout(),
            prelude: None,
            redacted: true,
        }
    }

    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    pub fn without_env(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    /// With the tests' own `PATH` behind the sandbox's: git is wherever it is.
    pub fn with_git(self) -> Self {
        let path = format!("{}:{}", self.environment["PATH"], own_path());
        self.env("PATH", path)
    }

    pub fn with_umask(mut self, umask: u32) -> Self {
        self.prelude = Some(format!("umask {umask:03o}"));
        self
    }

    /// As `nohup` starts a program.
    pub fn with_hangups_ignored(mut self) -> Self {
        self.prelude = Some("trap '' HUP".to_owned());
        self
    }

    /// The output as it is, with paths, keys and durations.
    pub fn unredacted(mut self) -> Self {
        self.redacted = false;
        self
    }

    pub fn start(self) -> Running<'a> {
        let mut words = self.words;
        if let Some(prelude) = &self.prelude {
            let shell = ["/bin/sh", "-c", &format!("{prelude}; exec \"$0\" \"$@\"")].map(str::to_owned);
            words.splice(0..0, shell);
        }
        #[expect(clippy::disallowed_methods, reason = "the tests run xtask as a person does")]
        let mut command = std::process::Command::new(&words[0]);
        command.args(&words[1..]).env_clear().envs(&self.environment).current_dir(&self.directory);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        Running { sandbox: self.redacted.then_some(self.sandbox), child: child.unwrap() }
    }

    #[must_use = "the exit status was not checked"]
    pub fn run(self) -> Output {
        self.start().wait()
    }

    /// Runs it, and expects success.
    #[track_caller]
    pub fn succeed(self) -> Output {
        self.run().with_code(0)
    }

    /// Runs it, and insists that it ended with this code.
    #[track_caller]
    pub fn fail(self, code: i32) -> Output {
        self.run().with_code(code)
    }
}

/// An `xtask` that has not ended yet.
#[must_use = "it has to be waited for"]
pub struct Running<'a> {
    /// Knows how to redact the output, if that is wanted.
    sandbox: Option<&'a Sandbox>,
    child: Child,
}

impl Running<'_> {
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    #[must_use = "the exit status was not checked"]
    pub fn wait(self) -> Output {
        let output = self.child.wait_with_output().unwrap();
        let text = |bytes| {
            let text = String::from_utf8(bytes).unwrap();
            self.sandbox.map_or_else(|| text.clone(), |sandbox| sandbox.redact(&text))
        };
        let code = output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap());
        Output { code, stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// Its output and exit code. Paths of the sandbox, keys and durations are replaced by names for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// 128 + N if signal N ended it.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    #[track_caller]
    pub fn with_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{self}");
        self
    }

    /// The events of a run with `--format json`.
    #[track_caller]
    pub fn events(&self) -> Vec<serde_json::Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect()
    }

    /// The same with the lines of stages that ran side by side in the order of the plan.
    pub fn in_order(mut self) -> Self {
        let (mut of_stages, others): (Vec<&str>, Vec<&str>) =
            self.stderr.lines().partition(|line| line.starts_with('[') || line.starts_with("fetch-"));
        of_stages.sort_by_key(|line| line.split_once(": ").map(|(stage, _)| stage));
        let at = others.iter().position(|line| line.starts_with("done in") || line.starts_with("failed after"));
        let (before, after) = others.split_at(at.unwrap_or(others.len()));
        self.stderr = [before, &of_stages, after].concat().join("\n") + "\n";
        self
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit code: {}", self.code)?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                write!(f, "\n--- {name} ---\n{}", text.trim_end())?;
            }
        }
        Ok(())
    }
}

/// The `PATH` that the tests were started with.
#[expect(clippy::disallowed_methods, reason = "nobody else knows where git is")]
pub fn own_path() -> String {
    std::env::var("PATH").unwrap()
}

/// Replaces what differs from run to run: longer roots first, then keys and durations.
pub fn redact(text: &str, roots: &[(Utf8PathBuf, &str)]) -> String {
    let text = roots.iter().fold(text.to_owned(), |text, (path, name)| text.replace(path.as_str(), name));
    without_durations(&without_hashes(&text))
}

/// Whole SHA-256 become `[HASH]`, and the beginnings of them that folders are named by `[KEY]`.
fn without_hashes(text: &str) -> String {
    let mut redacted = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = rest.find(|c: char| !matches!(c, '0'..='9' | 'a'..='f')).unwrap_or(rest.len());
        match length {
            64 => redacted.push_str("[HASH]"),
            12..=32 if rest[..length].contains(|c: char| c.is_ascii_digit()) => redacted.push_str("[KEY]"),
            0 => redacted.push(first),
            _ => redacted.push_str(&rest[..length]),
        }
        rest = &rest[if length == 0 { first.len_utf8() } else { length }..];
    }
    redacted
}

/// `in 0.3 s`, `after 2.1 s`, `(about 3 s)`.
fn without_durations(text: &str) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    let is_unit = |word: &str| word.strip_prefix('s').is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
    for at in 2..words.len() {
        let told = ["in", "after", "(about"].iter().any(|word| words[at - 2].ends_with(word));
        if told && words[at - 1].parse::<f64>().is_ok() && is_unit(words[at]) {
            words[at - 1] = "[TIME]";
        }
    }
    words.join(" ")
}

/// Waits for something that must come true, and gives up after a time that no working machine needs.
#[track_caller]
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(60), "it never happened that {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The processes that work in a folder or below it.
pub fn processes_in(folder: &Utf8Path) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let works_here = |path: &std::path::Path| {
        std::fs::read_link(path.join("cwd")).is_ok_and(|directory| directory.starts_with(folder.as_std_path()))
    };
    let name = |path: &std::path::Path| std::fs::read_to_string(path.join("cmdline")).unwrap_or_default();
    processes.map(|process| process.path()).filter(|path| works_here(path)).map(|path| name(&path)).collect()
}
