//! What several test modules use. Nothing in it knows what is tested.

pub mod archives;
pub mod authority;
pub mod invocation;
pub mod sandbox;
pub mod server;
