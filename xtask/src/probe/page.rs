//! The status page: one table for each group of probes, with short cells and the reasons beside them. Pure.
//!
//! The page is also read: what another machine measured stays as it is when only some columns are compared.

use std::collections::BTreeMap;

use super::Probes;
use super::answer::{Answer, Verdict};
use super::columns::{ColumnRecipe, Columns, Place};
use super::expected::{Expectation, Expected};
use super::table::{Column, NotMeasured, Totals};

/// The page, relative to the checkout.
pub const FILE: &str = "docs/status.md";

const HEADER: &str = "# What works where\n\n\
    Each cell is the answer of a small program in [recipes/probes](../recipes/probes/README.md), which ran on the Python of that column.\n\
    The reasons are those of [recipes/status](../recipes/status/README.md), where every answer that is not yes is expected.\n\
    `cargo xtask status --write` makes this page from new runs, and `cargo xtask status --check` fails if a run gives other answers.\n\
    `cargo xtask status COLUMN --probe GROUP/NAME` shows what one program printed, and `cargo xtask status --format json` has everything: [status-json.md](status-json.md).\n";

/// Where the programs are, seen from the page.
const PROGRAMS: &str = "../recipes/probes/";

/// One answer, as short as the page has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub verdict: Verdict,
    /// What readers want to know, of a yes.
    pub value: String,
}

/// A column with answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    pub python: String,
    pub runner: String,
    /// By the names of the probes.
    pub cells: BTreeMap<String, Cell>,
}

/// What a page has of each column that it has answers of.
pub type Recorded = BTreeMap<String, Measured>;

/// Everything that the page is made of.
pub struct Contents<'a> {
    pub probes: &'a Probes,
    pub expected: &'a Expected,
    /// All columns with answers, in their order.
    pub columns: Vec<(&'a ColumnRecipe, Place<'a>, Measured)>,
    pub not_measured: Vec<NotMeasured>,
    /// Whole sections, which come last.
    pub sections: Vec<String>,
}

impl Cell {
    fn of(answer: &Answer, expected: Option<&Expectation>, recipe: &ColumnRecipe) -> Self {
        if let Some(expected) = expected.filter(|expected| expected.sometimes) {
            return Self { verdict: expected.verdict, value: String::new() };
        }
        let shown = answer.verdict == Verdict::Yes && recipe.values_vary.is_none();
        Self { verdict: answer.verdict, value: if shown { answer.detail.clone() } else { String::new() } }
    }
}

impl Measured {
    /// The answers of a run.
    pub fn of(column: &Column, recipe: &ColumnRecipe) -> Self {
        let cell =
            |(probe, answer): (&String, &Answer)| (probe.clone(), Cell::of(answer, column.expected.get(probe), recipe));
        let cells = column.answers.iter().map(cell);
        Self { python: column.python.clone(), runner: column.runner.clone(), cells: cells.collect() }
    }
}

impl Measured {
    /// The same beside what a page has. Another release has other values, so those of the page stay.
    pub fn after(mut self, before: &Self) -> Self {
        for (probe, cell) in self.cells.iter_mut().filter(|_| self.python != before.python) {
            if let Some(old) = before.cells.get(probe).filter(|old| old.verdict == cell.verdict) {
                cell.value = old.value.clone();
            }
        }
        self
    }
}

