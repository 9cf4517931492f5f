//! The machine that builds: its processes, its files, its signals.
//!
//! The only module that starts processes; no shell is ever asked to. It knows nothing about CPython, prints nothing and reads no environment variable.

pub mod command;
pub mod fs;
pub mod machine;
pub mod memory;
pub mod run;
pub mod server;
pub mod signals;

mod leash;
mod lines;
mod locate;
mod replace;
mod supervise;

pub use command::Command;
pub use replace::replace;
pub use run::{Captured, CommandError, Failure, Finished, interactive, output, run};
pub use server::Server;
