//! How the user wants to be talked to, worked out of flags, environment and streams. Pure: whoever calls brings the environment.

use std::time::Duration;

use console::Term;

/// What stdout carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The command's data, for people; events are told on stderr.
    Text,
    /// One JSON object a line, for programs; stderr stays silent, except in a verbose run.
    Json,
}

/// How much is told. The JSON format is not cut by [`Verbosity::Quiet`]: who asked for events gets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// Warnings, errors and unexpected outcomes of tests only.
    Quiet,
    /// Stages, notes, progress.
    Normal,
    /// Also every line that a stage's child prints, every stage that was up to date, and every test file.
    Verbose,
}

/// The widths in columns of the streams that are terminals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminals {
    pub stdout: Option<usize>,
    pub stderr: Option<usize>,
}

/// Everything that decides how events and data look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub format: Format,
    pub verbosity: Verbosity,
    /// Talk may be coloured.
    pub colour: bool,
    /// Talk may move the cursor: stderr is a terminal that a person watches.
    pub live: bool,
    /// Talk is read by GitHub Actions, which understands workflow commands such as `::group::`.
    pub github: bool,
    /// Data may be coloured.
    pub data_colour: bool,
    /// The width in columns that tables should keep to; `None` if nobody watches.
    pub data_columns: Option<usize>,
    /// The time after which a log hears again of a stage that still runs, or of the tests; `None` for never.
    pub heartbeat: Option<Duration>,
}

impl Terminals {
    /// Asks the two streams of this process.
    pub fn detect() -> Terminals {
        let columns = |term: Term| term.is_term().then(|| usize::from(term.size().1));
        Terminals { stdout: columns(Term::stdout()), stderr: columns(Term::stderr()) }
    }
}

impl Settings {
    /// Decides from the environment, which `get` reads.
    ///
    /// `NO_COLOR` (<https://no-color.org>) wins over `CLICOLOR_FORCE` (<https://bixense.com/clicolors>), which wins over `CLICOLOR=0`.
    /// A terminal whose `TERM` is unset or `dumb` gets neither colour nor moving lines; where `CI` is set, nothing moves either, because some services lend their logs a terminal.
    pub fn from_environment(
        get: impl Fn(&str) -> Option<String>,
        terminals: Terminals,
        format: Format,
        verbosity: Verbosity,
    ) -> Settings {
        let set = |name: &str| get(name).is_some_and(|value| !value.is_empty());
        let on = |name: &str| get(name).is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
        let capable = get("TERM").is_some_and(|term| !term.is_empty() && term != "dumb");
        let colour = |terminal: Option<usize>| {
            let wanted = terminal.is_some() && capable && get("CLICOLOR").as_deref() != Some("0");
            !set("NO_COLOR") && (on("CLICOLOR_FORCE") || wanted)
        };
        Settings {
            format,
            verbosity,
            colour: colour(terminals.stderr),
            live: terminals.stderr.is_some() && capable && !on("CI") && !on("GITHUB_ACTIONS"),
            github: on("GITHUB_ACTIONS"),
            data_colour: colour(terminals.stdout),
            data_columns: terminals.stdout,
            heartbeat: Some(Duration::from_secs(30)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: Terminals = Terminals { stdout: Some(80), stderr: Some(80) };
    const PIPES: Terminals = Terminals { stdout: None, stderr: None };

    fn settings(environment: &[(&str, &str)], terminals: Terminals) -> Settings {
        let get = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Settings::from_environment(get, terminals, Format::Text, Verbosity::Normal)
    }

    #[test]
    fn colour_is_decided_by_the_usual_variables() {
        for (environment, terminals, expected) in [
            (&[("TERM", "xterm")][..], TERMINAL, true),
            (&[("TERM", "xterm")], PIPES, false),
            (&[("TERM", "dumb")], TERMINAL, false),
            (&[], TERMINAL, false),
            (&[("TERM", "xterm"), ("NO_COLOR", "1")], TERMINAL, false),
            (&[("TERM", "xterm"), ("NO_COLOR", "")], TERMINAL, true),
            (&[("TERM", "xterm"), ("CLICOLOR", "0")], TERMINAL, false),
            (&[("CLICOLOR_FORCE", "1")], PIPES, true),
            (&[("CLICOLOR_FORCE", "0")], PIPES, false),
            (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], TERMINAL, false),
        ] {
            assert_eq!(settings(environment, terminals).colour, expected, "{environment:?} {terminals:?}");
        }
    }

    #[test]
    fn lines_move_only_where_a_person_watches() {
        for (environment, terminals, expected) in [
            (&[("TERM", "xterm")][..], TERMINAL, true),
            (&[("TERM", "xterm")], PIPES, false),
            (&[("TERM", "dumb")], TERMINAL, false),
            (&[("TERM", "xterm"), ("CI", "true")], TERMINAL, false),
            (&[("TERM", "xterm"), ("CI", "false")], TERMINAL, true),
            (&[("TERM", "xterm"), ("GITHUB_ACTIONS", "true")], TERMINAL, false),
            (&[("TERM", "xterm"), ("NO_COLOR", "1")], TERMINAL, true),
        ] {
            assert_eq!(settings(environment, terminals).live, expected, "{environment:?} {terminals:?}");
        }
    }

    #[test]
    fn each_stream_is_judged_alone() {
        let to_a_file = Terminals { stdout: None, stderr: Some(100) };
        let settings = settings(&[("TERM", "xterm"), ("GITHUB_ACTIONS", "")], to_a_file);
        assert!(settings.colour && settings.live && !settings.github);
        assert!(!settings.data_colour && settings.data_columns.is_none());
    }
}
