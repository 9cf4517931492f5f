//! The error that a guest gets when it removes something from a read-only directory.
//!
//! wasmtime-wasi answers that it may not, whether the thing is there or not. A directory that a POSIX program may not write to says first
//! that there is no such file, and programs rely on it: cleanup code removes files that may not exist and ignores this error.

use wasmtime::{Caller, Extern, Linker};
use wasmtime_wasi::p1::wasi_snapshot_preview1::WasiSnapshotPreview1 as _;
use wasmtime_wasi::p1::{WasiP1Ctx, wasi_snapshot_preview1};
use wasmtime_wasi::runtime::in_tokio;
use wiggle::GuestMemory;

use crate::guest_env::GuestEnv;

const WASI: &str = "wasi_snapshot_preview1";
/// `errno` of WASI preview 1.
const NOENT: i32 = 44;
const PERM: i32 = 63;

/// Puts our functions before wasmtime-wasi's own, which they ask first.
pub fn tell_what_is_missing(linker: &mut Linker<GuestEnv>) -> wasmtime::Result<()> {
    put_before(linker, "path_unlink_file", |wasi, memory, descriptor, start, length| {
        in_tokio(wasi_snapshot_preview1::path_unlink_file(wasi, memory, descriptor, start, length))
    })?;
    put_before(linker, "path_remove_directory", |wasi, memory, descriptor, start, length| {
        in_tokio(wasi_snapshot_preview1::path_remove_directory(wasi, memory, descriptor, start, length))
    })
}

fn put_before(
    linker: &mut Linker<GuestEnv>,
    name: &str,
    ask: impl Fn(&mut WasiP1Ctx, &mut GuestMemory<'_>, i32, i32, i32) -> wasmtime::Result<i32> + Send + Sync + 'static,
) -> wasmtime::Result<()> {
    linker.func_wrap(WASI, name, move |caller: Caller<'_, GuestEnv>, descriptor: i32, start: i32, length: i32| {
        answer(caller, descriptor, start, length, |wasi, memory| ask(wasi, memory, descriptor, start, length))
    })?;
    Ok(())
}

fn answer(
    mut caller: Caller<'_, GuestEnv>,
    descriptor: i32,
    start: i32,
    length: i32,
    ask: impl FnOnce(&mut WasiP1Ctx, &mut GuestMemory<'_>) -> wasmtime::Result<i32>,
) -> wasmtime::Result<i32> {
    let Some(memory) = caller.get_export("memory").and_then(Extern::into_memory) else {
        wasmtime::bail!("the guest does not export its memory");
    };
    let (bytes, world) = memory.data_and_store_mut(&mut caller);
    // As before each function of wasmtime-wasi's own: what is left from the last one may be nothing.
    world.wasi.set_hostcall_fuel(usize::MAX);
    let answer = ask(&mut world.wasi, &mut GuestMemory::Unshared(bytes))?;
    // Addresses are unsigned.
    let (start, length) = (start as u32 as usize, length as u32 as usize);
    let path = || str::from_utf8(bytes.get(start..)?.get(..length)?).ok();
    let missing = answer == PERM && path().is_some_and(|path| world.directories.is_missing(descriptor, path));
    Ok(if missing { NOENT } else { answer })
}
