//! The answers of several Pythons side by side, as text, Markdown and JSON. Pure.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Probes;
use super::answer::{Answer, Verdict};

/// The answers of one Python.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Column {
    pub host: String,
    pub python: String,
    /// Name and version of what ran it.
    pub runner: String,
    /// By the names of the probes.
    pub answers: BTreeMap<String, Answer>,
}

/// How often a Python gave each answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    pub yes: usize,
    pub partly: usize,
    pub no: usize,
    pub crashed: usize,
    pub not_measured: usize,
}

impl Column {
    pub fn totals(&self) -> Totals {
        let count = |verdict| self.answers.values().filter(|answer| answer.verdict == verdict).count();
        Totals {
            yes: count(Verdict::Yes),
            partly: count(Verdict::Partly),
            no: count(Verdict::No),
            crashed: count(Verdict::Crashed),
            not_measured: count(Verdict::NotMeasured),
        }
    }
}

impl Totals {
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
    let heading = std::iter::once("probe".to_owned()).chain(columns.iter().map(|column| column.host.clone())).collect();
    let shown = probes.iter().filter(|probe| columns.iter().any(|column| column.answers.contains_key(&probe.name)));
    let row = |name: &String| {
        let word = |column: &Column| column.answers.get(name).map_or("-", |answer| answer.verdict.word()).to_owned();
        std::iter::once(name.clone()).chain(columns.iter().map(word)).collect()
    };
    (heading, shown.map(|probe| row(&probe.name)).collect())
}

/// The tables of the status page, one for each group, with the details of each cell.
pub fn markdown(probes: &Probes, columns: &[Column]) -> String {
    let mut text = String::new();
    for column in columns {
        let Column { host, python, runner, .. } = column;
        text.push_str(&format!("- `{host}`: Python {python}, run by {runner}: {}.\n", column.totals().text()));
    }
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    for group in &probes.groups {
        text.push_str(&format!("\n## {}\n\n", group.title));
        let heading = std::iter::once(String::new()).chain(columns.iter().map(|column| column.host.clone())).collect();
        text.push_str(&line(heading));
        text.push_str(&line(vec!["---".to_owned(); columns.len() + 1]));
        for probe in &group.probes {
            let cell = |column: &Column| {
                column.answers.get(&probe.name).map(|answer| escape(&answer.text())).unwrap_or_default()
            };
            text.push_str(&line(std::iter::once(escape(&probe.title)).chain(columns.iter().map(cell)).collect()));
        }
    }
    text
}

/// Text in a cell: a bar would end it, and most other signs have a meaning in Markdown.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if "\\|*_`<>[]#~".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::{Group, Probe};
    use super::*;

    fn probes() -> Probes {
        let probe = |name: &str, title: &str| {
            let (name, title) = (name.to_owned(), title.to_owned());
            Probe { name, title, program: String::new(), stdin: String::new(), exit_code: 0, differs: None }
        };
        let probes = vec![probe("a/one", "One | thing"), probe("a/two", "__two__")];
        Probes { groups: vec![Group { title: "Group A".to_owned(), probes }] }
    }

    fn column(host: &str, answers: &[(&str, Verdict, &str)]) -> Column {
        let answers = answers.iter().map(|(name, verdict, detail)| {
            let (detail, evidence) = ((*detail).to_owned(), String::new());
            ((*name).to_owned(), Answer { verdict: *verdict, detail, evidence })
        });
        let (python, runner) = ("3.13.15".to_owned(), "node 20.1".to_owned());
        Column { host: host.to_owned(), python, runner, answers: answers.collect() }
    }

    #[test]
    fn columns_stand_side_by_side() {
        let columns = [
            column("wasi", &[("a/one", Verdict::Yes, ""), ("a/two", Verdict::No, "no `x` here")]),
            column("browser", &[("a/one", Verdict::Partly, "a|b")]),
        ];
        let (heading, rows) = rows(&probes(), &columns);
        assert_eq!(heading, ["probe", "wasi", "browser"]);
        assert_eq!(rows, [["a/one", "yes", "partly"], ["a/two", "no", "-"]]);
        insta::assert_snapshot!(markdown(&probes(), &columns), @r"
        - `wasi`: Python 3.13.15, run by node 20.1: 1 yes, 1 no.
        - `browser`: Python 3.13.15, run by node 20.1: 1 partly.

        ## Group A

        |  | wasi | browser |
        | --- | --- | --- |
        | One \| thing | yes | partly: a\|b |
        | \_\_two\_\_ | no: no \`x\` here |  |
        ");
    }
}
