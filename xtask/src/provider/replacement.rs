//! What takes the place of a pinned package: found by `debian`, recorded and put into recipes by `replace`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Sha256;
use crate::recipe::model::DebianPackage;
use crate::recipe::model::VerifiedBy;

/// Another version of a pinned package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Replacement {
    pub package: DebianPackage,
    pub size: Option<u64>,
    pub sha256: Sha256,
    pub verified_by: VerifiedBy,
}

/// Replacements by the hash that the lock pins.
pub type Replacements = BTreeMap<Sha256, Replacement>;
