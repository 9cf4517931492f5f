//! Facts about the machine that builds, and the one thing of it that we set.

use std::io;
use std::num::NonZero;

use camino::Utf8Path;
use rustix::fs::Mode;

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
        assert!(free_space("/".into()).is_ok());
        assert!(free_space("/does/not/exist".into()).is_err());
    }
}
