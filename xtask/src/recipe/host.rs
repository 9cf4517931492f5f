//! A host of the catalogue, with what was decided for each of its minors.

use std::collections::BTreeMap;

use super::model::{HostFamily, Micro, Preset, Reasons, Reference, VendoredPackage, Wasm};
use super::modules::Decisions;
use super::raw;
use crate::name::{Minor, PythonVersion};

/// A host with what is particular to each minor.
#[derive(Debug)]
pub struct Host {
    /// The host that it is like; what it takes from that one is in `common` and `minors`.
    pub extends: Option<String>,
    pub(super) common: raw::Host,
    /// Their modules, presets, imports and exports are only exceptions from shared files: the fields below have what was decided.
    pub(super) minors: BTreeMap<Minor, raw::HostMinor>,
    /// Libraries of `recipes/libraries/`, in the order in which they are built.
    pub libraries: Vec<String>,
    pub modules: BTreeMap<Minor, Decisions>,
    /// The answers that `configure` is given, which come after CPython's.
    pub presets: BTreeMap<Minor, BTreeMap<String, Preset>>,
    /// What python.wasm imports and exports. A minor is not in it where nothing but the JavaScript beside python.wasm uses that.
    pub wasm: BTreeMap<Minor, Wasm>,
}

impl Host {
    pub(super) fn new(extends: Option<String>, common: raw::Host) -> Self {
        Self {
            extends,
            common,
            minors: BTreeMap::new(),
            libraries: Vec::new(),
            modules: BTreeMap::new(),
            presets: BTreeMap::new(),
            wasm: BTreeMap::new(),
        }
    }

    pub fn family(&self) -> HostFamily {
        self.common.family
    }

    /// The minors that have a recipe for this host.
    pub fn minors(&self) -> impl Iterator<Item = Minor> {
        self.minors.keys().copied()
    }

    /// Whether a minor has a recipe for this host.
    pub fn has(&self, minor: Minor) -> bool {
        self.minors.contains_key(&minor)
    }

    /// The triple of a minor that has a recipe.
    pub fn triple(&self, minor: Minor) -> &str {
        self.minors[&minor].triple.get_ref()
    }

    /// The toolchains that a minor can be built with, by name, with their versions.
    pub fn toolchains(&self, minor: Minor) -> impl Iterator<Item = (&str, &str)> {
        let toolchains = self.minors.get(&minor).into_iter().flat_map(|recipe| &recipe.toolchain);
        toolchains.map(|(name, version)| (name.as_str(), version.get_ref().as_str()))
    }

    /// The toolchains of the host that a minor is not built with.
    pub fn rejected_toolchains(&self, minor: Minor) -> &Reasons {
        &self.minors[&minor].toolchain_reject
    }

    /// CPython's own script for a minor; `None` where none was tried.
    pub fn reference(&self, minor: Minor) -> Option<&Reference> {
        self.minors.get(&minor)?.reference.as_ref()
    }

    /// The packages of third-party files in the host's package.
    pub fn vendored(&self) -> impl Iterator<Item = &VendoredPackage> {
        self.common.vendored.iter().map(|vendored| &vendored.package)
    }

    /// What is left out of the standard library.
    pub fn excluded_library(&self) -> &Reasons {
        &self.common.standard_library.exclude
    }

    /// Why no release of a minor was built and run on this host yet.
    pub fn unverified_minor(&self, minor: Minor) -> Option<&str> {
        self.minors.get(&minor)?.unverified.as_deref()
    }

    /// Why a release is unverified on this host, which has this name, in this profile; empty if it is verified.
    pub fn unverified(&self, name: &str, python: PythonVersion, micro: Option<&Micro>, profile: &str) -> Vec<String> {
        let recipe = &self.minors[&python.minor];
        let of_micro = micro.and_then(|micro| micro.unverified.clone());
        if let Some(reason) = &recipe.unverified {
            return [reason.clone()].into_iter().chain(of_micro).collect();
        }
        let profiles = self.verified(python);
        if profiles.is_empty() {
            let verified: Vec<String> = recipe.verified.keys().map(PythonVersion::to_string).collect();
            let verified = verified.join(", ");
            return vec![
                of_micro.unwrap_or_else(|| format!("{python} was never built on {name}; {verified} ran there")),
            ];
        }
        match profiles.contains(&profile) {
            true => Vec::new(),
            false => {
                let profiles = profiles.join(", ");
                vec![format!("{python} was never built on {name} with the profile {profile}; with {profiles} it ran")]
            }
        }
    }

    /// Whether a minor is built with this version of a toolchain.
    pub fn uses_toolchain(&self, name: &str, version: &str) -> bool {
        self.minors().any(|minor| self.toolchains(minor).any(|used| used == (name, version)))
    }

    /// The profiles in which a release was built and run.
    pub fn verified(&self, python: PythonVersion) -> Vec<&str> {
        let profiles = self.minors.get(&python.minor).and_then(|recipe| recipe.verified.get(&python));
        profiles.into_iter().flatten().map(|name| name.get_ref().as_str()).collect()
    }
}
