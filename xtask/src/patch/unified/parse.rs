//! A strict parser for diffs in git's format: unrecognized lines, and diffs that are ambiguous to `apply`, are rejected.

use super::{Diff, FileChange, FileDiff, Hunk, Line, Mode, Side};
use crate::patch::Diagnostic;

/// Parses a diff that starts at line `first_line` of the file `file_name`. Stops at the first error.
pub(in crate::patch) fn parse(file_name: &str, text: &str, first_line: usize) -> Result<Diff, Diagnostic> {
    let mut lines = Lines { file_name, rest: text.split_inclusive('\n').peekable(), line: first_line };
    let mut files: Vec<FileDiff> = Vec::new();
    while lines.peek().is_some() {
        let line = lines.line;
        let file = file_diff(&mut lines)?;
        if let Some(path) = file.paths().find(|path| files.iter().flat_map(FileDiff::paths).any(|seen| seen == *path)) {
            return Err(lines.error_at(line, format!("`{path}` is patched twice")).hint("join both parts into one"));
        }
        files.push(file);
    }
    if files.is_empty() { Err(lines.error("the diff is empty")) } else { Ok(Diff { files }) }
}

/// The remaining lines.
struct Lines<'a> {
    file_name: &'a str,
    rest: std::iter::Peekable<std::str::SplitInclusive<'a, char>>,
    /// The number of the next line, counted from 1.
    line: usize,
}

impl<'a> Lines<'a> {
    /// The next line without its newline.
    fn peek(&mut self) -> Option<&'a str> {
        self.rest.peek().map(|line| line.strip_suffix('\n').unwrap_or(line))
    }

    fn next(&mut self) -> Option<&'a str> {
        let line = self.peek()?;
        self.rest.next();
        self.line += 1;
        Some(line)
    }

    /// Consumes the next line if it starts with `prefix`, and returns the rest of it.
    fn next_after(&mut self, prefix: &str) -> Option<&'a str> {
        let value = self.peek()?.strip_prefix(prefix)?;
        self.next();
        Some(value)
    }

    /// An error in the next line.
    fn error(&self, message: impl Into<String>) -> Diagnostic {
        self.error_at(self.line, message)
    }

    /// An error in the line that was read last.
    fn error_before(&self, message: impl Into<String>) -> Diagnostic {
        self.error_at(self.line - 1, message)
    }

    fn error_at(&self, line: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.file_name, line, message)
    }
}

fn file_diff(lines: &mut Lines<'_>) -> Result<FileDiff, Diagnostic> {
    let start = lines.line;
    let Some(paths) = lines.next_after("diff --git ") else { return Err(unexpected(lines)) };
    let (old, new) = match paths.split(' ').collect::<Vec<_>>()[..] {
        [old, new] if !paths.contains('"') => (tree_path(lines, old, "a/")?, tree_path(lines, new, "b/")?),
        _ => return Err(lines.error_before("paths with spaces or special characters are not supported")),
    };
    let change = file_change(lines, old, new)?;
    let (old_name, new_name) = match &change {
        FileChange::Create { .. } => ("/dev/null".to_owned(), format!("b/{new}")),
        FileChange::Delete { .. } => (format!("a/{old}"), "/dev/null".to_owned()),
        FileChange::Modify { .. } | FileChange::Rename { .. } => (format!("a/{old}"), format!("b/{new}")),
    };
    let mut hunks = Vec::new();
    if lines.peek().is_some_and(|line| line.starts_with("--- ")) {
        for (sign, name) in [("--- ", old_name), ("+++ ", new_name)] {
            if lines.next_after(sign) != Some(name.as_str()) {
                return Err(lines.error(format!("`{sign}{name}` is needed here")));
            }
        }
        while lines.peek().is_some_and(|line| line.starts_with("@@ ")) {
            let next = hunk(lines)?;
            check_order(lines, hunks.last(), &next)?;
            hunks.push(next);
        }
    }
    if lines.peek().is_some_and(|line| !line.starts_with("diff --git ")) {
        return Err(unexpected(lines));
    }
    let file = FileDiff { path: new.to_owned(), change, hunks };
    match problem_with_hunks(&file) {
        Some(problem) => Err(lines.error_at(file.hunks.first().map_or(start, |hunk| hunk.line), problem)),
        None => Ok(file),
    }
}

