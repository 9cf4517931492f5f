//! The help that users read.

use std::fmt::Write as _;

use crate::bench;
use crate::kit::sandbox::Sandbox;

#[test]
fn every_verb_has_help() {
    let sandbox = Sandbox::new();
    let mut all = String::new();
    for verb in ["", "first-build", "build", "test", "run"] {
        let arguments: Vec<&str> = verb.split_whitespace().chain(["--help"]).collect();
        let output = bench(&sandbox, &arguments).succeed();
        writeln!(all, "$ cargo xtask bench {}\n{}\n", arguments.join(" "), output.stdout.trim_end()).unwrap();
    }
    insta::assert_snapshot!("help", all.trim_end());
}
