//! The entry point: parses the command line and hands it to `cmd`.

use std::process::ExitCode;

use clap::Parser as _;
use xtask::cli::Cli;
use xtask::cmd;

fn main() -> ExitCode {
    cmd::main(Cli::parse())
}
