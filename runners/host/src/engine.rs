//! The engine's settings, the same for every command, so that what one compiled the next one can load.

use std::path::Path;

use wasmtime::{Config, Engine, Inlining, WasmBacktraceDetails};

use runner_shared::failure::Failure;

/// The version of wasmtime that is compiled in; Cargo.toml pins it exactly, and a test compares the two.
pub const VERSION: &str = "48.0.8";

/// Bytes of native stack beyond the guest's own share, for the host functions that the guest calls at its deepest point.
pub const NATIVE_STACK_MARGIN: usize = 4 << 20;

/// Up to which size of both functions together, in Cranelift's instructions, a call is inlined.
///
/// With this, Python takes 0.92 of its time without, and compiling python.wasm 1.9 times as much processor time.
/// wasmtime's own choice, four times as much, gains two hundredths more, for 6 times the processor time.
const INLINE_UP_TO: &str = "500";

/// Makes the engine for a guest whose stack may grow to `max_wasm_stack` bytes.
///
/// The stack limit is no setting of the compiler: engines that differ in it share their precompiled modules.
pub fn new(max_wasm_stack: u32, module: &Path) -> Result<Engine, Failure> {
    let mut config = Config::new();
    config
        .max_wasm_stack(max_wasm_stack as usize)
        // Never used, as the guest runs synchronously, but the engine insists on it.
        .async_stack_size(max_wasm_stack as usize + NATIVE_STACK_MARGIN)
        // Not left to the environment: it would decide which precompiled modules fit.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        // Backtraces of the guest walk frame pointers; these tables are for native debuggers, and cost time at each start.
        .native_unwind_info(false)
        // An indirect call then need not look whether its entry was filled in; Python makes them all the time.
        .table_lazy_init(false)
        // Backtraces do not show what was inlined, so that it is not done to a module that has names to show.
        .compiler_inlining(if has_names(module) { Inlining::No } else { Inlining::Yes });
    #[expect(unsafe_code, reason = "wasmtime has no safe function for this setting")]
    // SAFETY: it is a size, and decides only which calls are worth inlining.
    unsafe {
        config.cranelift_flag_set("wasmtime_inlining_sum_size_threshold", INLINE_UP_TO);
    }
    Engine::new(&config).map_err(|error| {
        Failure::host(
            format!("cannot set up wasmtime for a stack of {max_wasm_stack} bytes: {error:#}"),
            "this needs a 64-bit processor that wasmtime can compile for, and a `max-wasm-stack` above zero",
        )
    })
}

/// Whether a module says what its functions are called. What cannot be read is complained of when it is loaded.
fn has_names(module: &Path) -> bool {
    let bytes = std::fs::read(module).unwrap_or_default();
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((section, after)) = section(rest) {
        if section == b"name" {
            return true;
        }
        rest = after;
    }
    false
}

/// The name of the first section, if it is a custom one, and what follows that section.
fn section(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (id, rest) = bytes.split_first()?;
    let (size, rest) = number(rest)?;
    let (contents, after) = rest.split_at_checked(size)?;
    let name = if *id == 0 { number(contents).and_then(|(length, rest)| rest.get(..length)) } else { None };
    Some((name.unwrap_or_default(), after))
}

/// A number in LEB128.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let last = bytes.iter().take(5).position(|byte| byte & 0x80 == 0)?;
    let value = bytes[..=last].iter().rev().fold(0, |value, byte| value << 7 | usize::from(byte & 0x7f));
    Some((value, &bytes[last + 1..]))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_module_has_names_if_its_section_for_them_is_there() {
        let file = std::env::temp_dir().join(format!("host-runner-names-{}.wasm", std::process::id()));
        for (sections, named) in [
            (&b"\x01\x01\x00\x00\x05\x04name"[..], true),
            (b"\x00\x05\x04nama\x01\x01\x00", false),
            (b"\x00\x85", false),
        ] {
            std::fs::write(&file, [b"\0asm\x01\0\0\0", sections].concat()).unwrap();
            assert_eq!(super::has_names(&file), named);
        }
        std::fs::remove_file(&file).unwrap();
        assert!(!super::has_names(&file));
    }

    #[test]
    fn the_version_is_the_one_that_cargo_toml_pins() {
        let manifest = include_str!("../Cargo.toml");
        for package in ["wasmtime", "wasmtime-wasi"] {
            assert!(manifest.contains(&format!("\n{package} = {{ version = \"={}\"", super::VERSION)));
        }
    }
}
