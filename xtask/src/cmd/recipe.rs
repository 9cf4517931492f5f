//! `cargo xtask recipe`: look at what recipes say.

use anyhow::{Result, bail};

use super::session::{Network, Session};
use super::status;
use crate::app::App;
use crate::cli::{BuildOptions, Format, Recipe};
use crate::configure_cache;
use crate::lock::{Difference, LOCK_FILE};
use crate::status::Reasons;

/// The profile that the list speaks of.
const DEFAULT_PROFILE: &str = "release";

/// Lists, shows or checks recipes.
pub fn run(app: &App, arguments: &Recipe) -> Result<()> {
    match arguments {
        Recipe::List => list(app),
        Recipe::Show { runner: Some(name), .. } => show_runner(app, name),
        Recipe::Show { options, resolved, runner: None } => show(app, options, *resolved),
        Recipe::Check => check(app),
        Recipe::ConfigureCache { options, update } => super::configure_cache::run(app, options, *update),
    }
}

fn list(app: &App) -> Result<()> {
    let catalogue = app.catalogue()?;
    let mut rows = Vec::new();
    for (minor, cpython) in catalogue.cpython.iter().rev() {
        for (name, host) in &catalogue.hosts {
            for micro in cpython.micro.iter().filter(|_| host.has(*minor)) {
                let unverified = host.unverified(name, micro.version, Some(micro), DEFAULT_PROFILE);
                rows.push([
                    name.clone(),
                    micro.version.to_string(),
                    host.triple(*minor).to_owned(),
                    host.toolchains(*minor)
                        .map(|(name, version)| format!("{name} {version}"))
                        .collect::<Vec<_>>()
                        .join(", "),
                    unverified.first().map_or_else(
                        || format!("built and run: {}", host.verified(micro.version).join(", ")),
                        |reason| format!("unverified: {reason}"),
                    ),
                ]);
            }
        }
    }
    let runners: Vec<[String; 3]> = catalogue
        .runners
        .iter()
        .map(|(name, runner)| {
            let state =
                runner.unverified.as_ref().map_or_else(|| "ran".to_owned(), |reason| format!("unverified: {reason}"));
            [name.clone(), runner.description.clone(), state]
        })
        .collect();
    match app.format {
        Format::Text => {
            app.ui.table(["host", "python", "triple", "toolchains", "state"], &rows);
            app.ui.data("\n");
            app.ui.table(["runner", "what it is", "state"], &runners);
        }
        Format::Json => {
            let all = serde_json::json!({ "hosts": rows, "runners": runners });
            app.ui.data(&(serde_json::to_string_pretty(&all)? + "\n"));
        }
    }
    Ok(())
}

fn show_runner(app: &App, name: &str) -> Result<()> {
    // An unknown name is reported with the known ones.
    app.catalogue()?.runner(name, &app.build_machine, &app.lock()?)?;
    let file = format!("recipes/runners/{name}.toml");
    app.ui.data(&format!("# {file}\n{}", app.recipe_texts()?[&file]));
    Ok(())
}

fn show(app: &App, options: &BuildOptions, resolved: bool) -> Result<()> {
    if !resolved {
        let catalogue = app.catalogue()?;
        let minor = catalogue.minor(&catalogue.python(options.python.as_deref()))?;
        let texts = app.recipe_texts()?;
        let mut files = vec!["recipes/cpython.toml".to_owned(), format!("recipes/cpython/{minor}.toml")];
        // What a host is made of comes before its differences.
        let extends = catalogue.hosts.get(&options.host).and_then(|host| host.extends.as_ref());
        for host in extends.into_iter().chain([&options.host]) {
            files.extend([format!("recipes/hosts/{host}.toml"), format!("recipes/hosts/{host}/{minor}.toml")]);
        }
        files.push(format!("recipes/profiles/{}.toml", options.profile));
        for file in files {
            match texts.get(&file) {
                Some(text) => app.ui.data(&format!("# {file}\n{text}\n")),
                None => bail!(
                    "there is no {file}\nhint: `cargo xtask recipe list` shows the valid hosts, minors and profiles"
                ),
            }
        }
        return Ok(());
    }
    let session = Session::open(app, options, Network::Offline)?;
    app.ui.note(&session.note);
    app.ui.data(&match app.format {
        Format::Text => toml::to_string_pretty(&session.recipe)?,
        Format::Json => serde_json::to_string_pretty(&session.recipe)? + "\n",
    });
    Ok(())
}

fn check(app: &App) -> Result<()> {
    let catalogue = app.catalogue()?;
    let expectations = app.expectations()?;
    let configure_caches = app.configure_cache_texts()?;
    if let Err(report) = configure_cache::check(&configure_caches, catalogue) {
        return Err(super::Failed { report, code: 3 }.into());
    }
    let status = status::open(app, Reasons::Required)?;
    let difference = app.lock()?.compare(&catalogue.files());
    complain(&difference)?;
    let hosts: usize = catalogue.hosts.values().map(|host| host.minors().count()).sum();
    app.ui.note(format!(
        "recipes are in order: {} minors, {hosts} of them on a host, {} runners, {} inputs in {LOCK_FILE}, {} files of expected test results, {} of recorded results of configure, {} probes",
        catalogue.cpython.len(),
        catalogue.runners.len(),
        catalogue.files().len(),
        expectations.len(),
        configure_caches.len(),
        status.probes.iter().count()
    ));
    Ok(())
}

/// Fails if the lock does not have exactly what recipes name.
pub fn complain(difference: &Difference) -> Result<()> {
    if difference.missing.is_empty() && difference.unused.is_empty() {
        return Ok(());
    }
    let missing = difference.missing.iter().map(|file| format!("\n  {file} is named by a recipe and not locked"));
    let unused = difference.unused.iter().map(|file| format!("\n  {file} is locked and named by no recipe"));
    let lines: String = missing.chain(unused).collect();
    let report =
        format!("{LOCK_FILE} does not match the recipes:{lines}\nhint: `cargo xtask lock --update` updates it");
    Err(super::Failed { report, code: 3 }.into())
}
