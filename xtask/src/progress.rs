//! Progress of long operations: the effects report it, and `ui` shows it.

/// Receives the progress of one operation.
pub trait Progress: Sync {
    /// How much is done, in bytes or items.
    fn advance(&self, done: u64, total: Option<u64>);
    /// What the operation is doing: a line of a command's output, or a short phrase.
    fn line(&self, line: &str);
}

/// Ignores progress.
pub struct Silent;

impl Progress for Silent {
    fn advance(&self, _done: u64, _total: Option<u64>) {}
    fn line(&self, _line: &str) {}
}
