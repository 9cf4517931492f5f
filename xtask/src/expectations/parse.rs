//! Parses and checks the files of `recipes/expectations/`, and applies them to their bases. Pure: callers pass the texts.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;

use super::observed::{class_of, is_class};
use super::{Expectations, File, Reason, ReasonError, check_line, raw};
use crate::diagnostic::Diagnostics;
use crate::name::{Minor, PythonVersion};
use crate::recipe::mistakes::Mistakes;
use crate::recipe::{Catalogue, Texts};
use crate::regrtest::{FileOutcome, Verdict};

const FOLDER: &str = "recipes/expectations/";

/// Parses all expectations, by name; reports all errors of a step, not only the first.
pub fn parse(texts: &Texts, catalogue: &Catalogue) -> Result<BTreeMap<String, Expectations>, Diagnostics> {
    let mut mistakes = Mistakes::new(texts);
    let mut parsed = BTreeMap::new();
    for (path, name) in texts.keys().filter_map(|path| Some((path, name(path)?))) {
        let minor = minor_of(name, path, catalogue, &mut mistakes);
        if let (Some(raw), Some(minor)) = (mistakes.parse::<raw::Expectations>(path), minor) {
            parsed.insert(name, Parsed::check(raw, path, minor, &mut mistakes));
        }
    }
    // References to invalid files would be reported as unknown.
    if mistakes.is_empty() {
        check_bases(&parsed, &mut mistakes);
    }
    mistakes.none_or(())?;
    Ok(parsed.keys().map(|name| ((*name).to_owned(), with_base(name, &parsed))).collect())
}

fn name(path: &str) -> Option<&str> {
    path.strip_prefix(FOLDER)?.strip_suffix(".toml").filter(|name| !name.contains('/'))
}

fn path(name: &str) -> String {
    format!("{FOLDER}{name}.toml")
}

/// The minor in the name of a file, if the rest of the name is a host with that minor.
fn minor_of(name: &str, path: &str, catalogue: &Catalogue, mistakes: &mut Mistakes) -> Option<Minor> {
    let Some((minor, rest)) = name.split_once('-') else {
        mistakes.add(path, None, "the file's name is not MINOR-HOST or MINOR-HOST-SOMETHING", None);
        return None;
    };
    let minor = mistakes.minor(path, minor)?;
    let is_named = |host: &&String| rest.strip_prefix(host.as_str()).is_some_and(is_something);
    // A host's name can be a prefix of another's.
    let Some(host) = catalogue.hosts.keys().filter(is_named).max_by_key(|host| host.len()) else {
        let hosts: Vec<&str> = catalogue.hosts.keys().map(String::as_str).collect();
        let help = crate::suggest::valid_names("hosts", rest.split('-').next().unwrap_or(rest), &hosts);
        mistakes.add(path, None, &format!("the file's name has no known host after `{minor}-`"), Some(help));
        return None;
    };
    if !catalogue.hosts[host].has(minor) {
        let minors: Vec<String> = catalogue.hosts[host].minors().map(|minor| minor.to_string()).collect();
        let help = format!("{host} has: {}", minors.join(", "));
        mistakes.add(path, None, &format!("recipes/hosts/{host}/{minor}.toml does not exist"), Some(help));
        return None;
    }
    Some(minor)
}

/// Whether the rest of a file's name after the host is valid.
fn is_something(rest: &str) -> bool {
    rest.is_empty() || rest.strip_prefix('-').is_some_and(|rest| !rest.is_empty())
}

/// One file, without its base.
struct Parsed {
    python: PythonVersion,
    base: Option<Spanned<String>>,
    files: BTreeMap<String, File>,
}

impl Parsed {
    fn check(raw: raw::Expectations, path: &str, minor: Minor, mistakes: &mut Mistakes) -> Self {
        let python = *raw.python.get_ref();
        if python.minor != minor {
            let message = format!("{python} is not a release of {minor}, the minor in the file's name");
            mistakes.add(path, Some(raw.python.span()), &message, None);
        }
        let mut files = BTreeMap::new();
        for (name, file) in raw.files {
            let mut checking = Checking { path, file: &name, mistakes, named: Vec::new() };
            let file = checking.file(file, python);
            files.insert(name, file);
        }
        Self { python, base: raw.base, files }
    }
}

/// A case or a class that a file names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Case(String),
    Class(String),
}

/// Checks the entry of one test file.
struct Checking<'a, 'm, 't> {
    path: &'a str,
    file: &'a str,
    mistakes: &'m mut Mistakes<'t>,
    /// The cases and classes that it names, with their position and state.
    named: Vec<(Name, Range<usize>, String)>,
}

