//! Facts about the machine that builds, and the one thing of it that we set.

use std::io;
use std::num::NonZero;
use std::time::Duration;

use camino::Utf8Path;
use rustix::fs::Mode;

/// Whether everything is done as root, for which some programs refuse to do what they do for others.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The machine's name as toolchains' archives spell it, such as `x86_64-linux`.
pub fn build_machine() -> String {
    format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS)
}

/// How many jobs run at a time if nobody says: the processors that this process may use, with its control group's limit.
pub fn jobs() -> NonZero<usize> {
    std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

/// The memory that this process may use, in bytes: the machine's, or its control group's limit if that is less.
pub fn memory() -> u64 {
    let info = rustix::system::sysinfo();
    let machine = info.totalram * u64::from(info.mem_unit);
    let limit = fs_err::read_to_string("/sys/fs/cgroup/memory.max").ok();
    limit.and_then(|limit| limit.trim().parse().ok()).map_or(machine, |limit: u64| limit.min(machine))
}

/// The space, in bytes, that this user may still fill on the file system that holds a folder.
pub fn free_space(folder: &Utf8Path) -> io::Result<u64> {
    let facts = rustix::fs::statvfs(folder.as_std_path())?;
    Ok(facts.f_bavail * facts.f_frsize)
}

/// The processor time, in user and system mode, of all children that have ended and were waited for, and of theirs in turn.
pub fn processor_time_of_children() -> io::Result<Duration> {
    let text = fs_err::read_to_string("/proc/self/stat")?;
    // `proc_pid_stat(5)`: the program's name, in parentheses, may have spaces in it. After it, cutime and cstime are the 14th and the 15th.
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: Vec<u64> = fields.split_whitespace().skip(13).take(2).filter_map(|field| field.parse().ok()).collect();
    match ticks[..] {
        [user, system] => {
            let ticks = user + system;
            Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
        }
        _ => Err(io::Error::other("/proc/self/stat has no times of children")),
    }
}

/// Makes the modes of new files independent of who builds: 0644 and 0755, for children too.
pub fn set_umask() {
    rustix::process::umask(Mode::WGRP | Mode::WOTH);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_something_of_everything() {
        assert!(build_machine().ends_with("-linux"));
        assert!(memory() > 1 << 20);
        assert!(processor_time_of_children().is_ok());
        assert!(free_space("/".into()).is_ok());
        assert!(free_space("/does/not/exist".into()).is_err());
    }
}
