//! `cargo xtask test HOST --runner all`: runs the tests on all runners and compares the results.

use anyhow::Result;

use super::TestRun;
use crate::app::App;
use crate::cli::{Format, Test};
use crate::cmd::{usage, words};
use crate::recipe::runner::HOST_RUNNER;
use crate::suite::differences::{Row, Side, rows};
use crate::suite::results::Results;

/// The value of `--runner` for all runners.
pub const ALL: &str = "all";

/// A runner on which the tests ran.
struct Ran<'a> {
    name: String,
    test_run: TestRun<'a>,
    results: Results,
    is_as_expected: bool,
}

/// Runs the tests on all available runners. Returns the exit code: 1 if any run failed or did not finish.
pub fn run(app: &App, arguments: &Test) -> Result<u8> {
    let for_one = [
        ("--list-tests", arguments.list_tests),
        ("--list-cases", arguments.list_cases),
        ("--bisect", arguments.bisect),
        ("--rerun-failed", arguments.rerun_failed),
    ];
    if let Some((option, _)) = for_one.into_iter().find(|(_, given)| *given) {
        return Err(usage(format!("{option} does not work with `--runner {ALL}`\nhint: name one runner")));
    }
    let catalogue = app.catalogue()?;
    let usual_runner = match catalogue.hosts.get(&arguments.options.host) {
        Some(host) if host.family().has_one_runner() => {
            let usual = host.family().usual_runner();
            return Err(usage(format!("{} runs only on {usual}\nhint: omit `--runner`", arguments.options.host)));
        }
        host => host.map_or(HOST_RUNNER, |host| host.family().usual_runner()),
    };
    // A runner with a driver in this workspace runs its own hosts only.
    let fitting = catalogue.runners.iter().filter(|(_, runner)| runner.program.driver.is_none());
    let mut names: Vec<String> = fitting.map(|(name, _)| name.clone()).collect();
    // The first one is compared with the others.
    names.sort_by_key(|name| name != usual_runner);
    let mut all_ended = true;
    let mut ran: Vec<Ran<'_>> = Vec::new();
    for name in names {
        if let Some(reason) = &catalogue.runners[&name].not_compared {
            app.ui.note(format!("skipping {name}: {reason}"));
            continue;
        }
        let test_run = match TestRun::prepare(app, arguments, Some(&name)) {
            Ok(test_run) => test_run,
            Err(error) if name != usual_runner && !app.cancel.is_cancelled() => {
                app.ui.warning(format!("skipping {name}: {}", words(&error)));
                continue;
            }
            Err(error) => return Err(error),
        };
        app.ui.note(format!("tests on {}", test_run.guest_env.runner.title()));
        // The results of the others are useful even if one run cannot finish.
        match test_run.results(&[]).and_then(|results| Ok((test_run.classify(&results)?, results))) {
            Ok((code, results)) => ran.push(Ran { name, test_run, results, is_as_expected: code == 0 }),
            Err(error) if name != usual_runner && !app.cancel.is_cancelled() => {
                all_ended = false;
                app.ui.warning(format!("the tests on {name} did not finish: {}", words(&error)));
            }
            Err(error) => return Err(error),
        }
    }
    print(app, &ran);
    Ok(u8::from(!all_ended || ran.iter().any(|ran| !ran.is_as_expected)))
}

/// Prints a summary of each runner, and the differences from the first.
fn print<'r>(app: &App, ran: &'r [Ran<'_>]) {
    let side = |ran: &'r Ran<'_>| Side {
        runner: &ran.name,
        results: &ran.results,
        known: Box::new(|file, case| ran.test_run.judge.known(file, case)),
    };
    let sides: Vec<Side<'_>> = ran.iter().map(side).collect();
    let Some((usual, others)) = sides.split_first() else { return };
    let rows = rows(usual, others);
    if app.format == Format::Json {
        let runners: Vec<_> = ran.iter().map(|ran| {
            let run = &ran.results.run.runner;
            serde_json::json!({ "name": run.name, "version": run.version, "ok": ran.is_as_expected, "seconds": ran.results.seconds, "totals": ran.results.totals })
        }).collect();
        let document = serde_json::json!({ "event": "test-differences", "runners": runners, "differences": rows });
        return app.ui.data(&format!("{document}\n"));
    }
    app.ui.data("\n");
    app.ui.table(
        ["runner", "time", "files", "tests run", "skipped", "as expected"],
        &ran.iter().map(total).collect::<Vec<_>>(),
    );
    app.ui.data("\n");
    match (rows.as_slice(), others) {
        (_, []) => app.ui.data(&format!("only {} ran: there is nothing to compare\n", usual.runner)),
        ([], _) => app.ui.data(&format!("no differences between {} runners\n", sides.len())),
        (rows, _) => {
            app.ui.table(["test", usual.runner, "elsewhere", "why"], &rows.iter().map(Row::cells).collect::<Vec<_>>());
        }
    }
}

/// The table row of one runner.
fn total(ran: &Ran<'_>) -> [String; 6] {
    let totals = &ran.results.totals;
    let is_as_expected = if ran.is_as_expected { "yes" } else { "no" };
    [
        ran.test_run.guest_env.runner.title(),
        format!("{:.1} s", ran.results.seconds),
        totals.n_files().to_string(),
        totals.tests_run.to_string(),
        totals.tests_skipped.to_string(),
        is_as_expected.to_owned(),
    ]
}
