//! The recipes that are shipped, and what is said about broken ones. No build is run here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toml::de::{DeTable, DeValue};
use xtask::diagnostic::Diagnostics;
use xtask::lock::{LOCK_FILE, Lock};
use xtask::recipe::model::VendoredPackage;
use xtask::recipe::runner::Ability;
use xtask::recipe::{BuildRequest, Catalogue, Modules, Recipe, Texts};

const BUILD_MACHINE: &str = "x86_64-linux";

pub fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

pub fn shipped_texts() -> Texts {
    texts_below("recipes", &["toml"])
}

/// All files of a folder of the checkout that have one of these extensions, by path.
pub fn texts_below(folder: &str, extensions: &[&str]) -> Texts {
    let mut texts = Texts::new();
    let mut folders = vec![checkout().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted)) {
                let name = path.strip_prefix(checkout()).unwrap().to_str().unwrap().to_owned();
                texts.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    texts
}

fn shipped() -> (Catalogue, Lock) {
    let texts = shipped_texts();
    let lock = Lock::parse(&texts[LOCK_FILE]).unwrap_or_else(|mistakes| panic!("\n{mistakes}"));
    let catalogue = Catalogue::parse(&texts).unwrap_or_else(|mistakes| panic!("\n{mistakes}"));
    (catalogue, lock)
}

fn request(host: &str, python: &str, profile: &str, toolchain: &str) -> BuildRequest {
    BuildRequest {
        host: host.to_owned(),
        python: python.to_owned(),
        profile: profile.to_owned(),
        toolchain: toolchain.to_owned(),
        build_machine: BUILD_MACHINE.to_owned(),
    }
}

/// All resolved requests: every release with every toolchain.
fn resolved(catalogue: &Catalogue, lock: &Lock, request: &BuildRequest) -> Vec<Recipe> {
    let mut recipes = Vec::new();
    for (python, source) in catalogue.sources(request, lock).unwrap() {
        for toolchain in catalogue.toolchains(request, lock).unwrap() {
            let libraries = catalogue.libraries(request, lock).unwrap();
            let libraries = libraries.into_iter().map(|mut packed| packed.remove(0)).collect();
            recipes.push(catalogue.recipe(request, python, source.clone(), toolchain, libraries, lock).unwrap());
        }
    }
    recipes
}

#[test]
fn a_profile_that_keeps_debug_information_keeps_this_machines_paths_out_of_it() {
    let (catalogue, _) = shipped();
    let kept: Vec<_> = catalogue.profiles.iter().filter(|(_, profile)| !profile.output.strip).collect();
    assert!(!kept.is_empty());
    for (name, profile) in kept {
        let flags = profile.configure.environment["CFLAGS"].to_string();
        for flag in ["-no-canonical-prefixes", "-ffile-prefix-map={workspace}=/build"] {
            assert!(flags.split(' ').any(|found| found == flag), "{name}: {flags}");
        }
    }
}

#[test]
fn every_shipped_recipe_resolves() {
    let (catalogue, lock) = shipped();
    for (host, recipes) in &catalogue.hosts {
        for minor in recipes.minors() {
            for profile in catalogue.profiles.keys() {
                for (toolchain, _) in recipes.toolchains(minor) {
                    let request = request(host, &minor.to_string(), profile, toolchain);
                    let found = resolved(&catalogue, &lock, &request);
                    assert_eq!(found.len(), catalogue.cpython[&minor].micro.len(), "{request:?}");
                    for recipe in found {
                        assert_eq!(recipe.python.minor, minor);
                        assert_ne!(recipe.source_date_epoch, 0, "{}", recipe.python);
                    }
                }
            }
        }
    }
}

