//! Figures of several rounds side by side, and their text. Pure.

use std::collections::BTreeMap;

use serde::Serialize;

use xtask::ui::{size, table};

/// What both sides are called, and everything that they did.
pub struct Comparisons {
    pub theirs: String,
    pub ours: String,
    pub rows: Vec<Comparison>,
}

/// One thing that both sides do, in all rounds.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    pub what: String,
    pub unit: Unit,
    pub theirs: Vec<f64>,
    pub ours: Vec<f64>,
}

/// What figures count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    Seconds,
    Bytes,
}

impl Comparisons {
    /// For people. `above` are rows that are not compared.
    pub fn table(&self, above: Vec<[String; 4]>) -> String {
        let rows: Vec<[String; 4]> = above.into_iter().chain(self.rows.iter().map(Comparison::row)).collect();
        table(["", &self.theirs, &self.ours, "ratio"], &rows, None)
    }

    /// For programs, in one line as events are: all raw figures, and the ratios, by what was compared.
    pub fn json(&self, event: &'static str, figures: &impl Serialize) -> String {
        #[derive(Serialize)]
        struct Printed<'a, T> {
            event: &'static str,
            #[serde(flatten)]
            figures: &'a T,
            ratios: BTreeMap<&'a str, f64>,
        }
        let ratios = self.rows.iter().map(|row| (row.what.as_str(), row.ratio())).collect();
        serde_json::to_string(&Printed { event, figures, ratios }).expect("plain data becomes JSON") + "\n"
    }
}

impl Comparison {
    /// Two sides that take time.
    pub fn of_seconds(what: impl Into<String>, theirs: Vec<f64>, ours: Vec<f64>) -> Self {
        Self { what: what.into(), unit: Unit::Seconds, theirs, ours }
    }

    /// How many times as much the other side takes, by the medians of both.
    fn ratio(&self) -> f64 {
        median(&self.theirs) / median(&self.ours)
    }

    fn row(&self) -> [String; 4] {
        let [theirs, ours] = [&self.theirs, &self.ours].map(|figures| self.unit.summary(figures));
        let ratio = self.ratio();
        let digits = if ratio < 10.0 { 2 } else { 1 };
        [self.what.clone(), theirs, ours, format!("{ratio:.digits$}")]
    }
}

impl Unit {
    /// The median and, where there are more figures than one, from where to where they go.
    fn summary(self, figures: &[f64]) -> String {
        let median = self.write(median(figures));
        let [least, most] = [(f64::min as fn(f64, f64) -> f64), f64::max]
            .map(|pick| figures.iter().copied().reduce(pick).map(|figure| self.write(figure)).unwrap_or_default());
        if figures.len() == 1 { median } else { format!("{median} ({least} to {most})") }
    }

    /// Times always in seconds, so that they can be compared at a glance.
    fn write(self, figure: f64) -> String {
        match self {
            Self::Seconds => in_seconds(figure),
            // No file has more bytes than this can count.
            Self::Bytes => size(figure.round() as u64),
        }
    }
}

/// Of an even number of figures, the mean of the two in the middle.
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) }
}

/// Always in seconds, so that figures can be compared at a glance.
pub fn in_seconds(seconds: f64) -> String {
    if seconds < 1.0 { format!("{seconds:.3} s") } else { format!("{seconds:.1} s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0]), 2.5);
    }

    #[test]
    fn figures_have_a_spread_and_are_compared_by_median() {
        let bytes = |figures: &[f64]| figures.iter().map(|figure| figure * 1e6).collect();
        let comparisons = Comparisons {
            theirs: "them".to_owned(),
            ours: "us".to_owned(),
            rows: vec![
                Comparison::of_seconds("a start", vec![9.0, 2.0, 3.0], vec![0.5, 1.5]),
                Comparison {
                    what: "memory".to_owned(),
                    unit: Unit::Bytes,
                    theirs: bytes(&[90.0]),
                    ours: bytes(&[60.0]),
                },
            ],
        };
        insta::assert_snapshot!(comparisons.table(vec![["cases", "1", "2", ""].map(str::to_owned)]), @"
                 them                    us                        ratio
        cases    1                       2
        a start  3.0 s (2.0 s to 9.0 s)  1.0 s (0.500 s to 1.5 s)  3.00
        memory   90.0 MB                 60.0 MB                   1.50
        ");
        let json = comparisons.json("bench", &BTreeMap::from([("rounds", 3)]));
        assert_eq!(json, "{\"event\":\"bench\",\"rounds\":3,\"ratios\":{\"a start\":3.0,\"memory\":1.5}}\n");
    }
}
