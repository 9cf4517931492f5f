//! Which test files run when, and on which machine; and the remaining time. Pure: callers pass the durations.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a file takes, about, whose time is not known: those that take a second or more have it in the expectations.
pub const SHORT_FILE_SECONDS: f64 = 0.25;

/// One of several equal parts of a run, for one machine each; written `2/3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    index: u32,
    count: u32,
}

/// The text names no shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseShardError {
    #[error("`{0}` is not a shard\nhint: K/N is the Kth of N shards, such as 1/3")]
    Form(String),
    #[error("`{text}` is not a shard: shards are counted from 1\nhint: the first is 1/{count}")]
    Zeroth { text: String, count: u32 },
    #[error("`{text}` is not a shard: there is none after the last\nhint: the last is {count}/{count}")]
    BeyondLast { text: String, count: u32 },
    #[error("`{0}` is not a shard: the number of shards must be at least 1\nhint: 1/1 is the whole run")]
    NoParts(String),
}

impl Shard {
    /// Counted from 1.
    pub fn index(self) -> u32 {
        self.index
    }

    /// How many shards there are, this one included.
    pub fn count(self) -> u32 {
        self.count
    }

    /// All shards of a run with this many shards, in order.
    pub fn all(count: u32) -> impl Iterator<Item = Self> {
        (1..=count).map(move |index| Self { index, count })
    }
}

