//! Which answers are expected, and why: the files in `recipes/status/` beside `columns.toml`. Pure.
//!
//! An answer that no file has is expected to be yes, unless the probe needs a module that the package does not have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::answer::Verdict;
use super::columns::{self, Columns, Place};
use crate::diagnostic::Diagnostics;
use crate::recipe::mistakes::Mistakes;
use crate::recipe::modules::State;
use crate::recipe::{Catalogue, Texts};
use crate::suggest;

/// The folder, relative to the checkout.
pub const FOLDER: &str = "recipes/status";

/// Answers that a run gave and nobody explained yet. They replace those of the other files.
pub const NEW: &str = "recipes/status/new.toml";

/// The group of probes that ask for the extension module that they are named after.
const MODULES: &str = "modules/";

/// What a cell is expected to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Expectation {
    pub verdict: Verdict,
    /// Why, unless it is yes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The answer depends on the moment, as the reason says: any other is right, too, and the page has this one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sometimes: bool,
    /// Where upstream speaks of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    #[serde(rename = "schema")]
    _schema: u32,
    /// The modules that probes need, by the names of the probes.
    #[serde(default)]
    needs: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    #[serde(default)]
    reason: Vec<Entry>,
}

/// A reason, and the cells that it is the reason of: probes by the columns or hosts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Entry {
    text: Spanned<String>,
    issue: Option<Spanned<String>>,
    #[serde(default)]
    sometimes: bool,
    /// What the program said, to help those who write the reason.
    #[serde(rename = "seen")]
    _seen: Option<String>,
    #[serde(default)]
    yes: Cells,
    #[serde(default)]
    partly: Cells,
    #[serde(default)]
    no: Cells,
    #[serde(default)]
    crashed: Cells,
}

type Cells = BTreeMap<Spanned<String>, Vec<Spanned<String>>>;

impl Expectation {
    /// Whether an answer is as expected.
    pub fn allows(&self, verdict: Verdict) -> bool {
        self.verdict == verdict || (self.sometimes && verdict != Verdict::NotMeasured)
    }
}

/// All expectations.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// By probe and scope.
    cells: BTreeMap<(String, String), Expectation>,
    needs: BTreeMap<String, Vec<String>>,
    modules: Vec<String>,
}

impl Expected {
    /// Reads all files.
    ///
    /// # Errors
    /// Everything that is wrong in them; an empty reason only if `complete` is wanted.
    pub fn parse(
        texts: &Texts,
        catalogue: &Catalogue,
        columns: &Columns,
        probes: &[&str],
        complete: bool,
    ) -> Result<Self, Diagnostics> {
        let mut mistakes = Mistakes::new(texts);
        let scopes = columns.scopes(catalogue);
        let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        let mut expected = Self { modules: catalogue.module_names().map(str::to_owned).collect(), ..Self::default() };
        // What is new comes first, and the first counts.
        let files: Vec<&String> = texts.keys().filter(|file| file.as_str() != columns::FILE && is_ours(file)).collect();
        let new = files.iter().filter(|file| file.as_str() == NEW);
        for file in new.chain(files.iter().filter(|file| file.as_str() != NEW)) {
            let Some(read) = mistakes.parse::<File>(file) else { continue };
            for (probe, modules) in &read.needs {
                known_probe(file, probe, probes, &mut mistakes);
                for module in modules {
                    if !expected.modules.contains(module.get_ref()) && !is_left_out(catalogue, module.get_ref()) {
                        let message = format!(
                            "`{}` is neither an extension module nor left out of any package",
                            module.get_ref()
                        );
                        mistakes.add(file, Some(module.span()), &message, Some("remove it".to_owned()));
                    }
                }
                let modules = modules.iter().map(|module| module.get_ref().clone()).collect();
                expected.needs.insert(probe.get_ref().clone(), modules);
            }
            for entry in &read.reason {
                if complete && entry.text.get_ref().trim().is_empty() {
                    let help = format!("say why, in one line, and move the entry from {NEW} to another file");
                    mistakes.add(file, Some(entry.text.span()), "the reason is empty", Some(help));
                }
                if let Some(issue) = entry.issue.as_ref().filter(|issue| !issue.get_ref().starts_with("https://")) {
                    mistakes.add(file, Some(issue.span()), "an issue is a URL that begins with `https://`", None);
                }
                expected.take(file, entry, &scopes, probes, complete, &mut mistakes);
            }
        }
        mistakes.none_or(expected)
    }

