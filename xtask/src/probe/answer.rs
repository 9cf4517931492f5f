//! What a probe answered: from how its process ended, and what it printed. Pure.

use serde::{Deserialize, Serialize};

use super::Probe;
use crate::regrtest::classify::Ending;
use crate::regrtest::summary_line::{exception_class, summary_line};

/// The exit code of a runner whose guest trapped.
const TRAPPED: i32 = 134;

/// The exit code of the runners of this project when they fail themselves, for example because a browser does not start.
const RUNNER_FAILED: i32 = 125;

/// The longest evidence that is kept, in bytes. The middle of more is dropped.
const LONGEST: usize = 8 * 1024;

/// Whether a feature works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Yes,
    Partly,
    No,
    /// The interpreter ended in another way than the program meant to, or did not end.
    Crashed,
    /// The runner failed, so nothing is known.
    NotMeasured,
}

/// A cell of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Answer {
    pub verdict: Verdict,
    /// A value, what works, or the reason; may be empty.
    pub detail: String,
    /// What the program printed.
    pub evidence: String,
}

impl Verdict {
    pub const ALL: [Self; 5] = [Self::Yes, Self::Partly, Self::No, Self::Crashed, Self::NotMeasured];

    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partly => "partly",
            Self::No => "no",
            Self::Crashed => "crashed",
            Self::NotMeasured => "not measured",
        }
    }
}

impl Answer {
    /// The verdict with its detail.
    pub fn text(&self) -> String {
        let word = self.verdict.word();
        if self.detail.is_empty() { word.to_owned() } else { format!("{word}: {}", self.detail) }
    }
}

/// The answer of one run.
pub fn judge(probe: &Probe, ending: &Ending, output: &str) -> Answer {
    let (verdict, detail) = match ending {
        Ending::Exited(code) if *code == probe.exit_code => match output.lines().rev().find_map(read) {
            Some((verdict, detail)) => (verdict, detail.to_owned()),
            None => (Verdict::Crashed, "it ended without an answer".to_owned()),
        },
        Ending::Exited(RUNNER_FAILED) => (Verdict::NotMeasured, last_line(output).to_owned()),
        Ending::Exited(code) => match exception(output) {
            Some(exception) => (Verdict::No, exception),
            // A shell between the runner and us reports it so.
            None if (129..160).contains(code) && *code != TRAPPED => {
                (Verdict::Crashed, format!("killed by signal {}", code - 128))
            }
            None if *code == TRAPPED => (Verdict::Crashed, format!("trapped: {}", trap(output))),
            None => (Verdict::Crashed, format!("exit code {code}: {}", last_line(output))),
        },
        Ending::Signalled(signal) => (Verdict::Crashed, format!("killed by signal {signal}")),
        Ending::TimedOut(limit) => (Verdict::Crashed, format!("did not end within {} s", limit.as_secs())),
        Ending::Flooded(limit) => (Verdict::Crashed, format!("printed more than {} MB", limit >> 20)),
        Ending::RunnerFailed(message) => (Verdict::NotMeasured, message.clone()),
    };
    Answer { verdict, detail, evidence: shorten(output) }
}

/// The answer of two runs, whose `value:` lines must differ.
pub fn compare(one: Answer, other: &Answer, reason: &str) -> Answer {
    let values = |answer: &Answer| -> Vec<String> {
        answer.evidence.lines().filter(|line| line.starts_with("value:")).map(str::to_owned).collect()
    };
    let both_yes = one.verdict == Verdict::Yes && other.verdict == Verdict::Yes;
    match both_yes && values(&one) == values(other) {
        true => Answer { verdict: Verdict::No, detail: reason.to_owned(), ..one },
        false => one,
    }
}

/// `yes`, `yes: VALUE`, `partly: WHAT` or `no: REASON`.
fn read(line: &str) -> Option<(Verdict, &str)> {
    let (word, detail) = line.split_once(": ").unwrap_or((line.trim_end(), ""));
    let verdict = match (word, detail.is_empty()) {
        ("yes", _) => Verdict::Yes,
        ("partly", false) => Verdict::Partly,
        ("no", false) => Verdict::No,
        _ => return None,
    };
    Some((verdict, detail.trim()))
}

/// The exception with which the interpreter ended: the last line of the traceback.
fn exception(output: &str) -> Option<String> {
    let has_traceback = output.contains("Traceback (most recent call last):");
    // An error of syntax has no traceback.
    let line = if has_traceback { summary_line(output) } else { last_line(output) };
    let named = exception_class(line)?;
    if !has_traceback && !named.ends_with("Error") {
        return None;
    }
    Some(line.strip_prefix("AssertionError: ").unwrap_or(line).to_owned())
}

