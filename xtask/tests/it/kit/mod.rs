//! What several test modules use. Nothing in it knows what is tested.

pub mod authority;
pub mod server;
