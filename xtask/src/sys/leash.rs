//! Makes the kernel end children when this process ends, even after `kill -9`.
//!
//! A child leads its own session, on a pseudo-terminal that only this process holds and that is not a standard stream of the child.
//! When this process ends, the terminal hangs up: the kernel sends SIGHUP to the child, and after the child's end to the rest of its process group.
//! A child that ignores SIGHUP receives SIGKILL, because its parent died.
//!
//! The parent is the *thread* that started the child: it must outlive the child, which is why [`run`](super::run) blocks.
//! A descendant that starts its own session is not covered, but its output pipe is broken.

use std::io;
use std::mem;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;

use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};
use rustix::process::{Signal, ioctl_tiocsctty, set_parent_process_death_signal, setsid};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};

/// This process's end of the child's terminal.
pub(super) struct Leash {
    _master: Option<OwnedFd>,
}

/// The smallest file descriptor for the child's end: scripts use small numbers (`exec 6>&1`) and would close it.
const HIGH: i32 = 100;

/// Makes `command`'s child the leader of a new session and process group, which does not outlive this process. Keep the leash until the child was waited for.
pub(super) fn leash(command: &mut std::process::Command) -> Leash {
    // Builds also work on a machine without pseudo-terminals.
    let (master, terminal) = open_terminal().map_or((None, None), |(master, terminal)| (Some(master), Some(terminal)));
    let in_child = move || -> io::Result<()> {
        setsid()?;
        set_parent_process_death_signal(Some(Signal::KILL))?;
        if let Some(terminal) = &terminal {
            // Fails if the parent has ended already.
            ioctl_tiocsctty(terminal)?;
            // The session keeps its terminal only while a process in it has it open.
            let held = fcntl_dupfd_cloexec(terminal, HIGH)?;
            fcntl_setfd(&held, FdFlags::empty())?;
            mem::forget(held);
        }
        Ok(())
    };
    #[expect(unsafe_code, reason = "std has no safe way to give a child a session or a parent-death signal")]
    // SAFETY: the closure runs between fork and exec: it makes system calls only, takes no lock and allocates nothing.
    unsafe {
        command.pre_exec(in_child);
    }
    Leash { _master: master }
}

fn open_terminal() -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let master = openpt(flags)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let terminal = ioctl_tiocgptpeer(&master, flags)?;
    // A tool that reads from `/dev/tty` must get the end of input immediately instead of waiting forever.
    let mut settings = tcgetattr(&terminal)?;
    settings.make_raw();
    settings.special_codes[SpecialCodeIndex::VMIN] = 0;
    settings.special_codes[SpecialCodeIndex::VTIME] = 0;
    tcsetattr(&terminal, OptionalActions::Now, &settings)?;
    Ok((master, terminal))
}
