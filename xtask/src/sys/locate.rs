//! Finds the file that a command runs, and checks whether it can run.
//!
//! The kernel reports the same error for many reasons, and the C library passes files that the kernel rejects to a shell.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;

use camino::{Utf8Path, Utf8PathBuf};

use super::command::Command;
use super::failure::Failure;

/// The absolute path of the command's program.
pub(super) fn locate(command: &Command) -> Result<Utf8PathBuf, Failure> {
    if !command.directory.is_dir() {
        return Err(Failure::DirectoryMissing);
    }
    let program = &command.program;
    let candidates: Vec<Utf8PathBuf> = if program.as_str().contains('/') {
        vec![command.directory.join(program)]
    } else {
        let folders = command.environment.get("PATH").map_or("", String::as_str).split(':');
        folders.filter(|folder| !folder.is_empty()).map(|folder| command.directory.join(folder).join(program)).collect()
    };
    // As a shell does: a file that is not executable does not hide one that is.
    let found = candidates.iter().find(|path| is_executable(path)).or(candidates.iter().find(|path| path.exists()));
    let path = camino::absolute_utf8(found.ok_or(Failure::NotFound)?).map_err(Failure::Spawn)?;
    if !is_executable(&path) {
        return Err(Failure::NotExecutable);
    }
    check_format(&path)?;
    Ok(path)
}

fn is_executable(path: &Utf8Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// Rejects what the kernel would reject: a script with a missing interpreter, a program for another machine, a file that is not a program.
fn check_format(path: &Utf8Path) -> Result<(), Failure> {
    // A program can be executable but not readable; then the kernel decides.
    let Ok(start) = read_start(path) else { return Ok(()) };
    if let Some(line) = start.strip_prefix(b"#!") {
        let line = String::from_utf8_lossy(line);
        let interpreter = line.lines().next().and_then(|line| line.split_whitespace().next()).unwrap_or_default();
        let found = Utf8Path::new(interpreter).exists();
        return if found { Ok(()) } else { Err(Failure::MissingInterpreter { interpreter: Some(interpreter.into()) }) };
    }
    let ours = read_start("/proc/self/exe".into()).unwrap_or_default();
    match (machine(&start), machine(&ours)) {
        (found, ours) if found == ours => Ok(()),
        (Some(I386), Some(X86_64)) => Ok(()),
        _ if has_emulators() => Ok(()),
        (Some(_), _) => Err(Failure::WrongMachine),
        (None, _) => Err(Failure::NotAProgram),
    }
}

/// Whether the kernel has interpreters for other formats (`binfmt_misc`), such as an emulator; then it decides.
fn has_emulators() -> bool {
    let formats = fs_err::read_dir("/proc/sys/fs/binfmt_misc").into_iter().flatten().flatten();
    formats.map(|format| format.file_name()).any(|name| name != "register" && name != "status")
}

fn read_start(path: &Utf8Path) -> std::io::Result<Vec<u8>> {
    let mut start = Vec::new();
    fs_err::File::open(path)?.take(256).read_to_end(&mut start)?;
    Ok(start)
}

/// Values of `e_machine`, from `elf.h`.
const I386: u16 = 3;
const X86_64: u16 = 62;

/// The `e_machine` field of an ELF file (`elf(5)`).
fn machine(start: &[u8]) -> Option<u16> {
    let field: [u8; 2] = start.get(18..20)?.try_into().ok()?;
    let big_endian = start[5] == 2;
    let value = if big_endian { u16::from_be_bytes(field) } else { u16::from_le_bytes(field) };
    start.starts_with(b"\x7fELF").then_some(value)
}
