//! The files of this checkout and the facts about this machine that a plan is made from.

use anyhow::Result;
use camino::Utf8Path;

use super::patch;
use crate::app::App;
use crate::cli::BuildOptions;
use crate::configure_cache;
use crate::digest::Sha256;
use crate::patch::Patch;
use crate::plan::{CheckoutFile, CheckoutFiles, CheckoutFolder, Facts};
use crate::provider::{machine, runner_sources};
use crate::recipe::model::{HostFamily, ToolchainContents};
use crate::recipe::{Recipe, Toolchain};
use crate::store::Store;
use crate::sys;

/// The facts about this machine that results depend on.
pub fn facts(app: &App, store: &Store, toolchain: &Toolchain) -> Result<Facts> {
    let c_compiler = match machine::find("cc", &app.path) {
        Some(path) => machine::compiler_version(&path, store, &app.cancel)?,
        // A plan can be shown without a compiler; a build reports all missing programs at once.
        None => String::new(),
    };
    let toolchain_folder = match &toolchain.contents {
        ToolchainContents::Folder { path } => machine::state_of_folder(path.as_ref())?,
        ToolchainContents::Archive { .. } | ToolchainContents::Debian(_) => String::new(),
    };
    let host_runner = runner_sources::hash(&app.checkout, "runners/host")?;
    let browser_runner = runner_sources::hash(&app.checkout, "runners/browser")?;
    Ok(Facts { build_machine: app.build_machine.clone(), c_compiler, toolchain_folder, host_runner, browser_runner })
}

/// The files of the checkout that the stages of a recipe's plan copy. Without the source's patches, where the source is a
/// folder of the user's.
pub fn checkout_files(checkout: &Utf8Path, recipe: &Recipe, options: &BuildOptions) -> Result<CheckoutFiles> {
    let patches = if options.source.is_none() { patches(checkout, &recipe.source.patches)? } else { Vec::new() };
    let (mut toolchain_patches, mut toolchain) = (Vec::new(), Vec::new());
    if let ToolchainContents::Debian(contents) = &recipe.toolchain.contents {
        if let Some(patched) = &contents.patched {
            toolchain_patches = self::patches(checkout, &patched.series)?;
        }
        let names = contents.files.iter().map(|own| format!("{}/{}", contents.files_folder, own.from));
        toolchain = names.map(|name| checkout_file(checkout, CheckoutFolder::Recipes, name)).collect::<Result<_>>()?;
    }
    let browser = match recipe.family {
        HostFamily::EmscriptenBrowser => browser_files(checkout)?,
        HostFamily::Wasi | HostFamily::EmscriptenNode => Vec::new(),
    };
    let recorded = configure_cache::file(recipe);
    let is_recorded = checkout.join(CheckoutFolder::Recipes.path()).join(&recorded).is_file();
    let configure_cache = (is_recorded && !options.no_configure_cache)
        .then(|| checkout_file(checkout, CheckoutFolder::Recipes, recorded))
        .transpose()?;
    Ok(CheckoutFiles { patches, toolchain_patches, toolchain, browser, configure_cache })
}

/// The patches of a series. They are parsed here, so that mistakes in them are reported before anything runs.
fn patches(checkout: &Utf8Path, folder: &str) -> Result<Vec<CheckoutFile>> {
    if folder.is_empty() {
        return Ok(Vec::new());
    }
    let series = patch::read(checkout, folder).map_err(|mistakes| patch::wrong(&mistakes))?;
    let file = |patch: Patch| CheckoutFile {
        folder: CheckoutFolder::Patches,
        file: format!("{folder}/{}", patch.file_name),
        sha256: patch.sha256,
    };
    Ok(series.patches.into_iter().map(file).collect())
}

fn browser_files(checkout: &Utf8Path) -> Result<Vec<CheckoutFile>> {
    let folder = CheckoutFolder::BrowserFiles;
    let entries = sys::fs::list_tree(&checkout.join(folder.path()))?.into_iter();
    let files = entries.filter(|entry| matches!(entry.kind, sys::fs::Kind::File { .. }));
    files.map(|entry| checkout_file(checkout, folder, entry.path.into_string())).collect()
}

fn checkout_file(checkout: &Utf8Path, folder: CheckoutFolder, file: String) -> Result<CheckoutFile> {
    let sha256 = Sha256::of(&fs_err::read(checkout.join(folder.path()).join(&file))?);
    Ok(CheckoutFile { folder, file, sha256 })
}
