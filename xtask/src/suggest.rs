//! Suggestions for mistyped names.

/// The candidate most similar to `given`, if any is similar enough.
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(given, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(4))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The candidates that could have been meant, the nearest first: for lists that are too long to be printed whole.
pub fn near<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    const MOST: usize = 3;
    let plain = given.trim_matches('_');
    let mut near: Vec<(usize, &str)> = candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(plain, candidate.trim_matches('_')), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(4))
        .collect();
    near.sort_unstable();
    near.truncate(MOST);
    near.into_iter().map(|(_, candidate)| candidate).collect()
}

/// "valid KINDs: a, b, c; did you mean `b`?": the end of errors about unknown names.
pub fn valid_names(kind: &str, given: &str, candidates: &[&str]) -> String {
    let list = candidates.join(", ");
    match nearest(given, candidates.iter().copied()) {
        Some(near) => format!("valid {kind}: {list}; did you mean `{near}`?"),
        None => format!("valid {kind}: {list}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_come_first_and_underscores_do_not_count() {
        let names = ["_bz2", "zlib", "_lzma", "zoneinfo", "_zlibx"];
        assert_eq!(near("zlb", names), ["zlib", "_zlibx"]);
        assert_eq!(near("bz2", names), ["_bz2"]);
        assert_eq!(near("zlib", names), ["zlib", "_zlibx"]);
        assert_eq!(near("tensorflow", names), [""; 0]);
    }

    #[test]
    fn a_similar_name_is_suggested() {
        assert_eq!(nearest("wsai", ["wasi", "emscripten-node"]), Some("wasi"));
        assert_eq!(nearest("windows", ["wasi", "emscripten-node"]), None);
        assert_eq!(nearest("3.9", ["3.11", "3.13"]), None);
        assert_eq!(valid_names("hosts", "wasj", &["wasi"]), "valid hosts: wasi; did you mean `wasi`?");
    }
}
