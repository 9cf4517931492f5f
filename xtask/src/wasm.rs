//! WebAssembly modules: imports, exports and stripping. Pure.
//!
//! The only module that knows the binary format (through wasmparser).

pub mod linking;

use std::collections::BTreeMap;

use wasmparser::{ExternalKind, Parser, Payload};

/// Custom sections about producers, required engine features and dynamic linking; the others are for debuggers.
const KEPT_SECTIONS: [&str; 3] = ["dylink.0", "producers", "target_features"];

/// The bytes are not a WebAssembly module.
#[derive(Debug, thiserror::Error)]
#[error("not a WebAssembly module: {0}")]
pub struct WasmError(#[from] wasmparser::BinaryReaderError);

/// The imports and exports of a module.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interface {
    /// The names of the imports by module, sorted.
    pub imports: BTreeMap<String, Vec<String>>,
    /// The names of the exports, sorted.
    pub exports: Vec<String>,
}

/// Reads a module's imports and exports.
pub fn interface(module: &[u8]) -> Result<Interface, WasmError> {
    let mut interface = Interface::default();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    interface.imports.entry(import.module.to_owned()).or_default().push(import.name.to_owned());
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if matches!(
                        export.kind,
                        ExternalKind::Func | ExternalKind::Memory | ExternalKind::Table | ExternalKind::Global
                    ) {
                        interface.exports.push(export.name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    interface.exports.sort();
    interface.imports.values_mut().for_each(|names| names.sort());
    Ok(interface)
}

/// The module without its names and debug information. Everything that an engine executes stays as it is, byte for byte.
pub fn strip(module: &[u8]) -> Result<Vec<u8>, WasmError> {
    let header = 8.min(module.len());
    let mut stripped = module[..header].to_vec();
    let mut position = header;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        let end = match &payload {
            Payload::CodeSectionEntry(_) => continue,
            payload => match payload.as_section() {
                Some((_, range)) => {
                    usize::try_from(range.end).expect("a module in memory has no more bytes than memory")
                }
                None => continue,
            },
        };
        let dropped = matches!(&payload, Payload::CustomSection(section) if !KEPT_SECTIONS.contains(&section.name()));
        if !dropped {
            // From the section's id, which is before the range that the parser gives, to its end.
            stripped.extend_from_slice(&module[position..end]);
        }
        position = end;
    }
    Ok(stripped)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `(module (import "env" "f" (func)) (export "g" (func 0)))` with the sections dylink.0, name and producers.
    fn module() -> Vec<u8> {
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        bytes.extend(b"\0\x0a\x08dylink.0\0");
        bytes.extend(b"\x01\x04\x01\x60\0\0");
        bytes.extend(b"\x02\x09\x01\x03env\x01f\0\0");
        bytes.extend(b"\x07\x05\x01\x01g\0\0");
        bytes.extend(b"\0\x08\x04name\x01\x01\0");
        bytes.extend(b"\0\x0b\x09producers\0");
        bytes
    }

    #[test]
    fn imports_and_exports_are_read() {
        let interface = interface(&module()).unwrap();
        assert_eq!(interface.imports, BTreeMap::from([("env".to_owned(), vec!["f".to_owned()])]));
        assert_eq!(interface.exports, ["g"]);
    }

    #[test]
    fn stripping_drops_names_and_nothing_else() {
        let stripped = strip(&module()).unwrap();
        assert_eq!(stripped.len(), module().len() - 10);
        assert_eq!(interface(&stripped).unwrap(), interface(&module()).unwrap());
        for kept in [b"dylink.0".as_slice(), b"producers"] {
            assert!(stripped.windows(kept.len()).any(|window| window == kept));
        }
        assert_eq!(strip(&stripped).unwrap(), stripped);
    }

    #[test]
    fn invalid_modules_are_rejected() {
        assert!(interface(b"#!/bin/sh").is_err());
        assert!(strip(b"\0asm").is_err());
    }
}
