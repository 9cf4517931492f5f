//! Starts Chromium and stops it. [`DevTools`] talks to it.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use command_fds::{CommandFdExt as _, FdMapping};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use serde_json::json;

use crate::arguments::Run;
use crate::devtools::{DevTools, Problem};
use crate::profile::Profile;
use runner_shared::chromium;
use runner_shared::failure::Failure;

/// How long it may take to start.
const START_LIMIT: Duration = Duration::from_secs(90);
/// How long it may take to exit after `Browser.close`.
const END_LIMIT: Duration = Duration::from_secs(5);
/// The descriptors that Chromium reads commands from and writes answers to.
const COMMANDS: i32 = 3;
const ANSWERS: i32 = 4;
/// How many of its last output lines an error shows.
const TAIL: usize = 12;

/// A running browser. It ends with this value; if this process is killed, it ends because its pipes do.
pub struct Browser {
    child: Child,
    pub devtools: DevTools,
    profile: Profile,
}

impl Browser {
    /// Starts it and waits until it answers.
    pub fn start(run: &Run) -> Result<Self, Failure> {
        let profile = Profile::new(run.profiles.as_deref())?;
        let io_failed = |error: io::Error| {
            Failure::host(format!("cannot start the browser: {error}"), "allow this process more files or memory")
        };
        let (their_commands, commands) = io::pipe().map_err(io_failed)?;
        let (answers, their_answers) = io::pipe().map_err(io_failed)?;
        let log = File::create(profile.path().join("chromium.log")).map_err(io_failed)?;
        let mut flags = vec![OsString::from("--remote-debugging-pipe")];
        flags.extend((!run.js_flags.is_empty()).then(|| format!("--js-flags={}", run.js_flags).into()));
        let started = chromium::Command::new(run.browser.as_ref(), profile.path(), &flags, "about:blank");
        #[expect(clippy::disallowed_methods, reason = "`sys` is xtask's; this program starts nothing else")]
        let mut command = Command::new(&started.program);
        command
            .args(started.arguments)
            .env_clear()
            .envs(started.environment)
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(io_failed)?)
            .stderr(log)
            // Ctrl-C is for the guest.
            .process_group(0);
        let mappings = vec![
            FdMapping { parent_fd: OwnedFd::from(their_commands), child_fd: COMMANDS },
            FdMapping { parent_fd: OwnedFd::from(their_answers), child_fd: ANSWERS },
        ];
        command.fd_mappings(mappings).map_err(|error| io_failed(io::Error::other(error)))?;
        let child = command.spawn().map_err(|error| {
            Failure::host(
                format!("cannot start the browser `{}`: {error}", run.browser.display()),
                "install Chromium, on Debian with `apt-get install chromium`, or name one with `--browser`",
            )
        })?;
        // Its ends of the pipes are held by the command until here; they must be the child's alone.
        drop(command);
        let mut devtools = DevTools::new(commands, answers);
        devtools.verbose = run.verbose;
        let mut browser = Self { child, devtools, profile };
        let version = browser.devtools.call(None, "Browser.getVersion", &json!({}), START_LIMIT);
        let version = version.map_err(|problem| browser.failed("does not start", &problem))?;
        if run.verbose {
            crate::say(version["product"].as_str().unwrap_or("a browser"));
        }
        Ok(browser)
    }

    /// A failure with what the browser itself printed.
    pub fn failed(&mut self, what: &str, problem: &Problem) -> Failure {
        let why = match problem {
            Problem::Refused(reason) => reason.clone(),
            Problem::Crashed { signal, status } => format!("its page ended by signal {signal} ({status})"),
            Problem::TimedOut => "it did not answer in time".to_owned(),
            Problem::Gone => match self.child.wait() {
                Ok(status) => format!("it ended, with {status}"),
                Err(error) => format!("it ended: {error}"),
            },
        };
        let text = std::fs::read(self.profile.path().join("chromium.log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(TAIL)..].join("\n  ");
        let hint = match text.contains("sandbox") && !rustix::process::geteuid().is_root() {
            true => "its sandbox needs user namespaces: allow them, or run this as another user",
            false => "run it with `--headless=new --dump-dom about:blank` to see whether it starts at all",
        };
        let tail = if tail.is_empty() { "nothing".to_owned() } else { format!("\n  {tail}") };
        Failure::host(format!("the browser {what}: {why}\nit printed {tail}"), hint)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.devtools.send(None, "Browser.close", &json!({}));
        let began = Instant::now();
        let pid = Pid::from_child(&self.child);
        // It is not waited for yet: until then its number names its group and nothing else.
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        while matches!(waitid(WaitId::Pid(pid), options), Ok(None)) && began.elapsed() < END_LIMIT {
            std::thread::sleep(Duration::from_millis(10));
        }
        // Its helpers are in its group, and some may not have ended yet.
        let _ = kill_process_group(pid, Signal::KILL);
        let _ = self.child.wait();
    }
}