fn last_line(output: &str) -> &str {
    output.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no output")
}

/// The line that says why the guest trapped: after it, engines print a backtrace.
fn trap(output: &str) -> &str {
    let says_why = |line: &&str| line.contains("Error: ") || line.contains("trap");
    output.lines().rev().map(str::trim).find(says_why).unwrap_or_else(|| last_line(output))
}

fn shorten(output: &str) -> String {
    if output.len() <= LONGEST {
        return output.to_owned();
    }
    let head = output.floor_char_boundary(LONGEST / 2);
    let tail = output.ceil_char_boundary(output.len() - LONGEST / 2);
    format!("{}\n[{} bytes are not shown]\n{}", &output[..head], tail - head, &output[tail..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn probe(exit_code: i32) -> Probe {
        let text = String::new;
        Probe { name: text(), title: text(), program: text(), stdin: text(), exit_code, differs: None }
    }

    #[test]
    fn the_end_and_the_last_answer_count() {
        let traceback = "Traceback (most recent call last):\n  File \"probe.py\", line 1\n";
        for (ending, output, verdict, detail) in [
            (Ending::Exited(0), "a: 1\nyes\n", Verdict::Yes, ""),
            (Ending::Exited(0), "yes: 812 levels\nException ignored in: x\n", Verdict::Yes, "812 levels"),
            (Ending::Exited(0), "partly: only C\n", Verdict::Partly, "only C"),
            (Ending::Exited(0), "no: there is none\n", Verdict::No, "there is none"),
            (Ending::Exited(0), "no\nnothing\n", Verdict::Crashed, "it ended without an answer"),
            (Ending::Exited(1), &format!("{traceback}AssertionError: it was 3\n"), Verdict::No, "it was 3"),
            (Ending::Exited(1), &format!("{traceback}OSError: [Errno 58]\n"), Verdict::No, "OSError: [Errno 58]"),
            (Ending::Exited(1), "  File \"probe.py\"\nSyntaxError: invalid\n", Verdict::No, "SyntaxError: invalid"),
            (
                Ending::Exited(134),
                "before\nhost-runner: the guest trapped\n",
                Verdict::Crashed,
                "trapped: host-runner: the guest trapped",
            ),
            (
                Ending::Exited(134),
                "RuntimeError: unreachable\n    at wasm://1:2\n\n",
                Verdict::Crashed,
                "trapped: RuntimeError: unreachable",
            ),
            (
                Ending::Exited(125),
                "browser-runner: it does not start\n",
                Verdict::NotMeasured,
                "browser-runner: it does not start",
            ),
            (Ending::Exited(137), "yes\nKilled\n", Verdict::Crashed, "killed by signal 9"),
            (Ending::Exited(3), "yes\n", Verdict::Crashed, "exit code 3: yes"),
            (Ending::Signalled(9), "yes\n", Verdict::Crashed, "killed by signal 9"),
            (Ending::TimedOut(Duration::from_secs(20)), "", Verdict::Crashed, "did not end within 20 s"),
            (Ending::Flooded(4 << 20), "yes\nyes\n", Verdict::Crashed, "printed more than 4 MB"),
            (Ending::RunnerFailed("no node".to_owned()), "", Verdict::NotMeasured, "no node"),
        ] {
            let answer = judge(&probe(0), &ending, output);
            assert_eq!((answer.verdict, answer.detail.as_str()), (verdict, detail), "{output:?}");
        }
        assert_eq!(judge(&probe(7), &Ending::Exited(7), "yes\n").verdict, Verdict::Yes);
        assert_eq!(judge(&probe(7), &Ending::Exited(0), "yes\n").verdict, Verdict::Crashed);
    }

    #[test]
    fn equal_values_of_two_runs_are_a_no() {
        let answer = |value: &str| judge(&probe(0), &Ending::Exited(0), &format!("value: {value}\nyes\n"));
        assert_eq!(compare(answer("1"), &answer("2"), "the same").verdict, Verdict::Yes);
        let same = compare(answer("1"), &answer("1"), "the same");
        assert_eq!((same.verdict, same.detail.as_str()), (Verdict::No, "the same"));
    }

    #[test]
    fn a_flood_is_shortened_in_the_middle() {
        let flood = "é".repeat(100_000) + "\nyes\n";
        let answer = judge(&probe(0), &Ending::Exited(0), &flood);
        assert_eq!(answer.verdict, Verdict::Yes);
        assert!(answer.evidence.len() < LONGEST + 100 && answer.evidence.ends_with("yes\n"));
    }
}
