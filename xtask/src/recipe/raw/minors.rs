//! A range of minors, as it is written: `since` and `until`, both of which belong to it.

use serde::Deserialize;

use crate::name::Minor;

/// The minors from `since` to `until`; without one of them, the range has no end on that side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Minors {
    pub since: Option<Minor>,
    pub until: Option<Minor>,
}

impl Minors {
    pub fn contains(self, minor: Minor) -> bool {
        self.since.is_none_or(|since| since <= minor) && self.until.is_none_or(|until| minor <= until)
    }

    pub fn overlaps(self, other: Self) -> bool {
        let before = |one: Self, other: Self| one.until.zip(other.since).is_some_and(|(until, since)| until < since);
        !before(self, other) && !before(other, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(since: &str, until: &str) -> Minors {
        Minors { since: since.parse().ok(), until: until.parse().ok() }
    }

    #[test]
    fn both_ends_belong_to_a_range() {
        let minors = ["3.11", "3.12", "3.13", "3.14"].map(|minor| minor.parse().unwrap());
        let within = |range: Minors| minors.map(|minor| range.contains(minor));
        assert_eq!(within(range("3.12", "3.13")), [false, true, true, false]);
        assert_eq!(within(range("", "3.11")), [true, false, false, false]);
        assert_eq!(within(range("3.14", "")), [false, false, false, true]);
        assert_eq!(within(Minors::default()), [true; 4]);
    }

    #[test]
    fn ranges_overlap_when_a_minor_is_in_both() {
        assert!(range("", "3.12").overlaps(range("3.12", "")));
        assert!(!range("", "3.12").overlaps(range("3.13", "")));
        assert!(!range("3.13", "").overlaps(range("", "3.12")));
        assert!(Minors::default().overlaps(range("3.13", "3.13")));
    }
}
