//! Finds the file that a command runs, and says beforehand why it cannot run: the kernel has one error for many reasons,
//! and the C library hands a file that the kernel refuses to a shell.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;

use camino::{Utf8Path, Utf8PathBuf};

use super::command::Command;
use super::run::Failure;

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

/// Refuses what the kernel would refuse: a script without its interpreter, a program for another machine, something that is no program.
fn check_format(path: &Utf8Path) -> Result<(), Failure> {
    // A program may be executable and not readable; then the kernel decides.
    let Ok(start) = read_start(path) else { return Ok(()) };
    if let Some(line) = start.strip_prefix(b"#!") {
        let line = String::from_utf8_lossy(line);
        let interpreter = line.lines().next().and_then(|line| line.split_whitespace().next()).unwrap_or_default();
        let found = Utf8Path::new(interpreter).exists();
        return if found { Ok(()) } else { Err(Failure::MissingInterpreter { interpreter: Some(interpreter.into()) }) };
    }
    let ours = read_start("/proc/self/exe".into()).unwrap_or_default();
    if machine(&start) == machine(&ours) || kernel_was_taught(&start) {
        return Ok(());
    }
    match (machine(&start), machine(&ours)) {
        (Some(I386), Some(X86_64)) => Ok(()),
        (Some(_), _) => Err(Failure::WrongMachine),
        (None, _) => Err(Failure::NotAProgram),
    }
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

/// Says whether somebody taught the kernel to run such a file (`binfmt_misc`): with an emulator, for instance.
fn kernel_was_taught(start: &[u8]) -> bool {
    let formats = fs_err::read_dir("/proc/sys/fs/binfmt_misc").into_iter().flatten().flatten();
    let mut formats = formats.filter_map(|format| fs_err::read_to_string(format.path()).ok());
    formats.any(|format| is_of_format(start, &format))
}

fn is_of_format(start: &[u8], format: &str) -> bool {
    let field = |name| format.lines().find_map(|line| line.strip_prefix(name));
    let Some(magic) = field("magic ").and_then(bytes) else { return false };
    let mask = field("mask ").and_then(bytes).unwrap_or_else(|| vec![0xff; magic.len()]);
    let offset = field("offset ").and_then(|offset| offset.parse().ok()).unwrap_or(0);
    let Some(found) = start.get(offset..offset + magic.len()) else { return false };
    let mut differences = found.iter().zip(&magic).zip(&mask).map(|((found, wanted), mask)| (found ^ wanted) & mask);
    format.starts_with("enabled") && differences.all(|difference| difference == 0)
}

fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let digits = |at| hexadecimal.get(at..at + 2);
    (0..hexadecimal.len()).step_by(2).map(|at| u8::from_str_radix(digits(at)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emulated_machine_is_known() {
        let qemu = "enabled\ninterpreter /usr/bin/qemu-aarch64\nflags: OC\noffset 0\n\
            magic 7f454c460201010000000000000000000200b700\nmask ffffffffffffff00fffffffffffffffffeffffff\n";
        let aarch64 = b"\x7fELF\x02\x01\x01\x03\0\0\0\0\0\0\0\0\x03\0\xb7\0\x01\0\0\0";
        assert_eq!(machine(aarch64), Some(183));
        assert!(is_of_format(aarch64, qemu));
        assert!(!is_of_format(aarch64, &qemu.replace("enabled", "disabled")));
        assert!(!is_of_format(&aarch64[..19], qemu));
        let mut riscv = aarch64.to_vec();
        riscv[18] = 243;
        assert!(!is_of_format(&riscv, qemu));
        assert!(!is_of_format(aarch64, "enabled\n"));
    }
}
