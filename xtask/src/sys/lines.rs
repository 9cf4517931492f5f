//! A child's output as lines. Bytes come in pieces of any size; whole lines go out, and the last ones are kept for the report.

use std::collections::VecDeque;

/// How many lines an error carries.
const KEPT: usize = 40;

/// A line that is longer is cut into several, so that a child that never ends its line cannot fill the memory.
const LONGEST: usize = 16 * 1024;

/// The line that is coming in, and the last lines that came.
#[derive(Default)]
pub(super) struct Lines {
    partial: Vec<u8>,
    kept: VecDeque<String>,
}

impl Lines {
    /// Takes a piece of output; `hear` gets each line that it completes, without its end and with odd bytes replaced.
    pub(super) fn push(&mut self, bytes: &[u8], hear: &mut dyn FnMut(&str)) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.partial.extend_from_slice(piece);
            if piece.ends_with(b"\n") || self.partial.len() >= LONGEST {
                self.end_line(hear);
            }
        }
    }

    /// Takes the end of the output: a last line may lack its line feed.
    pub(super) fn finish(&mut self, hear: &mut dyn FnMut(&str)) {
        if !self.partial.is_empty() {
            self.end_line(hear);
        }
    }

    /// The last lines, oldest first.
    pub(super) fn into_tail(self) -> Vec<String> {
        self.kept.into()
    }

    fn end_line(&mut self, hear: &mut dyn FnMut(&str)) {
        let line = String::from_utf8_lossy(&self.partial);
        let line = line.trim_end_matches(['\n', '\r']);
        hear(line);
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

    fn heard(pieces: &[&[u8]]) -> Vec<String> {
        let mut heard = Vec::new();
        let mut lines = Lines::default();
        pieces.iter().for_each(|piece| lines.push(piece, &mut |line| heard.push(line.to_owned())));
        lines.finish(&mut |line| heard.push(line.to_owned()));
        heard
    }

    #[test]
    fn pieces_become_lines() {
        assert_eq!(heard(&[b"on", b"e\ntwo\r\n\nfo", b"ur"]), ["one", "two", "", "four"]);
        assert_eq!(heard(&[b"\xff\n"]), ["\u{fffd}"]);
        assert_eq!(heard(&[]), Vec::<String>::new());
    }

    #[test]
    fn the_tail_is_bounded() {
        let mut lines = Lines::default();
        (0..100).for_each(|n| lines.push(format!("{n}\n").as_bytes(), &mut |_| ()));
        let tail = lines.into_tail();
        assert_eq!((tail.len(), tail[0].as_str(), tail[39].as_str()), (40, "60", "99"));
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let piece = vec![b'x'; LONGEST];
        assert_eq!(heard(&[&piece, &piece]).len(), 2);
    }
}
