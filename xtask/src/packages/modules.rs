//! The modules that an installed package has, from the list of its files.

use std::collections::BTreeSet;

/// The topmost modules in a `RECORD`: what is imported of a package about which nothing else is known.
///
/// A folder without `__init__.py` is a namespace, which several packages share: what is in it counts.
pub fn top_level(record: &str) -> Vec<String> {
    let files = record.lines().filter_map(|line| line.split(',').next());
    let modules: BTreeSet<String> = files.filter_map(module).collect();
    let is_inside = |name: &str| {
        let parents = name.match_indices('.').map(|(end, _)| &name[..end]);
        parents.into_iter().any(|parent| modules.contains(parent))
    };
    modules.iter().filter(|name| !is_inside(name)).cloned().collect()
}

/// The module in a file: a package, or a module outside of all packages.
fn module(file: &str) -> Option<String> {
    let name =
        file.strip_suffix("/__init__.py").or_else(|| file.strip_suffix(".py").filter(|name| !name.contains('/')))?;
    let is_name = |part: &str| part.starts_with(|c: char| c.is_alphabetic() || c == '_') && !part.contains(['-', '.']);
    name.split('/').all(is_name).then(|| name.replace('/', "."))
}

/// A program that imports modules and does nothing else.
pub fn import_program(modules: &[String]) -> String {
    let imports: String = modules.iter().map(|module| format!("import {module}\n")).collect();
    format!("{imports}print(\"yes\")\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_topmost_modules_are_found() {
        let record = "a/__init__.py,sha256=x,1\na/b/__init__.py,,\na/c.py,,\nsix.py,,\nns/d/__init__.py,,\nns/d/e/__init__.py,,\n\
                      a-1.dist-info/RECORD,,\n../../bin/a,,\ndata/x.txt,,\n_f/__init__.py,,\n";
        assert_eq!(top_level(record), ["_f", "a", "ns.d", "six"]);
        assert_eq!(import_program(&top_level("six.py,,")), "import six\nprint(\"yes\")\n");
    }
}
