//! What the programs that run Pythons have in common. xtask and `bench` use some of it too.

pub mod arguments;
pub mod chromium;
pub mod failure;
pub mod http;
pub mod output;
pub mod requests;
