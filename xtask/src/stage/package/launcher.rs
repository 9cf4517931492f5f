//! The launcher: `bin/pythonX.Y`, which works from any folder and through links.

use super::{Layout, StageError, write, write_executable};
use crate::embed;
use crate::embedded::EmbeddedFile;
use crate::plan::Package;
use crate::recipe::model::HostFamily;

/// What both launchers begin with: it sets `package`.
const FIND_PACKAGE: EmbeddedFile = embed!("package-files/launcher/find_package.sh");

/// `@FIND_PACKAGE@`, `@MINOR@`, `@NODE@` (the minimum version) and `@STACK@` (in bytes) are filled in.
const LAUNCHER: EmbeddedFile = embed!("package-files/launcher/launcher.sh");

/// What it runs Node.js with, and `recipes/runners/node.toml` too.
const WASI_IN_NODE: EmbeddedFile = embed!("package-files/launcher/node.mjs");

/// `@FIND_PACKAGE@` and `@STACK@` (in KiB) are filled in.
const NODE_LAUNCHER: EmbeddedFile = embed!("package-files/launcher/launcher_node.sh");

/// What Node.js runs. `@MINOR@`, `@NODE@` (the oldest that will do) and `@THREADS@` are filled in.
const NODE_START: EmbeddedFile = embed!("package-files/launcher/start_node.cjs");

/// What that calls to keep compiled code.
const NODE_COMPILED_CODE: EmbeddedFile = embed!("package-files/launcher/compiled_code.cjs");

/// What that reads where there are threads. `@STACK@` (in MiB) is filled in.
const NODE_THREADS: EmbeddedFile = embed!("package-files/launcher/threads_node.cjs");

/// The files that a package's launcher is made of.
pub fn files(work: &Package) -> Vec<EmbeddedFile> {
    match work.family {
        HostFamily::EmscriptenBrowser => Vec::new(),
        HostFamily::Wasi => vec![FIND_PACKAGE, LAUNCHER, WASI_IN_NODE],
        HostFamily::EmscriptenNode if work.threads => {
            vec![FIND_PACKAGE, NODE_LAUNCHER, NODE_START, NODE_COMPILED_CODE, NODE_THREADS]
        }
        HostFamily::EmscriptenNode => vec![FIND_PACKAGE, NODE_LAUNCHER, NODE_START, NODE_COMPILED_CODE],
    }
}

impl Layout<'_> {
    /// The launcher, `python3` for it, and CPython's `pythonX.Y-config`.
    pub fn launcher(&self) -> Result<(), StageError> {
        let stack = self.work.runner.stack_size;
        let embedded = |file| self.job.embedded(file);
        let node = self.work.runner.minimum_node.unwrap_or_default().to_string();
        let text = match self.work.family {
            HostFamily::EmscriptenBrowser => {
                return Err(StageError::Unexpected("a browser starts nothing from a command line".to_owned()));
            }
            HostFamily::Wasi => {
                write(&self.package.join("node.mjs"), embedded(WASI_IN_NODE).as_bytes())?;
                let text = embedded(LAUNCHER).replace("@MINOR@", &self.work.minor).replace("@NODE@", &node);
                text.replace("@STACK@", &stack.to_string())
            }
            HostFamily::EmscriptenNode => {
                let start = embedded(NODE_START).replace("@MINOR@", &self.work.minor).replace("@NODE@", &node);
                write(&self.package.join("compiled_code.cjs"), embedded(NODE_COMPILED_CODE).as_bytes())?;
                let threads = if self.work.threads { "require('./threads.cjs');\n" } else { "" };
                write(&self.package.join("start.cjs"), start.replace("@THREADS@", threads).as_bytes())?;
                if self.work.threads {
                    let threads = embedded(NODE_THREADS).replace("@STACK@", &(stack >> 20).to_string());
                    write(&self.package.join("threads.cjs"), threads.as_bytes())?;
                }
                embedded(NODE_LAUNCHER).replace("@STACK@", &(stack / 1024).to_string())
            }
        };
        let text = text.replace("@FIND_PACKAGE@", embedded(FIND_PACKAGE).trim_end());
        let bin = self.package.join("bin");
        write_executable(&bin.join(self.python()), &text)?;
        let link = bin.join("python3");
        fs_err::os::unix::fs::symlink(self.python(), &link).map_err(|error| StageError::io(&link, error))?;
        let config = format!("{}-config", self.python_with_flags());
        // It prints the options of the compiler, in which the build's own folder can stand.
        self.copy_text(&self.installed().join("bin").join(&config), &bin.join(&config))
    }
}
