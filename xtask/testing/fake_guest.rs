//! A guest that runs tests, as far as its host can tell: it reads the driver's request and writes the driver's journal.
//!
//! A file says what it does with each test file, with lines such as `test_a pass`. No Python runs.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::process::exit;
use std::time::Duration;

use serde_json::{Value, json};

/// Plays what the request in the guest's root folder asks for. `args` are those of a runner.
pub fn play(plays: &str, args: &[String]) -> io::Result<()> {
    let root = args.iter().find_map(|arg| arg.strip_suffix("::/")).expect("a guest has a root");
    let request: Value = serde_json::from_str(&fs::read_to_string(format!("{root}/request.json"))?)?;
    let mut journal = OpenOptions::new().create(true).append(true).open(format!("{root}/journal.jsonl"))?;
    let mut tell = |record: Value| writeln!(journal, "{}{record}", request["key"].as_str().expect("a text"));
    let plays = fs::read_to_string(plays)?;
    let plays = plays.lines().map(|line| line.split_once(' ').expect("a file and what it does"));
    let words: Vec<&str> = request["arguments"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if words.contains(&"--list-tests") {
        for (file, _) in plays {
            writeln!(io::stdout(), "{file}")?;
        }
        return tell(json!({ "exit": 0 }));
    }
    let file = *words.last().expect("a file");
    let (_, what) = plays.into_iter().find(|(name, _)| *name == file).expect("a file that was listed");
    let cases = ["test_x", "test_y"].map(|case| format!("test.{file}.Tests.{case}"));
    if what == "skip" {
        writeln!(io::stdout(), "{file} skipped -- no sockets")?;
        tell(json!({ "file": file, "state": "SKIPPED", "stats": null }))?;
        return tell(json!({ "exit": 0 }));
    }
    tell(json!({ "suite": cases }))?;
    for case in &cases {
        tell(json!({ "start": case }))?;
        let (outcome, text) = match what {
            "fail" if case == &cases[1] => {
                ("failure", "Traceback (most recent call last):\n  …\nAssertionError: 1 != 2\n")
            }
            "trap" if case == &cases[1] => {
                writeln!(io::stderr(), "host-runner: the guest trapped: wasm trap: unreachable")?;
                exit(134);
            }
            "leave" => exit(0),
            "hang" => loop {
                std::thread::sleep(Duration::from_secs(1000));
            },
            _ => ("passed", ""),
        };
        tell(json!({ "case": case, "outcome": outcome, "text": text, "skipped_subtests": 0, "seconds": 0.1 }))?;
    }
    let (state, code) = if what == "fail" { ("FAILED", 2) } else { ("PASSED", 0) };
    let stats = json!({ "tests_run": 2, "failures": u8::from(what == "fail"), "skipped": 0 });
    tell(json!({ "file": file, "state": state, "stats": stats }))?;
    tell(json!({ "exit": code }))?;
    exit(code)
}
