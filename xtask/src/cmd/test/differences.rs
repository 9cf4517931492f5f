//! `cargo xtask test HOST --runner all`: the same tests on every runner that there is, and where they differ.

use anyhow::Result;

use super::TestRun;
use crate::app::App;
use crate::cli::{Format, Test};
use crate::cmd::{usage, words};
use crate::recipe::runner::HOST_RUNNER;
use crate::suite::differences::{Row, Side, rows};
use crate::suite::results::Results;

/// What `--runner` is given for this.
pub const ALL: &str = "all";

/// A runner on which the tests ran.
struct Ran<'a> {
    name: String,
    trial: TestRun<'a>,
    results: Results,
    is_as_expected: bool,
}

/// Runs all that can be had. Gives the exit code: 1 if any differed from its expectations, or could not end.
pub fn run(app: &App, arguments: &Test) -> Result<u8> {
    let for_one = [
        ("--list-tests", arguments.list_tests),
        ("--list-cases", arguments.list_cases),
        ("--bisect", arguments.bisect),
        ("--rerun-failed", arguments.rerun_failed),
    ];
    if let Some((option, _)) = for_one.into_iter().find(|(_, given)| *given) {
        return Err(usage(format!("{option} means one runner\nhint: name it instead of `--runner {ALL}`")));
    }
    let catalogue = app.catalogue()?;
    let usual_runner = match catalogue.hosts.get(&arguments.options.host) {
        Some(host) if host.common.family.has_one_runner() => {
            let usual = host.common.family.usual_runner();
            return Err(usage(format!("only {usual} runs {}\nhint: leave out `--runner`", arguments.options.host)));
        }
        host => host.map_or(HOST_RUNNER, |host| host.common.family.usual_runner()),
    };
    // What needs a driver of ours runs hosts of its own, and no others.
    let fitting = catalogue.runners.iter().filter(|(_, runner)| runner.program.driver.is_none());
    let mut names: Vec<String> = fitting.map(|(name, _)| name.clone()).collect();
    // The others are compared with it.
    names.sort_by_key(|name| name != usual_runner);
    let mut all_ended = true;
    let mut ran: Vec<Ran<'_>> = Vec::new();
    for name in names {
        if let Some(reason) = &catalogue.runners[&name].not_compared {
            app.ui.note(format!("{name} is left out: {reason}"));
            continue;
        }
        let trial = match TestRun::prepare(app, arguments, Some(&name)) {
            Ok(trial) => trial,
            Err(error) if name != usual_runner && !app.cancel.is_cancelled() => {
                app.ui.warning(format!("{name} is left out: {}", words(&error)));
                continue;
            }
            Err(error) => return Err(error),
        };
        app.ui.note(format!("tests on {}", trial.guest_env.runner.title()));
        // What the others came to is worth telling even if one cannot end.
        match trial.results(&[]).and_then(|results| Ok((trial.classify(&results)?, results))) {
            Ok((code, results)) => ran.push(Ran { name, trial, results, is_as_expected: code == 0 }),
            Err(error) if name != usual_runner && !app.cancel.is_cancelled() => {
                all_ended = false;
                app.ui.warning(format!("the tests on {name} did not end: {}", words(&error)));
            }
            Err(error) => return Err(error),
        }
    }
    tell(app, &ran);
    Ok(u8::from(!all_ended || ran.iter().any(|ran| !ran.is_as_expected)))
}

/// Tells what each came to, and then where the others differ from the first.
fn tell<'r>(app: &App, ran: &'r [Ran<'_>]) {
    let side = |ran: &'r Ran<'_>| Side {
        runner: &ran.name,
        results: &ran.results,
        known: Box::new(|file, case| ran.trial.judge.known(file, case)),
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
        (_, []) => app.ui.data(&format!("only {} ran: nothing to compare it with\n", usual.runner)),
        ([], _) => app.ui.data(&format!("no differences between {} runners\n", sides.len())),
        (rows, _) => {
            app.ui.table(["test", usual.runner, "elsewhere", "why"], &rows.iter().map(Row::cells).collect::<Vec<_>>());
        }
    }
}

/// The cells of what one runner came to.
fn total(ran: &Ran<'_>) -> [String; 6] {
    let totals = &ran.results.totals;
    let is_as_expected = if ran.is_as_expected { "yes" } else { "no" };
    [
        ran.trial.guest_env.runner.title(),
        format!("{:.1} s", ran.results.seconds),
        totals.n_files().to_string(),
        totals.tests_run.to_string(),
        totals.tests_skipped.to_string(),
        is_as_expected.to_owned(),
    ]
}
