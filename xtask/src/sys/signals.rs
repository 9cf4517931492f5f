//! Signal handling: SIGINT, SIGTERM and SIGHUP cancel the run. The code that waits for a child stops it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use crate::cancel::Cancel;

/// How many children currently use this terminal.
static LENT: AtomicUsize = AtomicUsize::new(0);

/// Makes SIGINT, SIGTERM and SIGHUP set `cancel`; a second SIGINT exits immediately with status 130.
///
/// Under `nohup`, SIGHUP is ignored. Call this once, at the start.
pub fn install(cancel: &Cancel) -> io::Result<()> {
    let mut wanted = vec![SIGINT, SIGTERM];
    if is_ignored(SIGHUP) {
        // Children would inherit an ignored SIGHUP, which is needed to end them; a handled signal has its default action in them.
        signal_hook::flag::register(SIGHUP, Arc::default())?;
    } else {
        wanted.push(SIGHUP);
    }
    let mut signals = Signals::new(wanted)?;
    let cancel = cancel.clone();
    let mut interrupted = false;
    let listen = move || {
        for signal in signals.forever() {
            if signal == SIGINT {
                if LENT.load(Ordering::SeqCst) > 0 {
                    continue;
                }
                if interrupted {
                    low_level::exit(130);
                }
                interrupted = true;
            }
            cancel.cancel();
        }
    };
    thread::Builder::new().name("signals".to_owned()).spawn(listen)?;
    Ok(())
}

/// While this value exists, Ctrl-C and Ctrl-\ are for a child.
pub(super) struct TerminalLent([SigId; 2]);

/// Leaves SIGINT and SIGQUIT to a child. They get empty handlers instead of being ignored, because the child would inherit that.
pub(super) fn lend_terminal() -> io::Result<TerminalLent> {
    let nothing = |signal| signal_hook::flag::register(signal, Arc::default());
    let lent = TerminalLent([nothing(SIGINT)?, nothing(SIGQUIT)?]);
    LENT.fetch_add(1, Ordering::SeqCst);
    Ok(lent)
}

impl Drop for TerminalLent {
    fn drop(&mut self) {
        LENT.fetch_sub(1, Ordering::SeqCst);
        for id in self.0 {
            low_level::unregister(id);
        }
    }
}

/// Whether this process was started with a signal ignored.
fn is_ignored(signal: i32) -> bool {
    let status = fs_err::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & (1 << (signal - 1)) != 0
}
