//! What a guest is told when it removes something from a read-only directory.
//!
//! wasmtime-wasi answers that it may not, whether the thing is there or not. A directory that a POSIX program may not write to says first
//! that there is no such file, and programs rely on it: whoever cleans up removes what may be there, and ignores that it is not.

use std::fs::File;
use std::path::Path;

use cap_primitives::fs::{FollowSymlinks, stat};
use wasmtime::{Caller, Extern, Linker, Store};

use crate::arguments::Directory;
use crate::guest::World;

const WASI: &str = "wasi_snapshot_preview1";
/// The functions that remove. Their arguments are a directory's descriptor, and the path's place and length in memory.
const REMOVING: [&str; 2] = ["path_unlink_file", "path_remove_directory"];
/// `errno` of WASI preview 1.
const NOENT: i32 = 44;
const PERM: i32 = 63;
/// Descriptors 0 to 2 are the streams; those of the directories follow, in the order of the command line.
const FIRST_DIRECTORY: usize = 3;

/// The directories of a guest, by descriptor from [`FIRST_DIRECTORY`] on; `None` where removing is a matter of the system's.
pub struct Removals(Vec<Option<File>>);

impl Removals {
    pub fn of(directories: &[Directory]) -> Self {
        let open = |directory: &Directory| File::open(&directory.host).ok().filter(|_| directory.read_only);
        Self(directories.iter().map(open).collect())
    }

    /// Whether there is surely no such thing. Looks at nothing outside of the directory.
    fn is_missing(&self, descriptor: i32, path: &str) -> bool {
        let index = usize::try_from(descriptor).ok().and_then(|descriptor| descriptor.checked_sub(FIRST_DIRECTORY));
        let directory = index.and_then(|index| self.0.get(index)?.as_ref());
        let found = directory.map(|directory| stat(directory, Path::new(path), FollowSymlinks::No));
        matches!(found, Some(Err(error)) if error.kind() == std::io::ErrorKind::NotFound)
    }
}

/// Puts our functions before wasmtime-wasi's own, which they ask first.
pub fn tell_what_is_missing(linker: &mut Linker<World>, store: &mut Store<World>) -> wasmtime::Result<()> {
    for name in REMOVING {
        let original = linker.get(&mut *store, WASI, name).and_then(Extern::into_func);
        let Some(original) = original else { continue };
        let original = original.typed::<(i32, i32, i32), i32>(&*store)?;
        linker.func_wrap(
            WASI,
            name,
            move |mut caller: Caller<'_, World>, descriptor: i32, start: i32, length: i32| {
                let answer = original.call(&mut caller, (descriptor, start, length))?;
                if answer != PERM {
                    return Ok(answer);
                }
                let missing = path(&mut caller, start, length)
                    .is_some_and(|path| caller.data().directories.is_missing(descriptor, &path));
                wasmtime::Result::<i32>::Ok(if missing { NOENT } else { PERM })
            },
        )?;
    }
    Ok(())
}

fn path(caller: &mut Caller<'_, World>, start: i32, length: i32) -> Option<String> {
    let memory = caller.get_export("memory")?.into_memory()?;
    // Addresses are unsigned.
    let (start, length) = (start as u32 as usize, length as u32 as usize);
    let bytes = memory.data(&*caller).get(start..)?.get(..length)?;
    String::from_utf8(bytes.to_vec()).ok()
}
