//! How far CPython supports a platform.

use serde::{Deserialize, Serialize};

/// A tier of PEP 11, from 1 to 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Tier(u8);

impl TryFrom<u8> for Tier {
    type Error = String;

    fn try_from(tier: u8) -> Result<Self, Self::Error> {
        match tier {
            1..=3 => Ok(Self(tier)),
            _ => Err(format!(
                "PEP 11 has the tiers 1, 2 and 3, not {tier}; leave the key out where CPython does not support the platform"
            )),
        }
    }
}

impl From<Tier> for u8 {
    fn from(tier: Tier) -> Self {
        tier.0
    }
}
