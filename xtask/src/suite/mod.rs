//! Thinks about a whole run of CPython's regression tests: which file runs when and where, what came of all, how that is written down and told. Pure.
//!
//! How one file is run is told in `tester`; the words for what comes of it, in `regrtest`.

pub mod differences;
pub mod judge;
pub mod junit;
pub mod results;
pub mod schedule;
pub mod summary;
