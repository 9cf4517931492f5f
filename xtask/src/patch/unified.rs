//! Unified diffs in git's format: parsed, and printed in normal form. `apply` applies them.
//!
//! Stricter than `git apply`: binary hunks, copies, symbolic links, quoted paths and unrecognized lines are rejected.

mod parse;

use std::fmt;

pub(super) use parse::parse;

/// The changes of a patch by file. No path occurs twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    pub files: Vec<FileDiff>,
}

/// The change of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDiff {
    /// The new path (the old one if the file is deleted), relative to the root of the source.
    pub path: String,
    pub change: FileChange,
    /// Sorted by line, without overlaps. A created or deleted file has one hunk, or none if it is empty.
    pub hunks: Vec<Hunk>,
}

/// The kind of a change, from git's extended header lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileChange {
    /// `modes` are the old and the new mode if they differ.
    Modify {
        modes: Option<(Mode, Mode)>,
    },
    Create {
        mode: Mode,
    },
    Delete {
        mode: Mode,
    },
    /// `similarity` is a percentage, as printed by git.
    Rename {
        from: String,
        similarity: u8,
        modes: Option<(Mode, Mode)>,
    },
}

/// The mode of a file: git records only whether it is executable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Regular,
    Executable,
}

/// Consecutive changed lines with their context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The line number of the `@@` line in the patch file, counted from 1.
    pub line: usize,
    /// The number of lines before it in the old file.
    pub old_begin: usize,
    /// The number of lines before it in the new file.
    pub new_begin: usize,
    pub lines: Vec<Line>,
}

/// One line of a hunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub side: Side,
    /// With its newline, which only the last line of a file can lack.
    pub text: String,
}

/// Which of the two files contain a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Both,
    Old,
    New,
}

impl FileDiff {
    /// The path, and the old path of a renamed file.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let from = match &self.change {
            FileChange::Rename { from, .. } => Some(from.as_str()),
            FileChange::Modify { .. } | FileChange::Create { .. } | FileChange::Delete { .. } => None,
        };
        from.into_iter().chain([self.path.as_str()])
    }
}

impl Mode {
    fn parse(text: &str) -> Option<Self> {
        [Self::Regular, Self::Executable].into_iter().find(|mode| mode.to_string() == text)
    }
}

impl Hunk {
    /// The lines of the old file.
    pub fn old_lines(&self) -> impl Iterator<Item = &[u8]> {
        self.lines.iter().filter(|line| line.side != Side::New).map(|line| line.text.as_bytes())
    }

    /// The lines of the new file.
    pub fn new_lines(&self) -> impl Iterator<Item = &[u8]> {
        self.lines.iter().filter(|line| line.side != Side::Old).map(|line| line.text.as_bytes())
    }

    /// The `@@` line, without a section heading.
    pub fn header(&self) -> String {
        let range = |begin: usize, count: usize| match count {
            0 => format!("{begin},0"),
            1 => format!("{}", begin + 1),
            _ => format!("{},{count}", begin + 1),
        };
        let old = range(self.old_begin, self.old_lines().count());
        let new = range(self.new_begin, self.new_lines().count());
        format!("@@ -{old} +{new} @@")
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Regular => "100644",
            Self::Executable => "100755",
        })
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.iter().try_for_each(|file| file.fmt(f))
    }
}

impl fmt::Display for FileDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        let mut old = format!("a/{path}");
        let mut new = format!("b/{path}");
        if let FileChange::Rename { from, .. } = &self.change {
            old = format!("a/{from}");
        }
        writeln!(f, "diff --git {old} {new}")?;
        match &self.change {
            FileChange::Modify { modes } => write_modes(f, *modes)?,
            FileChange::Create { mode } => {
                "/dev/null".clone_into(&mut old);
                writeln!(f, "new file mode {mode}")?;
            }
            FileChange::Delete { mode } => {
                "/dev/null".clone_into(&mut new);
                writeln!(f, "deleted file mode {mode}")?;
            }
            FileChange::Rename { from, similarity, modes } => {
                write_modes(f, *modes)?;
                writeln!(f, "similarity index {similarity}%\nrename from {from}\nrename to {path}")?;
            }
        }
        if !self.hunks.is_empty() {
            writeln!(f, "--- {old}\n+++ {new}")?;
        }
        self.hunks.iter().try_for_each(|hunk| hunk.fmt(f))
    }
}

impl fmt::Display for Hunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.header())?;
        for line in &self.lines {
            let sign = match line.side {
                Side::Both => ' ',
                Side::Old => '-',
                Side::New => '+',
            };
            write!(f, "{sign}{}", line.text)?;
            if !line.text.ends_with('\n') {
                writeln!(f, "\n\\ No newline at end of file")?;
            }
        }
        Ok(())
    }
}

fn write_modes(f: &mut fmt::Formatter<'_>, modes: Option<(Mode, Mode)>) -> fmt::Result {
    match modes {
        Some((old, new)) => writeln!(f, "old mode {old}\nnew mode {new}"),
        None => Ok(()),
    }
}
