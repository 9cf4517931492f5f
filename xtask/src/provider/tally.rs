//! Adds up the progress of downloads that run at the same time.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::progress::Progress;
use crate::recipe::Artifact;

/// The sum of all progress, reported to one listener.
pub struct Tally<'a> {
    listener: &'a dyn Progress,
    total: Option<u64>,
    done: Mutex<BTreeMap<String, u64>>,
}

/// One download's share of a tally.
pub struct Share<'a> {
    tally: &'a Tally<'a>,
    file: String,
}

impl<'a> Tally<'a> {
    /// An empty tally.
    pub fn new(artifacts: &[Artifact], listener: &'a dyn Progress) -> Self {
        let total = artifacts.iter().map(|artifact| artifact.size).sum();
        Self { listener, total, done: Mutex::default() }
    }

    /// The listener for one artifact.
    pub fn of(&'a self, artifact: &Artifact) -> Share<'a> {
        Share { tally: self, file: artifact.file.clone() }
    }

    /// Sets how many bytes of a file were downloaded.
    pub fn set(&self, file: &str, bytes: u64) {
        let mut done = self.done.lock().expect("nothing panics while it holds this lock");
        done.insert(file.to_owned(), bytes);
        self.listener.advance(done.values().sum(), self.total);
    }

    /// Reports a line.
    pub fn line(&self, line: &str) {
        self.listener.line(line);
    }
}

impl Progress for Share<'_> {
    fn advance(&self, done: u64, _total: Option<u64>) {
        self.tally.set(&self.file, done);
    }

    fn line(&self, line: &str) {
        self.tally.line(line);
    }
}
