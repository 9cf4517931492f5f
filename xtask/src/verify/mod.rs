//! Compares results with the recipe.

pub mod modules;
pub mod paths;

/// Everything that is not as promised, at once: each line names a thing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the result differs from the recipe:\n{}\nhint: {hint}", .mismatches.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n"))]
pub struct Mismatches {
    pub mismatches: Vec<String>,
    pub hint: String,
}

/// Compares two lists that should be the same; each difference is a line that names `kind` and the thing.
pub fn compare<'a>(
    kind: &str,
    promised: impl IntoIterator<Item = &'a str>,
    found: impl IntoIterator<Item = &'a str>,
) -> Vec<String> {
    use std::collections::BTreeSet;
    let promised: BTreeSet<&str> = promised.into_iter().collect();
    let found: BTreeSet<&str> = found.into_iter().collect();
    let lost =
        promised.difference(&found).map(|name| format!("{kind} `{name}` is in the recipe but missing in the build"));
    let new = found.difference(&promised).map(|name| format!("{kind} `{name}` is in the build but not in the recipe"));
    lost.chain(new).collect()
}
