//! What was measured, as text and as JSON. Pure.

use serde::Serialize;

use super::figures::{Comparison, Comparisons, in_seconds};
use super::machine::Machine;
use super::subject::Subject;
use xtask::ui::table;

/// Everything that was measured, with all that it depends on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    #[serde(flatten)]
    pub subject: Subject,
    pub build_python: String,
    /// CPython's own script, below its source.
    pub script: String,
    pub machine: Machine,
    pub rounds: Vec<Round>,
}

/// Each thing once.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Round {
    pub script_cold: Run,
    pub xtask_cold: Run,
    pub script_again: Run,
    /// Seconds of several tries.
    pub xtask_again: Vec<f64>,
}

/// One build.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Run {
    /// From start to end, seen from outside.
    pub seconds: f64,
    /// The part in which one of the two Pythons was being configured or made: the work that both sides do.
    pub configure_and_make: f64,
    pub parts: Vec<Part>,
}

/// A step or a stage. Ours run side by side: their sum is more than the whole.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Part {
    pub name: String,
    pub seconds: f64,
}

impl Report {
    /// For programs.
    pub fn json(&self) -> String {
        self.comparisons().json("bench", self)
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text = format!("{}, build Python {}\n{}\n", self.subject, self.build_python, self.machine);
        text += &self.comparisons().table(Vec::new());
        text.push('\n');
        text += &table(["where the time goes, from nothing", &self.script, "cargo xtask"], &self.parts(), None);
        text += &format!(
            "\nThe program that runs host binaries is compiled before, and counts for neither: {0} takes one for granted.\n\
             {0} finds source and toolchain unpacked; cargo xtask unpacks both, packages, checks, and runs what it made.\n\
             cargo xtask does stages side by side: its parts add up to more than the whole.\n",
            self.script
        );
        text
    }

    fn comparisons(&self) -> Comparisons {
        let of = |figure: fn(&Round) -> f64| self.rounds.iter().map(figure).collect();
        let again = self.rounds.iter().flat_map(|round| round.xtask_again.iter().copied()).collect();
        let rows = vec![
            Comparison::of_seconds(
                "from nothing",
                of(|round| round.script_cold.seconds),
                of(|round| round.xtask_cold.seconds),
            ),
            Comparison::of_seconds(
                "of it, configure and make",
                of(|round| round.script_cold.configure_and_make),
                of(|round| round.xtask_cold.configure_and_make),
            ),
            Comparison::of_seconds("again, nothing changed", of(|round| round.script_again.seconds), again),
        ];
        Comparisons { theirs: self.script.clone(), ours: "cargo xtask".to_owned(), rows }
    }

    fn parts(&self) -> Vec<[String; 3]> {
        let fastest = |run: fn(&Round) -> &Run| {
            let runs = self.rounds.iter().map(run);
            runs.min_by(|a, b| a.seconds.total_cmp(&b.seconds)).expect("there is a round")
        };
        let (script, xtask) = (fastest(|round| &round.script_cold), fastest(|round| &round.xtask_cold));
        let mut names: Vec<&str> = Vec::new();
        for part in script.parts.iter().chain(&xtask.parts) {
            if !names.contains(&part.name.as_str()) {
                names.push(&part.name);
            }
        }
        let cell = |run: &Run, name: &str| {
            let part = run.parts.iter().find(|part| part.name == name);
            part.map_or_else(|| "-".to_owned(), |part| in_seconds(part.seconds))
        };
        names.iter().map(|name| [(*name).to_owned(), cell(script, name), cell(xtask, name)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::tests::example;
    use crate::script::FIRST_RUN;
    use crate::subject::tests::example as subject;
    use crate::xtask_build::OUTSIDE;

    fn run(configure_and_make: f64, parts: &[(&str, f64)]) -> Run {
        let parts: Vec<Part> = parts.iter().map(|&(name, seconds)| Part { name: name.to_owned(), seconds }).collect();
        Run { seconds: parts.iter().map(|part| part.seconds).sum(), configure_and_make, parts }
    }

    fn round(slower: f64) -> Round {
        Round {
            script_cold: run(208.0 + slower, &[("make-host", 208.0 + slower), (FIRST_RUN, 2.0)]),
            xtask_cold: run(80.0, &[("prepare-source", 5.0), ("make-host", 80.0), (OUTSIDE, 0.25)]),
            script_again: run(60.0, &[("make-host", 60.0)]),
            xtask_again: vec![0.032, 0.03, 0.025],
        }
    }

    fn report(rounds: Vec<Round>) -> Report {
        let text = str::to_owned;
        Report {
            subject: subject("wasi", "debian-clang 19"),
            build_python: text("lean"),
            script: text("Tools/wasm/wasi.py"),
            machine: example(),
            rounds,
        }
    }

    #[test]
    fn the_report_for_people() {
        insta::assert_snapshot!(report(vec![round(10.0), round(0.0), round(30.0)]).text(), @"
        Python 3.13.15 for wasi, profile release, debian-clang 19, build Python lean
        Debian GNU/Linux 12 (bookworm): 2 processors, Example 9000, 8.0 GB
        cc 12.2.0; clang version 19.1.7; GNU Make 4.3; Python 3.11.2
        before, the load average was 0.10 on 2 processors

                                   Tools/wasm/wasi.py            cargo xtask                   ratio
        from nothing               220.0 s (210.0 s to 240.0 s)  85.2 s (85.2 s to 85.2 s)     2.58
        of it, configure and make  218.0 s (208.0 s to 238.0 s)  80.0 s (80.0 s to 80.0 s)     2.73
        again, nothing changed     60.0 s (60.0 s to 60.0 s)     0.030 s (0.025 s to 0.032 s)  2000.0

        where the time goes, from nothing  Tools/wasm/wasi.py  cargo xtask
        make-host                          208.0 s             80.0 s
        make-host: its first run           2.0 s               -
        prepare-source                     -                   5.0 s
        outside of stages                  -                   0.250 s

        The program that runs host binaries is compiled before, and counts for neither: Tools/wasm/wasi.py takes one for granted.
        Tools/wasm/wasi.py finds source and toolchain unpacked; cargo xtask unpacks both, packages, checks, and runs what it made.
        cargo xtask does stages side by side: its parts add up to more than the whole.
        ");
    }

    #[test]
    fn one_round_has_no_spread_and_json_has_all_figures() {
        let mut report = report(vec![round(0.0)]);
        report.machine.load.average = 1.5;
        let text = report.text();
        let untrusted = text.lines().filter(|line| line.ends_with("2 processors: unreliable: machine busy")).count();
        assert_eq!((untrusted, text.matches(" s to ").count()), (1, 1), "{text}");
        let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
        assert_eq!(json["rounds"][0]["xtask-again"][2], 0.025);
        assert_eq!(json["rounds"][0]["script-cold"]["parts"][1]["seconds"], 2.0);
        assert_eq!(json["ratios"]["again, nothing changed"], 2000.0);
        assert_eq!(json["machine"]["load"]["average"], 1.5);
    }
}
