//! The status page as files of the checkout: what it is made from is read here, and what a run changes is written or compared.

pub mod measure;
pub mod native;
pub mod peer;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use anyhow::{Result, anyhow, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::diagnostic::Diagnostics;
use crate::line_diff;
use crate::probe::changes::{complaint, new_file};
use crate::probe::columns::{Columns, why_not_measured};
use crate::probe::expected::{Expected, NEW};
use crate::probe::html::{self, Before};
use crate::probe::page::{self, Contents, Measured, Recorded};
use crate::probe::table::{Column, Document, NotMeasured};
use crate::probe::{Probes, summary};
use crate::recipe::{Catalogue, Texts};
use crate::store::Store;
use crate::sys;

/// The last answers of each column, in the store.
pub const ANSWERS: &str = "status.json";

/// What the recipes say about probes, columns and answers.
pub struct Status<'a> {
    pub catalogue: &'a Catalogue,
    pub probes: Probes,
    pub columns: Columns,
    pub expected: Expected,
    texts: Texts,
}

/// Whether each expected answer that is not yes must have a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reasons {
    Required,
    /// While new answers are being looked at.
    Optional,
}

impl<'a> Status<'a> {
    /// Reads all of it from the recipes' texts.
    ///
    /// # Errors
    /// All mistakes of the first kind of file that has some.
    pub fn parse(texts: Texts, catalogue: &'a Catalogue, reasons: Reasons) -> Result<Self, Diagnostics> {
        let probes = Probes::parse(&texts)?;
        let columns = Columns::parse(&texts, catalogue, &probes.names())?;
        let complete = reasons == Reasons::Required;
        let expected = Expected::parse(&texts, catalogue, &columns, &probes.names(), complete)?;
        Ok(Self { catalogue, probes, columns, expected, texts })
    }

    /// The columns of files that `--format json` printed, in the page's order. An answer of a later file replaces that of an earlier one.
    pub fn answers(&self, files: &[Utf8PathBuf]) -> Result<Vec<Column>> {
        let mut found: BTreeMap<String, Column> = BTreeMap::new();
        for file in files {
            let text = fs_err::read_to_string(file)?;
            for column in Document::read(&text).map_err(|error| anyhow!("{file}: {error}"))? {
                match found.entry(column.name.clone()) {
                    Entry::Vacant(place) => drop(place.insert(column)),
                    Entry::Occupied(mut place) => place.get_mut().answers.extend(column.answers),
                }
            }
        }
        Ok(self.columns.iter().filter_map(|recipe| found.remove(recipe.name())).collect())
    }

    /// The columns of a run without answers.
    pub fn not_measured(&self, columns: &[Column]) -> Vec<NotMeasured> {
        let missing = self.columns.iter().filter(|recipe| !columns.iter().any(|column| column.name == recipe.name()));
        let not_measured = missing.map(|recipe| {
            let (reason, command) = why_not_measured(recipe, self.catalogue);
            NotMeasured { name: recipe.name().to_owned(), title: recipe.title.clone(), reason, command }
        });
        not_measured.collect()
    }

