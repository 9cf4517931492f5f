//! Outcomes that are not the expected ones, as values. Finding them is not done here.

/// One thing that is not as it was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surprise {
    /// Regrtest's name of the file.
    pub file: String,
    /// The case's whole id, as in the results; of one that vanished, its name as expectations write it. Absent where it is the file's.
    pub case: Option<String>,
    pub kind: Kind,
    /// What came.
    pub was: String,
    /// What should have come.
    pub expected: String,
    /// Why, in one line. May be empty.
    pub detail: String,
}

/// The kinds of surprises, in the order in which they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    NewFailure,
    UnexpectedPass,
    UnexpectedSkip,
    VanishedFile,
    VanishedCase,
    CaseCount,
    UnrecordedFile,
}
