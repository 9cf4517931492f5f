//! `cargo xtask lock`: the file that pins the bytes of every input.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

use super::recipe::complain;
use crate::app::App;
use crate::cli::Lock as Arguments;
use crate::fetch;
use crate::lock::{LOCK_FILE, Lock, Locked};
use crate::provider::debian::index::ListedFile;
use crate::provider::{debian, npm};
use crate::recipe::model::DebianPackage;
use crate::sys;

/// Checks the lock, or brings it up to date; without a flag, checks it.
pub fn run(app: &App, arguments: &Arguments) -> Result<()> {
    let catalogue = app.catalogue()?;
    let path = app.checkout.join(LOCK_FILE);
    if !arguments.update {
        let lock = app.lock()?;
        complain(&lock.compare(&catalogue.files()))?;
        if fs_err::read_to_string(&path)? != lock.print() {
            let report =
                format!("{LOCK_FILE} is not in its normal form\nhint: `cargo xtask lock --update` writes it so");
            return Err(super::Failed { report, code: 3 }.into());
        }
        app.ui.note(format!("{LOCK_FILE} has exactly the {} inputs that the recipes name", lock.artifacts.len()));
        return Ok(());
    }
    let mut lock = if path.is_file() { app.lock()? } else { Lock { artifacts: BTreeMap::new() } };
    let difference = lock.compare(&catalogue.files());
    for file in &difference.unused {
        lock.artifacts.remove(file);
        app.ui.note(format!("dropped {file}"));
    }
    let policy = app.policy(false);
    let surroundings = debian::Surroundings { store: app.store()?, policy: &policy, cancel: &app.cancel };
    let packages: Vec<DebianPackage> =
        catalogue.debian_packages().filter(|package| difference.missing.contains(&package.file())).collect();
    let pins = debian::pins(&packages.iter().collect::<Vec<_>>(), surroundings)?;
    for (package, listed) in packages.iter().zip(pins) {
        app.ui.note(format!("added {}", package.file()));
        lock.artifacts.insert(package.file(), pinned_by_index(package, &listed));
    }
    for package in catalogue.npm_packages().filter(|package| difference.missing.contains(&package.file())) {
        let file = package.file();
        app.ui.note(format!("downloading {file} to hash it"));
        let (size, sha256) = npm::pin(package, app.store()?, &policy, &app.cancel)?;
        app.ui.note(format!("added {file}: sha256 {sha256}"));
        let pinned_from = "downloaded from npm's registry, whose SHA-512 npm checked".to_owned();
        lock.artifacts.insert(file, Locked { size: Some(size), sha256, pinned_from });
    }
    for (file, urls) in catalogue.upstream_files() {
        if !difference.missing.iter().any(|missing| missing == file) {
            continue;
        }
        app.ui.note(format!("downloading {file} to hash it"));
        let into = app.store()?.downloads().join(format!("unpinned-{file}"));
        let (sha256, size) = fetch::fetch_unpinned(&policy.client, urls, &into, &app.cancel)
            .with_context(|| format!("{file} cannot be pinned"))?;
        // The next build finds it among the downloads.
        fs_err::rename(&into, app.store()?.download(&sha256, file))?;
        lock.artifacts
            .insert(file.to_owned(), Locked { size: Some(size), sha256, pinned_from: "downloaded".to_owned() });
        app.ui.note(format!(
            "added {file}: sha256 {sha256}; compare it with what its makers publish before you commit it"
        ));
    }
    sys::fs::write_atomic(&path, lock.print().as_bytes())?;
    app.ui.note(format!("{LOCK_FILE} has the {} inputs that the recipes name", lock.artifacts.len()));
    Ok(())
}

/// A package as the archive's signed index lists it.
pub fn pinned_by_index(package: &DebianPackage, listed: &ListedFile) -> Locked {
    let pinned_from = format!("Debian's package index of {}, whose signature apt checked", package.suite);
    Locked { size: Some(listed.size), sha256: listed.sha256, pinned_from }
}
