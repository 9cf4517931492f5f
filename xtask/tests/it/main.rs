//! Integration tests: one binary, one module per subject.

mod fetch;
mod kit;
mod sys;
mod ui;
