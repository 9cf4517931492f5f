//! Why pip could not install something, from what it printed with `-vv`.
//!
//! pip's own message is the same for a name that does not exist and for a package that has only compiled code.

use std::collections::BTreeSet;
use std::fmt;

use super::normalized;

/// Why a request cannot be fulfilled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No index has a file of this name.
    NoSuchPackage { requirement: String },
    /// There is a package, but not in such a version.
    NoSuchVersion { requirement: String, newest: String },
    /// No version has a wheel for this Python: what there is.
    NotPure { requirement: String, version: String, tags: Vec<String> },
    /// There are only sources, which would have to be compiled or run on this machine.
    OnlySources { requirement: String },
    /// No version is for this Python.
    OtherPython { requirement: String },
    /// No index answered.
    Unreachable { requirement: String },
    /// The file has another hash than the pinned one.
    OtherHash { requirement: String, expected: String, found: String },
    /// A package that is needed is not among those that are pinned by their hashes.
    NotHashed { requirements: Vec<String> },
    /// The requirements contradict each other.
    Conflict { message: String },
}

const NOT_FOUND: &str = "ERROR: Could not find a version that satisfies the requirement ";

impl Refusal {
    /// Reads pip's output; `None` if it failed for another reason.
    pub fn read(log: &str) -> Option<Self> {
        let line_with = |begin: &str| log.lines().map(str::trim).find(|line| line.starts_with(begin));
        let after = |begin: &str| {
            let lines = log.lines().skip_while(|line| !line.trim_start().starts_with(begin)).skip(1);
            lines.take_while(|line| line.starts_with("    ")).map(str::trim).collect::<Vec<_>>()
        };
        if line_with("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES").is_some() {
            let lines = after("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES");
            let word = |begin: &str| {
                let line = lines.iter().find_map(|line| line.strip_prefix(begin)).unwrap_or_default();
                line.trim().to_owned()
            };
            let requirement = lines.first().map(|line| before_from(line)).unwrap_or_default();
            return Some(Self::OtherHash { requirement, expected: word("Expected sha256"), found: word("Got") });
        }
        for begin in ["ERROR: In --require-hashes mode", "ERROR: Hashes are required"] {
            if line_with(begin).is_some() {
                let requirements = after(begin).iter().map(|line| before_from(line)).collect();
                return Some(Self::NotHashed { requirements });
            }
        }
        if let Some(line) = line_with("ERROR: Cannot install ") {
            let causes = after("The conflict is caused by:");
            // Where versions could be chosen, pip calls it a conflict that none of them can be installed.
            let culprit =
                causes.iter().filter_map(|cause| cause.split_once(" depends on ")).find_map(|(dependent, needed)| {
                    let no_links = format!("check 0 links for project '{}'", name_of(needed));
                    let requirement = format!("{needed} (from {dependent})");
                    log.contains(&no_links).then(|| not_found(log, &requirement, "none"))
                });
            let message = match causes.is_empty() {
                true => line["ERROR: ".len()..].trim_end_matches('.').to_owned(),
                false => format!("the requirements contradict each other: {}", causes.join("; ")),
            };
            return Some(culprit.unwrap_or(Self::Conflict { message }));
        }
        let missing = line_with(NOT_FOUND)?.strip_prefix(NOT_FOUND)?;
        let (requirement, versions) = missing.split_once(" (from versions: ")?;
        Some(not_found(log, requirement, versions.trim_end_matches(')')))
    }

