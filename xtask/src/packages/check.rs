//! What became of packages on the Pythons of several hosts. Pure.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Refusal;
use crate::probe::answer::{Answer, Verdict};

/// How far a package came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It did a small piece of its work.
    Works,
    /// Its modules can be imported; there is no program that uses them.
    Imports,
    Fails,
    /// It, or something that it needs, has compiled code and no wheel for this Python.
    CompiledOnly,
    NotInstalled,
    NotMeasured,
}

/// A package on one Python.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Cell {
    pub state: State,
    /// The reason, if it does not work.
    pub detail: String,
    /// The version that was installed.
    pub version: Option<String>,
    /// What the program printed.
    pub evidence: String,
}

/// The packages on one Python.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Column {
    pub host: String,
    pub python: String,
    /// Name and version of what ran it.
    pub runner: String,
    /// By the names of the packages.
    pub packages: BTreeMap<String, Cell>,
}

impl State {
    pub const ALL: [Self; 6] =
        [Self::Works, Self::Imports, Self::Fails, Self::CompiledOnly, Self::NotInstalled, Self::NotMeasured];

    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::Imports => "imports",
            Self::Fails => "fails",
            Self::CompiledOnly => "compiled only",
            Self::NotInstalled => "not installed",
            Self::NotMeasured => "not measured",
        }
    }
}

impl Cell {
    /// A package that was installed, after its program ran.
    pub fn ran(answer: Answer, version: String, has_program: bool) -> Self {
        let (state, detail) = match answer.verdict {
            Verdict::Yes if has_program => (State::Works, answer.detail),
            Verdict::Yes => (State::Imports, answer.detail),
            Verdict::Partly | Verdict::No => (State::Fails, answer.detail),
            Verdict::Crashed => (State::Fails, format!("crashed: {}", answer.detail)),
            Verdict::NotMeasured => (State::NotMeasured, answer.detail),
        };
        Self { state, detail, version: Some(version), evidence: answer.evidence }
    }

    /// A package that pip refused; `published` is the tag of wheels that an index has for this Python.
    pub fn refused(name: &str, refusal: &Refusal, published: Option<&str>) -> Self {
        let (state, mut detail) = match refusal {
            Refusal::NotPure { requirement, .. } => (State::CompiledOnly, needed(name, requirement)),
            Refusal::OnlySources { requirement } => {
                (State::NotInstalled, format!("{} has only sources", first_word(requirement)))
            }
            Refusal::Unreachable { .. } => (State::NotMeasured, "pip cannot reach the index".to_owned()),
            other => (State::NotInstalled, other.to_string().lines().next().unwrap_or_default().to_owned()),
        };
        if let Some(tag) = published {
            let separator = if detail.is_empty() { "" } else { ", " };
            detail.push_str(&format!("{separator}with a wheel for {tag}"));
        }
        Self { state, detail, version: None, evidence: refusal.to_string() }
    }

    /// A package that pip could not install for another reason.
    pub fn not_installed(reason: &str) -> Self {
        let detail = reason.lines().next().unwrap_or_default().to_owned();
        Self { state: State::NotInstalled, detail, version: None, evidence: reason.to_owned() }
    }

    /// The state with its detail.
    pub fn text(&self) -> String {
        let word = self.state.word();
        if self.detail.is_empty() { word.to_owned() } else { format!("{word}: {}", self.detail) }
    }
}

/// What has compiled code, if it is not the package itself.
fn needed(name: &str, requirement: &str) -> String {
    let culprit = first_word(requirement);
    if super::normalized(culprit) == name { String::new() } else { format!("needs {culprit}") }
}

/// A requirement without its version.
fn first_word(requirement: &str) -> &str {
    requirement.split(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).next().unwrap_or_default()
}

impl Column {
    /// How many packages came how far.
    pub fn totals(&self) -> String {
        let count = |state| self.packages.values().filter(|cell| cell.state == state).count();
        let counts = State::ALL.map(|state| (count(state), state.word())).into_iter().filter(|(count, _)| *count > 0);
        counts.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
    }
}

/// The version that was installed on any of the hosts.
pub fn version<'a>(name: &str, columns: &'a [Column]) -> Option<&'a str> {
    columns.iter().find_map(|column| column.packages.get(name)?.version.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_what_has_compiled_code() {
        let refusal = |requirement: &str| {
            let requirement = requirement.to_owned();
            Refusal::NotPure { requirement, version: "1".to_owned(), tags: Vec::new() }
        };
        let text = |requirement: &str, published| Cell::refused("a-b", &refusal(requirement), published).text();
        assert_eq!(text("A_b==1", None), "compiled only");
        assert_eq!(text("core==1 (from a-b)", None), "compiled only: needs core");
        assert_eq!(text("core", Some("x_wasm32")), "compiled only: needs core, with a wheel for x_wasm32");
        let unreachable = Refusal::Unreachable { requirement: "a-b".to_owned() };
        assert_eq!(Cell::refused("a-b", &unreachable, None).state, State::NotMeasured);
    }

    #[test]
    fn an_answer_becomes_a_state() {
        let answer = |verdict| Answer { verdict, detail: "x".to_owned(), evidence: String::new() };
        let text = |verdict, has_program| Cell::ran(answer(verdict), "1".to_owned(), has_program).text();
        assert_eq!(text(Verdict::Yes, true), "works: x");
        assert_eq!(text(Verdict::Yes, false), "imports: x");
        assert_eq!(text(Verdict::No, true), "fails: x");
        assert_eq!(text(Verdict::Crashed, true), "fails: crashed: x");
        assert_eq!(text(Verdict::NotMeasured, true), "not measured: x");
    }
}
