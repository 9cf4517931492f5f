//! DEP-3 headers: the author of a patch, its reason, and its state upstream.
//!
//! Reads Debian's form (`Description:` …) and git's (`From:`, `Subject:`, then text, then fields). Writes only Debian's form, with the fields in a fixed order.
//! <https://dep-team.pages.debian.net/deps/dep3/>

use std::fmt;

use super::Diagnostic;
use crate::suggest;

/// A header with all required fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dep3 {
    /// What the patch does, in one line.
    pub synopsis: String,
    /// The reason. Lines have no trailing white space, and there are no consecutive empty lines.
    pub description: String,
    pub author: Option<String>,
    /// The origin of the patch, if the author is not enough to tell.
    pub origin: Option<String>,
    pub bugs: Vec<Bug>,
    pub forwarded: Forwarded,
    /// The upstream version or commit that contains the change.
    pub applied_upstream: Option<String>,
    pub reviewed_by: Vec<String>,
    /// A date, as YYYY-MM-DD.
    pub last_update: String,
}

/// A bug report about the problem that the patch fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bug {
    /// `None` for the upstream tracker.
    pub vendor: Option<String>,
    pub url: String,
}

/// Whether the patch was submitted upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forwarded {
    No,
    NotNeeded,
    Url(String),
}

const FIELDS: [&str; 10] = [
    "Description",
    "Subject",
    "Author",
    "From",
    "Origin",
    "Bug",
    "Forwarded",
    "Applied-Upstream",
    "Reviewed-by",
    "Last-Update",
];

/// Fields that `git format-patch` adds; they are ignored.
const MAIL_FIELDS: [&str; 4] = ["Date", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"];

/// Parses the header at the start of `file_name`. All errors are reported.
pub(super) fn parse(file_name: &str, text: &str) -> Result<Dep3, Vec<Diagnostic>> {
    let mut parser = Parser { file_name, fields: Vec::new(), diagnostics: Vec::new() };
    let body = parser.read(text);
    let header = parser.header(&body);
    match header {
        Some(header) if parser.diagnostics.is_empty() => Ok(header),
        _ => Err(parser.diagnostics),
    }
}

/// One field: its first line, and its continuation lines without their indentation.
struct Field<'a> {
    name: &'a str,
    line: usize,
    value: &'a str,
    more: Vec<&'a str>,
}