    /// Adds the cells of an entry.
    fn take(
        &mut self,
        file: &str,
        entry: &Entry,
        scopes: &[&str],
        probes: &[&str],
        complete: bool,
        mistakes: &mut Mistakes<'_>,
    ) {
        let tables = [
            (Verdict::Yes, &entry.yes),
            (Verdict::Partly, &entry.partly),
            (Verdict::No, &entry.no),
            (Verdict::Crashed, &entry.crashed),
        ];
        for (verdict, cells) in tables {
            for (scope, names) in cells {
                mistakes.known(file, scope, "column", scopes);
                for probe in names {
                    known_probe(file, probe, probes, mistakes);
                    let expectation = Expectation {
                        verdict,
                        reason: if verdict == Verdict::Yes { String::new() } else { entry.text.get_ref().clone() },
                        sometimes: entry.sometimes,
                        issue: entry.issue.as_ref().map(|issue| issue.get_ref().clone()),
                    };
                    let cell = (probe.get_ref().clone(), scope.get_ref().clone());
                    if let Some(first) = self.cells.get(&cell) {
                        let message = format!(
                            "`{}` for `{}` is written twice: {} and {}",
                            probe.get_ref(),
                            scope.get_ref(),
                            first.verdict.word(),
                            verdict.word()
                        );
                        if complete {
                            mistakes.add(file, Some(probe.span()), &message, Some("keep one of them".to_owned()));
                        }
                        continue;
                    }
                    self.cells.insert(cell, expectation);
                }
            }
        }
    }

    /// What is written for a probe with exactly this scope.
    pub fn written(&self, probe: &str, scope: &str) -> Option<&Expectation> {
        self.cells.get(&(probe.to_owned(), scope.to_owned()))
    }

    /// Replaces what is written for a probe with this scope.
    pub fn set(&mut self, probe: &str, scope: &str, expectation: Expectation) {
        self.cells.insert((probe.to_owned(), scope.to_owned()), expectation);
    }

    /// What one probe is expected to answer in one column.
    pub fn of(&self, probe: &str, place: &Place<'_>) -> Expectation {
        let written = place.scopes.iter().find_map(|scope| self.cells.get(&(probe.to_owned(), scope.clone())));
        if let Some(written) = written {
            let reason = written.reason.replace("{platform}", place.platform);
            return Expectation { reason, ..written.clone() };
        }
        let own = probe.strip_prefix(MODULES).map(str::to_owned);
        let named = self.needs.get(probe).into_iter().flatten().cloned();
        let missing = named.chain(own).find_map(|module| self.why_missing(&module, place));
        let verdict = if missing.is_some() { Verdict::No } else { Verdict::Yes };
        Expectation { verdict, reason: missing.unwrap_or_default(), sometimes: false, issue: None }
    }

    /// Why a package does not have a module, as its recipes say; `None` if it has the module, or is no package of this project.
    fn why_missing(&self, module: &str, place: &Place<'_>) -> Option<String> {
        let (minor, decisions, left_out) = place.package?;
        match decisions.get(module) {
            Some(decision) if matches!(decision.state, State::Builtin | State::Shared) => None,
            Some(decision) => Some(format!("{module}: {}", decision.reason)),
            None if self.modules.iter().any(|known| known == module) => {
                Some(format!("{module}: Python {minor} does not have it"))
            }
            None => {
                paths(module).iter().find_map(|path| left_out.get(path)).map(|reason| format!("{module}: {reason}"))
            }
        }
    }
}

fn is_ours(file: &str) -> bool {
    file.strip_prefix(FOLDER).is_some_and(|rest| rest.starts_with('/')) && file.ends_with(".toml")
}

fn known_probe(file: &str, probe: &Spanned<String>, probes: &[&str], mistakes: &mut Mistakes<'_>) {
    let name = probe.get_ref().as_str();
    if !probes.contains(&name) {
        let near = suggest::near(name, probes.iter().copied());
        let help = (!near.is_empty()).then(|| format!("did you mean `{}`?", near.join("` or `")));
        mistakes.add(file, Some(probe.span()), &format!("no probe has the name `{name}`"), help);
    }
}

/// Whether some package has no such module in its standard library.
fn is_left_out(catalogue: &Catalogue, module: &str) -> bool {
    catalogue.hosts.values().any(|host| paths(module).iter().any(|path| host.excluded_library().contains_key(path)))
}

/// What a module may be called in the lists of what is left out: a file, a folder, or a folder above it.
fn paths(module: &str) -> Vec<String> {
    let path = module.replace('.', "/");
    let above = path.match_indices('/').map(|(end, _)| path[..end].to_owned());
    [format!("{path}.py"), path.clone()].into_iter().chain(above).collect()
}
