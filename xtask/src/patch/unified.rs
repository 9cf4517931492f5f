//! Unified diffs in git's form: text to values, and values to text in normal form.
//!
//! Stricter than `git apply`: no binary hunks, no copies, no symbolic links, no quoted paths, no line that is not accounted for.
//! Applying a diff to a tree is `apply`'s.

mod parse;

use std::fmt;

pub(super) use parse::parse;

/// What a patch changes, file by file; no path occurs twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    pub files: Vec<FileDiff>,
}

/// What happens to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDiff {
    /// The path after the change (before it, where the file is deleted), relative to the root of the source.
    pub path: String,
    pub change: FileChange,
    /// In the order of their lines, without overlap. A created or deleted file has one, or none if it is empty.
    pub hunks: Vec<Hunk>,
}

/// The kind of a change, from git's extended header lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileChange {
    /// `modes` are the old and the new mode, where they differ.
    Modify {
        modes: Option<(Mode, Mode)>,
    },
    Create {
        mode: Mode,
    },
    Delete {
        mode: Mode,
    },
    /// `similarity` is the percentage that git states.
    Rename {
        from: String,
        similarity: u8,
        modes: Option<(Mode, Mode)>,
    },
}

/// A file's mode, as far as git records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Regular,
    Executable,
}

/// One run of lines with its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The line of the patch file that has the hunk's header, counted from 1.
    pub line: usize,
    /// How many lines come before it in the old file.
    pub old_begin: usize,
    /// How many lines come before it in the new file.
    pub new_begin: usize,
    pub lines: Vec<Line>,
}

/// One line of a hunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub side: Side,
    /// With its newline; only the last line of a file can lack it.
    pub text: String,
}

/// In which of the two files a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Both,
    Old,
    New,
}

impl FileDiff {
    /// The path, and for a renamed file its old path.
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
    /// The lines that the old file must have.
    pub fn old_lines(&self) -> impl Iterator<Item = &[u8]> {
        self.lines.iter().filter(|line| line.side != Side::New).map(|line| line.text.as_bytes())
    }

    /// The lines that the new file will have.
    pub fn new_lines(&self) -> impl Iterator<Item = &[u8]> {
        self.lines.iter().filter(|line| line.side != Side::Old).map(|line| line.text.as_bytes())
    }

    /// The `@@` line, without the heading that some tools add.
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
