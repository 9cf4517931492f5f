//! Runs the probes on the Python of one column.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;

use crate::cancel::Cancel;
use crate::probe::Probe;
use crate::probe::columns::ColumnRecipe;
use crate::probe::table::Column;
use crate::store::Store;
use crate::tester::Scratch;
use crate::tester::probe::{Interpreter, ProbeConfig, run};

/// What all columns of a run share.
pub struct Measure<'a> {
    pub probes: &'a [&'a Probe],
    pub jobs: usize,
    /// The time limit for one program.
    pub limit: Duration,
    pub store: &'a Store,
    pub cancel: &'a Cancel,
}

impl Measure<'_> {
    /// The answers of an interpreter, of this release and run by this runner.
    pub fn column(
        &self,
        recipe: &ColumnRecipe,
        (python, runner): (String, String),
        interpreter: Interpreter<'_>,
    ) -> Result<Column> {
        let Self { jobs, limit, cancel, .. } = *self;
        let scratch = Scratch::open(self.store, &format!("status-{}", recipe.name()), cancel)?;
        let config = ProbeConfig { interpreter, jobs, limit, folder: scratch.path(), cancel };
        let answers = run(&config, self.probes)?;
        let (name, title) = (recipe.name().to_owned(), recipe.title.clone());
        let host = recipe.host().map(str::to_owned);
        Ok(Column { name, title, host, python, runner, answers, expected: BTreeMap::new() })
    }
}
