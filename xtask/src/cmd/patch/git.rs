//! git in one repository: without the user's configuration, so that the same patches give the same commits everywhere.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use camino::{Utf8Path, Utf8PathBuf};

use crate::app::App;
use crate::cancel::Cancelled;
use crate::cmd::Failed;
use crate::provider::machine;
use crate::sys::{self, Command, Failure};

/// The commit with the source as it was published.
pub const PRISTINE: &str = "refs/tags/pristine";

/// Who commits, and who wrote what has no author.
const IDENTITY: (&str, &str) = ("cargo xtask patch", "xtask@localhost");

/// How long git may take to store a whole source tree.
const TIMEOUT: Duration = Duration::from_secs(600);

/// The user's git, in a repository.
pub struct Git<'a> {
    app: &'a App,
    program: Utf8PathBuf,
    repository: &'a Utf8Path,
}

impl<'a> Git<'a> {
    /// Finds git. The repository need not be there yet, only its folder.
    pub fn find(app: &'a App, repository: &'a Utf8Path) -> Result<Self> {
        let program = machine::find("git", &app.path).ok_or_else(|| Failed {
            report: "git is needed to work on patches, and is not in PATH\nhint: on Debian, `apt-get install git`"
                .to_owned(),
            code: 4,
        })?;
        Ok(Self { app, program, repository })
    }

    /// Runs git, and gives what it printed.
    pub fn ask(&self, arguments: &[&str]) -> Result<String> {
        self.run(arguments, BTreeMap::new())
    }

    /// Commits all that is in the folder, also what the source's own `.gitignore` names.
    /// `author` is `Name <address>`; `time` is in seconds since 1970.
    pub fn commit_all(&self, message: &str, author: Option<&str>, time: u64) -> Result<()> {
        let (name, address) = match author {
            Some(author) => author.trim_end_matches('>').split_once(" <").unwrap_or((author, "")),
            None => IDENTITY,
        };
        let date = format!("@{time} +0000");
        let identity = [
            ("GIT_AUTHOR_NAME", name),
            ("GIT_AUTHOR_EMAIL", address),
            ("GIT_AUTHOR_DATE", &date),
            ("GIT_COMMITTER_NAME", IDENTITY.0),
            ("GIT_COMMITTER_EMAIL", IDENTITY.1),
            ("GIT_COMMITTER_DATE", &date),
        ];
        let identity = identity.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        self.ask(&["add", "--all", "--force"])?;
        self.run(&["commit", "--quiet", "--cleanup=verbatim", "--message", message], identity).map(|_| ())
    }

    /// The message of a commit, as it was written.
    pub fn message(&self, commit: &str) -> Result<String> {
        let object = self.ask(&["cat-file", "commit", commit])?;
        Ok(object.split_once("\n\n").map(|(_, message)| message).unwrap_or_default().to_owned())
    }

    fn run(&self, arguments: &[&str], more: BTreeMap<String, String>) -> Result<String> {
        let mut environment: BTreeMap<String, String> = [
            ("PATH", self.app.path.as_str()),
            // Nobody's home: there is no configuration below it, and no list of ignored files.
            ("HOME", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            // The folder may lie in another repository, which is not the one that is meant.
            ("GIT_CEILING_DIRECTORIES", self.repository.parent().unwrap_or(self.repository).as_str()),
            ("LC_ALL", "C"),
            ("TZ", "UTC"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        environment.extend(more);
        // Packing goes on after git has ended.
        let args = [&["-c", "gc.auto=0"], arguments].concat().into_iter().map(str::to_owned).collect();
        let command = Command {
            program: self.program.clone(),
            args,
            directory: self.repository.to_owned(),
            environment,
            timeout: Some(TIMEOUT),
        };
        let answer = sys::output(&command, &self.app.cancel).map_err(|error| match error.kind {
            Failure::Cancelled => anyhow!(Cancelled),
            _ => anyhow!("`{command}` failed in {}: {error}\n{}", self.repository, error.tail.join("\n")),
        })?;
        String::from_utf8(answer.stdout).with_context(|| format!("`{command}` printed what is not UTF-8"))
    }
}
