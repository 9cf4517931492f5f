//! Questions to the person at the terminal.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{Format, Ui};
use crate::cancel::Cancel;

/// How often a wish to stop is looked for while nothing is typed.
const PATIENCE: Duration = Duration::from_millis(100);

impl Ui {
    /// Whether somebody is there who can answer.
    pub fn can_ask(&self) -> bool {
        let settings = &self.shared.settings;
        settings.format == Format::Text && settings.live && io::stdin().is_terminal()
    }

    /// Puts a question, and waits for a line; `None` when the person ended the input or wishes to stop.
    pub fn ask(&self, question: &str, cancel: &Cancel) -> Option<String> {
        self.note(question);
        let stdin = io::stdin();
        let patience = Timespec::try_from(PATIENCE).expect("it is short");
        while !cancel.is_cancelled() {
            let mut input = [PollFd::new(&stdin, PollFlags::IN)];
            match poll(&mut input, Some(&patience)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => {
                    let mut line = String::new();
                    return stdin.read_line(&mut line).ok().filter(|length| *length > 0).map(|_| line);
                }
                Err(_) => return None,
            }
        }
        None
    }
}