#[test]
fn what_was_built_here_is_not_called_unverified_and_the_rest_is() {
    let (catalogue, lock) = shipped();
    let mut verified = BTreeSet::new();
    for (host, recipes) in &catalogue.hosts {
        for minor in recipes.minors() {
            for recipe in resolved(&catalogue, &lock, &request(host, &minor.to_string(), "release", "auto")) {
                if recipe.unverified.is_empty() {
                    verified.insert(format!("{} with {}", recipe.package_name(), recipe.toolchain.title()));
                }
            }
        }
    }
    let expected = [
        "python-3.11.2-wasm32-unknown-emscripten with debian-emscripten 3.1.69",
        "python-3.11.2-wasm32-wasi with debian-clang 19",
        "python-3.13.15-wasm32-unknown-emscripten with debian-emscripten 3.1.69",
        "python-3.13.15-wasm32-unknown-emscripten-browser with debian-emscripten 3.1.69",
        "python-3.13.15-wasm32-unknown-emscripten-dl with debian-emscripten 3.1.69",
        "python-3.13.15-wasm32-unknown-emscripten-pthreads with debian-emscripten 3.1.69",
        "python-3.13.15-wasm32-wasip1 with debian-clang 19",
        "python-3.13.5-wasm32-wasip1 with debian-clang 19",
    ];
    assert_eq!(verified, expected.map(str::to_owned).into());
}

/// Packages of all hosts lie side by side in `dist/`.
#[test]
fn no_two_hosts_have_a_package_of_the_same_name() {
    let (catalogue, lock) = shipped();
    let mut hosts = BTreeMap::new();
    for (host, recipes) in &catalogue.hosts {
        for (minor, profile) in recipes.minors().flat_map(|minor| catalogue.profiles.keys().map(move |p| (minor, p))) {
            let request = request(host, &minor.to_string(), profile, "auto");
            for name in resolved(&catalogue, &lock, &request).iter().map(Recipe::package_name).collect::<BTreeSet<_>>()
            {
                assert_eq!(hosts.insert(name.clone(), host), None, "{name}");
            }
        }
    }
}

/// One snapshot for each minor on each host: its oldest release with the toolchain that comes last.
#[test]
fn the_resolved_recipe_leaves_nothing_open() {
    let (catalogue, lock) = shipped();
    for (host, recipes) in &catalogue.hosts {
        for minor in recipes.minors() {
            let recipe = resolved(&catalogue, &lock, &request(host, &minor.to_string(), "release", "auto"));
            let recipe = recipe.last().unwrap();
            let text = toml::to_string_pretty(recipe).unwrap();
            insta::assert_snapshot!(format!("resolved-{minor}-{host}"), text);
        }
    }
}

#[test]
fn the_lock_names_what_the_recipes_name_in_its_normal_form() {
    let (catalogue, lock) = shipped();
    let sources = catalogue.cpython.values().flat_map(|recipe| &recipe.micro).map(|micro| micro.source.file.clone());
    let versions = || catalogue.toolchains.values().flat_map(|toolchain| &toolchain.version);
    let archives = versions().flat_map(|version| &version.archive).map(|archive| archive.file.clone());
    let runners = catalogue.runners.values().flat_map(|runner| &runner.packaged).map(|packaged| &packaged.debian);
    let packages = versions().flat_map(|version| &version.debian).chain(runners).flat_map(|debian| &debian.package);
    let libraries = catalogue.libraries.values().flat_map(|library| &library.source).map(|source| source.file.clone());
    let vendored = catalogue.hosts.values().flat_map(|host| host.vendored()).map(|package| match package {
        VendoredPackage::Debian(package) => package.file(),
        VendoredPackage::Npm(package) => package.file(),
    });
    let baselines = catalogue.baselines.values().map(|baseline| baseline.npm_package.file());
    let named = sources.chain(archives).chain(libraries).chain(packages.map(|package| package.file()));
    let named = named.chain(vendored).chain(baselines).collect();
    assert_eq!(lock.compare(&named), xtask::lock::Difference::default());
    assert_eq!(lock.print(), shipped_texts()[LOCK_FILE]);
}

