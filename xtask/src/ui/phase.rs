//! The phase of a stage or a test file.

use std::time::Duration;

/// Whether something waits, runs or has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Waiting,
    Running { since: Duration },
    Ended,
}
