//! What a module says about linking: the types of its imports and exports, and the section for dynamic linking.

use std::collections::BTreeMap;

use wasmparser::{Dylink0Subsection, ExternalKind, FuncType, KnownCustom, Parser, Payload, TypeRef};

use super::WasmError;

/// An import, with its type as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub module: String,
    pub name: String,
    pub kind: Kind,
}

/// What an import or an export is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A function with its type, such as `(i32, i64) -> i32`.
    Function(String),
    Table,
    Memory,
    Global,
    Tag,
}

/// What a module that is loaded at run time says about itself: the section `dylink.0`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dylink {
    /// Bytes of memory and entries of the table that it needs.
    pub memory: u32,
    pub table: u32,
    /// Libraries that have to be loaded first.
    pub libraries: Vec<String>,
}

/// All that linking depends on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Linking {
    pub imports: Vec<Import>,
    pub exports: BTreeMap<String, Kind>,
    /// `None` for a module that is not to be loaded at run time.
    pub dylink: Option<Dylink>,
}

impl Kind {
    /// The word for people.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Function(_) => "function",
            Self::Table => "table",
            Self::Memory => "memory",
            Self::Global => "global",
            Self::Tag => "tag",
        }
    }
}

/// Reads it.
pub fn linking(module: &[u8]) -> Result<Linking, WasmError> {
    let mut linking = Linking::default();
    let (mut types, mut functions): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let of_type = |types: &[String], index: u32| types.get(index as usize).cloned().unwrap_or_default();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::TypeSection(section) => {
                for function in section.into_iter_err_on_gc_types() {
                    types.push(text(&function?));
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    let kind = match import.ty {
                        TypeRef::Func(index) | TypeRef::FuncExact(index) => {
                            functions.push(of_type(&types, index));
                            Kind::Function(of_type(&types, index))
                        }
                        TypeRef::Table(_) => Kind::Table,
                        TypeRef::Memory(_) => Kind::Memory,
                        TypeRef::Global(_) => Kind::Global,
                        TypeRef::Tag(_) => Kind::Tag,
                    };
                    let (module, name) = (import.module.to_owned(), import.name.to_owned());
                    linking.imports.push(Import { module, name, kind });
                }
            }
            Payload::FunctionSection(section) => {
                for index in section {
                    functions.push(of_type(&types, index?));
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    let kind = match export.kind {
                        ExternalKind::Func | ExternalKind::FuncExact => {
                            Kind::Function(of_type(&functions, export.index))
                        }
                        ExternalKind::Table => Kind::Table,
                        ExternalKind::Memory => Kind::Memory,
                        ExternalKind::Global => Kind::Global,
                        ExternalKind::Tag => Kind::Tag,
                    };
                    linking.exports.insert(export.name.to_owned(), kind);
                }
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Dylink0(subsections) = section.as_known() {
                    let dylink = linking.dylink.get_or_insert_default();
                    for subsection in subsections {
                        match subsection? {
                            Dylink0Subsection::MemInfo(info) => {
                                (dylink.memory, dylink.table) = (info.memory_size, info.table_size);
                            }
                            Dylink0Subsection::Needed(libraries) => {
                                dylink.libraries.extend(libraries.into_iter().map(str::to_owned));
                            }
                            _ => {}
                        }
                    }
                }
            }
            _ => {}
        }
    }
    Ok(linking)
}

fn text(function: &FuncType) -> String {
    let list = |types: &[wasmparser::ValType]| types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match function.results() {
        [] => format!("({})", list(function.params())),
        results => format!("({}) -> {}", list(function.params()), list(results)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A section with its size.
    fn section(id: u8, contents: &[u8]) -> Vec<u8> {
        [&[id, u8::try_from(contents.len()).unwrap()][..], contents].concat()
    }

    #[test]
    fn types_and_the_section_for_dynamic_linking_are_read() {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        // Memory of 16 bytes, no alignment, 3 entries of the table, no alignment; needs `liba.so`.
        module.extend(section(0, b"\x08dylink.0\x01\x04\x10\0\x03\0\x02\x09\x01\x07liba.so"));
        // (i32, i64) -> i32, and () -> ().
        module.extend(section(1, b"\x02\x60\x02\x7f\x7e\x01\x7f\x60\0\0"));
        // A function, a memory and a tag.
        module.extend(section(2, b"\x03\x03env\x01f\0\0\x03env\x01m\x02\0\0\x03env\x01t\x04\0\x01"));
        module.extend(section(3, b"\x01\x01"));
        module.extend(section(7, b"\x02\x01g\0\x01\x01h\0\0"));
        module.extend(section(10, b"\x01\x02\0\x0b"));
        let linking = linking(&module).unwrap();
        let binary = || Kind::Function("(i32, i64) -> i32".to_owned());
        let kinds: Vec<&Kind> = linking.imports.iter().map(|import| &import.kind).collect();
        assert_eq!(kinds, [&binary(), &Kind::Memory, &Kind::Tag]);
        let exports = [("g".to_owned(), Kind::Function("()".to_owned())), ("h".to_owned(), binary())];
        assert_eq!(linking.exports, exports.into());
        let libraries = vec!["liba.so".to_owned()];
        assert_eq!(linking.dylink, Some(Dylink { memory: 16, table: 3, libraries }));
    }
}
