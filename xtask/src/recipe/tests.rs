//! Tests of recipes: what is shipped parses, and each mistake is told well.
