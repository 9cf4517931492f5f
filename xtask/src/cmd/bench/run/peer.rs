//! The peer that a host's Pythons are compared with: found among the recipes, obtained as other inputs are, and unpacked.

use anyhow::{Result, bail};
use camino::Utf8Path;

use crate::app::App;
use crate::archive::{self, Layout, Limits, Options};
use crate::cmd::session::Session;
use crate::name::PythonVersion;
use crate::progress::Silent;
use crate::provider::{self, obtain};
use crate::recipe::Artifact;

/// A peer of the same minor, which runs where the host's Pythons do.
pub struct Peer {
    pub python: PythonVersion,
    name: String,
    version: String,
    artifact: Artifact,
}

/// The first that there is a recipe of.
pub fn of(app: &App, session: &Session<'_>) -> Result<Peer> {
    let (catalogue, recipe) = (app.catalogue()?, &session.recipe);
    let minor = recipe.python.minor;
    let found = catalogue
        .peers
        .iter()
        .find(|(_, peer)| peer.python.get_ref().minor == minor && peer.families.contains(&recipe.family));
    let Some((name, peer)) = found else {
        let host = &recipe.host;
        let of: Vec<String> =
            catalogue.peers.iter().map(|(name, peer)| format!("{name} has {}", peer.python.get_ref().minor)).collect();
        bail!(
            "no peer that has CPython {minor} and runs where {host} does is known here, so there is nothing to compare with\n\
             hint: recipes/peers names them; {}",
            of.join(", ")
        );
    };
    let artifact = catalogue.peer(name, &app.lock()?)?;
    Ok(Peer { python: *peer.python.get_ref(), name: name.clone(), version: peer.version.clone(), artifact })
}

impl Peer {
    /// Downloads it, if it is not among the downloads, and unpacks it into a new folder.
    pub fn unpack(&self, session: &Session<'_>, folder: &Utf8Path) -> Result<()> {
        let (app, store) = (session.app, session.store);
        if !obtain::is_downloaded(store, &self.artifact) {
            app.ui.note(format!("downloading {}", self.title()));
        }
        // Its hash is compared even if it is there.
        provider::obtain(std::slice::from_ref(&self.artifact), store, &session.roads, &app.cancel, &Silent)?;
        let archive = store.download(&self.artifact.sha256, &self.artifact.file);
        let options = Options {
            layout: Layout::StripTop(None),
            limits: Limits::default(),
            left_out: Vec::new(),
            kept: Vec::new(),
        };
        fs_err::create_dir_all(folder)?;
        archive::unpack(&archive, folder, &options, &app.cancel, &Silent)?;
        Ok(())
    }

    /// Name and version, as a person says it.
    pub fn title(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}
