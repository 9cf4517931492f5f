//! `cargo xtask doctor`: can this machine build, and is the store sound? Says all that is missing at once.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::app::App;
use crate::cli::{Doctor, Format};
use crate::fetch::{self, Presence};
use crate::provider::runner::{self, Found};
use crate::provider::{debian, machine};
use crate::recipe::Catalogue;
use crate::recipe::host::Host;
use crate::recipe::model::VendoredPackage;
use crate::store::Store;
use crate::sys;

/// Bytes that one build takes, measured and rounded up: downloads, toolchain, two build trees and the host runner's.
const NEEDED_SPACE: u64 = 4_000_000_000;

/// Checks, prints a table, and fails if a build could not succeed.
pub fn run(app: &App, arguments: &Doctor) -> Result<()> {
    let mut rows: Vec<[String; 3]> = Vec::new();
    let mut broken = Vec::new();
    let catalogue = app.catalogue()?;
    let (found, missing) = machine::look(&catalogue.build_machine_programs, &app.path);
    let state = if missing.is_empty() { "ok" } else { "missing" };
    rows.push(row("programs", state, format!("{} of {}", found.len(), found.len() + missing.len())));
    for program in &missing {
        rows.push(row(&program.name, "missing", format!("apt-get install {}", program.package)));
    }
    if !missing.is_empty() {
        let mut packages: Vec<&str> = missing.iter().map(|program| program.package.as_str()).collect();
        packages.sort_unstable();
        packages.dedup();
        broken.push(format!("programs are missing: on Debian, `apt-get install {}`", packages.join(" ")));
    }
    rows.extend(toolchains_programs(app, catalogue));
    rows.extend(npm(app, catalogue));
    rows.extend(runners(app, catalogue)?);
    rows.push(row("machine", "ok", format!("{}, {} processors", app.build_machine, sys::machine::jobs())));
    match app.store() {
        Ok(store) => {
            let free = sys::machine::free_space(store.location())?;
            let enough = free >= NEEDED_SPACE;
            let state = if enough { "ok" } else { "low" };
            rows.push(row("store", state, format!("{}, {} free", store.location(), crate::ui::size(free))));
            if !enough {
                let needed = crate::ui::size(NEEDED_SPACE);
                broken.push(format!(
                    "the store's disk has {} free and a build takes {needed}: make room, or set XTASK_STORE",
                    crate::ui::size(free)
                ));
            }
            if arguments.store {
                store.take()?;
                rows.extend(damaged(app, store)?);
            }
        }
        Err(error) => {
            rows.push(row("store", "unusable", error.to_string().lines().next().unwrap_or_default().to_owned()));
            broken.push(error.to_string());
        }
    }
    let policy = policy(app)?;
    if policy.iter().all(|[_, state, _]| state == "closed") {
        broken.push(
            "no download source is reachable: connect to the network, set XTASK_MIRROR, or use a Debian machine; \
             with --offline, builds use what is in the store"
                .to_owned(),
        );
    }
    rows.extend(policy);
    match app.format {
        Format::Text => app.ui.table(["what", "state", "detail"], &rows),
        Format::Json => app.ui.data(&(serde_json::to_string_pretty(&rows)? + "\n")),
    }
    if broken.is_empty() {
        return Ok(());
    }
    Err(super::Failed { report: format!("this machine cannot build yet:\n  {}", broken.join("\n  ")), code: 4 }.into())
}

/// What only some toolchains call: a machine without it can build other hosts.
fn toolchains_programs(app: &App, catalogue: &Catalogue) -> Vec<[String; 3]> {
    let mut rows = Vec::new();
    for (name, toolchain) in &catalogue.toolchains {
        for version in &toolchain.version {
            let (found, missing) = machine::look(&version.build_machine_programs, &app.path);
            let toolchain = format!("{name} {}", version.version);
            rows.extend(
                found.iter().map(|program| row(&program.name, "ok", format!("for {toolchain}: {}", program.path))),
            );
            rows.extend(missing.iter().map(|program| {
                row(&program.name, "missing", format!("only {toolchain} needs it: apt-get install {}", program.package))
            }));
        }
    }
    rows
}