/// git's extended header lines, between `diff --git` and `---`.
fn file_change(lines: &mut Lines<'_>, old: &str, new: &str) -> Result<FileChange, Diagnostic> {
    let mode = |lines: &mut Lines<'_>, prefix: &str| match lines.next_after(prefix) {
        None => Ok(None),
        Some(text) => Mode::parse(text).map(Some).ok_or_else(|| {
            lines
                .error_before(format!("mode `{text}` is not supported"))
                .hint("files have mode 100644 or 100755; symbolic links and submodules cannot be patched")
        }),
    };
    let old_mode = mode(lines, "old mode ")?;
    let new_mode = mode(lines, "new mode ")?;
    let created = mode(lines, "new file mode ")?;
    let deleted = mode(lines, "deleted file mode ")?;
    let similarity = lines.next_after("similarity index ");
    let from = lines.next_after("rename from ");
    let to = lines.next_after("rename to ");
    // Object hashes have no meaning without the objects.
    lines.next_after("index ");

    let modes = match (old_mode, new_mode) {
        (None, None) => None,
        (Some(old), Some(new)) if old != new => Some((old, new)),
        _ => return Err(lines.error_before("`old mode` and `new mode` belong together, and differ")),
    };
    match (created, deleted, similarity, from, to) {
        (None, None, None, None, None) if old == new => Ok(FileChange::Modify { modes }),
        (Some(mode), None, None, None, None) if old == new && modes.is_none() => Ok(FileChange::Create { mode }),
        (None, Some(mode), None, None, None) if old == new && modes.is_none() => Ok(FileChange::Delete { mode }),
        (None, None, Some(similarity), Some(from), Some(to)) if from == old && to == new && old != new => {
            let percent = similarity.strip_suffix('%').and_then(|digits| digits.parse().ok());
            let similarity = percent.filter(|percent| *percent <= 100);
            let similarity = similarity.ok_or_else(|| lines.error_before("the similarity is not a percentage"))?;
            Ok(FileChange::Rename { from: from.to_owned(), similarity, modes })
        }
        _ => Err(lines.error_before("the lines after `diff --git` contradict each other").hint(
            "a rename has `similarity index`, `rename from` and `rename to`, with the paths of the `diff --git` line",
        )),
    }
}

fn hunk(lines: &mut Lines<'_>) -> Result<Hunk, Diagnostic> {
    let line = lines.line;
    let header = lines.next_after("@@ ").unwrap_or_default();
    let ranges = header.split_once(" @@").and_then(|(ranges, _)| ranges.split_once(' '));
    let ranges = ranges.and_then(|(old, new)| Some((range(old.strip_prefix('-')?)?, range(new.strip_prefix('+')?)?)));
    let Some(((old_begin, old_count), (new_begin, new_count))) = ranges else {
        return Err(lines.error_before("the hunk's header is not `@@ -LINE,COUNT +LINE,COUNT @@`"));
    };
    let mut hunk = Hunk { line, old_begin, new_begin, lines: Vec::new() };
    let (mut old_left, mut new_left) = (old_count, new_count);
    while old_left > 0 || new_left > 0 {
        let text = lines.next();
        let (side, text) = match text.and_then(|text| Some((text, text.chars().next()?))) {
            Some((text, ' ')) if old_left > 0 && new_left > 0 => (Side::Both, text),
            Some((text, '-')) if old_left > 0 => (Side::Old, text),
            Some((text, '+')) if new_left > 0 => (Side::New, text),
            _ => {
                let message = format!("the hunk ends too early: {old_left} old and {new_left} new lines are missing");
                let hint = "an empty line of context has a space in front; counts in `@@` lines are not corrected";
                return Err(lines.error_at(lines.line - usize::from(text.is_some()), message).hint(hint));
            }
        };
        old_left -= usize::from(side != Side::New);
        new_left -= usize::from(side != Side::Old);
        let marked = lines.next_after("\\ No newline at end of file").is_some();
        hunk.lines.push(Line { side, text: format!("{}{}", &text[1..], if marked { "" } else { "\n" }) });
    }
    if lines.peek().is_some_and(|next| next.starts_with([' ', '+', '-']) && next != "-- ") {
        return Err(lines
            .error("the hunk has more lines than its header says")
            .hint("counts in `@@` lines are not corrected"));
    }
    let ends_early = |text: &[u8]| !text.ends_with(b"\n");
    let sides = [hunk.old_lines().collect::<Vec<_>>(), hunk.new_lines().collect()];
    if sides.iter().any(|side| side.iter().rev().skip(1).any(|text| ends_early(text))) {
        return Err(lines.error_at(line, "only the last line of a file can lack its newline"));
    }
    Ok(hunk)
}

