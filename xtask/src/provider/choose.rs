//! Which release and which toolchain: the first of a recipe's candidates that is available.
//!
//! A choice is made once and recorded in the store, so that a second run needs no network. It is made again when the recipes
//! or the request change, when a download of what was chosen fails, and with `fetch --again`.

use std::collections::BTreeSet;
use std::thread;

use serde::{Deserialize, Serialize};

use super::FetchPolicy;
use super::debian::Surroundings;
use super::download::{OFFLINE_HINT, as_fetch, is_downloaded, list};
use super::replace;
use crate::cancel::Cancel;
use crate::digest::{Hasher, Sha256};
use crate::fetch;
use crate::name::PythonVersion;
use crate::recipe::{Artifact, Library, Source, Toolchain};
use crate::store::{Store, StoreError};

/// Where choices are recorded in the store.
const CHOICES: &str = "choices.json";

const UNREACHABLE_HINT: &str =
    "set `HTTPS_PROXY` if this network needs a proxy, or `XTASK_MIRROR` to a URL or folder that has the files";

/// What can be chosen among, in order of preference.
#[derive(Debug, Clone)]
pub struct Candidates {
    pub sources: Vec<(PythonVersion, Source)>,
    pub toolchains: Vec<Toolchain>,
    /// For each library, the same release as different places pack it.
    pub libraries: Vec<Vec<Library>>,
}

impl Candidates {
    /// There is one of everything.
    pub fn nothing_to_choose(&self) -> bool {
        self.sources.len() == 1 && self.toolchains.len() == 1 && self.libraries.iter().all(|packed| packed.len() == 1)
    }
}

/// What was chosen, and why.
#[derive(Debug, Clone)]
pub struct Choice {
    pub python: PythonVersion,
    pub source: Source,
    pub toolchain: Toolchain,
    pub libraries: Vec<Library>,
    /// One line for messages: what is used, and why not a better candidate.
    pub note: String,
}

/// No candidate is available.
#[derive(Debug, thiserror::Error)]
pub enum ChooseError {
    /// `reasons` has a line for each candidate.
    #[error("{reasons}\nhint: {hint}")]
    NoneAvailable { reasons: String, hint: &'static str },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("interrupted")]
    Cancelled,
}

/// A choice as the store records it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Kept {
    python: PythonVersion,
    toolchain: String,
    toolchain_version: String,
    /// The archives of the libraries' sources.
    #[serde(default)]
    libraries: Vec<String>,
    note: String,
}

type Choices = std::collections::BTreeMap<Sha256, Kept>;

/// Chooses among candidates, which are given in order of preference. Needs no network if the choice was made before.
pub fn choose(
    candidates: &Candidates,
    store: &Store,
    policy: &FetchPolicy,
    cancel: &Cancel,
) -> Result<Choice, ChooseError> {
    let key = key(candidates);
    if let Some(choice) = kept(candidates, store, &key) {
        return Ok(choice);
    }
    let Candidates { sources, toolchains, .. } = candidates;
    let probe = || Probe { store, policy, cancel, unreachable: Vec::new() };
    let (mut probe, mut toolchain_probe) = (probe(), probe());
    // Side by side, since reading the indexes of packages takes seconds.
    let (source_found, toolchain_found) = thread::scope(|scope| {
        let toolchain = scope.spawn(|| {
            toolchain_probe.first("toolchain", toolchains, |toolchain| (toolchain.title(), toolchain.artifacts()))
        });
        let source = probe.first("source of CPython", sources, |(python, source)| {
            (format!("Python {python}"), vec![&source.artifact])
        });
        (source, toolchain.join().expect("looking for a toolchain does not panic"))
    });
    let (source_found, toolchain_found) = (source_found?, toolchain_found?);
    probe.learn(toolchain_probe);
    let mut libraries = Vec::new();
    let mut missing = Vec::new();
    for packed in &candidates.libraries {
        let what = packed.first().map(|library| format!("source of {}", library.title())).unwrap_or_default();
        match probe.first(&what, packed, |library| (library.artifact.file.clone(), vec![&library.artifact]))? {
            Ok((index, _)) => libraries.push(packed[index].clone()),
            Err(reasons) => missing.push(reasons),
        }
    }
    let (source_index, source_from, toolchain_index, toolchain_from) = match (source_found, toolchain_found) {
        (Ok((source, source_from)), Ok((toolchain, toolchain_from))) if missing.is_empty() => {
            (source, source_from, toolchain, toolchain_from)
        }
        // Everything that is missing is reported at once.
        (source, toolchain) => {
            let reasons: Vec<String> = source.err().into_iter().chain(toolchain.err()).chain(missing).collect();
            let hint = if policy.offline { OFFLINE_HINT } else { UNREACHABLE_HINT };
            return Err(ChooseError::NoneAvailable { reasons: reasons.join("\n"), hint });
        }
    };
    let (python, source) = sources[source_index].clone();
    let toolchain = toolchains[toolchain_index].clone();
    let mut note = format!("using Python {python} {source_from} and {} {toolchain_from}", toolchain.title());
    if !probe.unreachable.is_empty() {
        note = format!("{note}, because {} cannot be reached", probe.unreachable.join(" and "));
    }
    // A choice that was made offline is not recorded: with network access it may be a better one.
    if !policy.offline {
        let kept = Kept {
            python,
            toolchain: toolchain.name.clone(),
            toolchain_version: toolchain.version.clone(),
            libraries: libraries.iter().map(|library| library.artifact.file.clone()).collect(),
            note: note.clone(),
        };
        let mut choices: Choices = store.read_json(CHOICES).unwrap_or_default();
        choices.insert(key, kept);
        store.write_json(CHOICES, &choices)?;
    }
    Ok(Choice { python, source, toolchain, libraries, note })
}

