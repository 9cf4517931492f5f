//! `ci audit`: whether broken test files and broken runners are reported as failures.
//!
//! The files are `xtask/testing/audit/test_*.py`: each is broken in its own way, but for `test_control`, which must pass.
//! The runners are `ci/fixtures/broken-runners/*.sh`: each breaks while it runs `test_control`, but for `control`.
//! Where everything fails, a failure shows nothing: hence the controls.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use crate::context::Context;

const FILES: &str = "xtask/testing/audit";
const RUNNERS: &str = "ci/fixtures/broken-runners";
const CONTROL: &str = "test_control";

pub fn run(context: &Context) -> Result<()> {
    let scratch = context.folder("audit")?;
    let mut missed = Vec::new();
    let mut judge = |run: &Run, file: &str, what: String| match run.reports(file) {
        Ok(reason) => {
            context.checks.pass(format!("reported: {what}: {}", reason.chars().take(120).collect::<String>()));
        }
        Err(error) => {
            eprintln!("MISSED: {what}: {error:#}");
            missed.push(what);
        }
    };

    let files = names(&context.checkout.join(FILES), "py")?;
    for (name, options) in [("copies", &[][..]), ("fresh", &["--fresh"])] {
        let run = Run::start(context, &scratch, name, options)?;
        run.expect_control(context)?;
        for file in files.iter().filter(|file| file.starts_with("test_") && *file != CONTROL) {
            judge(&run, file, format!("{file} ({name})"));
        }
    }

    let runners = Runners::new(context, scratch.join("runners"))?;
    let run_with = |name: &str| -> Result<Run> {
        let program = runners.write(name)?;
        Run::start(context, &scratch, name, &[CONTROL, "--runner", program.as_str()])
    };
    run_with("control")?.expect_control(context)?;
    for name in names(&context.checkout.join(RUNNERS), "sh")? {
        if !["prelude", "control"].contains(&&*name) {
            judge(&run_with(&name)?, CONTROL, format!("runner {name}"));
        }
    }
    if !missed.is_empty() {
        bail!("not reported as failures:\n  {}", missed.join("\n  "));
    }
    Ok(())
}

/// The names, without extension, of a folder's files with this extension; sorted.
fn names(folder: &Utf8Path, extension: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in folder.read_dir_utf8()? {
        let entry = entry?;
        if entry.path().extension() == Some(extension) {
            names.extend(entry.path().file_stem().map(str::to_owned));
        }
    }
    names.sort();
    Ok(names)
}

/// A run of `cargo xtask test`, and all that it left.
struct Run {
    line: String,
    code: i32,
    events: Vec<Value>,
    results: Value,
    junit: String,
}

impl Run {
    fn start(context: &Context, scratch: &Utf8Path, name: &str, options: &[&str]) -> Result<Self> {
        let folder = scratch.join(name);
        let fixed = ["test", "wasi", "--testdir", FILES, "--file-timeout", "20", "--offline", "--format", "json"];
        let arguments = fixed.into_iter().chain(["--results", folder.as_str()]).chain(options.iter().copied());
        let outcome = context.xtask(arguments).with_stderr().run()?;
        let events = outcome.stdout.lines().map(serde_json::from_str).collect::<Result<_, _>>();
        let events = events.with_context(|| format!("not every line is JSON: {}\n{}", outcome.line, outcome.stdout))?;
        let read = |name: &str| {
            let text = fs_err::read_to_string(folder.join(name));
            text.with_context(|| format!("no results from {}\n{}", outcome.line, outcome.stderr))
        };
        let results = serde_json::from_str(&read("results.json")?)?;
        Ok(Self { code: outcome.code, events, results, junit: read("junit.xml")?, line: outcome.line })
    }

    /// That the file was reported as passed, which it is.
    fn expect_control(&self, context: &Context) -> Result<()> {
        let event = self.finished(CONTROL).context("no event `test-finished`")?;
        context.checks.expect(
            format!("{CONTROL} passes"),
            "passed",
            event["outcome"].as_str().unwrap_or_default(),
            &self.line,
        )
    }

    fn events<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        self.events.iter().filter(move |event| event["event"] == name)
    }

    fn finished(&self, file: &str) -> Option<&Value> {
        self.events("test-finished").find(|event| event["file"] == file)
    }

    /// Fails unless the file was reported as failed in every report. Returns the reason that was given.
    fn reports(&self, file: &str) -> Result<String> {
        let mut wrong = String::new();
        let mut require = |is_right: bool, what: &str| {
            if !is_right {
                let _ = write!(wrong, "\n  {what}");
            }
        };
        require(self.code == 1, "the exit code is not 1");
        let event = self.finished(file);
        require(event.is_some_and(|event| event["unexpected"].as_u64() > Some(0)), "test-finished: nothing unexpected");
        let summary = self.events("test-results").find(|event| event["ok"] == false);
        require(summary.is_some_and(|event| names_file(event, file)), "test-results: the file is not named");
        let entry = self.results["files"].as_array().into_iter().flatten().find(|entry| entry["name"] == file);
        let outcome = entry.and_then(|entry| entry["outcome"].as_str());
        let is_failure = outcome.is_some_and(|outcome| !["passed", "skipped", "resource-denied"].contains(&outcome));
        require(is_failure, "results.json: not a failure");
        require(junit_reports(&self.junit, file)?, "junit.xml: no failure");
        if !wrong.is_empty() {
            bail!("{wrong}\n  from: {}", self.line);
        }
        Ok(event.and_then(|event| event["reason"].as_str()).unwrap_or_default().to_owned())
    }
}

/// Whether some part of an event is about a file.
fn names_file(value: &Value, file: &str) -> bool {
    match value {
        Value::Object(fields) => {
            fields.iter().any(|(name, value)| (name == "file" && value == file) || names_file(value, file))
        }
        Value::Array(items) => items.iter().any(|item| names_file(item, file)),
        _ => false,
    }
}

fn junit_reports(text: &str, file: &str) -> Result<bool> {
    let document = roxmltree::Document::parse(text).context("junit.xml is not XML")?;
    let count =
        |suite: roxmltree::Node, name: &str| suite.attribute(name).and_then(|count| count.parse().ok()).unwrap_or(0);
    let mut suites = document.descendants().filter(|node| node.has_tag_name("testsuite"));
    Ok(suites
        .any(|suite| suite.attribute("name") == Some(file) && count(suite, "failures") + count(suite, "errors") > 0))
}

/// Writes the runners.
struct Runners {
    fixtures: Utf8PathBuf,
    folder: Utf8PathBuf,
    /// What the host runner and its cache are.
    variables: String,
}

impl Runners {
    fn new(context: &Context, folder: Utf8PathBuf) -> Result<Self> {
        let host_runner = context.host_runner("wasi", None)?;
        let store = context.xtask(["path", "wasi", "store"]).succeed()?;
        fs_err::create_dir_all(&folder)?;
        let variables = format!("host_runner='{host_runner}'\ncache='{store}/host-runner-cache'\n");
        Ok(Self { fixtures: context.checkout.join(RUNNERS), folder, variables })
    }

    fn write(&self, name: &str) -> Result<Utf8PathBuf> {
        let read = |name: &str| fs_err::read_to_string(self.fixtures.join(name).with_extension("sh"));
        let program = self.folder.join(name);
        fs_err::write(&program, format!("#!/bin/sh\n{}{}{}", self.variables, read("prelude")?, read(name)?))?;
        fs_err::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
        Ok(program)
    }
}
