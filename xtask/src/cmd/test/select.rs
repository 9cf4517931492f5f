//! Selects test files by name. Pure.

use anyhow::Result;

use crate::cmd::usage;
use crate::digest::Sha256;
use crate::suggest;

/// The files that match the names, in the order of `all`; all files if there are no names. A name is a file, or a package of files such as `test_asyncio`.
pub fn select(all: &[String], names: &[String]) -> Result<Vec<String>> {
    if names.is_empty() {
        return Ok(all.to_vec());
    }
    let mut unknown = Vec::new();
    for name in names {
        if !all.iter().any(|file| matches(file, name)) {
            // There are hundreds of files: only the most similar name is shown.
            let near = suggest::nearest(without_package(name), all.iter().map(|file| without_package(file)));
            let hint = near.map(|near| format!("\nhint: did you mean `{near}`?")).unwrap_or_default();
            unknown.push(format!("unknown test `{name}`{hint}"));
        }
    }
    if !unknown.is_empty() {
        return Err(usage(format!("{}\nhint: `--list-tests` lists all tests", unknown.join("\n"))));
    }
    Ok(all.iter().filter(|file| names.iter().any(|name| matches(file, name))).cloned().collect())
}

/// Whether a name matches a file. `test.test_asyncio.test_events` is also called `test_asyncio.test_events`.
fn matches(file: &str, name: &str) -> bool {
    let name = name.strip_suffix(".py").unwrap_or(name);
    let (file, name) = (without_package(file), without_package(name));
    file == name || file.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
}

fn without_package(name: &str) -> &str {
    name.strip_prefix("test.").unwrap_or(name)
}

/// The files in an order that depends only on the seed.
pub fn shuffle(mut files: Vec<String>, seed: u32) -> Vec<String> {
    files.sort_by_cached_key(|file| Sha256::of(format!("{seed} {file}").as_bytes()));
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<String> {
        ["test.test_asyncio.test_events", "test.test_asyncio.test_locks", "test_ast", "test_os"]
            .map(str::to_owned)
            .into()
    }

    #[test]
    fn names_select_files_and_packages() {
        let selected = |names: &[&str]| {
            select(&all(), &names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap().join(" ")
        };
        assert_eq!(selected(&["test_os"]), "test_os");
        assert_eq!(selected(&["test_os.py", "test_ast"]), "test_ast test_os");
        assert_eq!(selected(&["test_asyncio"]), "test.test_asyncio.test_events test.test_asyncio.test_locks");
        assert_eq!(selected(&["test_asyncio.test_locks"]), "test.test_asyncio.test_locks");
        assert_eq!(selected(&["test.test_asyncio.test_locks"]), "test.test_asyncio.test_locks");
        assert_eq!(selected(&[]), all().join(" "));
    }

    #[test]
    fn an_unknown_name_has_a_suggestion() {
        let error = select(&all(), &["test_so".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("`test_so`") && error.contains("test_os"), "{error}");
    }

    #[test]
    fn a_seed_always_gives_the_same_order() {
        assert_eq!(shuffle(all(), 1), shuffle(all(), 1));
        assert!((0..9).any(|seed| shuffle(all(), seed) != all()));
    }
}