/// The choice that was made before; if there is none, what is downloaded; if nothing is, the first candidates.
/// Connects to nothing.
pub fn expected(candidates: &Candidates, store: &Store) -> Choice {
    let Candidates { sources, toolchains, .. } = candidates;
    kept(candidates, store, &key(candidates)).unwrap_or_else(|| {
        let source_is_here = |(_, source): &(PythonVersion, Source)| is_downloaded(store, &source.artifact);
        let toolchain_is_here =
            |toolchain: &Toolchain| toolchain.artifacts().iter().all(|artifact| is_downloaded(store, artifact));
        let (python, source) = sources[sources.iter().position(source_is_here).unwrap_or(0)].clone();
        let toolchain = toolchains[toolchains.iter().position(toolchain_is_here).unwrap_or(0)].clone();
        let library_is_here = |library: &Library| is_downloaded(store, &library.artifact);
        let first =
            |packed: &Vec<Library>| packed.iter().find(|library| library_is_here(library)).or(packed.first()).cloned();
        let libraries = candidates.libraries.iter().filter_map(first).collect();
        let note = match candidates.nothing_to_choose() {
            true => format!("using Python {python} and {}", toolchain.title()),
            false => format!("Python {python} and {} (not resolved yet)", toolchain.title()),
        };
        Choice { python, source, toolchain, libraries, note }
    })
}

/// Forgets what was chosen and replaced, so that the next run resolves again.
pub fn forget(store: &Store) -> Result<(), StoreError> {
    replace::forget(store)?;
    store.write_json(CHOICES, &Choices::new())
}

fn kept(candidates: &Candidates, store: &Store, key: &Sha256) -> Option<Choice> {
    let Candidates { sources, toolchains, libraries } = candidates;
    let choices: Choices = store.read_json(CHOICES)?;
    let kept = choices.get(key)?;
    let (python, source) = sources.iter().find(|(python, _)| *python == kept.python)?.clone();
    let matches =
        |toolchain: &&Toolchain| toolchain.name == kept.toolchain && toolchain.version == kept.toolchain_version;
    let toolchain = toolchains.iter().find(matches)?.clone();
    let named =
        |packed: &Vec<Library>| packed.iter().find(|library| kept.libraries.contains(&library.artifact.file)).cloned();
    let libraries = libraries.iter().map(named).collect::<Option<_>>()?;
    Some(Choice { python, source, toolchain, libraries, note: kept.note.clone() })
}

/// What a choice depends on: the candidates with their hashes.
fn key(candidates: &Candidates) -> Sha256 {
    let mut hasher = Hasher::new();
    for (python, source) in &candidates.sources {
        hasher.field(python.to_string().as_bytes());
        hasher.field(source.artifact.sha256.to_string().as_bytes());
    }
    for toolchain in &candidates.toolchains {
        hasher.field(toolchain.title().as_bytes());
        for artifact in toolchain.artifacts() {
            hasher.field(artifact.sha256.to_string().as_bytes());
        }
    }
    for library in candidates.libraries.iter().flatten() {
        hasher.field(library.title().as_bytes());
        hasher.field(library.artifact.sha256.to_string().as_bytes());
    }
    hasher.finish()
}

