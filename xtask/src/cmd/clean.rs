//! `cargo xtask clean`: removes what builds left, and says how much room that made.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use camino::Utf8PathBuf;

use super::usage;
use crate::app::App;
use crate::cli::Clean;
use crate::progress::Silent;
use crate::store::ResultRecord;
use crate::suggest;
use crate::sys;

/// Where `patch checkout` makes repositories.
const PATCH_CHECKOUTS: &str = "patch-checkout";

/// Without a flag, everything but the downloads.
pub fn run(app: &App, arguments: &Clean) -> Result<()> {
    let root = app.store_folder()?;
    if !root.join("store.json").is_file() {
        app.ui.note(format!("there is no store in {root}: nothing to remove"));
        return Ok(());
    }
    let store = app.store()?;
    let mut freed = 0;
    let mut remove = |path: Utf8PathBuf| -> Result<()> {
        app.cancel.check()?;
        freed += sys::fs::tree_size(&path).unwrap_or(0);
        Ok(sys::fs::remove_tree(&path)?)
    };
    if let Some(host) = &arguments.host {
        let catalogue = app.catalogue()?;
        let hosts: Vec<&str> = catalogue.hosts.keys().map(String::as_str).collect();
        if !hosts.contains(&host.as_str()) {
            let names = suggest::valid_names("hosts", host, &hosts);
            return Err(usage(format!("unknown host `{host}`\nhint: {names}")));
        }
        let records = store.records();
        let made_for_host = |record: &&ResultRecord| {
            let chain = record.made_in.rsplit('/').next().unwrap_or_default();
            record.inputs.get("host") == Some(host) || chain.starts_with(&format!("{host}-"))
        };
        let keys: BTreeSet<String> =
            records.iter().filter(made_for_host).map(|record| record.key.to_string()).collect();
        // What was made of such a result, such as its check, is the host's too.
        let of_host = |record: &&ResultRecord| {
            let mut needs = record.inputs.iter().filter(|(name, _)| name.starts_with("result of "));
            keys.contains(&record.key.to_string()) || needs.any(|(_, key)| keys.contains(key))
        };
        for record in records.iter().filter(of_host) {
            remove(store.result(&record.folder))?;
        }
        for entry in app.dist_folder()?.read_dir_utf8().into_iter().flatten().flatten() {
            let python_json = fs_err::read_to_string(entry.path().join("PYTHON.json")).unwrap_or_default();
            let said: serde_json::Value = serde_json::from_str(&python_json).unwrap_or_default();
            if said["host"] == **host {
                remove(entry.path().to_owned())?;
            }
        }
    } else if arguments.downloads {
        remove(store.downloads())?;
        fs_err::create_dir_all(store.downloads())?;
    } else {
        // A build that runs now would lose the floor under its feet.
        for workspace in store.file("work").read_dir_utf8().into_iter().flatten().flatten() {
            let name = workspace.file_name().trim_end_matches(".lock").to_owned();
            if store.is_locked(&name) {
                bail!(
                    "a build is running in {}\nhint: let it end, or interrupt it, and clean then",
                    store.workspace(&name)
                );
            }
        }
        drop(store.lock("clean", &app.cancel, &Silent)?);
        for name in ["results", "work", "host-runner-target", "host-runner-cache"] {
            remove(store.file(name))?;
        }
        if arguments.all {
            for entry in root.read_dir_utf8()? {
                let entry = entry?;
                if entry.file_name() == PATCH_CHECKOUTS {
                    app.ui.note(format!("kept {}, which may have work in it that was not exported", entry.path()));
                } else {
                    remove(entry.path().to_owned())?;
                }
            }
            remove(app.dist_folder()?)?;
        } else {
            for name in ["results", "work"] {
                fs_err::create_dir_all(store.file(name))?;
            }
        }
    }
    app.ui.note(format!("freed {}", crate::ui::size(freed)));
    Ok(())
}
