//! What was measured of both sides' tests, as text and as JSON. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::figures::{Comparison, Comparisons, median};
use crate::machine::Machine;
use crate::subject::Subject;
use xtask::regrtest::FileOutcome;
use xtask::ui::table;

/// What CPython's side is called.
const THEIRS: &str = "python -m test";

/// What our side is called.
const OURS: &str = "cargo xtask test";

/// All outcomes that are worth a row, in this order.
const OUTCOMES: [FileOutcome; 7] = [
    FileOutcome::Passed,
    FileOutcome::Skipped,
    FileOutcome::ResourceDenied,
    FileOutcome::NoTests,
    FileOutcome::EnvironmentChanged,
    FileOutcome::Failed,
    FileOutcome::Error,
];

/// Everything that was measured, with all that it depends on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    #[serde(flatten)]
    pub subject: Subject,
    /// What ran CPython's side; the first line of what it says of itself.
    pub runner: String,
    /// Of the one python.wasm that both sides ran.
    pub wasm_sha256: String,
    /// What regrtest was given with `-u`.
    pub resources: String,
    /// The files that were asked for; empty for all.
    pub selection: Vec<String>,
    pub jobs: usize,
    pub machine: Machine,
    pub rounds: Vec<Round>,
}

/// Each side once.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Round {
    pub regrtest: Run,
    pub xtask: Run,
    /// Seconds that each of some files took that skip themselves, with one job; empty where there are too few.
    pub regrtest_each: Vec<f64>,
    pub xtask_each: Vec<f64>,
}

/// One run of the tests.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Run {
    /// From start to end, seen from outside.
    pub seconds: f64,
    /// User and system time of all processes together.
    pub processor_seconds: f64,
    pub files: BTreeMap<String, FileOutcome>,
    /// As regrtest counts: cases that began, those that skipped themselves included.
    pub cases_run: usize,
    pub cases_skipped: usize,
}

/// A file that did not end alike.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Difference<'a> {
    file: &'a str,
    /// Absent where that side did not run it.
    regrtest: Option<FileOutcome>,
    xtask: Option<FileOutcome>,
}