    /// Whether the machine or its network is to blame.
    pub fn is_environmental(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}

/// Why no version of a package is acceptable.
fn not_found(log: &str, requirement: &str, versions: &str) -> Refusal {
    let name = name_of(requirement);
    let requirement = requirement.to_owned();
    // Those with wheels that would be acceptable, but for the version.
    if versions != "none" {
        let newest = versions.rsplit(", ").next().unwrap_or_default().to_owned();
        return Refusal::NoSuchVersion { requirement, newest };
    }
    let skipped =
        |why: &'static str| log.lines().filter(move |line| line.contains("Skipping link") && line.contains(why));
    let files = skipped("none of the wheel's tags").filter_map(wheel_in);
    let wheels: Vec<(&str, &str)> = files
        .filter_map(version_and_tag)
        .filter(|(file, _, _)| normalized(file) == name)
        .map(|(_, v, t)| (v, t))
        .collect();
    if let Some((version, _)) = wheels.last() {
        // Indexes list the newest version last.
        let tags: BTreeSet<&str> = wheels.iter().filter(|(other, _)| other == version).map(|(_, tag)| *tag).collect();
        let tags = tags.into_iter().map(str::to_owned).collect();
        return Refusal::NotPure { requirement, version: (*version).to_owned(), tags };
    }
    let of_package = |line: &&str| line.split(&[' ', ':', '/'][..]).any(|word| normalized(word) == name);
    if skipped("No sources permitted").any(|line| of_package(&line)) {
        return Refusal::OnlySources { requirement };
    }
    if log.lines().any(|line| line.contains("requires a different Python") && of_package(&line)) {
        return Refusal::OtherPython { requirement };
    }
    let fetches = log.lines().filter(|line| line.trim_start().starts_with("Could not fetch URL") && of_package(line));
    if fetches.clone().any(|line| !line.contains("404 Client Error")) {
        return Refusal::Unreachable { requirement };
    }
    Refusal::NoSuchPackage { requirement }
}

/// The normalized name with which a requirement begins.
fn name_of(requirement: &str) -> String {
    let end = requirement.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
    normalized(&requirement[..end.unwrap_or(requirement.len())])
}

/// A requirement without the address that it comes from.
fn before_from(line: &str) -> String {
    line.split(" from ").next().unwrap_or_default().to_owned()
}

/// The name of the wheel in a line.
fn wheel_in(line: &str) -> Option<&str> {
    let word = line.split_whitespace().rev().find(|word| word.contains(".whl"))?;
    let file = word.split(['#', '?']).next()?;
    file.rsplit('/').next()
}

/// Name, version and tag of a wheel.
fn version_and_tag(file: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = file.strip_suffix(".whl")?.split_once('-')?;
    let (version, tag) = rest.split_once('-')?;
    Some((name, version, tag))
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchPackage { requirement } => write!(
                f,
                "there is no package `{requirement}`\nhint: check the name; `python3 -m pip config list` shows which index pip uses"
            ),
            Self::NoSuchVersion { requirement, newest } => {
                write!(f, "no version matches `{requirement}`\nhint: the newest is {newest}")
            }
            Self::NotPure { requirement, version, tags } => write!(
                f,
                "`{requirement}` has compiled code, and no wheel for this Python: {version} has wheels for {}\nhint: only wheels for any platform (`none-any`) are installed",
                list(tags)
            ),
            Self::OnlySources { requirement } => write!(
                f,
                "`{requirement}` has no wheels, only sources\nhint: build its wheel with `python3 -m pip wheel --no-deps {}`, and name the folder in PIP_FIND_LINKS",
                name_of(requirement)
            ),
            Self::OtherPython { requirement } => {
                write!(
                    f,
                    "no version of `{requirement}` is for this version of Python\nhint: try `--python` with another minor"
                )
            }
            Self::Unreachable { requirement } => write!(
                f,
                "pip cannot reach the index that has `{requirement}`\nhint: connect to the network; `python3 -m pip config list` shows which index pip uses"
            ),
            Self::OtherHash { requirement, expected, found } => write!(
                f,
                "`{requirement}` has other bytes than the pinned ones: expected {expected}, found {found}\nhint: compare with the hash that its authors publish"
            ),
            Self::NotHashed { requirements } => write!(
                f,
                "packages that are needed are not pinned by their hashes: {}\nhint: `cargo xtask packages lock NAME` prints all lines that a requirements file needs",
                requirements.join(", ")
            ),
            Self::Conflict { message } => write!(f, "{message}\nhint: change the versions that are asked for"),
        }
    }
}

/// Some of the tags, and how many more there are.
fn list(tags: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown = tags.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if tags.len() > SHOWN { format!("{shown} and {} others", tags.len() - SHOWN) } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: &str =
        "ERROR: Could not find a version that satisfies the requirement a-b>1 (from c) (from versions: none)";

    fn read(lines: &[&str]) -> String {
        let refusal = Refusal::read(&lines.join("\n")).unwrap().to_string();
        refusal.lines().next().unwrap().to_owned()
    }

    #[test]
    fn the_reason_is_found_in_what_pip_printed() {
        let wheel = |file: &str| {
            format!(
                "  Skipping link: none of the wheel's tags (x) are compatible (run pip debug): https://h/{file}#sha256=0 (from https://h/simple/)"
            )
        };
        let (old, new, other) =
            (wheel("A_b-1-cp39-cp39-win32.whl"), wheel("A_b-2-cp313-cp313-win32.whl"), wheel("c-9-cp313-x-y.whl"));
        assert_eq!(
            read(&[&old, &new, &other, NONE]),
            "`a-b>1 (from c)` has compiled code, and no wheel for this Python: 2 has wheels for cp313-cp313-win32"
        );
        assert_eq!(read(&[&other, NONE]), "there is no package `a-b>1 (from c)`");
        let sources =
            "  Skipping link: No sources permitted for a-b: https://h/a_b-1.tar.gz (from https://h/simple/a-b/)";
        assert_eq!(read(&[sources, NONE]), "`a-b>1 (from c)` has no wheels, only sources");
        let fetch = |why: &str| format!("Could not fetch URL https://h/simple/a-b/: {why} - skipping");
        assert_eq!(read(&[&fetch("404 Client Error: Not Found"), NONE]), "there is no package `a-b>1 (from c)`");
        assert!(read(&[&fetch("connection error: x"), NONE]).starts_with("pip cannot reach the index"));
        assert_eq!(read(&[&NONE.replace("none)", "1.0, 1.1)")]), "no version matches `a-b>1 (from c)`");
        let hashes = [
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM X.",
            "    a==1 from https://h/a (from -r r):",
            "        Expected sha256 00",
            "             Got        11",
        ];
        assert_eq!(read(&hashes), "`a==1` has other bytes than the pinned ones: expected 00, found 11");
        let open = [
            "ERROR: In --require-hashes mode, all requirements must have their versions pinned with ==. These do not:",
            "    b>=2 from https://h/b (from a)",
        ];
        assert_eq!(read(&open), "packages that are needed are not pinned by their hashes: b>=2");
        let conflict = "ERROR: Cannot install -r x (line 1) because …\n\nThe conflict is caused by:\n    c 2 depends on a-b>1\n    c 1 depends on a-b\n\nTo fix";
        assert_eq!(
            read(&[conflict]),
            "the requirements contradict each other: c 2 depends on a-b>1; c 1 depends on a-b"
        );
        assert_eq!(
            read(&[&new, "Given no hashes to check 0 links for project 'a-b': discarding no candidates", conflict]),
            "`a-b>1 (from c 2)` has compiled code, and no wheel for this Python: 2 has wheels for cp313-cp313-win32"
        );
        assert_eq!(Refusal::read("ERROR: no space left"), None);
    }
}
