//! The terminal: lines that stay above, lines that move below. indicatif does the moving; what the lines say comes from `fancy`.
//!
//! All moving lines are one progress bar with a message of several lines, not a `MultiProgress` with a bar for each stage: they belong to one moment and are redrawn at once, and a stage that ends cannot leave its line behind.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use console::measure_text_width;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

/// A terminal that is drawn on by nobody else.
pub struct Screen {
    terminal: BrokenLines,
    moving: ProgressBar,
    /// The widths in columns of the moving lines that stand there.
    drawn: Vec<usize>,
}

impl Screen {
    pub fn new(terminal: impl TermLike + 'static) -> Screen {
        let terminal = BrokenLines { terminal: Arc::new(terminal), is_line_over: Arc::default() };
        let style = ProgressStyle::with_template("{msg}").expect("the template is a constant");
        let moving = ProgressBar::with_draw_target(None, target(&terminal)).with_style(style);
        Screen { terminal, moving, drawn: Vec::new() }
    }

    /// The width in columns at this moment.
    pub fn columns(&self) -> usize {
        usize::from(self.terminal.width()).max(1)
    }

    /// Puts `lasting` lines above, and replaces the moving lines by `moving`, none of which may be wider than the terminal.
    pub fn show(&mut self, lasting: &str, moving: &[String]) {
        self.follow_width();
        if !lasting.is_empty() {
            self.moving.set_message("");
            // A terminal that has gone away leaves nobody to tell.
            let _ = lasting.lines().try_for_each(|line| self.terminal.write_line(line));
            let _ = self.terminal.flush();
        }
        self.moving.set_message(moving.join("\n"));
        self.drawn = moving.iter().map(|line| measure_text_width(line)).collect();
    }

    /// Takes the moving lines away.
    pub fn clear(&mut self) {
        self.show("", &[]);
    }

    /// Wipes moving lines that a terminal which became narrower has broken into more rows than indicatif knows of.
    fn follow_width(&mut self) {
        let columns = self.columns();
        if self.drawn.iter().all(|width| *width <= columns) {
            return;
        }
        let rows: usize = self.drawn.iter().map(|width| width.div_ceil(columns).max(1)).sum();
        // Row by row: some terminals keep a screen that is cleared at once in their history.
        let _ = self.terminal.clear_line();
        let _ = (1..rows).try_for_each(|_| self.terminal.move_cursor_up(1).and_then(|()| self.terminal.clear_line()));
        self.moving.set_draw_target(target(&self.terminal));
    }
}

/// A target without a limit to its rate: `ui` draws ten times a second, and when a stage ends.
fn target(terminal: &BrokenLines) -> ProgressDrawTarget {
    ProgressDrawTarget::term_like(Box::new(terminal.clone()))
}

/// A terminal on which each line ends with a line break.
///
/// indicatif fills a line with blanks up to the terminal's edge instead and lets the terminal go on in the next row.
/// A terminal that then changes its width takes all of them for one long line and runs them into each other.
#[derive(Debug, Clone)]
struct BrokenLines {
    terminal: Arc<dyn TermLike>,
    /// The blanks that end a line have come, and more of this drawing may follow.
    is_line_over: Arc<AtomicBool>,
}

impl TermLike for BrokenLines {
    fn write_str(&self, text: &str) -> io::Result<()> {
        let is_filler = text.trim_start().is_empty();
        if self.is_line_over.swap(is_filler, Ordering::Relaxed) && !is_filler {
            self.terminal.write_str("\r\n")?;
        }
        if is_filler { Ok(()) } else { self.terminal.write_str(text) }
    }

    fn flush(&self) -> io::Result<()> {
        self.is_line_over.store(false, Ordering::Relaxed);
        self.terminal.flush()
    }

    fn width(&self) -> u16 {
        self.terminal.width()
    }

    fn height(&self) -> u16 {
        self.terminal.height()
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.terminal.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.terminal.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.terminal.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.terminal.move_cursor_left(n)
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.terminal.write_line(line)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.terminal.clear_line()
    }
}