struct Parser<'a> {
    file_name: &'a str,
    fields: Vec<Field<'a>>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Parser<'a> {
    /// Reads the fields of the first paragraph, and those of the last one if it starts with a field. Returns the text between them.
    fn read(&mut self, text: &'a str) -> Vec<&'a str> {
        let mut lines: Vec<(usize, &str)> = text.lines().enumerate().map(|(index, line)| (index + 1, line)).collect();
        // The separator of messages in an mbox file.
        if lines.first().is_some_and(|(_, line)| line.starts_with("From ")) {
            lines.remove(0);
        }
        let is_empty = |(_, line): &(usize, &str)| line.trim().is_empty();
        let end = lines.iter().rposition(|line| !is_empty(line)).map_or(0, |last| last + 1);
        let head = lines[..end].iter().position(is_empty).unwrap_or(end);
        let tail = lines[head..end].iter().rposition(is_empty).map_or(end, |empty| head + empty + 1);
        let is_known = |(name, _): (&str, &str)| FIELDS.contains(&name) || name.starts_with("Bug-");
        let tail = if tail < end && field(lines[tail].1).is_some_and(is_known) { tail } else { end };
        for (line, text) in lines[..head].iter().chain(&lines[tail..end]) {
            self.read_line(*line, text);
        }
        lines[head..tail].iter().map(|(_, line)| *line).collect()
    }

    fn read_line(&mut self, line: usize, text: &'a str) {
        if let Some(more) = text.strip_prefix([' ', '\t']) {
            match self.fields.last_mut() {
                Some(field) => field.more.push(if more.trim_end() == "." { "" } else { more }),
                None => self.wrong(line, "a continuation line has nothing to continue"),
            }
            return;
        }
        let Some((name, value)) = field(text) else {
            self.wrong(line, format!("`{text}` is not a field: `Name: value` is needed"));
            return;
        };
        let may_repeat = name == "Reviewed-by" || name.starts_with("Bug");
        if MAIL_FIELDS.contains(&name) {
            // Added although it is ignored, so that its continuation lines belong to it.
        } else if !FIELDS.contains(&name) && !name.starts_with("Bug-") {
            let diagnostic =
                Diagnostic::new(self.file_name, line, format!("`{name}` is not a field of a patch header"));
            self.diagnostics.push(diagnostic.hint(suggest::valid_names("fields", name, &FIELDS)));
        } else if let Some(first) = self.fields.iter().find(|field| field.name == name && !may_repeat) {
            let message = format!("`{name}` is given twice: line {} has it already", first.line);
            self.wrong(line, message);
        } else if value.is_empty() {
            self.wrong(line, format!("`{name}` is empty"));
        }
        self.fields.push(Field { name, line, value, more: Vec::new() });
    }

    fn header(&mut self, body: &[&str]) -> Option<Dep3> {
        let (synopsis, folded) = match (self.take("Description"), self.take("Subject")) {
            (Some(field), None) => (field.value.to_owned(), field.more),
            (None, Some(field)) => (unfolded_subject(&field), Vec::new()),
            (Some(_), Some(second)) => {
                self.wrong(second.line, "`Description` and `Subject` are the same thing: take one out");
                return None;
            }
            (None, None) => {
                self.missing(
                    "Description",
                    "a line that says what the patch does, then ` `-indented lines that say why",
                );
                (String::new(), Vec::new())
            }
        };
        let description = paragraphs(folded.into_iter().chain([""]).chain(body.iter().copied()));
        if description.is_empty() && !synopsis.is_empty() {
            let diagnostic =
                Diagnostic::new(self.file_name, 1, "the description says what the patch does, but not why");
            self.diagnostics
                .push(diagnostic.hint("more lines follow, ` `-indented: what goes wrong without the patch"));
        }
        let author = self.take("Author").or_else(|| self.take("From")).map(|field| field.value.to_owned());
        let origin = self.take("Origin").map(|field| field.value.to_owned());
        if author.is_none() && origin.is_none() {
            self.missing("Author` or `Origin", "who wrote the patch, or where it was taken from");
        }
        let bugs = self.bugs();
        let forwarded = self.forwarded();
        let applied_upstream = self.take("Applied-Upstream").map(|field| field.value.to_owned());
        let reviewed_by = self.fields.iter().filter(|field| field.name == "Reviewed-by");
        let reviewed_by = reviewed_by.map(|field| field.value.to_owned()).collect();
        let last_update = self.last_update();
        Some(Dep3 {
            synopsis,
            description,
            author,
            origin,
            bugs,
            forwarded: forwarded?,
            applied_upstream,
            reviewed_by,
            last_update: last_update?,
        })
    }

    fn bugs(&mut self) -> Vec<Bug> {
        let mut bugs = Vec::new();
        for index in 0..self.fields.len() {
            let Field { name, line, value, .. } = self.fields[index];
            let vendor = name.strip_prefix("Bug-").map(str::to_owned);
            if vendor.is_none() && name != "Bug" {
                continue;
            }
            if !is_url(value) && !value.is_empty() {
                self.wrong(line, format!("`{name}: {value}` is not a URL"));
            }
            bugs.push(Bug { vendor, url: value.to_owned() });
        }
        bugs
    }

    fn forwarded(&mut self) -> Option<Forwarded> {
        const HINT: &str = "`no`, `not-needed`, or the URL where upstream was offered the patch";
        let Some(field) = self.take("Forwarded") else {
            self.missing("Forwarded", HINT);
            return None;
        };
        match field.value {
            "no" => Some(Forwarded::No),
            "not-needed" => Some(Forwarded::NotNeeded),
            url if is_url(url) => Some(Forwarded::Url(url.to_owned())),
            "" => None,
            other => {
                let message = format!("`Forwarded: {other}` says too little");
                self.diagnostics.push(Diagnostic::new(self.file_name, field.line, message).hint(HINT));
                None
            }
        }
    }

    fn last_update(&mut self) -> Option<String> {
        let Some(field) = self.take("Last-Update") else {
            self.missing("Last-Update", "the day of the last change, written YYYY-MM-DD");
            return None;
        };
        if !is_day(field.value) && !field.value.is_empty() {
            self.wrong(field.line, format!("`Last-Update: {}` is not a day written YYYY-MM-DD", field.value));
        }
        Some(field.value.to_owned())
    }

    fn take(&mut self, name: &str) -> Option<Field<'a>> {
        let index = self.fields.iter().position(|field| field.name == name)?;
        Some(self.fields.remove(index))
    }

    fn wrong(&mut self, line: usize, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::new(self.file_name, line, message));
    }

    fn missing(&mut self, name: &str, hint: &str) {
        self.diagnostics.push(Diagnostic::new(self.file_name, 1, format!("`{name}` is missing")).hint(hint));
    }
}

