//! Integration tests: one binary, one module per subject.

mod archive;
mod bench_run;
mod build;
mod cli;
mod emscripten;
mod expectations;
mod faults;
mod fetch;
mod keys;
mod kit;
mod patch_verb;
mod patches;
mod recipes;
mod regression_tests;
mod runners;
mod sys;
mod tidy;
mod ui;
