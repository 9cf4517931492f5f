//! The most informative line of a text: for a Python traceback, the exception. Pure.

/// The most informative line of a reason: the exception of the last traceback, otherwise the first non-empty line.
///
/// An exception's message can have many lines; this is the first.
pub fn summary_line(text: &str) -> &str {
    let traceback = text.rfind("Traceback (most recent call last):").map(|start| &text[start..]);
    let exception = traceback.and_then(|traceback| traceback.lines().skip(1).find(|line| starts_at_the_margin(line)));
    exception.or_else(|| text.lines().find(|line| !line.trim().is_empty())).unwrap_or_default().trim()
}

/// The exception's class, such as `AssertionError` or `test.support.TestFailed`, if a summary line starts with one.
pub fn exception_class(summary_line: &str) -> Option<&str> {
    let class = summary_line.split(':').next()?;
    let is_dotted_name = class.split('.').all(|part| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    });
    let last = class.rsplit('.').next()?;
    // A sentence may also start with a word and a colon; by convention, class names start with a capital letter.
    (is_dotted_name && last.starts_with(char::is_uppercase)).then_some(class)
}

fn starts_at_the_margin(line: &str) -> bool {
    !line.is_empty() && !line.starts_with(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAINED: &str = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    g()\nKeyError: 'x'\n\n\
        During handling of the above exception, another exception occurred:\n\n\
        Traceback (most recent call last):\n  File \"a.py\", line 3, in test_x\n    self.assertEqual(a, b)\n    ~~~~^^^\n\
        AssertionError: 'a\\n' != 'b\\n'\n- a\n+ b\n";

    #[test]
    fn the_last_exception_is_the_summary_line() {
        for (text, expected, class) in [
            (CHAINED, "AssertionError: 'a\\n' != 'b\\n'", Some("AssertionError")),
            (
                "Traceback (most recent call last):\n  File \"a\"\nKeyboardInterrupt\n",
                "KeyboardInterrupt",
                Some("KeyboardInterrupt"),
            ),
            ("Traceback (most recent call last):\n  File \"a\", line 1\n", "Traceback (most recent call last):", None),
            ("\n\nno working sockets\nmore", "no working sockets", None),
            ("test.support.TestFailed: 3", "test.support.TestFailed: 3", Some("test.support.TestFailed")),
            ("wasm trap: unreachable", "wasm trap: unreachable", None),
            ("requires: x", "requires: x", None),
            (": x", ": x", None),
            ("", "", None),
        ] {
            assert_eq!((summary_line(text), exception_class(summary_line(text))), (expected, class), "{text:?}");
        }
    }
}
