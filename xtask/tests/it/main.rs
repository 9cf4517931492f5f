//! Integration tests: one binary, one module per subject.

mod apt;
mod archive;
mod bench;
mod build;
mod cli;
mod configure_cache;
mod emscripten;
mod expectations;
mod faults;
mod fetch;
mod keys;
mod kit;
mod modules;
mod packages;
mod patch_verb;
mod patches;
mod recipes;
mod regression_tests;
mod runners;
mod status;
mod sys;
mod tidy;
mod ui;

// The programs that the kit runs. The tests of the package `bench` have others.
const XTASK: &[&str] = &[env!("CARGO_BIN_EXE_xtask")];
const FAKE_TOOL: &str = env!("CARGO_BIN_EXE_fake-tool");
