//! Where inputs, tools and packages come from: the store, a mirror, upstream, Debian's packages, npm's registry, PyPI, this machine.
//!
//! `obtain` downloads pinned bytes from the first source that has them, `choose` decides which release and toolchain are available,
//! `replace` finds other versions of packages that were removed (each a `replacement`), `debian` drives apt with its own root, `npm` the machine's npm, `pip` its pip,
//! `machine` finds the programs of the build machine, `runner` those that run host binaries,
//! `runner_sources` what the runners of this workspace are compiled from.

pub mod choose;
pub mod debian;
pub mod download;
pub mod machine;
pub mod npm;
pub mod obtain;
pub mod pip;
pub mod precompile;
pub mod replace;
mod replacement;
pub mod runner;
pub mod runner_sources;
mod tally;

use std::collections::BTreeMap;

use crate::fetch;

pub use choose::{Choice, choose};
pub use download::Obtained;
pub use obtain::{ObtainError, obtain};

/// Which sources may be used, and how they are reached.
pub struct FetchPolicy {
    pub client: fetch::Client,
    /// `XTASK_MIRROR`: a URL or a folder, tried before upstream.
    pub mirror: Option<String>,
    /// No connection is made.
    pub offline: bool,
    /// Only bytes that the lock pins are used.
    pub locked: bool,
    /// What apt and cargo need of the environment to reach the network: proxies and certificate authorities.
    pub network_environment: BTreeMap<String, String>,
    /// The same for npm, which has its settings in the user's home folder and is a script.
    pub npm_environment: BTreeMap<String, String>,
}
