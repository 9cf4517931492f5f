//! The report of `bench run`, as text and as JSON. Pure.

use serde::Serialize;

use crate::figures::{Comparison, Comparisons, Unit};
use crate::machine::Machine;
use crate::subject::Subject;
use xtask::ui::{size, table};

/// What our side is called.
const OURS: &str = "cargo xtask";

/// One thing that both sides did in one round.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    pub what: String,
    pub unit: Unit,
    pub theirs: f64,
    pub ours: f64,
}

/// Everything that was measured, with all that it depends on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    #[serde(flatten)]
    pub subject: Subject,
    pub baseline: String,
    pub baseline_python: String,
    /// What ran both sides.
    pub runner: String,
    pub machine: Machine,
    pub rounds: usize,
    /// All rounds.
    pub figures: Vec<Comparison>,
    /// What a page loads before anything can be printed; empty where nothing is loaded.
    pub downloads: Vec<Download>,
}

/// A file that a page loads, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Download {
    pub ours: bool,
    pub file: String,
    pub plain: u64,
    pub gzip: u64,
    pub brotli: u64,
}

/// One of its sizes.
type Size = fn(&Download) -> u64;

/// Puts the rounds' figures together: what was measured first comes first.
pub fn side_by_side(rounds: &[Vec<Figure>]) -> Vec<Comparison> {
    let mut comparisons: Vec<Comparison> = Vec::new();
    for figure in rounds.iter().flatten() {
        let known = comparisons.iter().position(|one| one.what == figure.what && one.unit == figure.unit);
        let index = known.unwrap_or_else(|| {
            let what = figure.what.clone();
            comparisons.push(Comparison { what, unit: figure.unit, theirs: Vec::new(), ours: Vec::new() });
            comparisons.len() - 1
        });
        comparisons[index].theirs.push(figure.theirs);
        comparisons[index].ours.push(figure.ours);
    }
    comparisons
}

impl Report {
    /// For programs.
    pub fn json(&self) -> String {
        self.comparisons().json("bench-run", self)
    }

    /// For people.
    pub fn text(&self) -> String {
        let rounds = if self.rounds == 1 { "one round".to_owned() } else { format!("{} rounds", self.rounds) };
        let mut text = format!(
            "{}\n{} with Python {}\nboth: {}, {rounds}\n{}\n",
            self.subject, self.baseline, self.baseline_python, self.runner, self.machine
        );
        text += &self.comparisons().table(Vec::new());
        if !self.downloads.is_empty() {
            let row = |file: &Download| {
                let side = if file.ours { OURS } else { &self.baseline };
                let [plain, gzip, brotli] = [file.plain, file.gzip, file.brotli].map(size);
                [side.to_owned(), file.file.clone(), plain, gzip, brotli]
            };
            let rows: Vec<[String; 5]> = self.downloads.iter().map(row).collect();
            text.push('\n');
            text += &table(["what a page loads", "file", "plain", "gzip", "brotli"], &rows, None);
        }
        text
    }

