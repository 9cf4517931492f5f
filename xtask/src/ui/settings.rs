//! Output settings, derived from options, environment and streams. Pure: callers pass the environment.

use std::time::Duration;

use console::Term;

/// What stdout carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The command's data as text; events are shown on stderr.
    Text,
    /// One JSON object per line; stderr is empty, except in a verbose run.
    Json,
}

/// How much is shown. [`Verbosity::Quiet`] does not affect the JSON format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// Only warnings, errors and unexpected test results.
    Quiet,
    /// Stages, notes, progress.
    Normal,
    /// Also the output of commands, all up-to-date stages and all test files.
    Verbose,
}

/// The widths of stdout and stderr in columns; `None` if the stream is not a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminals {
    pub stdout: Option<usize>,
    pub stderr: Option<usize>,
}

/// All settings for the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub format: Format,
    pub verbosity: Verbosity,
    /// Use colors in messages.
    pub colour: bool,
    /// Show live lines: stderr is an interactive terminal.
    pub live: bool,
    /// Write workflow commands for GitHub Actions, such as `::group::`.
    pub github: bool,
    /// Use colors in data.
    pub data_colour: bool,
    /// The maximum width of tables in columns; `None` if stdout is not a terminal.
    pub data_columns: Option<usize>,
    /// How often a log mentions stages and tests that are still running; `None` for never.
    pub heartbeat: Option<Duration>,
}

impl Terminals {
    /// Checks the standard streams of this process.
    pub fn detect() -> Terminals {
        let columns = |term: Term| term.is_term().then(|| usize::from(term.size().1));
        Terminals { stdout: columns(Term::stdout()), stderr: columns(Term::stderr()) }
    }
}

impl Settings {
    /// Derives the settings from the environment, which `get` reads.
    ///
    /// `NO_COLOR` (<https://no-color.org>) wins over `CLICOLOR_FORCE` (<https://bixense.com/clicolors>), which wins over `CLICOLOR=0`.
    /// If `TERM` is unset or `dumb`, there are neither colors nor live lines.
    /// If `CI` is set, there are no live lines either, because some services attach their logs to a terminal.
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
    fn colors_follow_the_usual_variables() {
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
    fn live_lines_only_on_an_interactive_terminal() {
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
    fn each_stream_has_its_own_settings() {
        let to_a_file = Terminals { stdout: None, stderr: Some(100) };
        let settings = settings(&[("TERM", "xterm"), ("GITHUB_ACTIONS", "")], to_a_file);
        assert!(settings.colour && settings.live && !settings.github);
        assert!(!settings.data_colour && settings.data_columns.is_none());
    }
}