/// What gets inputs from npm's registry.
fn npm(app: &App, catalogue: &Catalogue) -> Option<[String; 3]> {
    let wants = |host: &Host| host.vendored().any(|package| matches!(package, VendoredPackage::Npm(_)));
    let hosts = catalogue.hosts.iter().filter(|(_, host)| wants(host)).map(|(name, _)| name.as_str());
    let hosts = hosts.collect::<Vec<_>>().join(", ");
    (!hosts.is_empty()).then(|| match machine::find("npm", &app.path) {
        Some(program) => row("npm", "ok", format!("gets inputs of {hosts}: {program}")),
        None => row("npm", "missing", format!("only the first build of {hosts} needs it: apt-get install npm")),
    })
}

/// What runs the hosts that the host runner cannot run: a machine without it can still build them.
fn runners(app: &App, catalogue: &Catalogue) -> Result<Vec<[String; 3]>> {
    let mut hosts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, host) in &catalogue.hosts {
        hosts.entry(host.family().usual_runner()).or_default().push(name);
    }
    let lock = app.lock()?;
    let mut rows = Vec::new();
    for (name, hosts) in hosts {
        let runner = catalogue.runner(name, &app.build_machine, &lock)?;
        if runner.recipe.program.names.is_empty() {
            continue;
        }
        let hosts = hosts.join(", ");
        rows.push(match runner::look(&runner, &app.path, &app.cancel)? {
            Found::Usable { program, version } => {
                let version = version.map(|version| format!(" {version}")).unwrap_or_default();
                row(name, "ok", format!("runs {hosts}: {program}{version}"))
            }
            Found::Unusable { reasons, .. } => {
                let install = &runner.recipe.program.install;
                row(
                    name,
                    "missing",
                    format!("only runs and tests of {hosts} need it: {}; {install}", reasons.join("; ")),
                )
            }
        });
    }
    Ok(rows)
}

fn row(what: &str, state: &str, detail: String) -> [String; 3] {
    [what.to_owned(), state.to_owned(), detail]
}

/// Which sources of inputs are reachable. One is enough.
fn policy(app: &App) -> Result<Vec<[String; 3]>> {
    let policy = app.policy(false);
    let mut rows = Vec::new();
    if let Some(mirror) = &policy.mirror {
        rows.push(row("mirror", "set", mirror.clone()));
    }
    let catalogue = app.catalogue()?;
    let mut servers: Vec<&str> = Vec::new();
    for url in catalogue.upstream_files().flat_map(|(_, urls)| urls) {
        let server = url.split('/').nth(2).unwrap_or(url);
        if servers.contains(&server) {
            continue;
        }
        servers.push(server);
        let (state, detail) = match fetch::probe(&policy.client, url, &app.cancel)? {
            Presence::Has => ("ok", "answers"),
            Presence::HasNot => ("odd", "answers, and does not have what a recipe names"),
            Presence::Unreachable => {
                ("closed", "cannot be reached; Debian's packages or a mirror (XTASK_MIRROR) serve instead")
            }
        };
        rows.push(row(server, state, detail.to_owned()));
    }
    let apt = machine::find("apt-get", &app.path);
    let keyring = camino::Utf8Path::new(debian::KEYRING).is_file();
    rows.push(match (apt, keyring) {
        (Some(path), true) => row("Debian's packages", "ok", path.into_string()),
        (Some(_), false) => row("Debian's packages", "closed", format!("{} is not there", debian::KEYRING)),
        (None, _) => row("Debian's packages", "closed", "this machine has no apt-get".to_owned()),
    });
    Ok(rows)
}

/// Compares every result with its manifest and every download with its hash, and removes those that are damaged.
fn damaged(app: &App, store: &Store) -> Result<Vec<[String; 3]>> {
    let mut rows = Vec::new();
    for folder in store.result_folders() {
        app.cancel.check()?;
        let checked = store.check(&folder)?;
        if checked.differences.is_empty() {
            rows.push(row(&folder, "ok", format!("{} files, folders and links are unchanged", checked.entries)));
            continue;
        }
        rows.extend(checked.differences.iter().map(|it| row(&folder, "damaged", format!("{} {}", it.path, it.what))));
        store.discard(&folder)?;
        rows.push(row(&folder, "removed", "the next build makes it again".to_owned()));
    }
    let mut sound = 0;
    for (path, is_sound) in store.check_downloads(&app.cancel)? {
        if is_sound {
            sound += 1;
            continue;
        }
        sys::fs::remove_tree(&path)?;
        let name = path.file_name().unwrap_or_default();
        rows.push(row("downloads", "damaged", format!("{name} has other contents")));
        rows.push(row("downloads", "removed", format!("the next build downloads {name} again")));
    }
    rows.push(row("downloads", "ok", format!("{sound} files have the hashes in their names")));
    Ok(rows)
}
