//! Stages: their names, what is known about every stage of a kind, and the plan that they form. Pure.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::Work;
use crate::digest::Sha256;
use crate::embedded::EmbeddedFile;
use crate::event::Unit;

/// What a stage is called: CPython's own verbs where it has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StageId {
    FetchSource,
    FetchToolchain,
    FetchLibraries,
    FetchVendored,
    FetchRunner,
    PrepareSource,
    PrepareToolchain,
    PrepareRunner,
    BuildLibraries,
    ConfigureBuildPython,
    ConfigureHost,
    MakeBuildPython,
    CompileHost,
    MakeHost,
    BuildHostRunner,
    BuildBrowserRunner,
    Package,
    SmokeTest,
    PrepareTests,
}

/// What the code of a stage says about itself. Each file in `stage/` has one, next to the code that it describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageSpec {
    /// Part of the key. Raise it when the code changes in a way that changes the result for the same inputs.
    pub version: u32,
    /// The files of this repository that are compiled into xtask and that this stage writes, runs or passes on.
    /// Part of the key, by contents.
    pub files: Vec<EmbeddedFile>,
    /// What its progress counts.
    pub unit: Unit,
    /// Whether it counts against `--jobs`. Downloads compute nothing, and the runners are compiled at a low priority.
    pub takes_slot: bool,
    /// Whether a run without `--until` makes its result even if no other stage needs it.
    pub is_goal: bool,
    /// Whether its result contains the path of the store, so that it cannot be used once the store has moved.
    pub bound_to_path: bool,
}

impl StageSpec {
    /// A stage that computes, embeds nothing and is made only for others.
    pub const fn new(version: u32) -> Self {
        Self { version, files: Vec::new(), unit: Unit::None, takes_slot: true, is_goal: false, bound_to_path: false }
    }
}

/// One piece of work with everything that it depends on.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Stage {
    pub id: StageId,
    /// What it makes, in a few words.
    pub title: String,
    /// The stages whose results it uses.
    pub needs: Vec<StageId>,
    /// Identifies the result: equal keys, equal results.
    pub key: Sha256,
    /// The key's inputs as text.
    pub inputs: BTreeMap<String, String>,
    /// The name of the folder that it works in. Stages that share one run one after the other.
    pub workspace: String,
    pub work: Work,
    #[serde(skip)]
    pub spec: StageSpec,
}

/// All stages, in an order in which each comes after what it needs. The same for the same inputs, on every machine.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    /// Python, host and profile, for people.
    pub title: String,
    pub stages: Vec<Stage>,
}

impl StageId {
    /// The name that people type and read.
    pub fn name(self) -> &'static str {
        match self {
            Self::FetchSource => "fetch-source",
            Self::FetchToolchain => "fetch-toolchain",
            Self::FetchLibraries => "fetch-libraries",
            Self::FetchVendored => "fetch-vendored",
            Self::FetchRunner => "fetch-runner",
            Self::PrepareSource => "prepare-source",
            Self::PrepareToolchain => "prepare-toolchain",
            Self::PrepareRunner => "prepare-runner",
            Self::BuildLibraries => "build-libraries",
            Self::ConfigureBuildPython => "configure-build-python",
            Self::ConfigureHost => "configure-host",
            Self::MakeBuildPython => "make-build-python",
            Self::CompileHost => "compile-host",
            Self::MakeHost => "make-host",
            Self::BuildHostRunner => "build-host-runner",
            Self::BuildBrowserRunner => "build-browser-runner",
            Self::Package => "package",
            Self::SmokeTest => "smoke-test",
            Self::PrepareTests => "prepare-tests",
        }
    }
}

impl std::fmt::Display for StageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for StageId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Plan {
    /// A stage by its name.
    pub fn stage(&self, id: StageId) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == id)
    }

    /// The stages in the order in which they start when more are ready than may run.
    ///
    /// The stage with the longest chain of stages waiting for it comes first, because the run cannot end before that
    /// chain does. Among equals the plan's order decides.
    pub fn by_priority(&self) -> Vec<&Stage> {
        let mut chains: BTreeMap<StageId, usize> = BTreeMap::new();
        for stage in self.stages.iter().rev() {
            let chain = chains.get(&stage.id).copied().unwrap_or_default() + 1;
            for need in &stage.needs {
                let known = chains.entry(*need).or_default();
                *known = chain.max(*known);
            }
        }
        let mut stages: Vec<&Stage> = self.stages.iter().collect();
        stages.sort_by_key(|stage| std::cmp::Reverse(chains.get(&stage.id).copied().unwrap_or_default()));
        stages
    }
}

impl Stage {
    /// The name of its folder in the store: readable, and unique by the key.
    pub fn folder(&self) -> String {
        format!("{}-{}", self.id, self.key.short())
    }
}
