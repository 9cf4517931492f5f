//! Figures of several rounds, and how they are told. Pure.

use std::collections::BTreeMap;

/// One thing that both sides do, in all rounds.
pub struct Comparison {
    pub what: &'static str,
    pub theirs: Vec<f64>,
    pub ours: Vec<f64>,
}

impl Comparison {
    /// How many times as long the other side takes, by the fastest of both.
    fn ratio(&self) -> f64 {
        fastest(&self.theirs) / fastest(&self.ours)
    }

    /// For a table.
    pub fn row(&self) -> [String; 4] {
        let [theirs, ours] = [&self.theirs, &self.ours].map(|figures| summary(figures));
        [self.what.to_owned(), theirs, ours, format!("{:.1}", self.ratio())]
    }
}

/// The ratios, by what was compared.
pub fn ratios(comparisons: &[Comparison]) -> BTreeMap<&'static str, f64> {
    comparisons.iter().map(|comparison| (comparison.what, comparison.ratio())).collect()
}

/// The least of them.
fn fastest(figures: &[f64]) -> f64 {
    figures.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Of an even number of figures, the mean of the two in the middle.
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) }
}

/// The fastest and, where there are more than one, the median.
fn summary(figures: &[f64]) -> String {
    let fastest = in_seconds(fastest(figures));
    if figures.len() == 1 { fastest } else { format!("{fastest} (median {})", in_seconds(median(figures))) }
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
}