impl Checking<'_, '_, '_> {
    fn add(&mut self, span: Range<usize>, message: &str, help: Option<&str>) {
        self.mistakes.add(self.path, Some(span), message, help.map(str::to_owned));
    }

    fn file(&mut self, raw: raw::File, python: PythonVersion) -> File {
        let whole = self.whole(&raw);
        let (mut skipped, mut skipped_classes, mut failed) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (reason, names) in raw.skipped {
            if let Err(error) = check_line(reason.get_ref()) {
                self.add(reason.span(), &error.to_string(), Some(ONE_LINE));
            }
            let text = reason.into_inner();
            for name in names {
                match self.name(&name, &format!("skipped, \"{text}\"")) {
                    Some(Name::Case(name)) => drop(skipped.insert(name, text.clone())),
                    Some(Name::Class(name)) => drop(skipped_classes.insert(name, text.clone())),
                    None => {}
                }
            }
        }
        for (name, reason) in raw.failed {
            let sometimes = reason.sometimes;
            let reason =
                self.reason(&reason.reason, reason.issue.as_ref()).map(|reason| Reason { sometimes, ..reason });
            match (self.name(&name, "failed"), reason) {
                (Some(Name::Class(_)), _) => {
                    let help = "list each failing case with its own reason";
                    self.add(name.span(), "`Class.*` is not valid in `failed`", Some(help));
                }
                (Some(Name::Case(name)), Some(reason)) => drop(failed.insert(name, reason)),
                _ => {}
            }
        }
        self.named_twice();
        File { python, whole, cases: raw.cases, seconds: raw.seconds, skipped, skipped_classes, failed }
    }

    fn whole(&mut self, raw: &raw::File) -> Option<(FileOutcome, Reason)> {
        let Some(outcome) = &raw.outcome else {
            for (key, value) in [("reason", &raw.reason), ("issue", &raw.issue)] {
                if let Some(value) = value {
                    let help = "the file's `outcome` is missing; a case's reason belongs to `skipped` or `failed`";
                    self.add(value.span(), &format!("a `{key}` without an `outcome`"), Some(help));
                }
            }
            return None;
        };
        let (place, outcome) = (outcome.span(), FileOutcome::from(*outcome.get_ref()));
        let has_cases = raw.cases.is_some() || !raw.skipped.is_empty() || !raw.failed.is_empty();
        if outcome.verdict() == Verdict::Skip && has_cases {
            let help = "remove `outcome`, or `cases`, `skipped` and `failed`";
            self.add(place.clone(), &format!("a file that is `{outcome}` as a whole has no cases"), Some(help));
        }
        let Some(reason) = &raw.reason else {
            self.add(place, "an `outcome` without a `reason`", Some(ONE_LINE));
            return None;
        };
        Some((outcome, self.reason(reason, raw.issue.as_ref())?))
    }

    fn reason(&mut self, text: &Spanned<String>, issue: Option<&Spanned<String>>) -> Option<Reason> {
        match Reason::new(text.get_ref(), issue.map(|issue| issue.get_ref().as_str())) {
            Ok(reason) => Some(reason),
            Err(error @ ReasonError::NotAUrl(_)) => {
                self.add(issue.unwrap_or(text).span(), &error.to_string(), Some("an issue begins with https://"));
                None
            }
            Err(error) => {
                self.add(text.span(), &error.to_string(), Some(ONE_LINE));
                None
            }
        }
    }

    fn name(&mut self, text: &Spanned<String>, named_as: &str) -> Option<Name> {
        let given = text.get_ref();
        let prefix = format!("test.{}.", self.file);
        if given.starts_with(&prefix) && *given != prefix {
            let help = format!("write `{}`", &given[prefix.len()..]);
            self.add(text.span(), &format!("a case is named without `{prefix}`"), Some(&help));
            return None;
        }
        let name = match given.strip_suffix(".*").filter(|class| is_class(class)) {
            Some(class) => Name::Class(class.to_owned()),
            None if given.is_empty() => {
                self.add(text.span(), "the name of the case is empty", None);
                return None;
            }
            None if given.replace(r"\*", "").contains('*') => {
                let help = r"use `Class.*` for all cases of a class, and `\*` for a star in a case's id";
                self.add(text.span(), &format!("bad pattern `{given}`"), Some(help));
                return None;
            }
            None => Name::Case(given.replace(r"\*", "*")),
        };
        self.named.push((name.clone(), text.span(), named_as.to_owned()));
        Some(name)
    }

    /// Reports cases that are named more than once.
    fn named_twice(&mut self) {
        let mut named = std::mem::take(&mut self.named);
        named.sort_by_key(|(_, span, _)| span.start);
        let mut first: BTreeMap<&Name, (usize, &str)> = BTreeMap::new();
        let mut repeated = Vec::new();
        for (name, span, named_as) in &named {
            match first.get(name) {
                Some(other) => repeated.push((span, *other)),
                None => drop(first.insert(name, (span.start, named_as))),
            }
        }
        for (name, span, _) in &named {
            let class = match name {
                Name::Case(name) => class_of(name).map(|class| Name::Class(class.to_owned())),
                Name::Class(_) => None,
            };
            if let Some(other) = class.and_then(|class| first.get(&class)) {
                repeated.push((span, *other));
            }
        }
        let text = &self.mistakes.texts[self.path];
        for (span, (start, named_as)) in repeated {
            let line = 1 + text[..start].matches('\n').count();
            let message = format!("{} is named twice", text[span.clone()].trim());
            self.add(span.clone(), &message, Some(&format!("it is also named in line {line}: {named_as}")));
        }
    }
}

const ONE_LINE: &str = "give the reason in one line";

fn check_bases(parsed: &BTreeMap<&str, Parsed>, mistakes: &mut Mistakes) {
    let names: Vec<&str> = parsed.keys().copied().collect();
    let base_of = |name: &str| parsed.get(name)?.base.as_ref();
    for name in &names {
        let Some(base) = base_of(name) else { continue };
        mistakes.known(&path(name), base, "base", &names);
        let mut chain = vec![base.get_ref().as_str()];
        while let Some(next) = base_of(chain[chain.len() - 1]).filter(|next| !chain.contains(&next.get_ref().as_str()))
        {
            chain.push(next.get_ref());
        }
        if chain.contains(name) {
            let message = format!("{name} is its own base: {}", chain.join(", then "));
            mistakes.add(&path(name), Some(base.span()), &message, None);
        }
    }
}

/// Terminates, because `check_bases` rejects cycles.
fn with_base(name: &str, parsed: &BTreeMap<&str, Parsed>) -> Expectations {
    let own = &parsed[name];
    let base = own.base.as_ref().map(|base| with_base(base.get_ref(), parsed));
    let mut expectations = Expectations::new(name, own.python, base);
    expectations.files.extend(own.files.clone());
    expectations
}
