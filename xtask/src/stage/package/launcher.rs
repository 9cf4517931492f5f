//! The launcher: `bin/pythonX.Y`, which works from any folder and through links.

use super::{Layout, StageError, write_executable};

/// `@MINOR@` and `@STACK@` are filled in.
const LAUNCHER: &str = include_str!("launcher.sh");

impl Layout<'_> {
    /// The launcher, `python3` for it, and CPython's `pythonX.Y-config`.
    pub fn launcher(&self) -> Result<(), StageError> {
        let text = LAUNCHER
            .replace("@MINOR@", &self.work.minor)
            .replace("@STACK@", &self.work.runner.max_wasm_stack.to_string());
        let bin = self.package.join("bin");
        write_executable(&bin.join(self.python()), &text)?;
        let link = bin.join("python3");
        fs_err::os::unix::fs::symlink(self.python(), &link).map_err(|error| StageError::io(&link, error))?;
        let config = format!("{}-config", self.python_with_flags());
        // It prints the options of the compiler, in which the build's own folder can stand.
        self.copy_text(&self.installed().join("bin").join(&config), &bin.join(&config))
    }
}
