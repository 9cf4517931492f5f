//! Parses the journal that the driver writes inside the guest. `classify` interprets it.

use serde::Deserialize;

use super::CaseOutcome;

/// The records of the journal, in order.
#[derive(Debug, Default, PartialEq)]
pub struct Journal {
    pub records: Vec<Record>,
    /// Why the rest could not be parsed.
    pub broken: Option<String>,
}

/// One line of the journal. `driver.py` documents when each is written.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Record {
    Suite { suite: Vec<String> },
    Start { start: String },
    Case { case: String, outcome: CaseOutcome, text: String, skipped_subtests: u32, seconds: f64 },
    File { file: String, state: String, stats: Option<Stats> },
    Exit { exit: i64 },
}

/// regrtest's own counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stats {
    pub tests_run: usize,
    pub failures: usize,
    pub skipped: usize,
}

impl Journal {
    /// Parses the journal up to the first invalid line. Each valid line starts with the driver's key.
    pub fn read(bytes: &[u8], key: &str) -> Self {
        let mut journal = Self::default();
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        for (number, line) in (1..).zip(lines) {
            // A line without line feed is incomplete.
            let line = line.strip_suffix(b"\n").and_then(|line| line.strip_prefix(key.as_bytes()));
            let record = line.and_then(|line| serde_json::from_slice(line).ok());
            match record {
                Some(record) => journal.records.push(record),
                None => {
                    journal.broken = Some(format!("line {number} of the journal is not a record of the driver"));
                    break;
                }
            }
        }
        journal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_record_is_parsed() {
        let journal = Journal::read(
            br#"key{"suite": ["test.test_a.A.test_x"]}
key{"start": "test.test_a.A.test_x"}
key{"case": "test.test_a.A.test_x", "outcome": "skipped", "text": "no", "skipped_subtests": 0, "seconds": 0.5}
key{"file": "test_a", "state": "PASSED", "stats": {"tests_run": 1, "failures": 0, "skipped": 1}}
key{"exit": 0}
"#,
            "key",
        );
        assert_eq!(journal.broken, None);
        assert_eq!(journal.records.len(), 5);
        assert_eq!(journal.records[1], Record::Start { start: "test.test_a.A.test_x".to_owned() });
        assert_eq!(journal.records[4], Record::Exit { exit: 0 });
    }

    #[test]
    fn it_is_parsed_up_to_the_first_invalid_line() {
        for rest in [
            "key{\"exit\": 0}",
            "key{\"exit\": 0, \"more\": 1}\n",
            "garbage\n",
            "\n",
            "key{\"exit\": \u{0}}\n",
            "{\"exit\": 0}\n",
            "kay{\"exit\": 0}\n",
        ] {
            let journal = Journal::read(format!("key{{\"start\": \"a\"}}\n{rest}").as_bytes(), "key");
            assert_eq!(journal.records.len(), 1, "{rest:?}");
            assert!(journal.broken.unwrap().starts_with("line 2 "), "{rest:?}");
        }
        assert_eq!(Journal::read(b"", "key"), Journal::default());
    }
}
