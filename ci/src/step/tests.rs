//! `ci tests` and `ci suites`: CPython's own tests on packages that are in the store.

use anyhow::Result;

use crate::context::Context;
use crate::matrix::Tests;

/// A share of the tests, as the matrix lists it.
pub fn run(context: &Context) -> Result<()> {
    for tests in &context.matrix.test {
        let python = ["--python", &tests.python, "--offline"];
        for arguments in &tests.runs {
            let line = format!("{} {}: {}", tests.host, tests.python, arguments.join(" "));
            let arguments = arguments.iter().map(String::as_str);
            let call = context.xtask(["test", &tests.host].into_iter().chain(python).chain(arguments));
            call.show().expect_code(line, 0)?;
        }
        if tests.smoke {
            smoke(context, tests)?;
        }
    }
    Ok(())
}

/// CPython's own programs, by hand.
fn smoke(context: &Context, tests: &Tests) -> Result<()> {
    let Tests { host, python, .. } = tests;
    let call = context.xtask(["run", host, "--python", python, "--offline", "--", "-m", "test", "test_bool"]);
    let line = call.line().to_owned();
    let said = call.succeed()?;
    let last = said.lines().rev().find(|line| line.to_lowercase().contains("result: "));
    let last = last.unwrap_or(&said).to_lowercase();
    context.checks.expect(
        format!("{host} {python}: regrtest by hand"),
        true,
        last.ends_with("result: success"),
        line + "\n" + &said,
    )?;
    // It exits with 0, and its output is read to the end.
    let call = context.xtask(["info", host, "--python", python, "--offline"]);
    let line = call.line().to_owned();
    let said = call.succeed()?;
    let platform = said.lines().find(|line| line.starts_with("sys.platform: ")).unwrap_or_default();
    context.checks.expect(
        format!("{host} {python}: pythoninfo"),
        format!("sys.platform: {}", platform_of(context, host)),
        platform,
        line,
    )
}

/// What `sys.platform` is on a host, as the matrix says for the host's builds.
fn platform_of<'a>(context: &'a Context, host: &str) -> &'a str {
    let target = context.matrix.build.iter().find(|target| target.host == host);
    target.and_then(|target| target.system.split(' ').next()).unwrap_or_default()
}

/// All tests. What is missing is built.
pub fn run_suites(context: &Context) -> Result<()> {
    for suite in &context.matrix.suite {
        let call = context.xtask(["test", &suite.host, "--python", &suite.python, "--build"]);
        call.show().expect_code(format!("{} {}: all tests", suite.host, suite.python), 0)?;
    }
    Ok(())
}