impl Report {
    /// For programs: differences are included.
    pub fn json(&self) -> String {
        #[derive(Serialize)]
        struct Printed<'a> {
            #[serde(flatten)]
            report: &'a Report,
            differences: BTreeSet<Difference<'a>>,
        }
        self.comparisons().json("bench-test", &Printed { report: self, differences: self.differences() })
    }

    /// For people.
    pub fn text(&self) -> String {
        let selection = if self.selection.is_empty() { "all files".to_owned() } else { self.selection.join(" ") };
        let mut text = format!(
            "{}: {selection}, -u {}, {} at a time\n\
             {THEIRS}: {}\n\
             both: python.wasm with SHA-256 {}\n\
             {}\n",
            self.subject, self.resources, self.jobs, self.runner, self.wasm_sha256, self.machine
        );
        text += &self.comparisons().table(self.counts());
        text.push('\n');
        let differences = self.differences();
        if differences.is_empty() {
            text += "All files ended alike on both sides.\n";
        } else {
            let word = |outcome: Option<FileOutcome>| outcome.map_or("-".to_owned(), |outcome| outcome.to_string());
            let rows: Vec<[String; 3]> = differences
                .iter()
                .map(|difference| [difference.file.to_owned(), word(difference.regrtest), word(difference.xtask)])
                .collect();
            text += &table(["files that did not end alike", THEIRS, OURS], &rows, None);
        }
        text
    }

    /// The results of the last round.
    fn counts(&self) -> Vec<[String; 4]> {
        let Some(Round { regrtest, xtask, .. }) = self.rounds.last() else { return Vec::new() };
        let row = |what: String, count: &dyn Fn(&Run) -> usize| {
            [what, count(regrtest).to_string(), count(xtask).to_string(), String::new()]
        };
        let mut rows = vec![row("files".to_owned(), &|run| run.files.len())];
        for outcome in OUTCOMES {
            let count = |run: &Run| run.files.values().filter(|other| **other == outcome).count();
            if count(regrtest) + count(xtask) > 0 {
                rows.push(row(format!("  {outcome}"), &count));
            }
        }
        rows.push(row("cases run".to_owned(), &|run| run.cases_run));
        rows.push(row("cases skipped".to_owned(), &|run| run.cases_skipped));
        rows
    }

    fn comparisons(&self) -> Comparisons {
        let of = |figure: fn(&Round) -> f64| self.rounds.iter().map(figure).collect();
        let mut rows = vec![
            Comparison::of_seconds("wall time", of(|round| round.regrtest.seconds), of(|round| round.xtask.seconds)),
            Comparison::of_seconds(
                "processor time",
                of(|round| round.regrtest.processor_seconds),
                of(|round| round.xtask.processor_seconds),
            ),
        ];
        let each: Vec<&Round> = self
            .rounds
            .iter()
            .filter(|round| !round.regrtest_each.is_empty() && !round.xtask_each.is_empty())
            .collect();
        if !each.is_empty() {
            rows.push(Comparison::of_seconds(
                "a file that skips itself",
                each.iter().map(|round| median(&round.regrtest_each)).collect(),
                each.iter().map(|round| median(&round.xtask_each)).collect(),
            ));
        }
        Comparisons { theirs: THEIRS.to_owned(), ours: OURS.to_owned(), rows }
    }

    /// Of all rounds: what differs only sometimes differs.
    fn differences(&self) -> BTreeSet<Difference<'_>> {
        let mut differences = BTreeSet::new();
        for Round { regrtest, xtask, .. } in &self.rounds {
            let names: BTreeSet<&String> = regrtest.files.keys().chain(xtask.files.keys()).collect();
            let pairs = names.into_iter().map(|file| Difference {
                file,
                regrtest: regrtest.files.get(file).copied(),
                xtask: xtask.files.get(file).copied(),
            });
            differences.extend(pairs.filter(|difference| difference.regrtest != difference.xtask));
        }
        differences
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::tests::example;
    use crate::subject::tests::example as subject;

    fn run(seconds: f64, files: &[(&str, FileOutcome)]) -> Run {
        Run {
            seconds,
            processor_seconds: seconds * 1.5,
            files: files.iter().map(|&(name, outcome)| (name.to_owned(), outcome)).collect(),
            cases_run: 30_515,
            cases_skipped: 3365,
        }
    }

    fn round(slower: f64, site: FileOutcome) -> Round {
        let (passed, skipped) = (FileOutcome::Passed, FileOutcome::Skipped);
        Round {
            regrtest: run(160.0 + slower, &[("test_a", passed), ("test_site", site), ("test_socket", skipped)]),
            xtask: run(
                40.0,
                &[("test_a", passed), ("test_site", passed), ("test_socket", skipped), ("test_z", skipped)],
            ),
            regrtest_each: vec![0.5, 0.4, 0.9],
            xtask_each: vec![0.05, 0.06, 0.01],
        }
    }

    fn report(rounds: Vec<Round>) -> Report {
        let text = str::to_owned;
        Report {
            subject: subject("wasi", "debian-clang 19"),
            runner: text("wasmtime 48.0.8"),
            wasm_sha256: text("0123"),
            resources: text("all,-cpu"),
            selection: Vec::new(),
            jobs: 2,
            machine: example(),
            rounds,
        }
    }

    #[test]
    fn the_report_for_people() {
        let rounds = vec![round(10.0, FileOutcome::Passed), round(0.0, FileOutcome::EnvironmentChanged)];
        insta::assert_snapshot!(report(rounds).text(), @"
        Python 3.13.15 for wasi, profile release, debian-clang 19: all files, -u all,-cpu, 2 at a time
        python -m test: wasmtime 48.0.8
        both: python.wasm with SHA-256 0123
        Debian GNU/Linux 12 (bookworm): 2 processors, Example 9000, 8.0 GB
        cc 12.2.0; clang version 19.1.7; GNU Make 4.3; Python 3.11.2
        before, the load average was 0.10 on 2 processors

                                  python -m test                cargo xtask test              ratio
        files                     3                             4
          passed                  1                             2
          skipped                 1                             2
          environment-changed     1                             0
        cases run                 30515                         30515
        cases skipped             3365                          3365
        wall time                 165.0 s (160.0 s to 170.0 s)  40.0 s (40.0 s to 40.0 s)     4.12
        processor time            247.5 s (240.0 s to 255.0 s)  60.0 s (60.0 s to 60.0 s)     4.12
        a file that skips itself  0.500 s (0.500 s to 0.500 s)  0.050 s (0.050 s to 0.050 s)  10.0

        files that did not end alike  python -m test       cargo xtask test
        test_site                     environment-changed  passed
        test_z                        -                    skipped
        ");
    }

    #[test]
    fn files_that_end_alike_and_too_few_that_skip() {
        let mut round = round(0.0, FileOutcome::Passed);
        round.xtask.files.remove("test_z");
        round.xtask_each.clear();
        let mut report = report(vec![round]);
        report.selection = vec!["test_a".to_owned(), "test_site".to_owned()];
        let text = report.text();
        assert!(text.contains(": test_a test_site, -u all,-cpu, 2 at a time\n"), "{text}");
        assert!(text.ends_with("\nAll files ended alike on both sides.\n"), "{text}");
        assert!(!text.contains("skips itself") && !text.contains(" s to "), "{text}");
    }

    #[test]
    fn json_has_all_figures() {
        let report = report(vec![round(0.0, FileOutcome::Failed)]);
        let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
        assert_eq!(json["event"], "bench-test");
        assert_eq!(json["rounds"][0]["regrtest"]["files"]["test_site"], "failed");
        assert_eq!(json["rounds"][0]["xtask-each"][1], 0.06);
        assert_eq!(json["ratios"]["wall time"], 4.0);
        assert_eq!(json["ratios"]["a file that skips itself"], 10.0);
        let expected = serde_json::json!([
            {"file": "test_site", "regrtest": "failed", "xtask": "passed"},
            {"file": "test_z", "regrtest": null, "xtask": "skipped"},
        ]);
        assert_eq!(json["differences"], expected);
        assert_eq!(json["machine"]["processors"], 2);
    }
}
