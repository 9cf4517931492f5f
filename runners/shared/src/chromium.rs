//! How the browser runner and the benchmarks start Chromium. The tests of the page use the same flags.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// One flag per line, and comments. `ci/fixtures/page/browser.mjs` reads the same file.
const FLAGS: &str = include_str!("../chromium-flags.txt");

/// The variables that name folders that Chromium writes to. All are set to the profile.
const FOLDERS: [&str; 3] = ["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"];

/// The variables that are passed on: how programs and libraries are found, and where temporary files and the sandbox helper are.
const PASSED_ON: [&str; 4] = ["PATH", "LD_LIBRARY_PATH", "TMPDIR", "CHROME_DEVEL_SANDBOX"];

/// A command that starts a headless Chromium. Callers start it with their own means, because they supervise it differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    /// The whole environment.
    pub environment: Vec<(&'static str, OsString)>,
}

impl Command {
    /// The command for a profile folder, with further flags and the page to open.
    pub fn new(program: &Path, profile: &Path, flags: &[OsString], page: &str) -> Self {
        let mut arguments: Vec<OsString> =
            FLAGS.lines().filter(|line| line.starts_with("--")).map(OsString::from).collect();
        let mut folder = OsString::from("--user-data-dir=");
        folder.push(profile);
        arguments.push(folder);
        // Chromium refuses to sandbox its processes if root starts it.
        arguments.extend(rustix::process::geteuid().is_root().then(|| "--no-sandbox".into()));
        arguments.extend_from_slice(flags);
        arguments.push(page.into());
        let passed_on = PASSED_ON.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        let environment = passed_on.chain(FOLDERS.map(|name| (name, profile.into()))).collect();
        Self { program: program.to_owned(), arguments, environment }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_no_arguments_and_the_page_is_last() {
        let command = Command::new(Path::new("/chromium"), Path::new("/p"), &["--x".into()], "about:blank");
        let (page, flags) = command.arguments.split_last().unwrap();
        assert_eq!(page, "about:blank");
        assert!(flags.iter().all(|flag| flag.to_str().is_some_and(|flag| flag.starts_with("--"))));
        for flag in ["--headless=new", "--user-data-dir=/p", "--x"] {
            assert!(flags.contains(&flag.into()), "{flag}");
        }
        for folder in FOLDERS {
            assert!(command.environment.contains(&(folder, "/p".into())), "{folder}");
        }
    }
}
