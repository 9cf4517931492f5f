//! Cross-builds CPython for WebAssembly.
//!
//! The modules are listed by floors, lowest first: each uses only its own floor and those below (the tidy test keeps that).
//! ARCHITECTURE.md explains how the parts fit together; `main.rs` is the entry point.

// Floor 0: vocabulary. Pure, no effects.
pub mod cancel;
pub mod diagnostic;
pub mod digest;
pub mod embedded;
pub mod name;
pub mod progress;
pub mod suggest;

// Floor 1: parsers, text in, values or diagnostics out.
pub mod expectations;
pub mod line_diff;
pub mod lock;
pub mod patch;
pub mod recipe;
pub mod regrtest;
pub mod wasm;

// Floor 2: pure thinking.
pub mod configure_cache;
pub mod event;
pub mod packages;
pub mod plan;
pub mod probe;
pub mod suite;

// Floor 3: effects, which know nothing about CPython.
pub mod archive;
pub mod dist;
pub mod fetch;
pub mod serve;
pub mod store;
pub mod sys;

// Floor 4: where tools come from, and whether results match the recipe.
pub mod provider;
pub mod verify;

// Floor 5: how each stage is done.
pub mod stage;

// Floor 6: runs the plan, the tests, and the probes.
pub mod engine;
pub mod status;
pub mod tester;

// Floor 7: the user.
pub mod app;
pub mod cli;
pub mod cmd;
pub mod failure;
pub mod pick;
pub mod ui;
