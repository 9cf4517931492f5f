//! `fetch-source`, `fetch-toolchain`: pinned bytes into the store's downloads. It has no result of its own.

use super::{Job, StageError};
use crate::event::Unit;
use crate::plan::StageSpec;
use crate::provider::obtain;
use crate::recipe::Artifact;

/// Of every `fetch-…` stage.
pub fn spec() -> StageSpec {
    StageSpec { unit: Unit::Bytes, takes_slot: false, ..StageSpec::new(1) }
}

/// Gets the artifacts, and says where they came from if that was not the store.
pub fn run(job: &Job<'_>, artifacts: &[Artifact]) -> Result<(), StageError> {
    let context = job.context;
    let obtained = obtain::obtain(artifacts, context.store, context.policy, context.cancel, job.progress)?;
    let mut places: Vec<&str> = obtained.iter().map(|obtained| obtained.from.as_str()).collect();
    places.sort_unstable();
    places.dedup();
    if places != ["the store"] && !places.is_empty() {
        (context.note)(format!("{}: got {} from {}", job.stage.id, job.stage.title, places.join(", ")));
    }
    Ok(())
}

/// Whether all artifacts are among the downloads. Their hashes are looked at before they are opened.
pub fn is_done(artifacts: &[Artifact], store: &crate::store::Store) -> bool {
    artifacts.iter().all(|artifact| obtain::is_downloaded(store, artifact))
}
