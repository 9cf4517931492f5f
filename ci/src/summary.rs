//! The table at the end: each step, how many checks it passed, and how long it took.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::context::Context;

/// What the steps that ran came to.
#[derive(Default)]
pub struct Summary(Vec<Line>);

struct Line {
    name: String,
    passed: usize,
    failed: bool,
    took: Duration,
}

impl Summary {
    /// Runs a step and records the result.
    pub fn measure(
        &mut self,
        name: &str,
        context: &mut Context,
        run: impl FnOnce(&Context) -> Result<()>,
    ) -> Result<()> {
        context.cancel.check()?;
        eprintln!("\n== {name}");
        let before = context.checks.passed();
        let started = Instant::now();
        let result = run(context);
        self.0.push(Line {
            name: name.to_owned(),
            passed: context.checks.passed() - before,
            failed: result.is_err(),
            took: started.elapsed(),
        });
        result
    }

    /// Prints the table: all steps that were to run, in order.
    pub fn print<'a>(&self, names: impl Iterator<Item = &'a str>) {
        let names: Vec<&str> = names.collect();
        let width = names.iter().map(|name| name.len()).max().unwrap_or(0);
        eprintln!();
        for (index, name) in names.iter().enumerate() {
            match self.0.get(index) {
                None => eprintln!("{name:width$}  not run"),
                Some(Line { name, passed, failed, took }) => {
                    let how = if *failed { "FAILED" } else { "ok" };
                    eprintln!("{name:width$}  {how:6}  {passed:3} passed  {}", duration(*took));
                }
            }
        }
        if names.len() > 1 {
            let passed: usize = self.0.iter().map(|line| line.passed).sum();
            let took = self.0.iter().map(|line| line.took).sum();
            eprintln!("{:width$}  {:6}  {passed:3} passed  {}", "", "", duration(took));
        }
    }
}

/// Such as `12 min 05 s`.
fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds / 60 {
        0 => format!("{seconds} s"),
        minutes => format!("{minutes} min {:02} s", seconds % 60),
    }
}
