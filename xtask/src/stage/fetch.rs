//! `fetch-source`, `fetch-toolchain` and others: download inputs into the store. They have no result.

use super::{Job, StageError};
use crate::event::Unit;
use crate::plan::StageSpec;
use crate::provider::{download, obtain};
use crate::recipe::Artifact;

/// Of every `fetch-…` stage.
pub fn spec() -> StageSpec {
    StageSpec { unit: Unit::Bytes, takes_slot: false, ..StageSpec::new(1) }
}

/// Downloads the artifacts. Names their sources if that was not the store, and the sources that sent wrong bytes.
pub fn run(job: &Job<'_>, artifacts: &[Artifact]) -> Result<(), StageError> {
    let context = job.context;
    let obtained = obtain::obtain(artifacts, context.store, context.policy, context.cancel, job.progress)?;
    for mismatch in obtained.iter().flat_map(|obtained| &obtained.mismatches) {
        (context.note)(format!("warning: {mismatch}"));
    }
    let mut places: Vec<&str> = obtained.iter().map(|obtained| obtained.from.as_str()).collect();
    places.sort_unstable();
    places.dedup();
    if places != ["the store"] && !places.is_empty() {
        (context.note)(format!("{}: got {} from {}", job.stage.id, job.stage.title, places.join(", ")));
    }
    Ok(())
}

/// Whether all artifacts are among the downloads. Their hashes are verified before they are opened.
pub fn is_done(artifacts: &[Artifact], store: &crate::store::Store) -> bool {
    artifacts.iter().all(|artifact| download::is_downloaded(store, artifact))
}
