//! The journal that the driver writes inside the guest: text in, records out. What follows from them is told in `classify`.

use serde::Deserialize;

use super::CaseOutcome;

/// Everything that the driver wrote, in order.
#[derive(Debug, Default, PartialEq)]
pub struct Journal {
    pub records: Vec<Record>,
    /// Why the rest could not be read.
    pub broken: Option<String>,
}

/// One line of the journal. `driver.py` says when each is written.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Record {
    Suite { suite: Vec<String> },
    Start { start: String },
    Case { case: String, outcome: CaseOutcome, text: String, skipped_subtests: u32, seconds: f64 },
    File { file: String, state: String, stats: Option<Stats> },
    Exit { exit: i64 },
}

/// What regrtest itself counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stats {
    pub tests_run: usize,
    pub failures: usize,
    pub skipped: usize,
}

impl Journal {
    /// Reads as far as it can be read. The driver was given the key, and each line of its begins with it.
    pub fn read(bytes: &[u8], key: &str) -> Self {
        let mut journal = Self::default();
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        for (number, line) in (1..).zip(lines) {
            // Without a line feed, it ended while the line was written.
            let line = line.strip_suffix(b"\n").and_then(|line| line.strip_prefix(key.as_bytes()));
            let record = line.and_then(|line| serde_json::from_slice(line).ok());
            match record {
                Some(record) => journal.records.push(record),
                None => {
                    journal.broken = Some(format!("line {number} of the journal is no record of the driver's"));
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
    fn every_kind_of_line_is_read() {
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
    fn it_is_read_up_to_the_line_that_is_broken() {
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
