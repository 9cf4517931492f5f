//! Properties of the build machine, and the umask.

use std::io;
use std::num::NonZero;
use std::time::Duration;

use camino::Utf8Path;
use rustix::fs::Mode;

/// Whether this process runs as root, which some programs reject.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The machine's name as toolchains' archives spell it, such as `x86_64-linux`.
pub fn build_machine() -> String {
    format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS)
}

/// The default number of jobs: the processors that this process may use, limited by its control group.
pub fn jobs() -> NonZero<usize> {
    std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

/// The memory that this process may use, in bytes, limited by its control group.
pub fn memory() -> u64 {
    let info = rustix::system::sysinfo();
    let machine = info.totalram * u64::from(info.mem_unit);
    let limit = fs_err::read_to_string("/sys/fs/cgroup/memory.max").ok();
    limit.and_then(|limit| limit.trim().parse().ok()).map_or(machine, |limit: u64| limit.min(machine))
}

/// The free space for this user on the file system of a directory, in bytes.
pub fn free_space(folder: &Utf8Path) -> io::Result<u64> {
    let facts = rustix::fs::statvfs(folder.as_std_path())?;
    Ok(facts.f_bavail * facts.f_frsize)
}

/// The user and system time of all children that were waited for, including their children.
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

/// Sets the umask, so that new files have the modes 0644 and 0755 for every user, also in children.
pub fn set_umask() {
    rustix::process::umask(Mode::WGRP | Mode::WOTH);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_of_this_machine() {
        assert!(build_machine().ends_with("-linux"));
        assert!(memory() > 1 << 20);
        assert!(processor_time_of_children().is_ok());
        assert!(free_space("/".into()).is_ok());
        assert!(free_space("/does/not/exist".into()).is_err());
    }
}
