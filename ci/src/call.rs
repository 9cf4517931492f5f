//! Runs a command and checks its exit code and output.

use std::fmt::Display;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use camino::Utf8Path;
use xshell::Cmd;
use xtask::app::is_set_by_cargo_run;
use xtask::cancel::Cancel;
use xtask::sys::command::quote;

use crate::checks::Checks;

/// A command that was not started yet.
pub struct Call<'a> {
    cancel: &'a Cancel,
    checks: &'a Checks,
    command: Command,
    /// As a person would type it.
    line: String,
    /// How that person would get to its folder, and set its variables.
    folder: String,
    variables: String,
    input: Option<String>,
    captures_stderr: bool,
    shows_stdout: bool,
    log: Option<File>,
}

/// The exit code and the output of a command.
#[derive(Debug)]
pub struct Outcome {
    pub line: String,
    /// 128 + N if signal N ended it.
    pub code: i32,
    /// Without line ends at the end.
    pub stdout: String,
    /// Empty unless it was asked for.
    pub stderr: String,
}

impl<'a> Call<'a> {
    pub fn new(cancel: &'a Cancel, checks: &'a Checks, command: Cmd<'_>) -> Self {
        let mut command = Command::from(command);
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words: Vec<String> = words.map(|word| quote(&word.to_string_lossy()).into_owned()).collect();
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_set_by_cargo_run(&name.to_string_lossy())) {
            command.env_remove(&name);
        }
        Self {
            cancel,
            checks,
            command,
            line: words.join(" "),
            folder: String::new(),
            variables: String::new(),
            input: None,
            captures_stderr: false,
            shows_stdout: false,
            log: None,
        }
    }

    /// Runs it in another folder than the checkout.
    pub fn dir(mut self, folder: &Utf8Path) -> Self {
        self.command.current_dir(folder);
        self.folder = format!("cd {} && ", quote(folder.as_str()));
        self
    }

    /// Sets a variable of its environment.
    pub fn env(mut self, name: &str, value: impl Display) -> Self {
        let value = value.to_string();
        self.command.env(name, &value);
        self.variables.push_str(&format!("{name}={} ", quote(&value)));
        self
    }

    /// Removes a variable from its environment.
    pub fn env_remove(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// What it reads from standard input; nothing if not given.
    pub fn input(mut self, text: &str) -> Self {
        self.input = Some(text.to_owned());
        self
    }

    /// Captures what it prints on standard error, which goes to the terminal otherwise.
    pub fn with_stderr(mut self) -> Self {
        self.captures_stderr = true;
        self
    }

    /// Leaves its standard output to the terminal.
    pub fn show(mut self) -> Self {
        self.shows_stdout = true;
        self
    }

    /// Writes both streams to a file.
    pub fn log_to(mut self, path: &Utf8Path) -> Result<Self> {
        self.log = Some(fs_err::File::create(path)?.into());
        Ok(self)
    }

    /// The command as a line.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// Starts it with its standard output in a pipe, and does not wait.
    pub fn spawn(mut self) -> Result<(Child, String)> {
        self.cancel.check()?;
        let line = format!("{}{}{}", self.folder, self.variables, self.line);
        eprintln!("$ {line}");
        self.command.stdin(if self.input.is_some() { Stdio::piped() } else { Stdio::null() });
        self.command.stdout(if self.shows_stdout { Stdio::inherit() } else { Stdio::piped() });
        self.command.stderr(if self.captures_stderr { Stdio::piped() } else { Stdio::inherit() });
        if let Some(log) = self.log {
            self.command.stdout(log.try_clone()?).stderr(log);
        }
        let mut child = self.command.spawn().with_context(|| format!("could not start `{line}`"))?;
        if let (Some(text), Some(mut stdin)) = (self.input, child.stdin.take()) {
            // A program that reads nothing closes the pipe.
            thread::spawn(move || stdin.write_all(text.as_bytes()));
        }
        Ok((child, line))
    }

    /// Runs it to its end, however it ends.
    pub fn run(self) -> Result<Outcome> {
        let cancel = self.cancel;
        let (mut child, line) = self.spawn()?;
        let stdout = read_in_background(child.stdout.take());
        let stderr = read_in_background(child.stderr.take());
        let code = wait(cancel, &mut child)?;
        Ok(Outcome { line, code, stdout: stdout.join().unwrap_or_default(), stderr: stderr.join().unwrap_or_default() })
    }

    /// Runs it, and returns its standard output. It must exit with 0.
    pub fn succeed(self) -> Result<String> {
        let outcome = self.run()?;
        if outcome.code != 0 {
            bail!(
                "command exited with {}\ncommand: {}\n{}{}",
                outcome.code,
                outcome.line,
                outcome.stdout,
                outcome.stderr
            );
        }
        Ok(outcome.stdout)
    }

    /// A check: it exits with 0 and prints `wanted`.
    pub fn expect(self, what: impl Display, wanted: &str) -> Result<()> {
        let checks = self.checks;
        let outcome = self.run()?;
        if outcome.code != 0 {
            bail!(
                "{what}\nwanted: exit code 0\nfound:  exit code {}\nfrom:   {}\n{}",
                outcome.code,
                outcome.line,
                outcome.stderr
            );
        }
        checks.expect(what, wanted, &*outcome.stdout, &outcome.line)
    }

    /// A check: it exits with this code.
    pub fn expect_code(self, what: impl Display, wanted: i32) -> Result<Outcome> {
        let checks = self.checks;
        let outcome = self.run()?;
        let how = format!("{}\n{}", outcome.line, outcome.stderr);
        checks.expect(what, exit_code(wanted), exit_code(outcome.code), how.trim_end())?;
        Ok(outcome)
    }
}

/// An exit code in words.
pub fn exit_code(code: i32) -> String {
    format!("exit code {code}")
}

fn read_in_background(stream: Option<impl std::io::Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned()
    })
}

/// Waits for a command. When the run is interrupted, it gets SIGTERM: Ctrl-C reached it already, other signals did not.
pub fn wait(cancel: &Cancel, child: &mut Child) -> Result<i32> {
    loop {
        if let Some(status) = child.try_wait()? {
            cancel.check()?;
            return Ok(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default()));
        }
        if cancel.is_cancelled() {
            signal(child, "TERM");
            child.wait()?;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Sends a signal to a command. One that has ended needs none.
pub fn signal(child: &Child, name: &str) {
    if let Ok(shell) = xshell::Shell::new() {
        let id = child.id().to_string();
        let _ = xshell::cmd!(shell, "kill -{name} {id}").quiet().ignore_stderr().run();
    }
}
