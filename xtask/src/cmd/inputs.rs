//! The files of this checkout and the facts about this machine that a plan is made from.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::failure::Failed;
use crate::app::App;
use crate::digest::Sha256;
use crate::patch;
use crate::plan::{CheckoutFile, CheckoutFiles, CheckoutFolder, Facts};
use crate::provider::machine;
use crate::recipe::model::ToolchainContents;
use crate::recipe::{Recipe, Toolchain, raw};
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
    let host_runner = machine::hash_sources(&app.checkout, &runner_sources(&app.checkout, "runners/host")?)?;
    let browser_runner = machine::hash_sources(&app.checkout, &runner_sources(&app.checkout, "runners/browser")?)?;
    Ok(Facts { build_machine: app.build_machine.clone(), c_compiler, toolchain_folder, host_runner, browser_runner })
}

/// What a runner is compiled from: its package and those of this workspace that it depends on, without their tests.
fn runner_sources(checkout: &Utf8Path, package: &str) -> Result<Vec<String>> {
    #[derive(serde::Deserialize)]
    struct Manifest {
        #[serde(default)]
        dependencies: BTreeMap<String, toml::Value>,
    }
    let mut sources = vec!["Cargo.lock".to_owned(), "Cargo.toml".to_owned()];
    let (mut found, mut looked_at) = (vec![Utf8PathBuf::from(package)], 0);
    while let Some(folder) = found.get(looked_at).cloned() {
        looked_at += 1;
        for entry in checkout.join(&folder).read_dir_utf8()? {
            let entry = entry?;
            if !matches!(entry.file_name(), "tests" | "README.md") {
                sources.push(folder.join(entry.file_name()).into_string());
            }
        }
        let manifest = folder.join("Cargo.toml");
        let text = fs_err::read_to_string(checkout.join(&manifest))?;
        let dependencies = toml::from_str::<Manifest>(&text).with_context(|| manifest.to_string())?.dependencies;
        for path in dependencies.values().filter_map(|dependency| dependency.get("path")?.as_str()) {
            let path = checkout.join(&folder).join(path).canonicalize_utf8()?;
            let path = path.strip_prefix(checkout.canonicalize_utf8()?)?.to_owned();
            if !found.contains(&path) {
                found.push(path);
            }
        }
    }
    sources.sort();
    Ok(sources)
}

/// The files of the checkout that the stages of a recipe's plan copy. Without the source's patches, where the source is a
/// folder of the user's.
pub fn checkout_files(checkout: &Utf8Path, recipe: &Recipe, with_patches: bool) -> Result<CheckoutFiles> {
    let patches = if with_patches { patches(checkout, &recipe.source.patches)? } else { Vec::new() };
    let (mut toolchain_patches, mut toolchain) = (Vec::new(), Vec::new());
    if let ToolchainContents::Debian(contents) = &recipe.toolchain.contents {
        if let Some(patched) = &contents.patched {
            toolchain_patches = self::patches(checkout, &patched.series)?;
        }
        let names = contents.files.iter().map(|own| format!("{}/{}", contents.files_folder, own.from));
        toolchain = names.map(|name| checkout_file(checkout, CheckoutFolder::Recipes, name)).collect::<Result<_>>()?;
    }
    let browser = match recipe.family {
        raw::HostFamily::EmscriptenBrowser => browser_files(checkout)?,
        raw::HostFamily::Wasi | raw::HostFamily::EmscriptenNode => Vec::new(),
    };
    Ok(CheckoutFiles { patches, toolchain_patches, toolchain, browser })
}

/// The patches of a series. They are parsed here, so that mistakes in them are reported before anything runs.
fn patches(checkout: &Utf8Path, folder: &str) -> Result<Vec<CheckoutFile>> {
    if folder.is_empty() {
        return Ok(Vec::new());
    }
    let path = checkout.join(CheckoutFolder::Patches.path()).join(folder);
    let series = fs_err::read_to_string(path.join("series"))?;
    let series = patch::parse_series(&series, |name| fs_err::read_to_string(path.join(name)).ok());
    let series = series.map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(|mistake| format!("patches/{folder}/{mistake}")).collect();
        Failed { report: lines.join("\n"), code: 3 }
    })?;
    let file = |patch: patch::Patch| CheckoutFile {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runner_is_compiled_from_its_package_and_those_that_it_depends_on() {
        let checkout = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let host = runner_sources(checkout, "runners/host").unwrap();
        let shared = ["runners/shared/Cargo.toml", "runners/shared/chromium-flags.txt", "runners/shared/src"];
        let expected = ["Cargo.lock", "Cargo.toml", "runners/host/Cargo.toml", "runners/host/src"];
        assert_eq!(host, [expected.as_slice(), &shared].concat());
        let browser = runner_sources(checkout, "runners/browser").unwrap();
        assert!(browser.contains(&"runners/browser/harness".to_owned()) && browser.contains(&shared[2].to_owned()));
    }
}
