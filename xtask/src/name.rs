//! Names and versions: small checked types instead of strings.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A CPython minor, such as 3.13.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Minor {
    pub major: u8,
    pub minor: u8,
}

/// A CPython release, such as 3.13.15 or 3.15.0rc1. Ordered as releases are: 3.15.0b4 < 3.15.0rc1 < 3.15.0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PythonVersion {
    pub minor: Minor,
    pub micro: u8,
    pub level: ReleaseLevel,
}

/// How finished a release is, with its serial number: CPython's `sys.version_info.releaselevel`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReleaseLevel {
    Alpha(u8),
    Beta(u8),
    Candidate(u8),
    Final,
}

/// A program's version, such as 48.0.8: numbers between dots. Ordered number by number; 20 comes before 20.1.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ProgramVersion(Vec<u32>);

/// The text is not a version of the required form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {what}, such as {example}")]
pub struct ParseVersionError {
    text: String,
    what: &'static str,
    example: &'static str,
}

impl ProgramVersion {
    /// The first of its numbers.
    pub fn major(&self) -> u32 {
        self.0.first().copied().unwrap_or_default()
    }

    /// The version after the first `prefix` in a program's output.
    pub fn find(text: &str, prefix: &str) -> Option<Self> {
        let (_, rest) = text.split_once(prefix)?;
        let end = rest.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].trim_end_matches('.').parse().ok()
    }
}

impl FromStr for ProgramVersion {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers = text.split('.').map(|number| number.parse().ok());
        let plain = text.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit());
        let numbers = numbers.collect::<Option<Vec<u32>>>().filter(|_| plain);
        numbers.map(Self).ok_or_else(|| ParseVersionError {
            text: text.to_owned(),
            what: "program's version",
            example: "48.0.8",
        })
    }
}

impl FromStr for Minor {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split_once('.')
            .and_then(|(major, minor)| Some(Self { major: decimal(major)?, minor: decimal(minor)? }))
            .ok_or_else(|| ParseVersionError { text: text.to_owned(), what: "Python minor", example: "3.13" })
    }
}

impl FromStr for PythonVersion {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_version(text).ok_or_else(|| ParseVersionError {
            text: text.to_owned(),
            what: "Python version",
            example: "3.13.15",
        })
    }
}

fn parse_version(text: &str) -> Option<PythonVersion> {
    let mut parts = text.splitn(3, '.');
    let minor = Minor { major: decimal(parts.next()?)?, minor: decimal(parts.next()?)? };
    let rest = parts.next()?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (micro, level) = rest.split_at(digits);
    let serial = |prefix: &str| level.strip_prefix(prefix).and_then(decimal);
    let level = match level {
        "" => ReleaseLevel::Final,
        _ => serial("rc")
            .map(ReleaseLevel::Candidate)
            .or_else(|| serial("b").map(ReleaseLevel::Beta))
            .or_else(|| serial("a").map(ReleaseLevel::Alpha))?,
    };
    Some(PythonVersion { minor, micro: decimal(micro)?, level })
}

/// A decimal number as versions write it: digits only, no sign, no leading zero.
fn decimal(text: &str) -> Option<u8> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

impl fmt::Display for Minor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl fmt::Display for PythonVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.minor, self.micro)?;
        match self.level {
            ReleaseLevel::Alpha(serial) => write!(f, "a{serial}"),
            ReleaseLevel::Beta(serial) => write!(f, "b{serial}"),
            ReleaseLevel::Candidate(serial) => write!(f, "rc{serial}"),
            ReleaseLevel::Final => Ok(()),
        }
    }
}

impl fmt::Display for ProgramVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

macro_rules! serde_as_text {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

serde_as_text!(Minor);
serde_as_text!(PythonVersion);
serde_as_text!(ProgramVersion);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_print_as_they_were_written() {
        for text in ["3.13.15", "3.11.2", "3.15.0rc1", "3.15.0b4", "3.16.0a1"] {
            assert_eq!(text.parse::<PythonVersion>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn versions_are_ordered_as_releases_are() {
        let ordered = ["3.11.17", "3.13.5", "3.13.15", "3.15.0a1", "3.15.0b4", "3.15.0rc1", "3.15.0"];
        let versions: Vec<PythonVersion> = ordered.iter().map(|text| text.parse().unwrap()).collect();
        assert!(versions.is_sorted());
    }

    #[test]
    fn invalid_versions_are_rejected() {
        for text in ["", "3", "3.13", "3.13.", "3.13.1x", "3.013.1", "3.13.+1", "v3.13.1", "3.13.300", "3.15.0rc"] {
            assert!(text.parse::<PythonVersion>().is_err(), "{text}");
        }
        let error = "3.x".parse::<Minor>().unwrap_err();
        assert_eq!(error.to_string(), "`3.x` is not a Python minor, such as 3.13");
    }

    #[test]
    fn a_programs_version_is_found_in_its_output() {
        let find = |text, prefix| ProgramVersion::find(text, prefix).map(|version| version.to_string());
        assert_eq!(find("wasmtime 48.0.8 (0123abc 2026-01-01)", "wasmtime "), Some("48.0.8".to_owned()));
        assert_eq!(find("/opt/tool-0.14/tool version 0.17.1.\n", "version "), Some("0.17.1".to_owned()));
        assert_eq!(find("v20.20.2", "v"), Some("20.20.2".to_owned()));
        assert_eq!(find("dev", ""), None);
        assert_eq!(find("version 1..2", "version "), None);
        assert_eq!(find("48.0.8", "wasmtime "), None);
    }

    #[test]
    fn versions_of_programs_are_ordered_number_by_number() {
        let ordered = ["0.17.1", "9.10", "18", "20", "20.0", "20.20.2", "100"];
        let versions: Vec<ProgramVersion> = ordered.iter().map(|text| text.parse().unwrap()).collect();
        assert!(versions.is_sorted());
        for text in ["", "1.", ".1", "1.x", "v1", "+1", "1.-2", "99999999999"] {
            assert!(text.parse::<ProgramVersion>().is_err(), "{text}");
        }
    }
}
