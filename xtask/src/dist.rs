//! Puts finished packages where people look for them: copies of results in `dist/`, replaced all at once.
//!
//! A copy is taken for whole only if its record names the same key and every file has the size and time that was written down.

use std::fs::TryLockError;
use std::time::Duration;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::cancel::Cancel;
use crate::digest::Sha256;
use crate::sys;

/// How often a waiting run looks whether another has ended its copy.
const LOCK_POLL: Duration = Duration::from_millis(100);

/// What lies beside a copy: `.NAME.json`.
#[derive(Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
struct Record {
    key: Sha256,
    /// The hash of all names, sizes and times of the copy.
    listing: Sha256,
}

/// A file that a published copy has besides those of the result.
pub struct AddedFile<'a> {
    pub name: &'a str,
    pub text: &'a str,
}

/// Makes `dist/NAME` a copy of a result, with the added file, unless it is up to date.
/// Returns where it is, and whether the result is new there.
pub fn publish(
    dist: &Utf8Path,
    cancel: &Cancel,
    name: &str,
    key: Sha256,
    from: &Utf8Path,
    added: Option<&AddedFile<'_>>,
) -> Result<(Utf8PathBuf, bool)> {
    let destination = dist.join(name);
    let is_there = || is_whole(dist, name, key) && has(&destination, added);
    if is_there() {
        return Ok((destination, false));
    }
    fs_err::create_dir_all(dist).map_err(|error| {
        let hint = sys::fs::explain_io(&error, dist).map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        anyhow::anyhow!("{error}{hint}\nhint: XTASK_DIST names another folder for packages")
    })?;
    let lock = fs_err::File::create(dist.join(".lock"))?;
    while let Err(error) = lock.file().try_lock() {
        match error {
            TryLockError::WouldBlock => {
                cancel.check()?;
                std::thread::sleep(LOCK_POLL);
            }
            TryLockError::Error(error) => return Err(error.into()),
        }
    }
    if is_there() {
        return Ok((destination, false));
    }
    let is_new = !is_whole(dist, name, key);
    let partial = dist.join(format!(".{name}.partial"));
    sys::fs::remove_tree(&partial)?;
    sys::fs::copy_tree(from, &partial, &|_| true)?;
    if let Some(AddedFile { name, text }) = added {
        fs_err::write(partial.join(name), text)?;
    }
    sys::fs::fsync_tree(&partial)?;
    sys::fs::remove_tree(&destination)?;
    fs_err::rename(&partial, &destination)?;
    let record = Record { key, listing: sys::fs::hash_listing(&destination)? };
    sys::fs::write_atomic(&record_path(dist, name), serde_json::to_string(&record)?.as_bytes())?;
    Ok((destination, is_new))
}

fn is_whole(dist: &Utf8Path, name: &str, key: Sha256) -> bool {
    let record = fs_err::read_to_string(record_path(dist, name)).ok();
    let record: Option<Record> = record.and_then(|text| serde_json::from_str(&text).ok());
    let Some(record) = record else { return false };
    record.key == key && sys::fs::hash_listing(&dist.join(name)).is_ok_and(|listing| listing == record.listing)
}

fn has(copy: &Utf8Path, added: Option<&AddedFile<'_>>) -> bool {
    let is_same =
        |file: &AddedFile<'_>| fs_err::read(copy.join(file.name)).is_ok_and(|found| found == file.text.as_bytes());
    added.is_none_or(is_same)
}

fn record_path(dist: &Utf8Path, name: &str) -> Utf8PathBuf {
    dist.join(format!(".{name}.json"))
}

/// What was published into a folder: each copy with its record. Other people's files have none.
pub fn published(dist: &Utf8Path) -> Vec<(Utf8PathBuf, Utf8PathBuf)> {
    let names = dist.read_dir_utf8().into_iter().flatten().flatten().filter_map(|entry| {
        let name = entry.file_name().strip_prefix('.')?.strip_suffix(".json")?.to_owned();
        Some((dist.join(name), entry.into_path()))
    });
    names.collect()
}
