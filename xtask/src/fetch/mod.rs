//! Placeholder, replaced before the first build.
