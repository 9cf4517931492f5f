//! The answers of several Pythons side by side, as text and as JSON. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::answer::{Answer, Verdict};
use super::expected::Expectation;
use super::{Probe, Probes};

/// The version of the JSON document, which docs/status-json.md describes.
const SCHEMA: u32 = 1;

/// The answers of one Python.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub name: String,
    pub title: String,
    /// `None` for a Python that is not built here.
    pub host: Option<String>,
    pub python: String,
    /// Name and version of what ran it.
    pub runner: String,
    /// By the names of the probes.
    pub answers: BTreeMap<String, Answer>,
    /// What each of them was expected to be.
    pub expected: BTreeMap<String, Expectation>,
}

/// A column without answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct NotMeasured {
    pub name: String,
    pub title: String,
    pub reason: String,
    /// What would measure it.
    pub command: String,
}

/// How often a Python gave each answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Totals {
    pub yes: usize,
    pub partly: usize,
    pub no: usize,
    pub crashed: usize,
    pub not_measured: usize,
}

impl Column {
    /// Each probe with what it printed.
    pub fn evidence(&self) -> String {
        let Self { name: of, python, runner, .. } = self;
        let text = |(name, answer): (&String, &Answer)| {
            let (printed, answer) = (answer.evidence.trim_end(), answer.text());
            format!("{printed}\n\n{name} on {of}, Python {python}, {runner}: {answer}\n")
        };
        self.answers.iter().map(text).collect()
    }

    pub fn totals(&self) -> Totals {
        Totals::of(self.answers.values().map(|answer| answer.verdict))
    }
}

impl Totals {
    pub fn of(verdicts: impl Iterator<Item = Verdict>) -> Self {
        let mut totals = Self::default();
        for verdict in verdicts {
            match verdict {
                Verdict::Yes => totals.yes += 1,
                Verdict::Partly => totals.partly += 1,
                Verdict::No => totals.no += 1,
                Verdict::Crashed => totals.crashed += 1,
                Verdict::NotMeasured => totals.not_measured += 1,
            }
        }
        totals
    }

    /// What is not zero, as in `201 yes, 3 partly, 40 no`.
    pub fn text(&self) -> String {
        let Self { yes, partly, no, crashed, not_measured } = *self;
        let counts =
            [(yes, "yes"), (partly, "partly"), (no, "no"), (crashed, "crashed"), (not_measured, "not measured")];
        let counts: Vec<String> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        counts.join(", ")
    }
}

/// The heading and the rows of a table: one row for each probe that any column has.
pub fn rows(probes: &Probes, columns: &[Column]) -> (Vec<String>, Vec<Vec<String>>) {
    let heading = std::iter::once("probe".to_owned()).chain(columns.iter().map(|column| column.name.clone())).collect();
    let shown = probes.iter().filter(|probe| columns.iter().any(|column| column.answers.contains_key(&probe.name)));
    let row = |name: &String| {
        let word = |column: &Column| column.answers.get(name).map_or("-", |answer| answer.verdict.word()).to_owned();
        std::iter::once(name.clone()).chain(columns.iter().map(word)).collect()
    };
    (heading, shown.map(|probe| row(&probe.name)).collect())
}

/// The whole of a run, with what the programs printed: what `--format json` prints.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Document {
    schema: u32,
    columns: Vec<ColumnHead>,
    not_measured: Vec<NotMeasured>,
    groups: Vec<GroupRows>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ColumnHead {
    name: String,
    title: String,
    host: Option<String>,
    python: String,
    runner: String,
    totals: Totals,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct GroupRows {
    title: String,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Row {
    probe: String,
    title: String,
    /// By the names of the columns.
    cells: BTreeMap<String, Cell>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Cell {
    #[serde(flatten)]
    answer: Answer,
    expected: Option<Expectation>,
}

impl Document {
    /// The answers of a run.
    pub fn new(probes: &Probes, columns: &[Column], not_measured: Vec<NotMeasured>) -> Self {
        let head = |column: &Column| ColumnHead {
            name: column.name.clone(),
            title: column.title.clone(),
            host: column.host.clone(),
            python: column.python.clone(),
            runner: column.runner.clone(),
            totals: column.totals(),
        };
        let row = |probe: &Probe| {
            let cell = |column: &Column| {
                let answer = column.answers.get(&probe.name)?.clone();
                Some((column.name.clone(), Cell { answer, expected: column.expected.get(&probe.name).cloned() }))
            };
            let cells: BTreeMap<String, Cell> = columns.iter().filter_map(cell).collect();
            (!cells.is_empty()).then(|| Row { probe: probe.name.clone(), title: probe.title.clone(), cells })
        };
        let groups = probes
            .groups
            .iter()
            .map(|group| GroupRows { title: group.title.clone(), rows: group.probes.iter().filter_map(row).collect() });
        let groups = groups.filter(|group| !group.rows.is_empty()).collect();
        Self { schema: SCHEMA, columns: columns.iter().map(head).collect(), not_measured, groups }
    }

    /// The columns of a document, without what was expected of them then.
    ///
    /// # Errors
    /// If the text is none of this schema.
    pub fn read(text: &str) -> Result<Vec<Column>, String> {
        let document: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if document.schema != SCHEMA {
            return Err(format!("schema {} is not known: this xtask reads schema {SCHEMA}", document.schema));
        }
        let column = |head: ColumnHead| {
            let rows = document.groups.iter().flat_map(|group| &group.rows);
            let answers = rows.filter_map(|row| Some((row.probe.clone(), row.cells.get(&head.name)?.answer.clone())));
            let answers = answers.collect();
            let ColumnHead { name, title, host, python, runner, .. } = head;
            Column { name, title, host, python, runner, answers, expected: BTreeMap::new() }
        };
        Ok(document.columns.into_iter().map(column).collect())
    }
}