/// `Name: value`, where the name has only letters, digits and `-`.
fn field(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (is_name && (value.is_empty() || value.starts_with([' ', '\t']))).then(|| (name, value.trim()))
}

/// The subject of a message on one line, without a prefix such as `[PATCH 1/2]`.
fn unfolded_subject(field: &Field<'_>) -> String {
    let value = match field.value.strip_prefix("[PATCH") {
        Some(rest) => rest.split_once(']').map_or(field.value, |(_, subject)| subject.trim_start()),
        None => field.value,
    };
    [value].into_iter().chain(field.more.iter().map(|more| more.trim())).collect::<Vec<_>>().join(" ")
}

/// Removes trailing white space, empty lines at the start and the end, and repeated empty lines.
fn paragraphs<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for line in lines.map(str::trim_end) {
        if !line.is_empty() || kept.last().is_some_and(|last| !last.is_empty()) {
            kept.push(line);
        }
    }
    kept.join("\n").trim_end().to_owned()
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
}

fn is_day(text: &str) -> bool {
    let digits = |part: &str, length: usize| {
        (part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u16>().ok())
            .flatten()
    };
    let [year, month, day] = text.split('-').collect::<Vec<_>>()[..] else { return false };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u16::from(leap),
        _ => return false,
    };
    (1..=last).contains(&day)
}

impl Dep3 {
    /// All fields except the description, one per line.
    pub(super) fn write_fields(&self, f: &mut impl fmt::Write) -> fmt::Result {
        self.author.iter().try_for_each(|author| writeln!(f, "Author: {author}"))?;
        self.origin.iter().try_for_each(|origin| writeln!(f, "Origin: {origin}"))?;
        for bug in &self.bugs {
            let vendor = bug.vendor.iter().map(|vendor| format!("-{vendor}")).collect::<String>();
            writeln!(f, "Bug{vendor}: {}", bug.url)?;
        }
        writeln!(f, "Forwarded: {}", self.forwarded)?;
        self.applied_upstream.iter().try_for_each(|applied| writeln!(f, "Applied-Upstream: {applied}"))?;
        self.reviewed_by.iter().try_for_each(|name| writeln!(f, "Reviewed-by: {name}"))?;
        writeln!(f, "Last-Update: {}", self.last_update)
    }
}

impl fmt::Display for Forwarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::No => "no",
            Self::NotNeeded => "not-needed",
            Self::Url(url) => url,
        })
    }
}

impl fmt::Display for Dep3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Description: {}", self.synopsis)?;
        for line in self.description.lines() {
            writeln!(f, " {}", if line.is_empty() { "." } else { line })?;
        }
        self.write_fields(f)
    }
}
