//! The baseline that a package is compared with, from `recipes/baselines`: downloaded like other inputs, and unpacked.

use anyhow::{Result, bail};
use camino::Utf8Path;

use xtask::app::App;
use xtask::archive::{self, Options};
use xtask::cmd::session::Session;
use xtask::name::PythonVersion;
use xtask::progress::Silent;
use xtask::provider::{self, download};
use xtask::recipe::Artifact;

/// Another distribution of the same minor, for the same kind of host.
pub struct Baseline {
    pub python: PythonVersion,
    name: String,
    version: String,
    artifact: Artifact,
}

/// The first recipe that fits the session's minor and host.
pub fn of(app: &App, session: &Session<'_>) -> Result<Baseline> {
    let (catalogue, recipe) = (app.catalogue()?, &session.recipe);
    let minor = recipe.python.minor;
    let found = catalogue
        .baselines
        .iter()
        .find(|(_, baseline)| baseline.python.get_ref().minor == minor && baseline.families.contains(&recipe.family));
    let Some((name, baseline)) = found else {
        let host = &recipe.host;
        let of: Vec<String> = catalogue
            .baselines
            .iter()
            .map(|(name, baseline)| format!("{name} has {}", baseline.python.get_ref().minor))
            .collect();
        bail!(
            "recipes/baselines has no baseline with CPython {minor} for hosts like {host}\n\
             hint: {}",
            of.join(", ")
        );
    };
    let artifact = catalogue.baseline(name, &app.lock()?)?;
    Ok(Baseline { python: *baseline.python.get_ref(), name: name.clone(), version: baseline.version.clone(), artifact })
}

impl Baseline {
    /// Downloads it, if it is not among the downloads, and unpacks it into a new folder.
    pub fn unpack(&self, session: &Session<'_>, folder: &Utf8Path) -> Result<()> {
        let (app, store) = (session.app, session.store);
        if !download::is_downloaded(store, &self.artifact) {
            app.ui.note(format!("downloading {}", self.title()));
        }
        // Its hash is compared even if it is there.
        provider::obtain(std::slice::from_ref(&self.artifact), store, &session.policy, &app.cancel, &Silent)?;
        let archive = store.download(&self.artifact.sha256, &self.artifact.file);
        fs_err::create_dir_all(folder)?;
        archive::unpack(&archive, folder, &Options::default(), &app.cancel, &Silent)?;
        Ok(())
    }

    /// Name and version, as a person says it.
    pub fn title(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}