/// Parses `LINE,COUNT` or `LINE` to the number of lines before the range and the number of lines in it.
fn range(text: &str) -> Option<(usize, usize)> {
    let (start, count) = text.split_once(',').unwrap_or((text, "1"));
    // 32 bits, so that sums of line numbers cannot overflow.
    let number = |digits: &str| digits.parse::<u32>().ok().and_then(|number| usize::try_from(number).ok());
    let (start, count) = (number(start)?, number(count)?);
    // The line number of an empty range is that of the line before it.
    let begin = if count == 0 { start } else { start.checked_sub(1)? };
    Some((begin, count))
}

/// Checks that hunks are sorted and do not overlap, and that the new line numbers agree with the old ones.
fn check_order(lines: &Lines<'_>, previous: Option<&Hunk>, hunk: &Hunk) -> Result<(), Diagnostic> {
    let (old_end, new_end) = previous.map_or((0, 0), |previous| {
        (previous.old_begin + previous.old_lines().count(), previous.new_begin + previous.new_lines().count())
    });
    if hunk.old_begin < old_end {
        return Err(lines.error_at(hunk.line, "the hunk overlaps the one before").hint("join both into one hunk"));
    }
    let expected = new_end + (hunk.old_begin - old_end);
    if hunk.new_begin != expected {
        let message = format!("the new side begins after {} lines, but {expected} would be right", hunk.new_begin);
        return Err(lines.error_at(hunk.line, message).hint("line numbers in `@@` lines are not corrected"));
    }
    Ok(())
}

fn problem_with_hunks(file: &FileDiff) -> Option<&'static str> {
    let all = |side: Side| file.hunks.iter().flat_map(|hunk| &hunk.lines).all(|line| line.side == side);
    let any = |wrong: fn(&Hunk) -> bool| file.hunks.iter().any(wrong);
    let one_hunk = file.hunks.len() <= 1;
    match &file.change {
        FileChange::Create { .. } => (!one_hunk || !all(Side::New)).then_some("a new file has one hunk of added lines"),
        FileChange::Delete { .. } => {
            (!one_hunk || !all(Side::Old)).then_some("a deleted file has one hunk of removed lines")
        }
        FileChange::Modify { modes: None } if file.hunks.is_empty() => Some("nothing changes"),
        FileChange::Modify { .. } | FileChange::Rename { .. } => {
            if any(|hunk| hunk.lines.iter().all(|line| line.side == Side::Both)) {
                Some("the hunk changes nothing")
            } else {
                any(|hunk| hunk.old_lines().next().is_none()).then_some("the hunk has no context: it could go anywhere")
            }
        }
    }
}

/// The path without `a/` or `b/`, if it does not leave the tree.
fn tree_path<'a>(lines: &Lines<'_>, path: &'a str, prefix: &str) -> Result<&'a str, Diagnostic> {
    let Some(path) = path.strip_prefix(prefix) else {
        return Err(lines
            .error_before(format!("`{path}` does not start with `{prefix}`"))
            .hint("paths are relative to the root of the source, after `a/` and `b/`: check `diff.noprefix`"));
    };
    if path.contains('\\') || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(lines.error_before(format!("`{path}` is not a plain path inside the source")));
    }
    Ok(path)
}

/// The error for a line that cannot start a part of a diff, or not in this place.
fn unexpected(lines: &mut Lines<'_>) -> Diagnostic {
    let line = lines.peek().unwrap_or_default();
    let known = [
        ("GIT binary patch", "binary files cannot be patched"),
        ("Binary files ", "binary files cannot be patched"),
        ("copy from ", "copies are not supported: show the file as a new one (`git diff --no-renames`)"),
        ("-- ", "that is the trailer of `git format-patch`: take it out, or use `cargo xtask patch export`"),
        ("--- ", "every file has a `diff --git a/PATH b/PATH` line first"),
        ("similarity index ", "copies are not supported: show the file as a new one (`git diff --no-renames`)"),
    ];
    let error = lines.error(format!("`{line}` does not belong here"));
    match known.iter().find(|(start, _)| line.starts_with(start)) {
        Some((_, hint)) => error.hint(*hint),
        None => error.hint("a patch ends with its last hunk"),
    }
}
