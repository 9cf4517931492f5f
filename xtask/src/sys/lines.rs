//! Splits a child's output into lines, and keeps the last ones for error messages.

use std::collections::VecDeque;

/// How many lines an error contains.
const KEPT: usize = 40;

/// Longer lines are split, so that output without line feeds cannot fill the memory.
const LONGEST: usize = 16 * 1024;

/// The incomplete line, and the last complete ones.
#[derive(Default)]
pub(super) struct Lines {
    partial: Vec<u8>,
    kept: VecDeque<String>,
}

impl Lines {
    /// Adds a piece of output; `on_line` receives each completed line, without its end and with invalid bytes replaced.
    pub(super) fn push(&mut self, bytes: &[u8], on_line: &mut dyn FnMut(&str)) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.partial.extend_from_slice(piece);
            if piece.ends_with(b"\n") || self.partial.len() >= LONGEST {
                self.end_line(on_line);
            }
        }
    }

    /// Ends the output: the last line may have no line feed.
    pub(super) fn finish(&mut self, on_line: &mut dyn FnMut(&str)) {
        if !self.partial.is_empty() {
            self.end_line(on_line);
        }
    }

    /// The last lines, oldest first.
    pub(super) fn into_tail(self) -> Vec<String> {
        self.kept.into()
    }

    fn end_line(&mut self, on_line: &mut dyn FnMut(&str)) {
        let line = String::from_utf8_lossy(&self.partial);
        let line = line.trim_end_matches(['\n', '\r']);
        on_line(line);
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(line.to_owned());
        self.partial.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(pieces: &[&[u8]]) -> Vec<String> {
        let mut result = Vec::new();
        let mut lines = Lines::default();
        pieces.iter().for_each(|piece| lines.push(piece, &mut |line| result.push(line.to_owned())));
        lines.finish(&mut |line| result.push(line.to_owned()));
        result
    }

    #[test]
    fn pieces_become_lines() {
        assert_eq!(lines_of(&[b"on", b"e\ntwo\r\n\nfo", b"ur"]), ["one", "two", "", "four"]);
        assert_eq!(lines_of(&[b"\xff\n"]), ["\u{fffd}"]);
        assert_eq!(lines_of(&[]), Vec::<String>::new());
    }

    #[test]
    fn the_tail_is_bounded() {
        let mut lines = Lines::default();
        (0..100).for_each(|n| lines.push(format!("{n}\n").as_bytes(), &mut |_| ()));
        let tail = lines.into_tail();
        assert_eq!((tail.len(), tail[0].as_str(), tail[39].as_str()), (40, "60", "99"));
    }

    #[test]
    fn a_line_without_end_is_split() {
        let piece = vec![b'x'; LONGEST];
        assert_eq!(lines_of(&[&piece, &piece]).len(), 2);
    }
}