/// A reason is one short line for a person: it is printed after a colon, so it ends without a full stop.
#[test]
fn reasons_are_short_lines_without_a_full_stop() {
    let (catalogue, _) = shipped();
    let mut reasons: BTreeMap<String, String> = BTreeMap::new();
    let mut add = |place: String, reason: &String| assert!(reasons.insert(place, reason.clone()).is_none());
    for (minor, recipe) in &catalogue.cpython {
        for micro in &recipe.micro {
            micro
                .unverified
                .iter()
                .for_each(|reason| add(format!("cpython/{minor} {} unverified", micro.version), reason));
        }
    }
    for (name, host) in &catalogue.hosts {
        for (path, reason) in host.excluded_library() {
            add(format!("hosts/{name} excluded {path}"), reason);
        }
        for minor in host.minors() {
            let place = format!("hosts/{name}/{minor}");
            host.unverified_minor(minor)
                .iter()
                .for_each(|reason| add(format!("{place} unverified"), &(*reason).to_owned()));
            host.rejected_toolchains(minor)
                .iter()
                .for_each(|(name, reason)| add(format!("{place} refuses {name}"), reason));
            host.presets[&minor].iter().for_each(|(key, preset)| add(format!("{place} {key}"), &preset.reason));
            let modules = Modules::of(&host.modules[&minor]);
            for table in
                [&modules.missing, &modules.disabled, &modules.not_available, &modules.not_built, &modules.exclude]
            {
                // `add` refuses a second reason: no module is in two tables.
                table.iter().for_each(|(module, reason)| add(format!("{place} {module}"), reason));
                for module in table.keys() {
                    assert!(!modules.builtin.contains(module), "{place}: {module} is built in, and is said not to be");
                    assert!(!modules.shared.contains(module), "{place}: {module} is a file, and is said not to be");
                }
            }
            assert!(!modules.shared.iter().any(|module| modules.builtin.contains(module)), "{place}: in two lists");
            assert!(modules.shared.is_sorted(), "{place}: the shared modules are not in order");
            assert!(modules.builtin.is_sorted(), "{place}: the built-in modules are not in order");
        }
    }
    for (name, toolchain) in &catalogue.toolchains {
        for version in &toolchain.version {
            version.unverified.iter().for_each(|reason| add(format!("{name} {} unverified", version.version), reason));
        }
        for debian in toolchain.version.iter().flat_map(|version| &version.debian) {
            debian.exclude.iter().for_each(|(path, reason)| add(format!("{name} {path}"), reason));
        }
        toolchain.reject.iter().for_each(|(version, reason)| add(format!("{name} {version} refused"), reason));
    }
    for (name, runner) in &catalogue.runners {
        runner.unverified.iter().for_each(|reason| add(format!("{name} unverified"), reason));
        runner.limits.iter().for_each(|(what, reason)| add(format!("{name} limit {what}"), reason));
        runner.program.version.iter().for_each(|version| add(format!("{name} oldest"), &version.reason));
        for ability in Ability::ALL {
            let reason = runner.cannot(ability).map(str::to_owned);
            reason.iter().for_each(|reason| add(format!("{name} cannot {}", ability.name()), reason));
        }
    }
    for (name, flavour) in &catalogue.build_pythons {
        flavour.modules.exclude.iter().for_each(|(module, reason)| add(format!("{name} {module}"), reason));
    }
    assert!(reasons.len() > 100, "the reasons were not found");
    for (place, reason) in reasons {
        assert!(!reason.trim().is_empty(), "{place}: the reason is empty");
        assert!(!reason.ends_with('.'), "{place}: {reason}");
        assert!(reason.chars().count() < 140, "{place}: {reason}");
        assert!(!reason.contains('\n'), "{place}: {reason}");
    }
}