impl Contents<'_> {
    /// The whole page.
    pub fn text(&self) -> String {
        let mut text = format!("{HEADER}\n## Columns\n\n");
        let rows = self.columns.iter().map(|(recipe, _, measured)| {
            let totals = Totals::of(measured.cells.values().map(|cell| cell.verdict)).text();
            let Measured { python, runner, .. } = measured;
            [format!("`{}`", recipe.name()), recipe.title.clone(), python.clone(), runner.clone(), totals].to_vec()
        });
        text.push_str(&table(&["column", "title", "Python", "run by", "answers"], rows));
        if !self.not_measured.is_empty() {
            text.push_str("\nThese columns were not measured, so nothing is known about them:\n\n");
            let rows = self.not_measured.iter().map(|column| {
                [
                    format!("`{}`", column.name),
                    column.title.clone(),
                    column.reason.clone(),
                    format!("`{}`", column.command),
                ]
                .to_vec()
            });
            text.push_str(&table(&["column", "title", "why", "what would measure it"], rows));
        }
        for group in &self.probes.groups {
            text.push_str(&format!("\n## {}\n\n", group.title));
            let titles = self.columns.iter().map(|(recipe, ..)| recipe.title.as_str());
            let heading: Vec<&str> = std::iter::once("").chain(titles).chain(["why"]).collect();
            let rows = group.probes.iter().map(|probe| {
                let title = format!("[{}]({PROGRAMS}{}.py)", escape(&probe.title), probe.name);
                let (cells, why) = self.row(&probe.name);
                std::iter::once(title).chain(cells).chain([why]).collect()
            });
            text.push_str(&table(&heading, rows));
        }
        for section in &self.sections {
            text.push_str(&format!("\n{}\n", section.trim_end()));
        }
        text
    }

    /// The cells of one probe, and the reasons of those that are not yes. A letter says whose reason it is, if there are several.
    pub fn row(&self, probe: &str) -> (Vec<String>, String) {
        let mut reasons: Vec<String> = Vec::new();
        let mut of_cells = Vec::new();
        for (_, place, measured) in &self.columns {
            let expected = self.expected.of(probe, place);
            let verdict = measured.cells.get(probe).map(|cell| cell.verdict);
            let explained = verdict == Some(expected.verdict) && !expected.reason.is_empty();
            of_cells.push(explained.then(|| {
                let text = escape(&expected.reason);
                let reason = expected.issue.map_or(text.clone(), |issue| format!("[{text}]({issue})"));
                reasons.iter().position(|known| *known == reason).unwrap_or_else(|| {
                    reasons.push(reason);
                    reasons.len() - 1
                })
            }));
        }
        let several = reasons.len() > 1;
        let cells = self.columns.iter().zip(&of_cells).map(|((_, _, measured), reason)| {
            let Some(cell) = measured.cells.get(probe) else { return "–".to_owned() };
            let mut text = cell.verdict.word().to_owned();
            if !cell.value.is_empty() {
                text.push_str(&format!(": {}", escape(&cell.value)));
            }
            if let Some(number) = reason.filter(|_| several) {
                text.push_str(&format!(" ({})", letter(number)));
            }
            text
        });
        let cells = cells.collect();
        let why = match several {
            true => reasons
                .iter()
                .enumerate()
                .map(|(number, reason)| format!("({}) {reason}", letter(number)))
                .collect::<Vec<_>>()
                .join("; "),
            false => reasons.concat(),
        };
        (cells, why)
    }
}

/// What a page has of its columns.
pub fn read(page: &str, columns: &Columns) -> Recorded {
    let by_title: BTreeMap<&str, &str> = columns.iter().map(|column| (column.title.as_str(), column.name())).collect();
    let mut recorded = Recorded::new();
    let mut heading: Vec<Option<&str>> = Vec::new();
    for line in page.lines() {
        let Some(cells) = line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |")) else {
            heading.clear();
            continue;
        };
        let cells: Vec<&str> = cells.split(" | ").collect();
        if heading.is_empty() {
            heading = cells.iter().map(|title| by_title.get(title).copied()).collect();
        } else if let [name, _, python, runner, _] = cells[..]
            && let Some(name) = name.strip_prefix('`').and_then(|name| name.strip_suffix('`'))
        {
            let (python, runner) = (unescape(python), unescape(runner));
            recorded.insert(name.to_owned(), Measured { python, runner, cells: BTreeMap::new() });
        } else if let Some((_, path)) = cells[0].rsplit_once(PROGRAMS)
            && let Some(probe) = path.strip_suffix(".py)")
        {
            for (column, text) in heading.iter().zip(&cells) {
                let column = column.and_then(|name| recorded.get_mut(name));
                if let (Some(column), Some(cell)) = (column, cell(text)) {
                    column.cells.insert(probe.to_owned(), cell);
                }
            }
        }
    }
    recorded
}

/// Reads a cell: `yes`, `yes: VALUE`, `no (b)`.
fn cell(text: &str) -> Option<Cell> {
    let (word, value) = text.split_once(": ").unwrap_or((text, ""));
    let word = word.split(" (").next()?;
    let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.word() == word)?;
    Some(Cell { verdict, value: unescape(value) })
}

fn table(heading: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(heading) + &line(&vec!["---"; heading.len()]);
    for row in rows {
        text.push_str(&line(&row.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    text
}

/// `a` for the first.
fn letter(number: usize) -> char {
    char::from_u32('a' as u32 + number as u32).unwrap_or('…')
}

/// Text in a cell: a bar would end it, and most other signs have a meaning in Markdown.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if "\\|*_`<>[]#~".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    plain
}
