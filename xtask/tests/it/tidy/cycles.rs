//! Which module uses which, for modules that stand beside each other.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::{check, checkout, texts};

/// A module's path in its crate: `["cmd", "test", "report"]`, and nothing for the crate itself.
type Module = Vec<String>;

/// Modules that stand beside each other, files or folders, depend on each other in one direction only.
///
/// A module uses the one that defines a name, so a name that the module above only passes on (`pub use child::Name`) counts as the child's.
/// Below a folder, each file counts as part of the folder: `cmd/test/report.rs` that uses `cmd::run` is `test` that uses `run`.
/// A child may use what the module above it defines, although that uses the child: a parent holds what its children share.
/// Tests use whatever they need.
#[test]
fn modules_beside_each_other_form_no_cycle() {
    let manifest: toml::Table = fs_err::read_to_string(checkout().join("Cargo.toml")).unwrap().parse().unwrap();
    let members = manifest["workspace"]["members"].as_array().unwrap();
    let (mut wrong, mut modules) = (Vec::new(), 0);
    for member in members.iter().map(|member| member.as_str().unwrap()) {
        let source = format!("{member}/src");
        let sources = Sources::read(&texts(&source, "rs"), Utf8Path::new(&source));
        modules += sources.modules.len();
        for (folder, uses) in sources.siblings() {
            let place = std::iter::once(source.as_str()).chain(folder.iter().map(String::as_str)).collect::<Vec<_>>();
            let place = place.join("/");
            wrong.extend(cycles(uses).into_iter().map(|cycle| format!("{place}: {cycle}")));
        }
    }
    assert!(modules > 100, "only {modules} modules were found");
    check(wrong, "modules beside each other depend on each other in one direction only");
}

/// All modules of a crate, by path, with the code that is not for tests.
struct Sources {
    modules: BTreeMap<Module, Vec<Token>>,
}

impl Sources {
    fn read(texts: &BTreeMap<Utf8PathBuf, String>, source: &Utf8Path) -> Self {
        let mut modules = BTreeMap::new();
        for (file, text) in texts {
            let inside = file.strip_prefix(source).unwrap().with_extension("");
            let mut module: Module = inside.components().map(|part| part.as_str().to_owned()).collect();
            let last = module.last().unwrap().clone();
            if module.iter().any(|part| part == "tests")
                || (inside == "main" && texts.contains_key(&source.join("lib.rs")))
            {
                continue;
            }
            if last == "mod" || ["lib", "main"].contains(&inside.as_str()) {
                module.pop();
            }
            modules.insert(module, tokens(text.split("#[cfg(test)]\nmod tests {").next().unwrap()));
        }
        Self { modules }
    }

    /// For each folder, which of the modules in it uses which.
    fn siblings(&self) -> BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> {
        let mut siblings: BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for (module, tokens) in &self.modules {
            for path in paths(tokens) {
                let Some(used) = self.absolute(module, &path).map(|path| self.definer(path, 0)) else { continue };
                let common = module.iter().zip(&used).take_while(|(a, b)| a == b).count();
                if let (Some(own), Some(other)) = (module.get(common), used.get(common)) {
                    let folder = siblings.entry(module[..common].to_vec()).or_default();
                    folder.entry(own.clone()).or_default().insert(other.clone());
                }
            }
        }
        siblings
    }

    /// A path that a module writes, from the crate on; `None` for another crate's.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<Module> {
        let supers = path.iter().take_while(|part| *part == "super").count();
        match path.first()?.as_str() {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([module, &path[1..]].concat()),
            "super" => Some([&module[..module.len().checked_sub(supers)?], &path[supers..]].concat()),
            child => {
                let inside = [module, &[child.to_owned()]].concat();
                self.modules.contains_key(&inside).then(|| [module, path].concat())
            }
        }
    }

    /// The module that defines what a path names: names that a module passes on are followed.
    fn definer(&self, path: Module, depth: usize) -> Module {
        let mut length = 0;
        while length < path.len() && self.modules.contains_key(&path[..=length]) {
            length += 1;
        }
        let module = &path[..length];
        let (Some(name), Some(tokens)) = (path.get(length), self.modules.get(module)) else { return module.to_vec() };
        let passed_on = paths(tokens).into_iter().find(|imported| imported.len() > 1 && imported.last() == Some(name));
        match passed_on.and_then(|imported| self.absolute(module, &imported)) {
            Some(next) if next != path && depth < 8 => self.definer(next, depth + 1),
            _ => module.to_vec(),
        }
    }
}

