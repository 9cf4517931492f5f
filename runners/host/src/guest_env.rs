//! What a guest can see of this machine: its arguments, environment, streams and directories.

use std::fs::File;
use std::io;
use std::path::Path;

use cap_primitives::fs::{FollowSymlinks, stat};
use runner_shared::arguments::Directory;
use runner_shared::failure::Failure;
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

use crate::arguments::Run;
use crate::stdio::Output;

/// Descriptors 0 to 2 are the streams; those of the directories follow, in the order of the command line.
const FIRST_DIRECTORY: usize = 3;

/// What a guest can see of this machine.
pub struct GuestEnv {
    pub wasi: WasiP1Ctx,
    pub directories: ReadOnlyDirs,
}

impl GuestEnv {
    /// Opens everything that a command line gives to the guest.
    pub fn new(run: &Run) -> Result<Self, Failure> {
        let mut wasi = WasiCtxBuilder::new();
        // Before the directories, which take it over: their calls then run on the guest's own thread.
        wasi.allow_blocking_current_thread(true);
        wasi.args(&run.arguments).envs(&run.environment).inherit_stdin();
        let no_stream =
            |error| Failure::host(format!("cannot duplicate stdout or stderr: {error}"), "give both an open file");
        wasi.stdout(Output::of(io::stdout()).map_err(no_stream)?);
        wasi.stderr(Output::of(io::stderr()).map_err(no_stream)?);
        for directory in &run.directories {
            let permissions = if directory.read_only { FsPerms::ReadOnly } else { FsPerms::ReadWrite };
            wasi.preopened_dir(&directory.host, &directory.guest, permissions).map_err(|error| {
                Failure::host(
                    format!("cannot open the directory `{}`: {error:#}", directory.host.display()),
                    "`--dir` takes a directory that exists and that you may read",
                )
            })?;
        }
        Ok(Self { wasi: wasi.build_p1(), directories: ReadOnlyDirs::new(&run.directories) })
    }
}

/// The directories of a guest, by descriptor from [`FIRST_DIRECTORY`] on; `None` for those that the guest can write to.
pub struct ReadOnlyDirs(Vec<Option<File>>);

impl ReadOnlyDirs {
    fn new(directories: &[Directory]) -> Self {
        let open = |directory: &Directory| File::open(&directory.host).ok().filter(|_| directory.read_only);
        Self(directories.iter().map(open).collect())
    }

    /// Whether there is surely no such thing. Looks at nothing outside of the directory.
    pub fn is_missing(&self, descriptor: i32, path: &str) -> bool {
        let index = usize::try_from(descriptor).ok().and_then(|descriptor| descriptor.checked_sub(FIRST_DIRECTORY));
        let directory = index.and_then(|index| self.0.get(index)?.as_ref());
        let found = directory.map(|directory| stat(directory, Path::new(path), FollowSymlinks::No));
        matches!(found, Some(Err(error)) if error.kind() == std::io::ErrorKind::NotFound)
    }
}
