//! `cargo xtask bump`: moves pinned Debian packages to the newest versions of the same upstream releases.
//!
//! Suites move on, and a pinned version vanishes. This edits the recipes and the lock, and shows the difference.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::lock::pinned_by_index;
use crate::app::App;
use crate::cli::Bump as Arguments;
use crate::line_diff::line_diff;
use crate::lock::LOCK_FILE;
use crate::provider::debian::{self, Surroundings};
use crate::recipe::model::DebianPackage;
use crate::recipe::pins::{self, Pin};
use crate::sys;

/// Rewrites what has a newer version, unless it is a dry run.
pub fn run(app: &App, arguments: &Arguments) -> Result<()> {
    let catalogue = app.catalogue()?;
    let before = app.lock()?;
    let policy = app.policy(false);
    let surroundings = Surroundings { store: app.store()?, policy: &policy, cancel: &app.cancel };
    let mut moves: BTreeMap<Pin, String> = BTreeMap::new();
    let mut lock = before.clone();

    let packages: Vec<DebianPackage> = catalogue.debian_packages().collect();
    let newest = debian::newest(&packages.iter().collect::<Vec<_>>(), surroundings)?;
    for (package, newest) in packages.iter().zip(newest) {
        let pin = Pin { package: package.name.clone(), version: package.version.clone(), suite: package.suite.clone() };
        let Some(newest) = newest else {
            app.ui.note(missing(&pin));
            continue;
        };
        if newest.version == pin.version {
            continue;
        }
        let moved = DebianPackage { version: newest.version.clone(), ..package.clone() };
        if let Some(file) = newest.files.first() {
            lock.artifacts.insert(moved.file(), pinned_by_index(&moved, file));
        }
        moves.insert(pin, newest.version);
    }
    let locked = |file: &str| before.artifacts.get(file).map(|locked| locked.sha256);
    for (file, source) in catalogue.debian_sources() {
        let Some(sha256) = locked(file) else { continue };
        let pin = Pin { package: source.package.clone(), version: source.version.clone(), suite: source.suite.clone() };
        match debian::newest_source(&sha256, source, surroundings)? {
            Some(version) if version != pin.version => drop(moves.insert(pin, version)),
            Some(_) => {}
            None => app.ui.note(missing(&pin)),
        }
    }

    let mut changed = BTreeMap::new();
    let texts = app.recipe_texts()?;
    for (path, old) in texts.iter().filter(|(path, _)| *path != LOCK_FILE) {
        let mut new = old.clone();
        for (pin, version) in &moves {
            new = pins::replace(&new, pin, version)?;
        }
        if new != *old {
            changed.insert(path.clone(), (old.clone(), new));
        }
    }
    // A file stays locked while anything pins it.
    let is_moved = |package: &&DebianPackage| {
        let same =
            |pin: &Pin| (&pin.package, &pin.version, &pin.suite) == (&package.name, &package.version, &package.suite);
        moves.keys().any(same)
    };
    let (old, kept): (Vec<_>, Vec<_>) = packages.iter().partition(is_moved);
    let kept: BTreeSet<String> = kept.into_iter().map(DebianPackage::file).collect();
    for file in old.into_iter().map(DebianPackage::file).filter(|file| !kept.contains(file)) {
        lock.artifacts.remove(&file);
    }
    if lock != before {
        changed.insert(LOCK_FILE.to_owned(), (before.print(), lock.print()));
    }

    if changed.is_empty() {
        app.ui.note("all pinned Debian packages are the newest versions of their releases");
        return Ok(());
    }
    for (path, (old, new)) in &changed {
        app.ui.data(&format!("--- {path}\n+++ {path}\n{}", line_diff(old, new)));
        if !arguments.dry_run {
            sys::fs::write_atomic(&app.checkout.join(path), new.as_bytes())?;
        }
    }
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let what = format!("{} in {}", count(moves.len(), "pin"), count(changed.len(), "file"));
    app.ui.note(match arguments.dry_run {
        true => format!("would move {what}"),
        false => format!("moved {what}\nhint: review the difference, then build and test what uses them"),
    });
    Ok(())
}

fn missing(pin: &Pin) -> String {
    format!(
        "cannot move {} {}: Debian's {} has no version of the same upstream release; choose another release or suite",
        pin.package, pin.version, pin.suite
    )
}
