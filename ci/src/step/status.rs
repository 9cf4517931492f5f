//! `ci status`: the status page, compared with what the programs of recipes/probes answer on packages that are in the store.

use anyhow::Result;

use crate::context::Context;

/// Asks the columns that the matrix lists, in one run.
pub fn run(context: &Context) -> Result<()> {
    let columns = context.matrix.status.columns.iter().map(String::as_str);
    let call = context.xtask(["status", "--check"].into_iter().chain(columns));
    call.show().expect_code("all answers are as expected", 0)?;
    Ok(())
}
