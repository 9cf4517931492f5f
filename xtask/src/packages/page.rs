//! The page about widely used packages: `docs/packages.md`. Pure.

use std::collections::BTreeMap;

use super::check::{Column, version};
use super::target::Sample;

/// The page, relative to the checkout.
pub const FILE: &str = "docs/packages.md";

/// With which line the part begins that must be the same in each run.
const TABLE: &str = "| package | version |";

const HEADER: &str = "# Packages of PyPI\n\n\
    Which packages can be installed with `cargo xtask run HOST --with NAME`, and do a small piece of their work there.\n\
    The programs are in [recipes/packages](../recipes/packages/index.toml).\n\
    `cargo xtask packages check --all --write` makes this page from new runs, and `--check` in place of `--write` fails if the versions in it give other results.\n\n\
    - *works*: its program does a small piece of its work.\n\
    - *imports*: its modules can be imported.\n\
    - *fails*: it is installed, and its program ends with this error.\n\
    - *compiled only*: it, or what it needs, has compiled code and no wheel for this Python.\n\
    - *not installed*: pip cannot install it for another reason.\n\n";

/// The whole page.
pub fn text(sample: &Sample, columns: &[Column]) -> String {
    let mut text = HEADER.to_owned();
    text.push_str(&format!("The packages are {} ({}).\n\n", sample.source, sample.date));
    for column in columns {
        let Column { host, python, runner, .. } = column;
        text.push_str(&format!("- `{host}`: Python {python}, run by {runner}: {}.\n", column.totals()));
    }
    text + "\n" + &table(&sample.names, columns)
}

/// The table of these packages, in Markdown.
pub fn table(names: &[String], columns: &[Column]) -> String {
    let hosts: String = columns.iter().map(|column| format!(" {} |", column.host)).collect();
    let mut text = format!("{TABLE}{hosts}\n|---|---|{}\n", "---|".repeat(columns.len()));
    for name in names {
        let cells = columns.iter().map(|column| {
            column.packages.get(name).map(|cell| {
                let word = cell.state.word();
                // In code, nothing but the bar has a meaning.
                let detail = cell.detail.replace('`', "'").replace('|', "\\|");
                if detail.is_empty() { word.to_owned() } else { format!("{word}: `{detail}`") }
            })
        });
        let cells: String = cells.map(|cell| format!(" {} |", cell.unwrap_or_default())).collect();
        text.push_str(&format!("| {name} | {} |{cells}\n", version(name, columns).unwrap_or_default()));
    }
    text
}

/// The same for a terminal: a line for each package and host.
pub fn lines(names: &[String], columns: &[Column]) -> String {
    let mut text = String::new();
    for name in names {
        for column in columns {
            let Some(cell) = column.packages.get(name) else { continue };
            let version = cell.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
            text.push_str(&format!("{name}{version} on {}: {}\n", column.host, cell.text()));
        }
    }
    text
}

/// What must be the same in each run: the table.
pub fn results(page: &str) -> &str {
    page.find(TABLE).map_or("", |start| &page[start..])
}

/// The versions in a page, by package.
pub fn versions(page: &str) -> BTreeMap<&str, &str> {
    results(page).lines().skip(2).filter_map(cells).filter(|(_, version)| !version.is_empty()).collect()
}

fn cells(line: &str) -> Option<(&str, &str)> {
    let mut cells = line.split('|').skip(1).map(str::trim);
    Some((cells.next()?, cells.next()?))
}

#[cfg(test)]
mod tests {
    use super::super::check::{Cell, State};
    use super::*;

    #[test]
    fn the_versions_of_a_page_are_those_of_its_table() {
        let cell = |state, version: Option<&str>, detail: &str| Cell {
            state,
            detail: detail.to_owned(),
            version: version.map(str::to_owned),
            evidence: String::new(),
        };
        let packages = [
            ("a".to_owned(), cell(State::Works, Some("1.2"), "")),
            ("b".to_owned(), cell(State::CompiledOnly, None, "needs c")),
            ("d".to_owned(), cell(State::Fails, Some("3"), "E: `x|y`")),
        ];
        let (host, python, runner) = ("wasi".to_owned(), "3.13.1".to_owned(), "node 20.1".to_owned());
        let column = Column { host, python, runner, packages: packages.into() };
        let names = ["a", "b", "d", "e"].map(str::to_owned).to_vec();
        let sample = Sample { date: "2026-01-02".to_owned(), source: "a sample".to_owned(), names };
        let page = text(&sample, &[column]);
        insta::assert_snapshot!(page.split_once("The packages are").unwrap().1, @r"
         a sample (2026-01-02).

        - `wasi`: Python 3.13.1, run by node 20.1: 1 works, 1 fails, 1 compiled only.

        | package | version | wasi |
        |---|---|---|
        | a | 1.2 | works |
        | b |  | compiled only: `needs c` |
        | d | 3 | fails: `E: 'x\|y'` |
        | e |  |  |
        ");
        assert_eq!(versions(&page), BTreeMap::from([("a", "1.2"), ("d", "3")]));
    }
}
