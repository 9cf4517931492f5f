//! Inputs in place of pinned packages that their archive no longer has.
//!
//! A replacement is found once and recorded in the store, so that every later plan is made with the same bytes.
//! Its hash takes the place of the pinned one in the recipe, and so in the keys of all stages that use it.

use super::debian::{self, DebianError, Surroundings};
use super::download::{as_fetch, is_downloaded};
use super::replacement::{Replacement, Replacements};
use crate::fetch::{self, Presence};
use crate::recipe::Recipe;
use crate::recipe::model::{Artifact, ToolchainContents, VerifiedBy};
use crate::recipe::runner::Packages;
use crate::store::{Store, StoreError};

/// Where replacements are recorded in the store.
const REPLACEMENTS: &str = "replacements.json";

/// Finds and records replacements for those of these artifacts that packages no longer provide.
///
/// # Errors
/// When packages provide one of them neither as it is pinned nor in a version that may replace it.
pub fn find(artifacts: &[&Artifact], surroundings: Surroundings<'_>) -> Result<(), DebianError> {
    let store = surroundings.store;
    let known = recorded(store);
    let is_here = |artifact: &Artifact| {
        is_downloaded(store, artifact)
            || known.get(&artifact.sha256).is_some_and(|found| is_downloaded(store, &replaced(artifact, found)))
    };
    let is_package =
        |artifact: &Artifact| artifact.origin.debian_package.is_some() || !artifact.origin.debian_sources.is_empty();
    let mut missing = Vec::new();
    for artifact in artifacts.iter().copied().filter(|artifact| is_package(artifact) && !is_here(artifact)) {
        let mirrors = as_fetch(artifact, surroundings.policy).mirrors;
        let mut has = false;
        for place in &mirrors {
            has |= matches!(fetch::probe(&surroundings.policy.client, place, surroundings.cancel), Ok(Presence::Has));
        }
        if !has {
            missing.push(artifact);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let found = match debian::check(&missing, &known, surroundings) {
        // Without the network, results that were made with a replacement can still be used.
        Err(error) if !matches!(error, DebianError::Gone { .. }) => return Err(error),
        found => found,
    };
    // Read again, since the check takes seconds and another one may have recorded its replacements meanwhile.
    let before = recorded(store);
    let mut known = before.clone();
    for artifact in missing {
        known.remove(&artifact.sha256);
    }
    let result = found.map(|found| known.extend(found));
    if known != before {
        store.write_json(REPLACEMENTS, &known)?;
    }
    result
}

/// Does so for all packages of a recipe. A failure is not reported here: the download reports it, with all other sources.
pub fn find_for(recipe: &Recipe, surroundings: Surroundings<'_>) {
    let vendored = recipe.vendored.iter().map(|vendored| &vendored.artifact);
    for artifacts in [recipe.toolchain.artifacts(), vendored.collect()] {
        let _ = find(&artifacts, surroundings);
    }
}

/// Forgets all replacements, so that the next run asks the archive again.
pub fn forget(store: &Store) -> Result<(), StoreError> {
    if recorded(store).is_empty() { Ok(()) } else { store.write_json(REPLACEMENTS, &Replacements::new()) }
}

fn recorded(store: &Store) -> Replacements {
    store.read_json(REPLACEMENTS).unwrap_or_default()
}

/// Puts the recorded replacements into a recipe; with `locked`, only those that the lock pins.
/// Gives a line for each that it does not pin.
pub fn apply(recipe: &mut Recipe, store: &Store, locked: bool) -> Vec<String> {
    let known = usable(store, locked);
    let mut unpinned = replace_in(&mut recipe.toolchain.contents, &known, store);
    unpinned.extend(recipe.vendored.iter_mut().filter_map(|vendored| replace(&mut vendored.artifact, &known, store)));
    unpinned
}

/// A runner's packages with the recorded replacements, and a line for each that the lock does not pin.
pub fn in_runner(packages: &Packages, surroundings: Surroundings<'_>) -> (Packages, Vec<String>) {
    let (mut packages, store) = (packages.clone(), surroundings.store);
    let unpinned = replace_in(&mut packages.contents, &usable(store, surroundings.policy.locked), store);
    (packages, unpinned)
}

/// The same after looking for replacements, unless the network may not be used. A failure is reported by the download.
pub fn find_in_runner(packages: &Packages, surroundings: Surroundings<'_>) -> (Packages, Vec<String>) {
    if !surroundings.policy.offline {
        let _ = find(&packages.contents.artifacts(), surroundings);
    }
    in_runner(packages, surroundings)
}

fn usable(store: &Store, locked: bool) -> Replacements {
    let mut known = recorded(store);
    known.retain(|_, found| !locked || found.verified_by == VerifiedBy::Lock);
    known
}

fn replace_in(contents: &mut ToolchainContents, known: &Replacements, store: &Store) -> Vec<String> {
    let ToolchainContents::Debian(contents) = contents else { return Vec::new() };
    let mut unpinned = Vec::new();
    for artifact in &mut contents.artifacts {
        let before = artifact.file.clone();
        unpinned.extend(replace(artifact, known, store));
        if let Some(below) = contents.below.remove(&before) {
            contents.below.insert(artifact.file.clone(), below);
        }
    }
    unpinned
}

/// Gives a line if the lock does not pin the replacement.
fn replace(artifact: &mut Artifact, known: &Replacements, store: &Store) -> Option<String> {
    // The pinned bytes are preferred wherever they are there.
    let found = known.get(&artifact.sha256).filter(|_| !is_downloaded(store, artifact))?;
    let pinned = artifact.origin.debian_package.clone()?;
    *artifact = replaced(artifact, found);
    (found.verified_by == VerifiedBy::ArchiveSignature).then(|| {
        format!(
            "{} {} is no longer in Debian's {}: using {}, which is verified by the archive's signature and not by the lock",
            pinned.name, pinned.version, pinned.suite, found.package.version
        )
    })
}

fn replaced(artifact: &Artifact, replacement: &Replacement) -> Artifact {
    let mut artifact = artifact.clone();
    artifact.file = replacement.package.file();
    artifact.size = replacement.size;
    artifact.sha256 = replacement.sha256;
    artifact.origin.debian_package = Some(replacement.package.clone());
    artifact.origin.verified_by = replacement.verified_by;
    artifact
}
