//! What several test modules use, and the tests of the package `bench`. Nothing in it knows what is tested.

pub mod archives;
pub mod authority;
pub mod emscripten;
pub mod invocation;
pub mod sandbox;
pub mod server;
pub mod wheels;
