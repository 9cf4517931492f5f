//! Whether an extension module that was compiled elsewhere finds all that it imports in a Python for Emscripten. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::wasm::linking::{Kind, Linking};

/// What Emscripten's loader itself gives to every module.
const BY_LOADER: [&str; 5] =
    ["memory", "__indirect_function_table", "__stack_pointer", "__memory_base", "__table_base"];

/// Where the functions of Emscripten's JavaScript are listed.
const JAVASCRIPT: &str = "wasmImports={";

/// What a Python offers to modules that it loads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offered {
    pub exports: BTreeMap<String, Kind>,
    /// The names of functions in JavaScript.
    pub javascript: BTreeSet<String>,
}

/// Where the imports of one extension module come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inspection {
    pub by_loader: usize,
    pub from_python: usize,
    pub from_javascript: usize,
    /// Symbols of its own, which another module may replace.
    pub its_own: usize,
    /// Functions that Python has with another type.
    pub mismatched: Vec<String>,
    /// What nothing offers.
    pub missing: Vec<String>,
}

impl Offered {
    /// What `python.wasm` and `python.js` offer.
    pub fn new(python: Linking, javascript: &str) -> Self {
        let list = javascript.split_once(JAVASCRIPT).and_then(|(_, rest)| rest.split_once('}'));
        let names = list.map_or("", |(list, _)| list).split(',');
        let names = names.map(|entry| entry.split(':').next().unwrap_or_default().trim().trim_matches(['"', '\'']));
        Self { exports: python.exports, javascript: names.map(str::to_owned).collect() }
    }

    /// Compares it with what an extension module imports.
    pub fn inspect(&self, module: &Linking) -> Inspection {
        let mut found = Inspection::default();
        for import in &module.imports {
            let name = &import.name;
            // The global offset table has addresses of what is offered.
            let is_address = import.module.starts_with("GOT.");
            let exported = self.exports.get(name);
            if !is_address && BY_LOADER.contains(&name.as_str()) {
                found.by_loader += 1;
            } else if let (false, Some(Kind::Function(has)), Kind::Function(wants)) =
                (is_address, exported, &import.kind)
                && has != wants
            {
                found.mismatched.push(format!("{name}: {wants} instead of {has}"));
            } else if exported.is_some() {
                found.from_python += 1;
            } else if self.javascript.contains(name) && matches!(import.kind, Kind::Function(_) | Kind::Global) {
                found.from_javascript += 1;
            } else if module.exports.contains_key(name) {
                found.its_own += 1;
            } else {
                let what = if is_address { "address of" } else { import.kind.word() };
                found.missing.push(format!("{what} {name}"));
            }
        }
        found
    }
}

impl Inspection {
    /// The lines about an extension module, with what its section for dynamic linking says.
    pub fn text(&self, file: &str, module: &Linking) -> String {
        let dylink = match &module.dylink {
            Some(dylink) => {
                let libraries = dylink.libraries.join(", ");
                let libraries = if libraries.is_empty() { "no libraries" } else { &libraries };
                format!("{} bytes of memory, {} entries of the table, {libraries}", dylink.memory, dylink.table)
            }
            None => "none: it cannot be loaded at run time".to_owned(),
        };
        let Self { by_loader, from_python, from_javascript, its_own, mismatched, missing } = self;
        let mut text = format!(
            "{file}\n  dylink.0: {dylink}\n  {} imports: {from_python} from python.wasm, {from_javascript} from python.js, {by_loader} from the loader, {its_own} of its own\n",
            module.imports.len()
        );
        for (title, names) in [("of another type", mismatched), ("not offered", missing)] {
            if !names.is_empty() {
                text.push_str(&format!("  {} {title}:\n", names.len()));
            }
            names.iter().for_each(|name| text.push_str(&format!("    {name}\n")));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::linking::{Dylink, Import};

    #[test]
    fn every_import_is_found_somewhere_or_reported() {
        let function = |text: &str| Kind::Function(text.to_owned());
        let exports = [("a".to_owned(), function("(i32)")), ("b".to_owned(), function("()"))];
        let python = Linking { exports: exports.into(), ..Linking::default() };
        let offered = Offered::new(python, "var wasmImports={f:_f,\"g\":_g};var x={z:1}");
        assert_eq!(offered.javascript, ["f", "g"].map(str::to_owned).into());
        let import = |module: &str, name: &str, kind| Import { module: module.to_owned(), name: name.to_owned(), kind };
        let imports = vec![
            import("env", "memory", Kind::Memory),
            import("env", "a", function("(i32)")),
            import("env", "b", function("(i64)")),
            import("env", "g", function("()")),
            import("GOT.func", "own", Kind::Global),
            import("GOT.mem", "z", Kind::Global),
            import("env", "t", Kind::Tag),
        ];
        let own = [("own".to_owned(), function("()"))].into();
        let module = Linking { imports, exports: own, dylink: Some(Dylink::default()) };
        let found = offered.inspect(&module);
        insta::assert_snapshot!(found.text("m.so", &module), @"
        m.so
          dylink.0: 0 bytes of memory, 0 entries of the table, no libraries
          7 imports: 1 from python.wasm, 1 from python.js, 1 from the loader, 1 of its own
          1 of another type:
            b: (i64) instead of ()
          2 not offered:
            address of z
            tag t
        ");
        let one = Linking { imports: module.imports[..2].to_vec(), ..module };
        let found = offered.inspect(&one);
        assert!(found.missing.is_empty() && found.mismatched.is_empty());
    }
}
