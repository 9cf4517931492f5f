//! Counts the checks that passed, and fails at the first that does not.

use std::cell::Cell;
use std::fmt::Display;

use anyhow::{Result, bail};

#[derive(Default)]
pub struct Checks {
    passed: Cell<usize>,
}

impl Checks {
    /// Counts a check that passed.
    pub fn pass(&self, what: impl Display) {
        self.passed.set(self.passed.get() + 1);
        eprintln!("ok: {what}");
    }

    /// How many checks passed so far.
    pub fn passed(&self) -> usize {
        self.passed.get()
    }

    /// A check: `wanted` and `found` must be equal. `how` is the command that gave what was found.
    pub fn expect<T: PartialEq<U> + Display, U: Display>(
        &self,
        what: impl Display,
        wanted: T,
        found: U,
        how: impl Display,
    ) -> Result<()> {
        if wanted != found {
            bail!("{what}\nwanted: {wanted}\nfound:  {found}\nfrom:   {how}");
        }
        self.pass(what);
        Ok(())
    }
}
