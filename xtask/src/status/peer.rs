//! Another distribution of CPython, started as this project's packages are: in Node.js, or in a worker of a browser.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use crate::archive::{self, Options};
use crate::cancel::Cancel;
use crate::progress::Silent;
use crate::provider::runner::ReadyRunner;
use crate::provider::{self, FetchPolicy};
use crate::recipe::model::{Baseline, HostFamily};
use crate::recipe::runner::Guest;
use crate::recipe::{Artifact, Catalogue};
use crate::store::Store;
use crate::tester::probe::Interpreter;

/// The files that start it, in this folder of the checkout: in Node.js, as a package for browsers, and what both of them run.
const FOLDER: &str = "xtask/src/status/peer";
const FILES: [&str; 3] = ["node.mjs", "python.mjs", "start.py"];

/// A host whose packages are run as this distribution is, by a runner.
pub fn host(catalogue: &Catalogue, baseline: &Baseline, runner: Option<&str>) -> Option<String> {
    let usual = |family: HostFamily| baseline.families.contains(&family) && runner == Some(family.usual_runner());
    catalogue.hosts.iter().find(|(_, host)| usual(host.family())).map(|(name, _)| name.clone())
}

/// Downloads it if needed, unpacks it into a folder, and adds what starts it.
pub fn unpack(
    artifact: &Artifact,
    checkout: &Utf8Path,
    store: &Store,
    policy: &FetchPolicy,
    folder: &Utf8Path,
    cancel: &Cancel,
) -> Result<()> {
    provider::obtain(std::slice::from_ref(artifact), store, policy, cancel, &Silent)?;
    let archive = store.download(&artifact.sha256, &artifact.file);
    fs_err::create_dir_all(folder)?;
    archive::unpack(&archive, folder, &Options::default(), cancel, &Silent)?;
    for name in FILES {
        fs_err::copy(checkout.join(FOLDER).join(name), folder.join(name))?;
    }
    // The program that runs packages in a browser compiles a file of this name before it starts workers.
    fs_err::hard_link(folder.join("pyodide.asm.wasm"), folder.join("python.wasm"))?;
    Ok(())
}

/// What runs a program with an unpacked one.
pub fn interpreter<'a>(package: &Utf8Path, runner: &'a ReadyRunner, cache: Utf8PathBuf) -> Interpreter<'a> {
    if runner.driver.is_some() {
        let guest = Guest { cache: Some(cache), ..Guest::new(package.join("python.wasm")) };
        return Interpreter::Guest { runner, guest };
    }
    Interpreter::Program {
        program: runner.program.clone(),
        arguments: vec![package.join("node.mjs").into_string()],
        environment: runner.environment.clone(),
    }
}
