//! Requirements as users write them: `--with NAME==VERSION`, or a line of a requirements file.
//!
//! Only names from an index: a path or a URL would mean other bytes each time, and the result of a request is kept.

use super::{Target, normalized};
use crate::digest::Sha256;

/// The word that pins the bytes of a requirement.
const HASH: &str = "--hash=sha256:";

/// One requirement, in one line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Requirement {
    pub name: String,
    text: String,
}

/// What is to be installed, and for which Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    requirements: Vec<Requirement>,
    pub target: Target,
    /// Whether what they need is installed, too.
    pub with_dependencies: bool,
}

impl Requirement {
    /// Reads a requirement; `place` says where it is, for messages.
    ///
    /// # Errors
    /// The message, with a hint.
    pub fn parse(text: &str, place: &str) -> Result<Self, String> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let rest = rest.trim_start();
        let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.ends_with(|c: char| c.is_ascii_alphanumeric());
        let goes_on = rest.is_empty() || rest.starts_with(['[', '=', '<', '>', '!', '~', ';', '(']) || is_hash(rest);
        if is_name && goes_on {
            return Ok(Self { name: normalized(name), text });
        }
        let hint = match text.starts_with('-') {
            true => "options of pip are not read here; pip finds them in its configuration and in PIP_… variables",
            false => "write NAME, NAME==VERSION or another version specifier; paths and URLs are not supported",
        };
        Err(format!("invalid requirement `{text}` in {place}\nhint: {hint}"))
    }

    /// Whether it names the bytes that may be installed.
    pub fn is_hashed(&self) -> bool {
        self.text.split(' ').any(is_hash)
    }
}

fn is_hash(word: &str) -> bool {
    word.starts_with(HASH)
}

/// The requirements of a file: one in a line, which `\` continues; `#` begins a comment.
pub fn parse_file(text: &str, place: &str) -> Result<Vec<Requirement>, String> {
    let mut requirements = Vec::new();
    let mut logical = String::new();
    for line in text.lines() {
        let line = match line.trim_start().starts_with('#') {
            true => "",
            false => line.split(" #").next().unwrap_or_default().trim_end(),
        };
        if let Some(begin) = line.strip_suffix('\\') {
            logical.push_str(begin);
            logical.push(' ');
            continue;
        }
        logical.push_str(line);
        if !logical.trim().is_empty() {
            requirements.push(Requirement::parse(&logical, place)?);
        }
        logical.clear();
    }
    if !logical.trim().is_empty() {
        requirements.push(Requirement::parse(&logical, place)?);
    }
    Ok(requirements)
}

impl Request {
    /// A request for these packages. With `locked`, or if one of them is pinned by its hash, all of them must be.
    ///
    /// # Errors
    /// The message about a requirement without a hash, with a hint.
    pub fn new(mut requirements: Vec<Requirement>, target: Target, locked: bool) -> Result<Self, String> {
        requirements.sort();
        requirements.dedup();
        let any_hashed = requirements.iter().any(Requirement::is_hashed);
        if let Some(open) = requirements.iter().find(|it| (locked || any_hashed) && !it.is_hashed()) {
            let reason = if locked { "with --locked" } else { "because others are" };
            let names: Vec<&str> = requirements.iter().map(|it| it.name.as_str()).collect();
            return Err(format!(
                "`{}` is not pinned by its hash, which is required {reason}\nhint: `cargo xtask packages lock {}` prints the lines of a file for --requirement",
                open.text,
                names.join(" ")
            ));
        }
        Ok(Self { requirements, target, with_dependencies: true })
    }

    /// The same without what the packages need.
    pub fn alone(self) -> Self {
        Self { with_dependencies: false, ..self }
    }

    /// The requirements as pip reads them from a file.
    pub fn file(&self) -> String {
        self.requirements.iter().map(|it| format!("{}\n", it.text)).collect()
    }

    /// The names, for messages.
    pub fn names(&self) -> String {
        self.requirements.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// By what its answer is kept.
    pub fn key(&self) -> Sha256 {
        let dependencies = if self.with_dependencies { "" } else { "--no-deps\n" };
        Sha256::of(format!("{}{dependencies}{}", self.target.key(), self.file()).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash() -> String {
        format!("{HASH}{}", "0".repeat(64))
    }

    #[test]
    fn names_with_specifiers_are_requirements_and_nothing_else_is() {
        for good in ["rich", "Rich==14.0", "a.b_c [x,y] >= 1, <2", "rich; sys_platform == 'wasi'", "a~=1.0"] {
            assert!(Requirement::parse(good, "--with").is_ok(), "{good}");
        }
        for bad in
            ["", "-e .", "./wheel.whl", "a @ file:///a.whl", "https://x/a.whl", "--index-url=x", "a b", "a,b", "-"]
        {
            let error = Requirement::parse(bad, "--with").unwrap_err();
            assert!(error.starts_with(&format!("invalid requirement `{bad}` in --with\nhint: ")), "{error}");
        }
    }

    #[test]
    fn lines_of_a_file_are_joined_and_comments_are_dropped() {
        let text = format!("# pinned\nRich==1 \\\n    {} \\\n    {}\n\nb # why\nc", hash(), hash());
        let found = parse_file(&text, "r.txt").unwrap();
        let found: Vec<_> = found.iter().map(|it| (it.name.as_str(), it.is_hashed())).collect();
        assert_eq!(found, [("rich", true), ("b", false), ("c", false)]);
        assert!(parse_file("-r other.txt", "r.txt").unwrap_err().contains("options of pip"));
    }

    #[test]
    fn all_are_hashed_or_none_and_with_locked_all() {
        let (hashed, open) = (format!("a==1 {}", hash()), "b==2".to_owned());
        let request = |texts: &[&String], locked| {
            let requirements = texts.iter().map(|text| Requirement::parse(text, "--with").unwrap()).collect();
            Request::new(requirements, Target::default(), locked)
        };
        assert!(request(&[&hashed], true).is_ok() && request(&[&open], false).is_ok());
        assert!(
            request(&[&open], true)
                .unwrap_err()
                .starts_with("`b==2` is not pinned by its hash, which is required with --locked\nhint: ")
        );
        assert!(request(&[&hashed, &open], false).unwrap_err().contains("because others are"));
        let key = |texts: &[&String]| request(texts, false).unwrap().key();
        assert_eq!(key(&[&open, &open]), key(&[&open]));
        assert_ne!(key(&[&open]), key(&[&hashed]));
    }
}
