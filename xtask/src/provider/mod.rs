//! Where inputs and tools come from: the store, a mirror, upstream, the distribution's packages, npm's registry, this machine.
//!
//! `obtain` gets pinned bytes by the first road that is open, `choose` decides which release and toolchain can be had at all,
//! `debian` drives apt with a root of its own, `npm` the machine's npm, `machine` finds the programs of the machine that builds,
//! `runner` those that run what was built.

pub mod choose;
pub mod debian;
pub mod machine;
pub mod npm;
pub mod obtain;
pub mod runner;

use std::collections::BTreeMap;

use crate::fetch;

pub use choose::{Choice, choose};
pub use obtain::{ObtainError, Obtained, obtain};

/// Which roads may be taken.
pub struct FetchPolicy {
    pub client: fetch::Client,
    /// `XTASK_MIRROR`: a URL or a folder, asked before upstream.
    pub mirror: Option<String>,
    /// No connection is made.
    pub offline: bool,
    /// What apt and cargo need of the environment to reach the network: proxies and certificate authorities.
    pub network_environment: BTreeMap<String, String>,
    /// The same for npm, which has its settings in the user's home folder and is a script.
    pub npm_environment: BTreeMap<String, String>,
}
