//! The programs that both sides run, and what they say. Pure.
//!
//! Each is a file of `programs/` with a function `work`, whose result is the same wherever it runs. `timing.py` times it.

use anyhow::{Context as _, Result, ensure};

/// A program, with what it is about.
pub struct Program {
    pub name: &'static str,
    work: &'static str,
}

/// Short programs, each about one thing: they are no measure of a whole application.
pub const PROGRAMS: [Program; 5] = [
    Program { name: "pidigits", work: include_str!("programs/pidigits.py") },
    Program { name: "containers", work: include_str!("programs/containers.py") },
    Program { name: "json", work: include_str!("programs/json_texts.py") },
    Program { name: "re", work: include_str!("programs/regular_expressions.py") },
    Program { name: "sha256", work: include_str!("programs/hashes.py") },
];

const TIMING: &str = include_str!("programs/timing.py");

impl Program {
    /// What its file is called. No module may have this name: Python looks for modules beside a program first.
    pub fn file(&self) -> String {
        format!("measured-{}.py", self.name)
    }

    /// What is run, as one file.
    pub fn text(&self) -> String {
        format!("{}\n\n{TIMING}", self.work)
    }
}

/// What a program reported.
#[derive(Debug, Clone, PartialEq)]
pub struct ProgramOutput {
    /// Of the fastest of its passes; the start of the interpreter is not in it.
    pub seconds: f64,
    pub result: String,
}

/// Reads what `timing.py` prints.
pub fn parse_output(output: &[String]) -> Result<ProgramOutput> {
    let line = output.iter().find_map(|line| line.strip_prefix("took ")).context("it did not print its time")?;
    let (seconds, result) = line.split_once(' ').context("it did not print its result")?;
    Ok(ProgramOutput { seconds: seconds.parse()?, result: result.to_owned() })
}

/// Both sides must have done the same.
pub fn agree(program: &str, theirs: &ProgramOutput, ours: &ProgramOutput) -> Result<()> {
    let (theirs, ours) = (&theirs.result, &ours.result);
    ensure!(theirs == ours, "{program} came to `{theirs}` with the baseline and to `{ours}` with this package");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn what_a_program_says_is_read() {
        let parsed = parse_output(&lines("something else\ntook 0.125 3 [1, 2]\n")).unwrap();
        assert_eq!(parsed, ProgramOutput { seconds: 0.125, result: "3 [1, 2]".to_owned() });
        assert!(parse_output(&lines("took 0.125")).is_err());
        assert!(parse_output(&lines("took a-while 3")).is_err());
        assert!(parse_output(&[]).unwrap_err().to_string().contains("its time"));
    }

    #[test]
    fn programs_that_come_to_different_results_are_not_compared() {
        let output = |result: &str| ProgramOutput { seconds: 1.0, result: result.to_owned() };
        agree("re", &output("1"), &output("1")).unwrap();
        let error = agree("re", &output("1"), &output("2")).unwrap_err().to_string();
        assert_eq!(error, "re came to `1` with the baseline and to `2` with this package");
    }

    #[test]
    fn every_program_has_what_is_timed() {
        for program in PROGRAMS {
            let text = program.text();
            assert_eq!(text.matches("\ndef work():\n").count(), 1, "{}", program.name);
            assert!(text.contains("work()\n"), "{}", program.name);
        }
    }
}
