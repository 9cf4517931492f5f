//! Text helpers: sizes, durations, tables, colors, and cleaning of untrusted lines. Pure.

use std::time::Duration;

use console::{measure_text_width, strip_ansi_codes, truncate_str};

/// A size in decimal units: 1 kB is 1000 bytes.
pub fn size(bytes: u64) -> String {
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64;
    let mut unit = "B";
    for larger in ["kB", "MB", "GB", "TB"] {
        // Round before comparing, so that 999 950 bytes are 1.0 MB and not 1000.0 kB.
        if (value * 10.0).round() < 10_000.0 {
            break;
        }
        value /= 1000.0;
        unit = larger;
    }
    format!("{value:.1} {unit}")
}

/// A measured duration: with tenths of a second below one minute (`59.2 s`), else as [`rough`].
pub fn duration(duration: Duration) -> String {
    let tenths = (duration.as_secs_f64() * 10.0).round() as u64;
    if tenths < 600 { format!("{}.{} s", tenths / 10, tenths % 10) } else { rough(duration) }
}

/// An estimated duration, in whole seconds and at least one: `38 s`, `1 min 40 s`, `2 h 5 min`.
pub fn rough(duration: Duration) -> String {
    let seconds = (duration.as_secs_f64().round() as u64).max(1);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600.. => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A duration from seconds; `None` for invalid values (negative, not a number, too large).
pub fn from_seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

/// Cleans a line of a command's output: keeps what a terminal would show last, without escape codes and control characters.
pub fn clean(line: &str) -> String {
    let line = line.trim_end();
    let shown_last = line.rsplit('\r').next().unwrap_or(line);
    strip_ansi_codes(shown_last).replace('\t', " ").chars().filter(|char| !char.is_control()).collect()
}

/// Truncates a line to a number of columns, with an ellipsis.
pub fn fit(line: &str, columns: usize) -> String {
    truncate_str(line, columns, "…").into_owned()
}

/// Pads a text with spaces to a number of columns.
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(measure_text_width(text))))
}

/// A table with aligned columns under a heading, one row per line.
///
/// If `columns` is given, the last column is wrapped to fit; nothing is truncated.
pub fn table<'a>(heading: impl AsRef<[&'a str]>, rows: &[impl AsRef<[String]>], columns: Option<usize>) -> String {
    const NARROWEST: usize = 16;
    const GAP: usize = 2;
    let heading: Vec<String> = heading.as_ref().iter().map(|title| (*title).to_owned()).collect();
    let all = || std::iter::once(heading.as_slice()).chain(rows.iter().map(AsRef::as_ref));
    let widths: Vec<usize> =
        (0..heading.len()).map(|column| all().map(|row| measure_text_width(&row[column])).max().unwrap_or(0)).collect();
    let indent: usize = widths.iter().rev().skip(1).map(|width| width + GAP).sum();
    let room = columns.map_or(usize::MAX, |columns| columns.saturating_sub(indent).max(NARROWEST));

    let mut text = String::new();
    for row in all() {
        let Some((last, cells)) = row.split_last() else { continue };
        let mut line: String = cells.iter().zip(&widths).map(|(cell, width)| pad(cell, width + GAP)).collect();
        let mut filled = 0;
        for word in last.split(' ') {
            let width = measure_text_width(word);
            if filled > 0 && filled + 1 + width > room {
                text.push_str(line.trim_end());
                text.push('\n');
                line = " ".repeat(indent);
                filled = 0;
            } else if filled > 0 {
                line.push(' ');
                filled += 1;
            }
            line.push_str(word);
            filled += width;
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Colors, if they are enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    pub colour: bool,
}

impl Style {
    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub fn red(self, text: &str) -> String {
        self.paint("31", text)
    }

    pub fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    pub fn yellow(self, text: &str) -> String {
        self.paint("33", text)
    }

    pub fn cyan(self, text: &str) -> String {
        self.paint("36", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (23_212_345, "23.2 MB"),
            (1_500_000_000, "1.5 GB"),
            (2_000_000_000_000_000, "2000.0 TB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
    }

    #[test]
    fn durations() {
        for (seconds, measured, expected) in [
            (0.0, "0.0 s", "1 s"),
            (0.44, "0.4 s", "1 s"),
            (59.2, "59.2 s", "59 s"),
            (59.94, "59.9 s", "1 min 0 s"),
            (59.97, "1 min 0 s", "1 min 0 s"),
            (100.4, "1 min 40 s", "1 min 40 s"),
            (3599.7, "1 h 0 min", "1 h 0 min"),
            (7530.0, "2 h 5 min", "2 h 5 min"),
        ] {
            let given = Duration::from_secs_f64(seconds);
            assert_eq!((duration(given).as_str(), rough(given).as_str()), (measured, expected), "{seconds}");
        }
        assert_eq!(from_seconds(-1.0), None);
        assert_eq!(from_seconds(f64::NAN), None);
    }

    #[test]
    fn lines_of_commands_are_cleaned() {
        for (line, expected) in [
            ("checking for gcc... yes\n", "checking for gcc... yes"),
            ("\x1b[1;32mok\x1b[0m\tdone", "ok done"),
            (" 10%\r 55%\r100%", "100%"),
            ("100%\r\n", "100%"),
            ("bell\x07 and \x08back\u{9b}2J", "bell and back"),
        ] {
            assert_eq!(clean(line), expected, "{line:?}");
        }
    }

    #[test]
    fn truncating_and_padding_count_columns() {
        assert_eq!(fit("Objects/longobject.c", 20), "Objects/longobject.c");
        assert_eq!(fit("Objects/longobject.c", 10), "Objects/l…");
        assert_eq!(fit("日本語の行", 6), "日本…");
        assert_eq!(pad("日本", 6), "日本  ");
    }

    #[test]
    fn tables_align_and_wrap_their_last_column() {
        let rows = [
            ["make".to_owned(), "4.4.1".to_owned(), "found".to_owned()],
            [
                "日本".to_owned(),
                Style { colour: true }.red("none"),
                "not found: install the package `clang`".to_owned(),
            ],
        ];
        let heading = ["tool", "version", "what to do"];
        insta::assert_snapshot!(table(heading, &rows, None).replace('\x1b', "ESC"), @"
        tool  version  what to do
        make  4.4.1    found
        日本  ESC[31mnoneESC[0m     not found: install the package `clang`
        ");
        insta::assert_snapshot!(table(heading, &rows, Some(34)).replace('\x1b', "ESC"), @"
        tool  version  what to do
        make  4.4.1    found
        日本  ESC[31mnoneESC[0m     not found: install
                       the package `clang`
        ");
        assert_eq!(table(["a"], &[] as &[[String; 1]], Some(10)), "a\n");
    }
}
