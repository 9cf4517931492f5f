//! The parts of xtask's test kit that are used here too.

#![allow(dead_code, reason = "xtask's tests use the rest")]

#[path = "../../../xtask/tests/it/kit/archives.rs"]
pub mod archives;
#[path = "../../../xtask/tests/it/kit/emscripten.rs"]
pub mod emscripten;
#[path = "../../../xtask/tests/it/kit/invocation.rs"]
pub mod invocation;
#[path = "../../../xtask/tests/it/kit/sandbox.rs"]
pub mod sandbox;
