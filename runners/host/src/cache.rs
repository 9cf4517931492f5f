//! From a `.wasm` file to a [`Module`], by way of a directory of precompiled modules (`.cwasm`).
//!
//! An entry's name is the SHA-256 of the module's bytes and of all that decides what the compiler makes of them.
//! An entry is written beside its place and renamed into it, so any number of processes may share a directory,
//! and one that is killed leaves at most a `.tmp` file that is never read.
//! Nothing is ever deleted here: entries of other engines simply go unused.

use std::fs::{File, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::digest::Output;
use sha2::{Digest, Sha256};
use wasmtime::{Engine, Module};

use runner_shared::failure::Failure;

/// Where a module's machine code came from.
pub enum Origin {
    /// An entry of the cache that was there.
    Found,
    /// An entry of the cache that was written now.
    Written,
    /// Compiled for this run only; with the reason, if a cache was asked for.
    Memory { not_cached: Option<String> },
}

/// Loads the module at `path`, with the help of the directory `cache` if there is one.
///
/// A cache that cannot be used is not a failure: the run is only slower.
pub fn load(engine: &Engine, module: &Path, cache: Option<&Path>) -> Result<(Module, Origin), Failure> {
    let mut not_cached = None;
    if let Some(directory) = cache {
        match entry(engine, module, directory).and_then(|entry| Ok((deserialize(engine, entry.file)?, entry.origin))) {
            Ok(loaded) => return Ok(loaded),
            Err(error) => not_cached = Some(format!("the cache `{}` cannot be used: {error:#}", directory.display())),
        }
    }
    match Module::new(engine, read(module)?) {
        Ok(compiled) => Ok((compiled, Origin::Memory { not_cached })),
        Err(error) => Err(not_a_module(module, &error)),
    }
}

/// Makes sure that the directory `cache` has the module, and returns the entry's path.
pub fn ensure(engine: &Engine, module: &Path, cache: &Path) -> Result<PathBuf, Failure> {
    match entry(engine, module, cache) {
        Ok(entry) => Ok(entry.path),
        Err(error) => {
            Module::validate(engine, &read(module)?).map_err(|error| not_a_module(module, &error))?;
            Err(Failure::host(
                format!("the cache `{}` cannot be used: {error:#}", cache.display()),
                "`--cache` takes a directory that you may write to",
            ))
        }
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Origin::Found => "module: found in the cache",
            Origin::Written => "module: compiled into the cache",
            Origin::Memory { .. } => "module: compiled in memory",
        })
    }
}

struct Entry {
    path: PathBuf,
    file: File,
    origin: Origin,
}

fn read(module: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(module).map_err(|error| {
        Failure::host(
            format!("cannot read the module `{}`: {error}", module.display()),
            "build it first, or correct the path",
        )
    })
}

fn not_a_module(module: &Path, error: &wasmtime::Error) -> Failure {
    Failure::host(
        format!("`{}` is not a WebAssembly module that can be compiled: {error:#}", module.display()),
        "give a core module for `wasm32-wasip1`; components are not run here",
    )
}

/// Opens the entry for a module, and writes it first if it is not there or not whole.
fn entry(engine: &Engine, module: &Path, directory: &Path) -> wasmtime::Result<Entry> {
    let path = |key: &Output<Sha256>| directory.join(format!("{key:x}.cwasm"));
    // By chunks: most runs end here, and need the bytes for nothing else.
    let key = self::key(engine, File::open(module)?)?;
    if let Some(file) = open(&path(&key), &key)? {
        return Ok(Entry { path: path(&key), file, origin: Origin::Found });
    }
    // The key once more, of the bytes that are compiled: the file may be another by now.
    let wasm = std::fs::read(module)?;
    let key = self::key(engine, wasm.as_slice())?;
    let path = path(&key);
    write(engine, &wasm, &path, &key)?;
    match open(&path, &key)? {
        Some(file) => Ok(Entry { path, file, origin: Origin::Written }),
        None => wasmtime::bail!("`{}` differs from what was written to it", path.display()),
    }
}

fn key(engine: &Engine, wasm: impl Read) -> io::Result<Output<Sha256>> {
    let mut settings = DefaultHasher::new();
    // wasmtime's version, the processor's features and every setting of the compiler.
    engine.precompile_compatibility_hash().hash(&mut settings);
    let mut key = Sha256::new().chain_update(settings.finish().to_le_bytes());
    for_each_chunk(wasm, |chunk| key.update(chunk))?;
    Ok(key.finalize())
}

/// Compiles `wasm` and puts the code at `path`, with [`trailer`] behind it.
fn write(engine: &Engine, wasm: &[u8], path: &Path, key: &Output<Sha256>) -> wasmtime::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory)?;
    // Made before the compiler runs: a directory that refuses it is better found early.
    let mut new =
        tempfile::Builder::new().suffix(".tmp").permissions(Permissions::from_mode(0o666)).tempfile_in(directory)?;
    let code = engine.precompile_module(wasm)?;
    new.write_all(&code)?;
    new.write_all(&trailer(crc32fast::hash(&code), key))?;
    new.as_file().sync_all()?;
    new.persist(path)?;
    Ok(())
}

/// What follows the code in an entry.
///
/// The checksum is against accidents, as in a file system, and is had for 16 MB in 2 ms.
/// A digest would take five times as long at each start, and help no more against someone who forges entries,
/// as he can compute that too.
fn trailer(checksum: u32, key: &Output<Sha256>) -> [u8; TRAILER] {
    let mut trailer = [0; TRAILER];
    trailer[..4].copy_from_slice(&checksum.to_le_bytes());
    trailer[4..].copy_from_slice(key);
    trailer
}

const TRAILER: usize = 4 + 32;

/// Opens the entry at `path`, if it exists, is complete and was written under this key.
fn open(path: &Path, key: &Output<Sha256>) -> io::Result<Option<File>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(length) = file.metadata()?.len().checked_sub(TRAILER as u64) else {
        return Ok(None);
    };
    let mut checksum = crc32fast::Hasher::new();
    for_each_chunk((&file).take(length), |chunk| checksum.update(chunk))?;
    let mut found = [0; TRAILER];
    file.read_exact(&mut found)?;
    Ok((found == trailer(checksum.finalize(), key)).then_some(file))
}

fn for_each_chunk(reader: impl Read, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(128 << 10, reader);
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            return Ok(());
        }
        take(chunk);
        let length = chunk.len();
        reader.consume(length);
    }
}

#[expect(unsafe_code, reason = "wasmtime takes it on trust that machine code came from its own compiler: see SAFETY")]
fn deserialize(engine: &Engine, file: File) -> wasmtime::Result<Module> {
    // SAFETY: the file must be what `precompile_module` returned, unchanged for as long as the module lives.
    // - `open` found the trailer that `write` writes. A file of another origin, or one cut short, does not end with the
    //   key; other damage fails the checksum. A forged file passes, but a process that can write to the cache can also replace
    //   this program.
    // - What was checked and what is mapped is one open file, whatever its path names by now.
    // - It does not change: entries are never written in place, only replaced by `rename`, which leaves this file alone.
    // - The trailer itself is behind the ELF image, where wasmtime does not look; and wasmtime refuses an image that
    //   another version or other settings made.
    unsafe { Module::deserialize_open_file(engine, file) }
}
