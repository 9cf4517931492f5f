//! git in one repository: without the user's configuration, so that the same patches give the same commits everywhere.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::command::Command;
use super::failure::Failure;
use super::run::output;
use crate::cancel::{Cancel, Cancelled};

/// The committer, and the author of commits that name none.
const IDENTITY: (&str, &str) = ("cargo xtask patch", "xtask@localhost");

/// How long git may take to store a whole source tree.
const TIMEOUT: Duration = Duration::from_secs(600);

/// A git command that failed.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("`{command}` failed in {repository}: {reason}")]
    Failed { command: String, repository: Utf8PathBuf, reason: String },
    #[error("`{command}` printed text that is not UTF-8")]
    NotUtf8 { command: String },
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// The user's git, in a repository.
pub struct Git<'a> {
    pub program: Utf8PathBuf,
    /// The value of `PATH`, in which git finds its helpers.
    pub path: &'a str,
    /// The folder must exist; `git init` may still make it a repository.
    pub repository: &'a Utf8Path,
    pub cancel: &'a Cancel,
}

impl Git<'_> {
    /// Runs git and returns its output.
    pub fn ask(&self, arguments: &[&str]) -> Result<String, GitError> {
        self.run(arguments, BTreeMap::new())
    }

    /// Commits everything in the folder, including files that the source's own `.gitignore` names.
    /// `author` is `Name <address>`; `time` is in seconds since 1970.
    pub fn commit_all(&self, message: &str, author: Option<&str>, time: u64) -> Result<(), GitError> {
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
    pub fn message(&self, commit: &str) -> Result<String, GitError> {
        let object = self.ask(&["cat-file", "commit", commit])?;
        Ok(object.split_once("\n\n").map(|(_, message)| message).unwrap_or_default().to_owned())
    }

    fn run(&self, arguments: &[&str], more: BTreeMap<String, String>) -> Result<String, GitError> {
        let mut environment: BTreeMap<String, String> = [
            ("PATH", self.path),
            // No configuration and no list of ignored files of the user's.
            ("HOME", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            // The folder may be inside another repository.
            ("GIT_CEILING_DIRECTORIES", self.repository.parent().unwrap_or(self.repository).as_str()),
            ("LC_ALL", "C"),
            ("TZ", "UTC"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        environment.extend(more);
        // Automatic packing would go on after git has ended.
        let args = [&["-c", "gc.auto=0"], arguments].concat().into_iter().map(str::to_owned).collect();
        let command = Command {
            program: self.program.clone(),
            args,
            directory: self.repository.to_owned(),
            environment,
            timeout: Some(TIMEOUT),
        };
        let answer = output(&command, self.cancel).map_err(|error| match error.kind {
            Failure::Cancelled => GitError::Cancelled(Cancelled),
            _ => GitError::Failed {
                command: command.to_string(),
                repository: self.repository.to_owned(),
                reason: format!("{error}\n{}", error.tail.join("\n")),
            },
        })?;
        String::from_utf8(answer.stdout).map_err(|_| GitError::NotUtf8 { command: command.to_string() })
    }
}
