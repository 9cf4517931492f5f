//! Thinks about a whole run of CPython's regression tests. Pure.
//!
//! How one file is run is told in `tester`; the words for what comes of it, in `regrtest`.

pub mod judge;
