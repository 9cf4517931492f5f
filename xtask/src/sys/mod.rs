//! The build machine: processes, files, signals.
//!
//! The only module that starts processes, never through a shell.
//! It knows nothing about CPython, prints nothing and reads no environment variables.

pub mod command;
pub mod fs;
pub mod git;
pub mod machine;
pub mod memory;
pub mod run;
pub mod server;
pub mod signals;

mod failure;
mod leash;
mod lines;
mod locate;
mod replace;
mod supervise;

pub use command::Command;
pub use failure::{CommandError, Failure};
pub use replace::replace;
pub use run::{Captured, Finished, interactive, output, run, run_at_most};
pub use server::Server;