    fn comparisons(&self) -> Comparisons {
        let mut rows = self.figures.clone();
        let sizes: [(&str, Size); 3] = [
            ("download, plain", |file| file.plain),
            ("download, gzip", |file| file.gzip),
            ("download, brotli", |file| file.brotli),
        ];
        for (what, size) in sizes.into_iter().filter(|_| !self.downloads.is_empty()) {
            let sum = |ours: bool| self.downloads.iter().filter(|file| file.ours == ours).map(size).sum::<u64>() as f64;
            let (theirs, ours) = (vec![sum(false)], vec![sum(true)]);
            rows.push(Comparison { what: what.to_owned(), unit: Unit::Bytes, theirs, ours });
        }
        Comparisons { theirs: self.baseline.clone(), ours: OURS.to_owned(), rows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::tests::example;
    use crate::subject::tests::example as subject;

    fn round(start: f64) -> Vec<Figure> {
        let figure = |what: &str, unit, theirs, ours| Figure { what: what.to_owned(), unit, theirs, ours };
        vec![
            figure("start", Unit::Seconds, 2.0 + start, 0.25 + start),
            figure("peak memory", Unit::Bytes, 165e6, 82.5e6),
        ]
    }

    fn report(rounds: &[Vec<Figure>], downloads: Vec<Download>) -> Report {
        let text = str::to_owned;
        Report {
            subject: subject("emscripten-node", "debian-emscripten 3.1.69"),
            baseline: text("pyodide 0.29.5"),
            baseline_python: text("3.13.2"),
            runner: text("node 20.20.2"),
            machine: example(),
            rounds: rounds.len(),
            figures: side_by_side(rounds),
            downloads,
        }
    }

    fn downloads() -> Vec<Download> {
        let file = |ours, file: &str, plain| Download {
            ours,
            file: file.to_owned(),
            plain,
            gzip: plain / 2,
            brotli: plain / 4,
        };
        vec![
            file(false, "pyodide.asm.wasm", 8_000_000),
            file(false, "python_stdlib.zip", 2_000_000),
            file(true, "python.wasm", 4_000_000),
            file(true, "python.mjs", 10_000),
        ]
    }

    #[test]
    fn rounds_are_put_side_by_side() {
        let rounds = side_by_side(&[round(0.0), round(1.0), round(0.5)]);
        let [start, memory] = &rounds[..] else { panic!("{rounds:?}") };
        assert_eq!(
            (start.what.as_str(), &start.theirs, &start.ours),
            ("start", &vec![2.0, 3.0, 2.5], &vec![0.25, 1.25, 0.75])
        );
        assert_eq!((memory.unit, memory.ours.len()), (Unit::Bytes, 3));
        assert!(side_by_side(&[]).is_empty());
    }

    #[test]
    fn the_report_for_people() {
        insta::assert_snapshot!(report(&[round(0.0), round(1.0), round(0.5)], Vec::new()).text(), @"
        Python 3.13.15 for emscripten-node, profile release, debian-emscripten 3.1.69
        pyodide 0.29.5 with Python 3.13.2
        both: node 20.20.2, 3 rounds
        Debian GNU/Linux 12 (bookworm): 2 processors, Example 9000, 8.0 GB
        cc 12.2.0; clang version 19.1.7; GNU Make 4.3; Python 3.11.2
        before, the load average was 0.10 on 2 processors

                     pyodide 0.29.5                   cargo xtask                   ratio
        start        2.5 s (2.0 s to 3.0 s)           0.750 s (0.250 s to 1.2 s)    3.33
        peak memory  165.0 MB (165.0 MB to 165.0 MB)  82.5 MB (82.5 MB to 82.5 MB)  2.00
        ");
        insta::assert_snapshot!(report(&[round(0.0)], downloads()).text(), @"
        Python 3.13.15 for emscripten-node, profile release, debian-emscripten 3.1.69
        pyodide 0.29.5 with Python 3.13.2
        both: node 20.20.2, one round
        Debian GNU/Linux 12 (bookworm): 2 processors, Example 9000, 8.0 GB
        cc 12.2.0; clang version 19.1.7; GNU Make 4.3; Python 3.11.2
        before, the load average was 0.10 on 2 processors

                          pyodide 0.29.5  cargo xtask  ratio
        start             2.0 s           0.250 s      8.00
        peak memory       165.0 MB        82.5 MB      2.00
        download, plain   10.0 MB         4.0 MB       2.49
        download, gzip    5.0 MB          2.0 MB       2.49
        download, brotli  2.5 MB          1.0 MB       2.49

        what a page loads  file               plain    gzip    brotli
        pyodide 0.29.5     pyodide.asm.wasm   8.0 MB   4.0 MB  2.0 MB
        pyodide 0.29.5     python_stdlib.zip  2.0 MB   1.0 MB  500.0 kB
        cargo xtask        python.wasm        4.0 MB   2.0 MB  1.0 MB
        cargo xtask        python.mjs         10.0 kB  5.0 kB  2.5 kB
        ");
    }

    #[test]
    fn json_has_all_figures() {
        let json: serde_json::Value =
            serde_json::from_str(&report(&[round(0.0), round(2.0)], downloads()).json()).unwrap();
        assert_eq!(json["event"], "bench-run");
        assert_eq!(json["figures"][0]["theirs"], serde_json::json!([2.0, 4.0]));
        assert_eq!(json["figures"][1]["unit"], "bytes");
        assert_eq!(json["ratios"]["peak memory"], 2.0);
        assert_eq!(json["downloads"][2]["brotli"], 1_000_000);
        let ratio = json["ratios"]["download, brotli"].as_f64().unwrap();
        assert!((ratio - 10_000_000.0 / 4_010_000.0).abs() < 1e-6, "{ratio}");
        assert_eq!(json["machine"]["processors"], 2);
        assert_eq!(json["rounds"], 2);
    }
}