/// Every kind of text in every recipe: a mistyped placeholder in it is found, whatever the text is.
#[test]
fn no_text_of_a_recipe_may_have_an_unknown_placeholder() {
    const MISTYPED: &str = "{sysrot}";
    let (mut tried, mut missed) = (0, Vec::new());
    let shipped = shipped_texts();
    for (file, text) in &shipped {
        if *file == LOCK_FILE
            || file.starts_with("recipes/expectations/")
            || file.starts_with("recipes/probes/")
            || file.starts_with("recipes/packages/")
            || file.starts_with("recipes/status/")
        {
            continue;
        }
        let mut ends = Vec::new();
        text_ends(DeTable::parse(text).unwrap().get_ref(), &mut ends);
        for end in ends {
            let changed = format!("{}{MISTYPED}{}", &text[..end], &text[end..]);
            let line = changed[..end].lines().last().unwrap_or_default().to_owned();
            // Braces in it are the script's own.
            if line.starts_with("runner-arguments") {
                continue;
            }
            let mut texts = Texts::from([(file.clone(), changed)]);
            // What the file of a minor means depends on its host's.
            let host = file.rsplit_once('/').map(|(folder, _)| format!("{folder}.toml"));
            texts.extend(
                host.and_then(|host| shipped.get_key_value(&host)).map(|(name, text)| (name.clone(), text.clone())),
            );
            let mistakes = Catalogue::parse(&texts).expect_err(&line);
            // A text that is a version or a choice is refused as such.
            if !mistakes.0.iter().any(|mistake| mistake.message.contains(MISTYPED) && mistake.span.is_some()) {
                missed.push(format!("{file}: {line}\n{mistakes}"));
            }
            tried += 1;
        }
    }
    assert!(tried > 200, "only {tried} texts were found");
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// Where the texts of a table end, before the quote.
/// All texts of a list are of one kind, and all those of a long table, so the first of them stands for the others.
fn text_ends(table: &DeTable<'_>, ends: &mut Vec<usize>) {
    let mut values: Vec<_> = table.values().take(if table.len() > 20 { 1 } else { 20 }).collect();
    while let Some(value) = values.pop() {
        match value.get_ref() {
            DeValue::String(_) => ends.push(value.span().end - 1),
            DeValue::Array(list) => values.extend(list.first()),
            DeValue::Table(table) => text_ends(table, ends),
            _ => {}
        }
    }
}

/// `modules --why` prints this line.
#[test]
fn every_decision_names_the_line_that_decides() {
    let (catalogue, _) = shipped();
    let texts = shipped_texts();
    let mut lines = BTreeSet::new();
    for (host, recipes) in &catalogue.hosts {
        for (minor, decisions) in &recipes.modules {
            for (module, decision) in decisions {
                let written = &texts[&decision.file][decision.span.clone()];
                assert!(!written.trim().is_empty(), "{module} on {host}, {minor}");
                lines.insert((decision.file.clone(), decision.span.start));
            }
        }
    }
    assert!(lines.len() > 100, "the decisions were not found");
}

/// One bad file, one message. A file's first line names the recipe that it replaces.
#[test]
fn a_bad_recipe_gives_one_readable_message() {
    let folder = checkout().join("xtask/tests/data/recipes/bad");
    let shipped = shipped_texts();
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        names.insert(entry.unwrap().path());
    }
    assert!(names.len() > 20, "the bad recipes were not found");
    for path in names {
        let text = std::fs::read_to_string(&path).unwrap();
        let stands_for = text.lines().next().and_then(|line| line.strip_prefix("# in place of ")).unwrap().to_owned();
        let mut texts = shipped.clone();
        texts.insert(stands_for, text);
        let mistakes: Diagnostics = Catalogue::parse(&texts).expect_err(path.to_str().unwrap());
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert_eq!(mistakes.0.len(), 1, "{name}\n{mistakes}");
        insta::assert_snapshot!(format!("bad-{name}"), mistakes.to_string());
    }
}