    /// The page with the answers of a run, and those that it had of other columns.
    pub fn contents(&self, columns: &[Column], recorded: &Recorded) -> Contents<'_> {
        let mut measured = Vec::new();
        let mut not_measured = Vec::new();
        for recipe in self.columns.iter() {
            let before = recorded.get(recipe.name());
            let now = columns.iter().find(|column| column.name == recipe.name());
            let shown = match (now, before) {
                (Some(column), None) => Measured::of(column, recipe),
                // Versions are those of the machine on which the page was made.
                (Some(column), Some(before)) => {
                    Measured { cells: Measured::of(column, recipe).after(before).cells, ..before.clone() }
                }
                (None, Some(before)) => before.clone(),
                (None, None) => {
                    let (reason, command) = why_not_measured(recipe, self.catalogue);
                    let (name, title) = (recipe.name().to_owned(), recipe.title.clone());
                    not_measured.push(NotMeasured { name, title, reason, command });
                    continue;
                }
            };
            measured.push((recipe, recipe.place(self.catalogue), shown));
        }
        Contents {
            probes: &self.probes,
            expected: &self.expected,
            columns: measured,
            not_measured,
            sections: Vec::new(),
        }
    }

    /// Keeps answers in the store: the last ones of each column.
    pub fn remember(&self, store: &Store, columns: &[Column]) -> Result<()> {
        let file = store.file(ANSWERS);
        let mut all = if file.is_file() { self.answers(&[file])? } else { Vec::new() };
        all.retain(|kept| columns.iter().all(|column| column.name != kept.name));
        all.extend(columns.iter().cloned());
        Ok(store.write_json(ANSWERS, &Document::new(&self.probes, &all, Vec::new()))?)
    }

    /// The page for browsers. What differs from an earlier document is marked.
    pub fn html(&self, checkout: &Utf8Path, columns: &[Column], since: Option<&Utf8Path>) -> Result<String> {
        let before = match since {
            Some(file) => Before::parse(file.file_stem().unwrap_or_default(), &fs_err::read_to_string(file)?).map_err(
                |error| anyhow!("{file}: {error}\nhint: `cargo xtask status --format json` prints such a file"),
            )?,
            None => Before::default(),
        };
        let template = fs_err::read_to_string(checkout.join(html::TEMPLATE))?;
        Ok(html::html(&template, &Document::new(&self.probes, columns, self.not_measured(columns)), &before)?)
    }

    /// What the checkout has of the page's columns.
    pub fn recorded(&self, checkout: &Utf8Path) -> Recorded {
        page::read(&read(&checkout.join(page::FILE)), &self.columns)
    }

    /// Fails if an answer is not as expected, or if the page or the README has other answers than this run.
    pub fn check(&self, checkout: &Utf8Path, columns: &[Column], print: &dyn Fn(&str)) -> Result<()> {
        if let Some(complaint) = complaint(columns) {
            bail!(complaint);
        }
        for (file, wanted) in self.files(checkout, &self.contents(columns, &self.recorded(checkout)))? {
            let written = read(&checkout.join(file));
            if written != wanted {
                print(&line_diff::line_diff(&written, &wanted));
                bail!("{file} is out of date\nhint: `cargo xtask status --write` writes it anew");
            }
        }
        Ok(())
    }

    /// Writes the page, its part of the README, and the answers that are new; returns a line about it.
    pub fn write(&mut self, checkout: &Utf8Path, columns: &mut [Column]) -> Result<String> {
        let mut changed = Vec::new();
        let texts = |with: Option<String>| {
            let mut texts = self.texts.clone();
            texts.remove(NEW);
            texts.extend(with.map(|text| (NEW.to_owned(), text)));
            texts
        };
        let parse = |texts: &Texts| Expected::parse(texts, self.catalogue, &self.columns, &self.probes.names(), false);
        let new = {
            let places: Vec<_> = columns
                .iter()
                .filter_map(|column| {
                    let recipe = self.columns.iter().find(|recipe| recipe.name() == column.name)?;
                    Some((column, recipe.place(self.catalogue)))
                })
                .collect();
            new_file(&parse(&texts(None))?, &self.expected, &places)
        };
        let expected = parse(&texts(new.clone()))?;
        let path = checkout.join(NEW);
        match &new {
            Some(text) if *text != read(&path) => {
                sys::fs::write_atomic(&path, text.as_bytes())?;
                changed.push(NEW);
            }
            None if path.is_file() => {
                fs_err::remove_file(&path)?;
                changed.push(NEW);
            }
            _ => {}
        }
        self.expected = expected;
        self.expect(columns);
        let files = self.files(checkout, &self.contents(columns, &Recorded::new()))?;
        for (file, text) in files {
            if text != read(&checkout.join(file)) {
                sys::fs::write_atomic(&checkout.join(file), text.as_bytes())?;
                changed.push(file);
            }
        }
        Ok(if changed.is_empty() { "nothing changed".to_owned() } else { format!("written: {}", changed.join(", ")) })
    }

    /// Looks up what the answers of columns were expected to be.
    pub fn expect(&self, columns: &mut [Column]) {
        for column in columns {
            let Some(recipe) = self.columns.iter().find(|recipe| recipe.name() == column.name) else { continue };
            let place = recipe.place(self.catalogue);
            let expected = column.answers.keys().map(|probe| (probe.clone(), self.expected.of(probe, &place)));
            column.expected = expected.collect();
        }
    }

    /// The files that are made from the page's contents, with their texts.
    pub fn files(&self, checkout: &Utf8Path, contents: &Contents<'_>) -> Result<Vec<(&'static str, String)>> {
        let mut files = vec![(page::FILE, contents.text())];
        let readme = read(&checkout.join(summary::FILE));
        let table = summary::table(contents, &self.columns.summary);
        files.extend(summary::replace(&readme, &table).map(|text| (summary::FILE, text)));
        Ok(files)
    }
}

/// The text of a file; empty if there is none.
fn read(path: &Utf8Path) -> String {
    fs_err::read_to_string(path).unwrap_or_default()
}
