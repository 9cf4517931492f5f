//! The engine's settings, the same for every command, so that what one compiled the next one can load.

use wasmtime::{Config, Engine, Inlining, WasmBacktraceDetails};

use crate::failure::Failure;

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
pub fn new(max_wasm_stack: u32) -> Result<Engine, Failure> {
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
        .compiler_inlining(Inlining::Yes);
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

#[cfg(test)]
mod tests {
    #[test]
    fn the_version_is_the_one_that_cargo_toml_pins() {
        let manifest = include_str!("../Cargo.toml");
        for package in ["wasmtime", "wasmtime-wasi"] {
            assert!(manifest.contains(&format!("\n{package} = {{ version = \"={}\"", super::VERSION)));
        }
    }
}
