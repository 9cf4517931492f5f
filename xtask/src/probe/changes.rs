//! Where a run differs from what is expected, and the file that makes it expected. Pure.

use std::collections::BTreeMap;

use super::answer::{Answer, Verdict};
use super::columns::Place;
use super::expected::{Expectation, Expected};
use super::table::Column;

/// The longest that is quoted of what a program said.
const LONGEST: usize = 120;

/// A cell that is not as expected.
#[derive(Debug)]
pub struct Difference<'a> {
    pub probe: &'a str,
    pub column: &'a str,
    pub expected: &'a Expectation,
    pub answer: &'a Answer,
}

impl Difference<'_> {
    /// One line.
    pub fn text(&self) -> String {
        let Self { probe, column, expected, answer } = self;
        let reason = if expected.reason.is_empty() { String::new() } else { format!(" ({})", expected.reason) };
        format!("{column}: {probe}: expected {}{reason}, got {}", expected.verdict.word(), short(&answer.text()))
    }
}

/// The answers of a column that are not as expected.
fn differences(column: &Column) -> impl Iterator<Item = Difference<'_>> {
    column.answers.iter().filter_map(|(probe, answer)| {
        let expected = column.expected.get(probe)?;
        let differs = !expected.allows(answer.verdict);
        differs.then_some(Difference { probe, column: &column.name, expected, answer })
    })
}

/// All cells that are not as expected, and what to do about them; `None` if there are none.
pub fn complaint(columns: &[Column]) -> Option<String> {
    let differences: Vec<Difference<'_>> = columns.iter().flat_map(differences).collect();
    let first = differences.first()?;
    let lines: String = differences.iter().map(|difference| format!("\n  {}", difference.text())).collect();
    let count =
        if differences.len() == 1 { "1 answer is".to_owned() } else { format!("{} answers are", differences.len()) };
    Some(format!(
        "{count} not as expected:{lines}\n\
         hint: `cargo xtask status {} --probe {}` shows what the program printed; \
         if the new answers are intended, update recipes/status, or let `cargo xtask status --write` do it",
        first.column, first.probe
    ))
}

/// What `recipes/status/new.toml` has to say so that these columns are as expected by the other files and by it.
/// `None` if it is not needed. What was written in it before keeps its reason.
pub fn new_file(others: &Expected, written: &Expected, columns: &[(&Column, Place<'_>)]) -> Option<String> {
    let mut expected = others.clone();
    let mut cells: BTreeMap<(String, String), &Answer> = BTreeMap::new();
    // An entry for a column may be the one of a wider scope too, so that other columns need one of their own.
    loop {
        let before = cells.len();
        for (column, place) in columns {
            for (probe, answer) in &column.answers {
                let wanted = answer.verdict != Verdict::NotMeasured;
                if wanted && !expected.of(probe, place).allows(answer.verdict) {
                    let reason = match written.of(probe, place) {
                        old if old.verdict == answer.verdict => old.reason,
                        _ => String::new(),
                    };
                    let expectation = Expectation { verdict: answer.verdict, reason, sometimes: false, issue: None };
                    expected.set(probe, &column.name, expectation);
                    cells.insert((probe.clone(), column.name.clone()), answer);
                }
            }
        }
        if cells.len() == before {
            break;
        }
    }
    if cells.is_empty() {
        return None;
    }
    // One entry for all cells that have the same reason, or that said the same.
    let mut entries: BTreeMap<(String, &str, &str), BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for ((probe, column), answer) in &cells {
        let reason = expected.written(probe, column).map(|cell| cell.reason.clone()).unwrap_or_default();
        let entry = entries.entry((reason, answer.verdict.word(), answer.detail.as_str())).or_default();
        entry.entry(column).or_default().push(probe);
    }
    let mut text = "schema = 1\n\n# Written by `cargo xtask status --write`: answers that are new.\n\
                    # Give each a reason, and move it to the file of its subject; `cargo xtask recipe check` rejects an empty one.\n"
        .to_owned();
    for ((reason, verdict, detail), columns) in &entries {
        text.push_str(&format!("\n[[reason]]\ntext = {}\n", quoted(reason)));
        if !detail.is_empty() {
            text.push_str(&format!("seen = {}\n", quoted(&short(detail))));
        }
        for (column, probes) in columns {
            let probes: Vec<String> = probes.iter().map(|probe| quoted(probe)).collect();
            text.push_str(&format!("{verdict}.{} = [{}]\n", quoted(column), probes.join(", ")));
        }
    }
    Some(text)
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
