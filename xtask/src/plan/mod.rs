//! The plan: everything that will be done, as a value, computed before anything is done. Pure.
//!
//! `build`, `plan`, `--dry-run`, `explain` and the tests all read this value.
//! `builder` decides which stages there are and what each works on, `key` what makes a result reusable, `select` which
//! stages run, `render` how a plan is shown, `describe` what a stage does. How the work is done is in `stage`.

pub mod builder;
mod describe;
pub mod explain;
pub mod key;
mod prose;
pub mod render;
pub mod select;
mod stage;
mod work;

pub use builder::{Inputs, build, build_runner};
pub use stage::{Plan, Stage, StageId, StageSpec};
pub use work::*;

#[cfg(test)]
mod tests;
