//! A whole run of CPython's regression tests: the schedule, the results, the comparison with expectations, and reports. Pure.
//!
//! `tester` runs a file, and `regrtest` defines its outcomes.

pub mod differences;
pub mod judge;
pub mod junit;
pub mod results;
pub mod schedule;
pub mod summary;
