//! Compiled code that the launcher for Node.js keeps where PYTHON_NODE_CACHE says.

use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use xtask::digest::Sha256;

use super::Built;

/// The file starts with the hash of the rest.
const HASH_BYTES: usize = 32;

/// It is used the next time, and replaced when it is damaged. Where it cannot be kept, that costs time only.
pub(super) fn run(built: &Built) -> Result<()> {
    let folder = built.context.folder("node-cache")?;
    let print = |number: &str, cache: &str| built.python(&format!("print({number})")).env("PYTHON_NODE_CACHE", cache);
    print("6765", folder.as_str()).expect(built.what("a new cache"), "6765")?;
    let file = only_file(&folder)?;
    let kept = modified(&file)?;
    print("10946", folder.as_str()).expect(built.what("kept code"), "10946")?;
    let is_same = only_file(&folder)? == file && modified(&file)? == kept;
    built.context.checks.expect(built.what("kept code is not written again"), true, is_same, &file)?;

    let whole = fs_err::read(&file)?;
    let mut changed = whole.clone();
    changed[whole.len() / 2..][..64].fill(0);
    if changed == whole {
        bail!("the middle of {file} already has 64 zeros");
    }
    for (damage, bytes) in [("empty", &whole[..0]), ("truncated", &whole[..whole.len() / 2]), ("changed", &changed)] {
        fs_err::write(&file, bytes)?;
        print("17711", folder.as_str()).expect(built.what(&format!("a cache that is {damage}")), "17711")?;
        let bytes = fs_err::read(&file)?;
        let (hash, rest) = bytes.split_at_checked(HASH_BYTES).unwrap_or_default();
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        built.context.checks.expect(
            built.what(&format!("no longer {damage}")),
            Sha256::of(rest).to_string(),
            hash,
            &file,
        )?;
    }
    print("28657", "/dev/null").with_stderr().expect(built.what("no cache"), "28657")
}

fn only_file(folder: &Utf8Path) -> Result<Utf8PathBuf> {
    let entries = folder.read_dir_utf8()?.collect::<std::io::Result<Vec<_>>>()?;
    match &entries[..] {
        [entry] => Ok(entry.path().to_owned()),
        _ => bail!("{folder} must have one file and has {}", entries.len()),
    }
}

fn modified(path: &Utf8Path) -> Result<SystemTime> {
    fs_err::metadata(path)?.modified().context("this file system keeps no times")
}
