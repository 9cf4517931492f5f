//! What Ctrl-C and its relatives do to this process: they ask the run to stop. Children are stopped by whoever waits for them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use crate::cancel::Cancel;

/// How many children have our terminal at this time.
static LENT: AtomicUsize = AtomicUsize::new(0);

/// From now on SIGINT, SIGTERM and SIGHUP set `cancel`, and a second SIGINT ends this process at once with status 130.
///
/// Under `nohup` SIGHUP does nothing to this process. To be called once, before anything long begins.
pub fn install(cancel: &Cancel) -> io::Result<()> {
    let mut wanted = vec![SIGINT, SIGTERM];
    if is_ignored(SIGHUP) {
        // Children would inherit that, and SIGHUP is what ends them with us; what is handled goes back to its default in them.
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

/// While this lives, the keys that send SIGINT and SIGQUIT are meant for a child.
pub(super) struct TerminalLent([SigId; 2]);

/// Leaves SIGINT and SIGQUIT to a child. They are not ignored but handled by doing nothing: the child would inherit it that they are ignored.
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

/// Says whether this process was started with a signal ignored.
fn is_ignored(signal: i32) -> bool {
    let status = fs_err::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & (1 << (signal - 1)) != 0
}
