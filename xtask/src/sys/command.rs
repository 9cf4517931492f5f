//! A command as a value: program, arguments, directory, environment.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use camino::Utf8PathBuf;
use serde::Serialize;

/// One run of one program. Standard input is always empty, except for [`interactive`](super::interactive).
///
/// Its `Display` is the program and its arguments, quoted for a POSIX shell if needed: one line, unless an argument contains a line feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Command {
    /// A path, or a name that is searched in the `PATH` of `environment`. A relative path starts from `directory`.
    pub program: Utf8PathBuf,
    pub args: Vec<String>,
    pub directory: Utf8PathBuf,
    /// The whole environment of the child: it inherits nothing.
    pub environment: BTreeMap<String, String>,
    /// The time limit; `None` is unlimited for [`run`](super::run), and 60 seconds for [`output`](super::output).
    pub timeout: Option<Duration>,
}

impl Command {
    /// The variables that are not in `base`, or have another value there.
    pub fn environment_difference(&self, base: &BTreeMap<String, String>) -> Vec<(String, String)> {
        self.environment
            .iter()
            .filter(|(name, value)| base.get(*name) != Some(value))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// A `/bin/sh` script that repeats the command by hand, with the same directory and environment.
    pub fn script(&self) -> String {
        let variables: String = self
            .environment
            .iter()
            .map(|(name, value)| format!("  {} \\\n", quote(&format!("{name}={value}"))))
            .collect();
        let directory = quote(self.directory.as_str());
        // `env` would take a program with `=` in its path for a variable, so that a second `exec` names the program.
        format!(
            "#!/bin/sh\n# Repeats one command of the build by hand.\ncd {directory} || exit\nexec env -i \\\n{variables}  /bin/sh -c 'exec \"$@\"' sh {self}\n"
        )
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.program.as_str() {
            // The shell would take it for an assignment.
            program if program.contains('=') => write!(f, "'{}'", program.replace('\'', r"'\''"))?,
            program => write!(f, "{}", quote(program))?,
        }
        self.args.iter().try_for_each(|arg| write!(f, " {}", quote(arg)))
    }
}

/// Quotes a word for a POSIX shell if needed.
pub fn quote(word: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make() -> Command {
        Command {
            program: "/usr/bin/make".into(),
            args: ["CC=clang", "CFLAGS=-O2 -g", "it's", "", "-j"].map(str::to_owned).into(),
            directory: "/build dir".into(),
            environment: [("LANG", "C"), ("PATH", "/usr/bin")].map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
            timeout: None,
        }
    }

    #[test]
    fn words_are_quoted_only_where_needed() {
        assert_eq!(make().to_string(), r"/usr/bin/make CC=clang 'CFLAGS=-O2 -g' 'it'\''s' '' -j");
        let assignment = Command { program: "a=b".into(), args: vec![], ..make() };
        assert_eq!(assignment.to_string(), "'a=b'");
    }

    #[test]
    fn the_script_has_directory_environment_and_command() {
        insta::assert_snapshot!(make().script(), @r#"
        #!/bin/sh
        # Repeats one command of the build by hand.
        cd '/build dir' || exit
        exec env -i \
          LANG=C \
          PATH=/usr/bin \
          /bin/sh -c 'exec "$@"' sh /usr/bin/make CC=clang 'CFLAGS=-O2 -g' 'it'\''s' '' -j
        "#);
    }

    #[test]
    fn the_difference_has_new_and_changed_variables() {
        let base = [("LANG", "C"), ("PATH", "/bin"), ("HOME", "/")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        assert_eq!(make().environment_difference(&base), [("PATH".to_owned(), "/usr/bin".to_owned())]);
    }
}
