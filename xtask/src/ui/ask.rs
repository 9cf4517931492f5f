//! Questions to the user at the terminal.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{Format, Ui};
use crate::cancel::Cancel;

/// How often cancellation is checked while waiting for input.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

impl Ui {
    /// Whether there is a user at a terminal who can answer.
    pub fn can_ask(&self) -> bool {
        let settings = &self.shared.settings;
        settings.format == Format::Text && settings.live && io::stdin().is_terminal()
    }

    /// Asks a question and waits for a line; `None` if the input ended or the run was cancelled.
    pub fn ask(&self, question: &str, cancel: &Cancel) -> Option<String> {
        self.note(question);
        let stdin = io::stdin();
        let interval = Timespec::try_from(POLL_INTERVAL).expect("it is short");
        while !cancel.is_cancelled() {
            let mut input = [PollFd::new(&stdin, PollFlags::IN)];
            match poll(&mut input, Some(&interval)) {
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