impl FromStr for Shard {
    type Err = ParseShardError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // `u32` would take a sign.
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok());
        let form = || ParseShardError::Form(text.to_owned());
        let (index, count) = text.split_once('/').ok_or_else(form)?;
        let (index, count) = (number(index).flatten().ok_or_else(form)?, number(count).flatten().ok_or_else(form)?);
        match (index, count) {
            (_, 0) => Err(ParseShardError::NoParts(text.to_owned())),
            (0, _) => Err(ParseShardError::Zeroth { text: text.to_owned(), count }),
            _ if index > count => Err(ParseShardError::BeyondLast { text: text.to_owned(), count }),
            _ => Ok(Self { index, count }),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl Serialize for Shard {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Shard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The order in which files should begin so that all end as early as they can: the longest first.
///
/// `seconds` says how long they took before.
/// A file without an entry comes before all others: begun last, it might turn out to be the longest and be waited for alone; begun first, it costs nothing.
/// So short files should have a known duration.
/// Files that are alike are in the order of their names.
pub fn order(files: &[String], seconds: &BTreeMap<String, f64>) -> Vec<String> {
    let mut ordered: Vec<&String> = files.iter().collect();
    let known = |file: &str| seconds.get(file).copied().filter(|seconds| seconds.is_finite());
    ordered.sort_by(|a, b| {
        let longest_first = known(b).unwrap_or(f64::INFINITY).total_cmp(&known(a).unwrap_or(f64::INFINITY));
        longest_first.then_with(|| a.cmp(b))
    });
    ordered.into_iter().cloned().collect()
}

/// The files of one shard, sorted by name.
///
/// Each file is in exactly one shard, and all shards take about equally long: the longest file goes to the shard that has least to do, and so on.
/// Which shard that is depends on nothing but the files' names and `seconds`, in whatever order the files are given.
/// So machines that share a run must be given the same seconds: those of the expectations, not those that a machine measured.
pub fn shard(files: &[String], seconds: &BTreeMap<String, f64>, shard: Shard) -> Vec<String> {
    let weight = |file: &str| {
        let known = seconds.get(file).copied();
        known.filter(|seconds| seconds.is_finite() && *seconds > 0.0).unwrap_or(SHORT_FILE_SECONDS)
    };
    let mut heaviest_first: Vec<&String> = files.iter().collect::<BTreeSet<_>>().into_iter().collect();
    // The sort is stable: files of one weight stay in the order of their names.
    heaviest_first.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let mut loads: Vec<f64> = vec![0.0; shard.count as usize];
    let mut own = Vec::new();
    for file in heaviest_first {
        // Of several, `min_by` takes the first.
        let least = (0..loads.len()).min_by(|a, b| loads[*a].total_cmp(&loads[*b])).unwrap_or_default();
        loads[least] += weight(file);
        if least + 1 == shard.index as usize {
            own.push(file.clone());
        }
    }
    own.sort();
    own
}

/// A file that runs now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running {
    /// How long it took before, if that is known.
    pub expected: Option<Duration>,
    /// How long it has run.
    pub elapsed: Duration,
}

/// How long a run still takes, if something honest can be said.
///
/// `waiting` is in the order in which the files will begin, with the time that each took before.
/// Files whose time is not known are taken for average ones, as long as they are fewer than the others.
/// A file that runs for longer than before is about to end, for all that is known.
pub fn remaining(waiting: &[Option<Duration>], running: &[Running], jobs: usize) -> Option<Duration> {
    let known: Vec<Duration> =
        waiting.iter().copied().chain(running.iter().map(|running| running.expected)).flatten().collect();
    let n_files = waiting.len() + running.len();
    if known.len() * 2 <= n_files {
        return None;
    }
    let average = known.iter().sum::<Duration>() / u32::try_from(known.len()).ok()?;
    let left = |running: &Running| running.expected.unwrap_or(average).saturating_sub(running.elapsed);
    // When each job becomes free.
    let mut free: BinaryHeap<Reverse<Duration>> = running.iter().map(left).map(Reverse).collect();
    while free.len() < jobs.max(1) {
        free.push(Reverse(Duration::ZERO));
    }
    let mut end = free.iter().map(|Reverse(at)| *at).max().unwrap_or_default();
    for file in waiting {
        let Reverse(begin) = free.pop()?;
        let at = begin + file.unwrap_or(average);
        end = end.max(at);
        free.push(Reverse(at));
    }
    (end > Duration::ZERO).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn times(times: &[(&str, f64)]) -> BTreeMap<String, f64> {
        times.iter().map(|(name, seconds)| ((*name).to_owned(), *seconds)).collect()
    }

    fn shards(count: u32, files: &[String], seconds: &BTreeMap<String, f64>) -> Vec<Vec<String>> {
        Shard::all(count).map(|one| shard(files, seconds, one)).collect()
    }

    /// As many files as CPython has, a few of them long.
    fn suite() -> (Vec<String>, BTreeMap<String, f64>) {
        let files: Vec<String> = (0..481).map(|n| format!("test_{n:03}")).collect();
        let seconds = files.iter().step_by(7).enumerate().map(|(n, file)| (file.clone(), 90.0 / (n + 1) as f64));
        let seconds = seconds.collect();
        (files, seconds)
    }

    #[test]
    fn unknown_files_begin_first_and_then_the_longest() {
        let seconds = times(&[
            ("test_long", 80.0),
            ("test_short", 0.0),
            ("test_b", 3.0),
            ("test_a", 3.0),
            ("test_nan", f64::NAN),
        ]);
        let files = names(&["test_short", "test_a", "test_new", "test_long", "test_b", "test_nan", "test_also_new"]);
        let expected = ["test_also_new", "test_nan", "test_new", "test_long", "test_a", "test_b", "test_short"];
        assert_eq!(order(&files, &seconds), expected);
        assert_eq!(order(&[], &seconds), names(&[]));
    }

    #[test]
    fn every_file_is_in_exactly_one_shard() {
        let (files, seconds) = suite();
        for count in [1, 2, 3, 4, 7, 50] {
            let mut all = shards(count, &files, &seconds).concat();
            all.sort();
            assert_eq!(all, files, "{count} shards");
        }
        let few = shards(5, &files[..2], &seconds);
        assert_eq!(few, [names(&["test_000"]), names(&["test_001"]), names(&[]), names(&[]), names(&[])]);
    }

    #[test]
    fn shards_take_about_equally_long() {
        let (files, seconds) = suite();
        for count in [2, 3, 4] {
            let loads: Vec<f64> = shards(count, &files, &seconds)
                .iter()
                .map(|files| files.iter().map(|file| seconds.get(file).copied().unwrap_or(SHORT_FILE_SECONDS)).sum())
                .collect();
            let (least, most) =
                loads.iter().fold((f64::MAX, 0.0_f64), |(least, most), load| (least.min(*load), most.max(*load)));
            assert!(most - least <= SHORT_FILE_SECONDS, "{count} shards: {loads:?}");
        }
    }

    #[test]
    fn the_order_in_which_files_are_given_does_not_matter() {
        let (mut files, seconds) = suite();
        let before = shards(3, &files, &seconds);
        files.reverse();
        files.rotate_left(100);
        files.push("test_000".to_owned());
        assert_eq!(shards(3, &files, &seconds), before);
    }

    #[test]
    fn shards_are_stable() {
        let seconds =
            times(&[("test_a", 9.0), ("test_b", 5.0), ("test_c", 4.0), ("test_zero", 0.0), ("test_bad", f64::NAN)]);
        let files = names(&["test_a", "test_b", "test_c", "test_d", "test_e", "test_zero", "test_bad"]);
        let expected = [names(&["test_a", "test_bad", "test_e"]), names(&["test_b", "test_c", "test_d", "test_zero"])];
        assert_eq!(shards(2, &files, &seconds), expected);
    }

    #[test]
    fn shards_are_read_as_they_are_written() {
        for text in ["1/1", "2/3", "3/3", "10/12"] {
            assert_eq!(text.parse::<Shard>().unwrap().to_string(), text);
        }
        for (text, expected) in [
            ("0/3", "`0/3` is not a shard: shards are counted from 1\nhint: the first is 1/3"),
            ("4/3", "`4/3` is not a shard: there is none after the last\nhint: the last is 3/3"),
            ("1/0", "`1/0` is not a shard: the number of shards must be at least 1\nhint: 1/1 is the whole run"),
            ("a/b", "`a/b` is not a shard\nhint: K/N is the Kth of N shards, such as 1/3"),
        ] {
            assert_eq!(text.parse::<Shard>().unwrap_err().to_string(), expected);
        }
        for text in ["", "/", "1/", "/3", "2", "1/2/3", "+1/3", "-1/3", " 1/3", "1/3 ", "99999999999/3"] {
            assert_eq!(text.parse::<Shard>(), Err(ParseShardError::Form(text.to_owned())), "{text:?}");
        }
    }

    fn seconds(seconds: u64) -> Option<Duration> {
        Some(Duration::from_secs(seconds))
    }

    fn running(expected: u64, elapsed: u64) -> Running {
        Running { expected: seconds(expected), elapsed: Duration::from_secs(elapsed) }
    }

    #[test]
    fn what_remains_is_shared_by_the_jobs() {
        let waiting = [seconds(10), seconds(6), seconds(4)];
        assert_eq!(remaining(&waiting, &[], 1), seconds(20));
        assert_eq!(remaining(&waiting, &[], 2), seconds(10));
        assert_eq!(remaining(&waiting, &[], 0), seconds(20), "nothing runs on less than one job");
        assert_eq!(remaining(&waiting, &[running(30, 5), running(2, 1)], 2), seconds(25));
        assert_eq!(remaining(&[seconds(3)], &[running(30, 29)], 2), seconds(3), "the second job is free");
    }

    #[test]
    fn the_end_has_nothing_left_and_late_files_are_not_negative() {
        assert_eq!(remaining(&[], &[], 4), None);
        assert_eq!(remaining(&[], &[running(3, 9)], 4), None);
        assert_eq!(remaining(&[seconds(2)], &[running(3, 9)], 1), seconds(2));
    }

    #[test]
    fn a_few_unknown_files_are_average_and_many_are_unknown() {
        assert_eq!(remaining(&[None, seconds(4), seconds(8)], &[], 1), seconds(18));
        assert_eq!(remaining(&[None, seconds(4)], &[], 1), None);
        assert_eq!(remaining(&[None, None], &[], 1), None);
        let unknown = Running { expected: None, elapsed: Duration::from_secs(1) };
        assert_eq!(remaining(&[seconds(4), seconds(8)], &[unknown], 2), seconds(12));
    }
}
