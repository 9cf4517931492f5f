//! Asks the person at the terminal why what fails anew does so.

use crate::app::App;
use crate::expectations::{NewFailure, Reason};
use crate::regrtest::summary_line::summary_line;

/// Asks one question after the other, and keeps the last answer: failures come in groups.
pub struct Reasons<A> {
    /// Puts a question, and gives the answer; nothing when the person has no more of them.
    ask: A,
    last: Option<Reason>,
    is_over: bool,
}

impl Reasons<()> {
    /// Of whoever sits at the terminal; `None` where nobody does.
    pub fn of_person(app: &App) -> Option<Reasons<impl FnMut(&str) -> Option<String>>> {
        app.ui.can_ask().then(|| Reasons::new(|question: &str| app.ui.ask(question, &app.cancel)))
    }
}

impl<A: FnMut(&str) -> Option<String>> Reasons<A> {
    fn new(ask: A) -> Self {
        Self { ask, last: None, is_over: false }
    }

    /// Why that fails, as the person says it; nothing if the person does not say, or ended the questions.
    pub fn of(&mut self, failure: &NewFailure) -> Option<Reason> {
        let what = failure.case.as_ref().unwrap_or(&failure.file);
        let mut question = format!("{what}: {}\n", summary_line(&failure.text));
        while !self.is_over {
            question += match self.last {
                None => "why is that expected? (one line; Ctrl-D ends the questions)",
                Some(_) => "why is that expected? (one line; empty: as before; Ctrl-D ends the questions)",
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
            question += "the URL of an issue about it? (empty: none)";
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
        let mut heard = String::new();
        let mut reasons = Reasons::new(|question: &str| {
            heard += &format!("{question}\n> ");
            let answer = answers.next().map(|answer| (*answer).to_owned());
            heard += &format!("{}\n", answer.as_deref().unwrap_or("^D"));
            answer
        });
        let given = cases.iter().map(|case| reasons.of(&failure(case))).collect();
        (heard, given)
    }

    #[test]
    fn bad_answers_are_asked_for_again_and_an_empty_one_repeats_the_last() {
        let (heard, given) =
            conversation(&["", "no sun", "nonsense", "https://example.org/1", ""], &["A.a", "A.b", "A.c"]);
        let no_sun = Some(Reason::new("no sun", Some("https://example.org/1")).unwrap());
        assert_eq!(given, [no_sun.clone(), no_sun, None]);
        insta::assert_snapshot!(heard, @"
        A.a: AssertionError: 1 != 2
        why is that expected? (one line; Ctrl-D ends the questions)
        > 
        the reason is empty
        why is that expected? (one line; Ctrl-D ends the questions)
        > no sun
        the URL of an issue about it? (empty: none)
        > nonsense
        `nonsense` is not the URL of an issue
        the URL of an issue about it? (empty: none)
        > https://example.org/1
        A.b: AssertionError: 1 != 2
        why is that expected? (one line; empty: as before; Ctrl-D ends the questions)
        > 
        A.c: AssertionError: 1 != 2
        why is that expected? (one line; empty: as before; Ctrl-D ends the questions)
        > ^D
        ");
    }

    #[test]
    fn a_reason_needs_no_issue_and_its_question_can_be_left() {
        let (_, given) = conversation(&["no sun", ""], &["A.a"]);
        assert_eq!(given, [Some(Reason::new("no sun", None).unwrap())]);
        let (_, given) = conversation(&["no sun"], &["A.a", "A.b"]);
        assert_eq!(given, [None, None]);
    }
}
