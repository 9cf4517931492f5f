//! What long work tells while it goes on. Effects call it; `ui` listens.

/// A listener for one piece of work.
pub trait Progress: Sync {
    /// So much is done (bytes, or items where `total` counts items).
    fn advance(&self, done: u64, total: Option<u64>);
    /// One line of what the work is doing now: a line of a child's output, or a short phrase.
    fn line(&self, line: &str);
}

/// Nobody listens.
pub struct Silent;

impl Progress for Silent {
    fn advance(&self, _done: u64, _total: Option<u64>) {}
    fn line(&self, _line: &str) {}
}
