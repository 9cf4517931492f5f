//! A WASI SDK with the layout of a release, made from the distribution's packages.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use anyhow::Result;
use camino::Utf8Path;

use crate::context::Context;

const PROGRAMS: [&str; 9] =
    ["clang", "clang++", "clang-cpp", "llvm-ar", "llvm-nm", "llvm-objdump", "llvm-ranlib", "llvm-strip", "wasm-ld"];

/// Returns the archive. Unlike a release, the programs' libraries are files of their own, in `lib/`.
pub fn make(context: &Context, scratch: &Utf8Path, packages: &Utf8Path) -> Result<Vec<u8>> {
    let name = super::SDK.trim_end_matches(".tar.gz");
    let sdk = scratch.join(name);
    for folder in ["bin", "libexec", "lib/clang", "share/wasi-sysroot/include", "share/wasi-sysroot/lib"] {
        fs_err::create_dir_all(sdk.join(folder))?;
    }
    for program in PROGRAMS {
        fs_err::copy(packages.join("usr/lib/llvm-19/bin").join(program), sdk.join("libexec").join(program))?;
        let launcher = sdk.join("bin").join(program);
        let script = format!(
            "#!/bin/sh\nroot=${{0%/*}}/..\nLD_LIBRARY_PATH=$root/lib exec \"$root/libexec/{program}\" \"$@\"\n"
        );
        fs_err::write(&launcher, script)?;
        fs_err::set_permissions(&launcher, std::fs::Permissions::from_mode(0o755))?;
    }
    // clang calls the linker by the name that Debian gives it.
    symlink("wasm-ld", sdk.join("libexec/wasm-ld-19"))?;
    for folder in ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"] {
        for entry in packages.join(folder).read_dir_utf8().into_iter().flatten() {
            let entry = entry?;
            if entry.file_name().contains(".so") {
                copy(context, entry.path(), &sdk.join("lib").join(entry.file_name()))?;
            }
        }
    }
    copy(context, &packages.join("usr/lib/llvm-19/lib/clang/19"), &sdk.join("lib/clang/19"))?;
    for kind in ["include", "lib"] {
        let target = sdk.join("share/wasi-sysroot").join(kind).join("wasm32-wasip1");
        copy(context, &packages.join("usr").join(kind).join("wasm32-wasi"), &target)?;
    }
    fs_err::write(sdk.join("VERSION"), "24.0\nmade for a test from other programs\n")?;

    // Results in the store, and so the copies, are read-only.
    context.call(context.shell.cmd("chmod").args(["-R", "u+w", sdk.as_str()])).succeed()?;
    let archive = scratch.join(super::SDK);
    let tar = context.shell.cmd("tar").args(["--directory", scratch.as_str(), "--use-compress-program=gzip -1"]);
    let tar = tar.args(["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"]);
    context.call(tar.args(["--create", "--file", archive.as_str(), name])).succeed()?;
    xtask::sys::fs::remove_tree(&sdk)?;
    Ok(fs_err::read(archive)?)
}

fn copy(context: &Context, from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    context.call(context.shell.cmd("cp").args(["-a", from.as_str(), to.as_str()])).succeed().map(drop)
}
