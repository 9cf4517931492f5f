//! What a host is, and what its Python needs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::name::Minor;
use crate::recipe::template::Verbatim;

/// What kind of host it is: decides how its Python is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostFamily {
    /// python.wasm, which a runner gives the system's calls to.
    Wasi,
    /// python.wasm with Emscripten's JavaScript, which Node.js runs: it sees the files of the machine as they are.
    EmscriptenNode,
    /// python.wasm with Emscripten's JavaScript, which a page or a worker of a browser runs: its files are in memory.
    EmscriptenBrowser,
}

impl HostFamily {
    /// The runner that runs its Pythons, unless another is requested.
    pub fn usual_runner(self) -> &'static str {
        match self {
            Self::Wasi => "host-runner",
            Self::EmscriptenNode => "node",
            Self::EmscriptenBrowser => "chromium",
        }
    }

    /// Whether the package's own launcher has to start Python: it brings the JavaScript that python.wasm cannot do without.
    pub fn needs_launcher(self) -> bool {
        match self {
            Self::Wasi => false,
            Self::EmscriptenNode => true,
            Self::EmscriptenBrowser => false,
        }
    }

    /// Whether its usual runner alone knows what its Pythons need of a host.
    pub fn has_one_runner(self) -> bool {
        match self {
            Self::Wasi => false,
            Self::EmscriptenNode | Self::EmscriptenBrowser => true,
        }
    }

    /// What people call `sys.platform`.
    pub fn platform(self) -> &'static str {
        match self {
            Self::Wasi => "WASI",
            Self::EmscriptenNode | Self::EmscriptenBrowser => "Emscripten",
        }
    }

    /// `sys.platform`.
    pub fn sys_platform(self) -> &'static str {
        match self {
            Self::Wasi => "wasi",
            Self::EmscriptenNode | Self::EmscriptenBrowser => "emscripten",
        }
    }
}

/// What the host's Python needs of whatever runs it.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RunnerNeeds {
    /// Bytes of stack that the engine must give to the wasm.
    pub stack_size: u64,
    /// The oldest Node.js that will do, by its first number; absent where it is not Node.js that runs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_node: Option<u32>,
}

/// An answer that `configure` is given, with the reason.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub struct Preset {
    pub value: String,
    pub reason: String,
}

/// What python.wasm may ask of an engine, and what it must offer.
#[derive(Debug, Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub struct Wasm {
    /// The imports by module, exactly.
    pub imports: BTreeMap<String, Vec<String>>,
    /// The exports, exactly.
    pub exports: Vec<String>,
}

/// CPython's own way to build and to test one minor for one host. `cargo xtask bench` measures it; nothing else uses it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Reference {
    /// A path in the source tree. It must know CPython's four verbs, from `configure-build-python` to `make-host`.
    pub script: String,
    /// The oldest Python that can run it.
    pub python: Minor,
    /// What its `--host-runner` says after the stack's size. The names in braces are the script's own, which fills them in.
    pub runner_arguments: Verbatim,
    /// Additional arguments for its regrtest, whose main process is the build Python.
    pub regrtest_arguments: Vec<String>,
}
