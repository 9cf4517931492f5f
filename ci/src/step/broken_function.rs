//! `ci broken-function`: breaks one C function of CPython, and expects exactly its own test to fail.

use anyhow::{Result, bail};
use camino::Utf8Path;

use crate::context::Context;

/// `math.cbrt` returns the square root. In 3.13, one case calls it, and nothing in the library does.
const TEST: &str = "test.test_math.MathTests.testCbrt";
const RIGHT: &str = "FUNC1(cbrt, cbrt,";
const WRONG: &str = "FUNC1(cbrt, sqrt,";

/// All of CPython's tests run, unless some are named. The source and the downloads come from the store.
pub fn run(context: &Context, tests: &[String]) -> Result<()> {
    let scratch = context.folder("broken-function")?;
    let source = scratch.join("source");
    let results = scratch.join("results");
    let prepared = context.xtask(["path", "wasi", "source"]).succeed()?;
    context.call(context.shell.cmd("cp").args(["-a", &prepared, source.as_str()])).succeed()?;
    context.call(context.shell.cmd("chmod").args(["-R", "u+w", source.as_str()])).succeed()?;
    break_function(&source.join("Modules/mathmodule.c"))?;

    let options = ["test", "wasi", "--source", source.as_str(), "--offline", "--format", "json", "--build"];
    let arguments = options.into_iter().chain(["--results", results.as_str()]).chain(tests.iter().map(String::as_str));
    let dist = scratch.join("dist");
    let outcome = context.xtask(arguments).env("XTASK_DIST", dist).expect_code("the tests fail", 1)?;
    let failed = failed_cases(&fs_err::read_to_string(results.join("junit.xml"))?)?;
    context.checks.expect("the only case that fails", TEST, &*failed.join("\n"), outcome.line)
}

fn break_function(file: &Utf8Path) -> Result<()> {
    let text = fs_err::read_to_string(file)?;
    let line = format!("\n{RIGHT}");
    if text.matches(&line).count() != 1 {
        bail!("{file} no longer defines math.cbrt with `{RIGHT}`");
    }
    fs_err::write(file, text.replace(&line, &format!("\n{WRONG}")))?;
    Ok(())
}

/// The names of the cases with a failure or an error, in the order of the file.
fn failed_cases(junit: &str) -> Result<Vec<String>> {
    let document = roxmltree::Document::parse(junit)?;
    let is_failure = |node: roxmltree::Node| node.has_tag_name("failure") || node.has_tag_name("error");
    let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
    let failed = cases.filter(|case| case.children().any(is_failure));
    let name = |case: roxmltree::Node, attribute: &str| case.attribute(attribute).unwrap_or_default().to_owned();
    Ok(failed.map(|case| format!("{}.{}", name(case, "classname"), name(case, "name"))).collect())
}