/// The groups of modules each of which needs all others of its group.
fn cycles(uses: BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let reach = |from: &String| {
        let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(next) = open.pop() {
            open.extend(uses.get(next).into_iter().flatten().filter(|used| reached.insert((*used).clone())));
        }
        reached
    };
    let reached: BTreeMap<&String, BTreeSet<String>> = uses.keys().map(|name| (name, reach(name))).collect();
    let mut cycles = BTreeSet::new();
    for (name, reaches) in reached.iter().filter(|(name, reaches)| reaches.contains(**name)) {
        let group: Vec<&str> = reaches
            .iter()
            .filter(|other| reached.get(other).is_some_and(|back| back.contains(*name)))
            .map(String::as_str)
            .collect();
        cycles.insert(group.join(", "));
    }
    cycles.into_iter().collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Name(String),
    /// `::`
    Separator,
    Sign(char),
}

/// The words and signs of Rust code. What comments and texts contain is left out.
fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let length = if word > 0 {
            tokens.push(Token::Name(rest[..word].to_owned()));
            word
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            tokens.push(Token::Separator);
            2
        } else if first == '"' {
            text_length(rest)
        } else if rest.starts_with("'\"'") {
            3
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Sign(first));
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// The length of a text with its quotes.
fn text_length(code: &str) -> usize {
    let mut escaped = false;
    for (index, c) in code.char_indices().skip(1) {
        if c == '"' && !escaped {
            return index + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    code.len()
}

/// All paths of more than one name, with the braces of `use` resolved: `use a::{b, c::d}` has `a::b` and `a::c::d`.
fn paths(tokens: &[Token]) -> Vec<Module> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        match (&tokens[at], tokens.get(at + 1)) {
            (Token::Name(_), Some(Token::Separator)) => at = path(tokens, at, &[], &mut found),
            _ => at += 1,
        }
    }
    found
}

/// Reads one path, or one branch of it, and says where it ends.
fn path(tokens: &[Token], mut at: usize, before: &[String], found: &mut Vec<Module>) -> usize {
    let mut names = before.to_vec();
    loop {
        match tokens.get(at) {
            Some(Token::Name(name)) => {
                names.push(name.clone());
                at += 1;
            }
            Some(Token::Sign('{')) => {
                at += 1;
                while !matches!(tokens.get(at), None | Some(Token::Sign('}'))) {
                    match &tokens[at] {
                        Token::Sign(_) => at += 1,
                        _ => at = path(tokens, at, &names, found),
                    }
                }
                return at + 1;
            }
            _ => break,
        }
        match tokens.get(at) {
            Some(Token::Separator) => at += 1,
            // `use a::b as c` gives it the name `c`, which no path in this workspace relies on.
            _ => break,
        }
    }
    if names.last().is_some_and(|name| name == "self") && names.len() > 1 {
        names.pop();
    }
    found.push(names);
    at
}

#[test]
fn a_cycle_through_a_name_that_is_passed_on_is_found() {
    let files = [
        ("src/lib.rs", "mod above; mod low;"),
        ("src/above/mod.rs", "mod a; mod b; mod c; pub use b::{Passed, other::On as Renamed}; pub struct Own;"),
        // Neither the parent's own names nor those in comments, texts and tests are uses of a sibling.
        ("src/above/a.rs", "use super::{Own, Passed}; // super::c\nconst T: &str = \"super::c \\\" super::c\";"),
        (
            "src/above/b.rs",
            "fn f() { crate::above::c::f::<super::Own>() }\n#[cfg(test)]\nmod tests { use super::super::a; }",
        ),
        ("src/above/c/mod.rs", "mod deep;"),
        ("src/above/c/deep.rs", "use super::super::{a::{self, X}, Own}; use crate::low;"),
        ("src/low.rs", "use std::{fmt, io::{self, Read}};"),
    ];
    let texts = files.map(|(file, text)| (Utf8PathBuf::from(file), text.to_owned())).into();
    let siblings = Sources::read(&texts, Utf8Path::new("src")).siblings();
    let shown: Vec<String> = siblings.iter().map(|(folder, uses)| format!("{folder:?} {uses:?}")).collect();
    assert_eq!(shown, [r#"[] {"above": {"low"}}"#, r#"["above"] {"a": {"b"}, "b": {"c"}, "c": {"a"}}"#,]);
    assert_eq!(siblings.values().flat_map(|uses| cycles(uses.clone())).collect::<Vec<_>>(), ["a, b, c"]);
}