/// Finds out what is available, and remembers which servers did not answer.
struct Probe<'a> {
    store: &'a Store,
    policy: &'a FetchPolicy,
    cancel: &'a Cancel,
    unreachable: Vec<String>,
}

impl Probe<'_> {
    /// Takes over what another one found out.
    fn learn(&mut self, other: Self) {
        for server in other.unreachable {
            if !self.unreachable.contains(&server) {
                self.unreachable.push(server);
            }
        }
    }

    /// The first candidate that is available, and from where; or why none is.
    fn first<T>(
        &mut self,
        what: &str,
        candidates: &[T],
        artifacts: impl Fn(&T) -> (String, Vec<&Artifact>),
    ) -> Result<Result<(usize, &'static str), String>, ChooseError> {
        let mut reasons = format!("no {what} is available:");
        for (index, candidate) in candidates.iter().enumerate() {
            let (name, artifacts) = artifacts(candidate);
            match self.source(&artifacts)? {
                Ok(source) => return Ok(Ok((index, source))),
                Err(reason) => reasons.push_str(&format!("\n  {name}: {reason}")),
            }
        }
        Ok(Err(reasons))
    }

    /// Where all of these artifacts are available, or why they are not.
    fn source(&mut self, artifacts: &[&Artifact]) -> Result<Result<&'static str, String>, ChooseError> {
        if artifacts.iter().all(|artifact| is_downloaded(self.store, artifact)) {
            return Ok(Ok("from the store"));
        }
        let mut by_mirror = true;
        let mut by_fetch = true;
        for artifact in artifacts {
            let places = as_fetch(artifact, self.policy);
            let in_mirror = is_downloaded(self.store, artifact) || self.any_has(&places.mirrors)?;
            by_mirror &= in_mirror;
            by_fetch &= in_mirror || self.any_has(&places.urls)?;
        }
        if by_mirror {
            return Ok(Ok("from the mirror"));
        }
        if by_fetch {
            return Ok(Ok("from upstream"));
        }
        if self.policy.offline {
            let missing = list(artifacts.iter().copied().filter(|artifact| !is_downloaded(self.store, artifact)));
            return Ok(Err(format!("offline, and not in {}:\n{missing}", self.store.downloads())));
        }
        let packaged = |artifact: &&Artifact| {
            artifact.origin.debian_package.is_some() || !artifact.origin.debian_sources.is_empty()
        };
        if !artifacts.iter().all(packaged) {
            return Ok(Err(format!("{}, and no package has it", self.refusals(artifacts).join(" and "))));
        }
        let missing: Vec<&Artifact> =
            artifacts.iter().copied().filter(|artifact| !is_downloaded(self.store, artifact)).collect();
        let surroundings = Surroundings { store: self.store, policy: self.policy, cancel: self.cancel };
        match replace::find(&missing, surroundings) {
            Ok(()) => Ok(Ok("from the distribution's packages")),
            Err(_) if self.cancel.is_cancelled() => Err(ChooseError::Cancelled),
            Err(error) => Ok(Err(error.to_string().replace("\nhint:", "\n    hint:"))),
        }
    }

    /// Why each server that these artifacts should come from does not provide them.
    fn refusals(&self, artifacts: &[&Artifact]) -> Vec<String> {
        let places = artifacts.iter().map(|artifact| as_fetch(artifact, self.policy));
        let servers: BTreeSet<String> = places
            .flat_map(|places| places.mirrors.into_iter().chain(places.urls))
            .map(|url| server(&url).to_owned())
            .collect();
        let refusal = |server: String| match self.unreachable.contains(&server) {
            true => format!("{server} cannot be reached"),
            false => format!("{server} does not have it"),
        };
        servers.into_iter().map(refusal).collect()
    }

    fn any_has(&mut self, places: &[String]) -> Result<bool, ChooseError> {
        for place in places {
            let server = server(place).to_owned();
            if self.unreachable.contains(&server) {
                continue;
            }
            match fetch::probe(&self.policy.client, place, self.cancel).map_err(|_| ChooseError::Cancelled)? {
                fetch::Presence::Has => return Ok(true),
                fetch::Presence::HasNot => {}
                fetch::Presence::Unreachable => self.unreachable.push(server),
            }
        }
        Ok(false)
    }
}

/// The server's name in a URL.
fn server(place: &str) -> &str {
    place.split_once("://").map_or(place, |(_, rest)| rest.split('/').next().unwrap_or(rest))
}
