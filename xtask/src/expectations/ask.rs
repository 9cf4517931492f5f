//! The dialog that asks the user for the reasons of new failures. Callers read the answers.

use super::{NewFailure, Reason};
use crate::regrtest::summary_line::summary_line;

/// Asks for one reason after another, and offers the previous answer: failures often have the same cause.
pub struct Reasons<A> {
    /// Asks a question and returns the answer; `None` if the user ended the input.
    ask: A,
    last: Option<Reason>,
    is_over: bool,
}

impl<A: FnMut(&str) -> Option<String>> Reasons<A> {
    pub fn new(ask: A) -> Self {
        Self { ask, last: None, is_over: false }
    }

    /// The user's reason for a failure; `None` if there is none or the user ended the questions.
    pub fn ask_for(&mut self, failure: &NewFailure) -> Option<Reason> {
        let what = failure.case.as_ref().unwrap_or(&failure.file);
        let mut question = format!("{what}: {}\n", summary_line(&failure.text));
        while !self.is_over {
            question += match self.last {
                None => "why is this failure expected? (one line; Ctrl-D stops asking)",
                Some(_) => "why is this failure expected? (one line; empty: the previous reason; Ctrl-D stops asking)",
            };
            let Some(text) = self.answer(&question) else { break };
            if text.is_empty() && self.last.is_some() {
                return self.last.clone();
            }
            match Reason::new(&text, None) {
                Ok(_) => return self.with_issue(&text),
                Err(error) => question = format!("{error}\n"),
            }
        }
        None
    }

    fn with_issue(&mut self, text: &str) -> Option<Reason> {
        let mut question = String::new();
        while !self.is_over {
            question += "URL of an issue about it? (empty: none)";
            let Some(issue) = self.answer(&question) else { break };
            match Reason::new(text, Some(issue.as_str()).filter(|issue| !issue.is_empty())) {
                Ok(reason) => {
                    self.last = Some(reason.clone());
                    return Some(reason);
                }
                Err(error) => question = format!("{error}\n"),
            }
        }
        None
    }

    fn answer(&mut self, question: &str) -> Option<String> {
        let answer = (self.ask)(question).map(|line| line.trim().to_owned());
        self.is_over = answer.is_none();
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regrtest::FileOutcome;

    fn failure(case: &str) -> NewFailure {
        let text = "Traceback (most recent call last):\n  File\nAssertionError: 1 != 2\n".to_owned();
        NewFailure { file: "test_a".to_owned(), case: Some(case.to_owned()), outcome: FileOutcome::Failed, text }
    }

    fn conversation(answers: &[&str], cases: &[&str]) -> (String, Vec<Option<Reason>>) {
        let mut answers = answers.iter();
        let mut transcript = String::new();
        let mut reasons = Reasons::new(|question: &str| {
            transcript += &format!("{question}\n> ");
            let answer = answers.next().map(|answer| (*answer).to_owned());
            transcript += &format!("{}\n", answer.as_deref().unwrap_or("^D"));
            answer
        });
        let given = cases.iter().map(|case| reasons.ask_for(&failure(case))).collect();
        (transcript, given)
    }

    #[test]
    fn invalid_answers_are_asked_again_and_an_empty_one_repeats_the_previous() {
        let (transcript, given) =
            conversation(&["", "no network", "nonsense", "https://example.org/1", ""], &["A.a", "A.b", "A.c"]);
        let no_network = Some(Reason::new("no network", Some("https://example.org/1")).unwrap());
        assert_eq!(given, [no_network.clone(), no_network, None]);
        insta::assert_snapshot!(transcript, @"
        A.a: AssertionError: 1 != 2
        why is this failure expected? (one line; Ctrl-D stops asking)
        > 
        the reason is empty
        why is this failure expected? (one line; Ctrl-D stops asking)
        > no network
        URL of an issue about it? (empty: none)
        > nonsense
        `nonsense` is not the URL of an issue
        URL of an issue about it? (empty: none)
        > https://example.org/1
        A.b: AssertionError: 1 != 2
        why is this failure expected? (one line; empty: the previous reason; Ctrl-D stops asking)
        > 
        A.c: AssertionError: 1 != 2
        why is this failure expected? (one line; empty: the previous reason; Ctrl-D stops asking)
        > ^D
        ");
    }

    #[test]
    fn the_issue_is_optional() {
        let (_, given) = conversation(&["no network", ""], &["A.a"]);
        assert_eq!(given, [Some(Reason::new("no network", None).unwrap())]);
        let (_, given) = conversation(&["no network"], &["A.a", "A.b"]);
        assert_eq!(given, [None, None]);
    }
}
