//! The terminal: permanent lines above, live lines below. indicatif redraws them; `fancy` composes them.
//!
//! All live lines are one progress bar with a message of several lines, not a `MultiProgress` with one bar per stage.
//! They are redrawn together, and a finished stage cannot leave a line behind.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use console::measure_text_width;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

/// A terminal that nothing else draws on.
pub struct Screen {
    terminal: BrokenLines,
    live: ProgressBar,
    /// The widths in columns of the live lines that are shown.
    drawn: Vec<usize>,
}

impl Screen {
    pub fn new(terminal: impl TermLike + 'static) -> Screen {
        let terminal = BrokenLines { terminal: Arc::new(terminal), is_line_over: Arc::default() };
        let style = ProgressStyle::with_template("{msg}").expect("the template is a constant");
        let live = ProgressBar::with_draw_target(None, target(&terminal)).with_style(style);
        Screen { terminal, live, drawn: Vec::new() }
    }

    /// The current width in columns.
    pub fn columns(&self) -> usize {
        usize::from(self.terminal.width()).max(1)
    }

    /// Adds permanent lines, and replaces the live lines, which must not be wider than the terminal.
    pub fn show(&mut self, permanent: &str, live: &[String]) {
        self.follow_width();
        if !permanent.is_empty() {
            self.live.set_message("");
            // Errors are ignored: without a terminal, there is no other place to report them.
            let _ = permanent.lines().try_for_each(|line| self.terminal.write_line(line));
            let _ = self.terminal.flush();
        }
        self.live.set_message(live.join("\n"));
        self.drawn = live.iter().map(|line| measure_text_width(line)).collect();
    }

    /// Removes the live lines.
    pub fn clear(&mut self) {
        self.show("", &[]);
    }

    /// Clears live lines that a terminal wrapped when it became narrower: indicatif does not know about the additional rows.
    fn follow_width(&mut self) {
        let columns = self.columns();
        if self.drawn.iter().all(|width| *width <= columns) {
            return;
        }
        let rows: usize = self.drawn.iter().map(|width| width.div_ceil(columns).max(1)).sum();
        // Row by row: some terminals save a screen that is cleared at once to their history.
        let _ = self.terminal.clear_line();
        let _ = (1..rows).try_for_each(|_| self.terminal.move_cursor_up(1).and_then(|()| self.terminal.clear_line()));
        self.live.set_draw_target(target(&self.terminal));
    }
}

/// A target without rate limit: `ui` draws ten times a second, and when a stage finishes.
fn target(terminal: &BrokenLines) -> ProgressDrawTarget {
    ProgressDrawTarget::term_like(Box::new(terminal.clone()))
}

/// A terminal on which each line ends with a line break.
///
/// indicatif instead pads a line with spaces to the width of the terminal, so that the terminal wraps to the next row.
/// If the width then changes, the terminal treats all rows as one long line and reflows them.
#[derive(Debug, Clone)]
struct BrokenLines {
    terminal: Arc<dyn TermLike>,
    /// The padding that ends a line was written, and more lines of this drawing may follow.
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
