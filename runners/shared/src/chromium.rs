//! How Chromium is started, by everyone who does: the browser runner, `cargo xtask bench`, and the tests of the page.

use std::ffi::OsString;
use std::path::Path;

/// One flag per line, and comments. `ci/fixtures/page/browser.mjs` reads the same file.
const FLAGS: &str = include_str!("../chromium-flags.txt");

/// The variables of Chromium's environment that name folders that it writes to; all are to be the profile.
pub const FOLDERS: [&str; 3] = ["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"];

/// The arguments that do not depend on what is opened. Root needs one more, because Chromium refuses to sandbox its processes.
pub fn arguments(profile: &Path, is_root: bool) -> Vec<OsString> {
    let flags = FLAGS.lines().filter(|line| line.starts_with("--")).map(OsString::from);
    let mut folder = OsString::from("--user-data-dir=");
    folder.push(profile);
    flags.chain([folder]).chain(is_root.then(|| "--no-sandbox".into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_no_arguments() {
        let arguments = arguments(Path::new("/p"), true);
        assert!(arguments.iter().all(|argument| argument.to_str().is_some_and(|flag| flag.starts_with("--"))));
        assert!(arguments.contains(&"--headless=new".into()) && arguments.contains(&"--user-data-dir=/p".into()));
        assert_eq!(arguments.last().unwrap(), "--no-sandbox");
    }
}
