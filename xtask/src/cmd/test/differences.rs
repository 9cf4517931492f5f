//! `cargo xtask test HOST --runner all`: the same tests on every runner that there is, and where they differ.

use anyhow::Result;

use super::Trial;
use crate::app::App;
use crate::cli::Test;
use crate::cmd::{usage, words};
use crate::recipe::runner::HOST_RUNNER;
use crate::suite::results::{Difference, Results, compare};

/// Runs all that can be had. Gives the exit code: 1 if any differed from its expectations.
pub fn run(app: &App, arguments: &Test) -> Result<u8> {
    let catalogue = app.catalogue()?;
    let usual_runner = match catalogue.hosts.get(&arguments.what.host) {
        Some(host) if host.common.family.has_one_runner() => {
            let usual = host.common.family.usual_runner();
            return Err(usage(format!("only {usual} runs {}\nhint: leave out `--runner`", arguments.what.host)));
        }
        host => host.map_or(HOST_RUNNER, |host| host.common.family.usual_runner()),
    };
    let mut names: Vec<String> = catalogue.runners.keys().cloned().collect();
    // The others are compared with it.
    names.sort_by_key(|name| name != usual_runner);
    let mut code = 0;
    let mut ran: Vec<(String, Results)> = Vec::new();
    for name in names {
        let trial = match Trial::prepare(app, arguments, Some(&name)) {
            Ok(trial) => trial,
            Err(error) if name != usual_runner => {
                app.ui.warning(format!("{name} is left out: {}", words(&error)));
                continue;
            }
            Err(error) => return Err(error),
        };
        app.ui.note(format!("tests on {}", trial.world.runner.title()));
        let results = trial.results(&[])?;
        code = code.max(trial.conclude(&results)?);
        ran.push((name, results));
    }
    let Some(((_, usual), others)) = ran.split_first() else { return Ok(code) };
    let mut rows: Vec<[String; 4]> = Vec::new();
    for (name, results) in others {
        rows.extend(compare(usual, results).into_iter().map(|difference| row(name, &difference)));
    }
    if rows.is_empty() {
        app.ui.data(&format!("no differences between {} runners\n", ran.len()));
    } else {
        app.ui.table(["runner", "test", usual_runner, "there"], &rows);
    }
    Ok(code)
}

fn row(runner: &str, difference: &Difference) -> [String; 4] {
    let (test, here, there) = match difference {
        Difference::File { file, left, right } => (file, left.map(|it| it.to_string()), right.map(|it| it.to_string())),
        Difference::Case { case, left, right, .. } => {
            (case, left.map(|it| it.to_string()), right.map(|it| it.to_string()))
        }
    };
    let word = |outcome: Option<String>| outcome.unwrap_or_else(|| "absent".to_owned());
    [runner.to_owned(), test.clone(), word(here), word(there)]
}
