//! `cargo xtask clean`: removes what builds left, and says how much room that made.

use std::collections::BTreeSet;

use anyhow::Result;
use camino::Utf8PathBuf;

use crate::app::App;
use crate::cli::Clean;
use crate::dist::published;
use crate::provider::pip;
use crate::store::ResultRecord;
use crate::sys;

/// Where `patch checkout` makes repositories.
const PATCH_CHECKOUTS: &str = "patch-checkout";

/// What builds make in a store, and can make again.
const MADE: [&str; 6] = ["results", "work", "host-runner-target", "host-runner-cache", "runner-cache", "wasmtime-cli"];

/// What a store remembers.
const REMEMBERED: [&str; 5] = [pip::CHOSEN, "choices.json", "compiler.json", "durations.json", "store.json"];

/// Without a flag, everything but the downloads and the packages. Nothing is removed that is not ours.
pub fn run(app: &App, arguments: &Clean) -> Result<()> {
    let root = app.store_folder()?;
    if !root.join("store.json").is_file() {
        app.ui.note(format!("there is no store in {root}: nothing to remove"));
        return Ok(());
    }
    let store = app.store()?;
    store.take()?;
    let mut freed = 0;
    let mut remove = |path: Utf8PathBuf| -> Result<()> {
        app.cancel.check()?;
        freed += sys::fs::tree_size(&path).unwrap_or(0);
        Ok(sys::fs::remove_tree(&path)?)
    };
    if let Some(host) = &arguments.host {
        app.catalogue()?.host(host)?;
        let records = store.records();
        let made_for_host = |record: &&ResultRecord| {
            let chain = record.made_in.rsplit('/').next().unwrap_or_default();
            chain.starts_with(&format!("{host}-"))
        };
        let mut keys: BTreeSet<String> =
            records.iter().filter(made_for_host).map(|record| record.key.to_string()).collect();
        // What was made from such a result, directly or not, such as its package, is the host's too.
        loop {
            let uses = |record: &&ResultRecord| {
                record.inputs.iter().any(|(name, key)| name.starts_with("result of ") && keys.contains(key))
            };
            let more: Vec<String> = records.iter().filter(uses).map(|record| record.key.to_string()).collect();
            let before = keys.len();
            keys.extend(more);
            if keys.len() == before {
                break;
            }
        }
        for record in records.iter().filter(|record| keys.contains(&record.key.to_string())) {
            remove(store.result(&record.folder))?;
        }
        for (package, record) in published(&app.dist_folder()?) {
            let python_json = fs_err::read_to_string(package.join("PYTHON.json")).unwrap_or_default();
            let said: serde_json::Value = serde_json::from_str(&python_json).unwrap_or_default();
            if said["host"] == **host {
                remove(package)?;
                remove(record)?;
            }
        }
    } else if arguments.downloads {
        remove(store.downloads())?;
        fs_err::create_dir_all(store.downloads())?;
    } else {
        for name in MADE {
            remove(store.file(name))?;
        }
        if arguments.all {
            remove(store.downloads())?;
            for name in REMEMBERED {
                remove(store.file(name))?;
            }
            for (package, record) in published(&app.dist_folder()?) {
                remove(package)?;
                remove(record)?;
            }
            let checkouts = store.file(PATCH_CHECKOUTS);
            if checkouts.is_dir() {
                app.ui.note(format!("kept {checkouts}, which may have work in it that was not exported"));
            }
        }
    }
    app.ui.note(format!("freed {}", crate::ui::size(freed)));
    Ok(())
}
