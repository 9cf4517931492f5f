//! All recipes together, parsed and checked against each other. Pure: it is given the texts, it reads no files.

mod check;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;

use super::Texts;
use super::host::Host;
use super::mistakes::Mistakes;
use super::model::{
    Baseline, BuildPythonRecipe, Cpython, DebianPackage, DebianSource, LibraryRecipe, NpmPackage, Profile, Reasons,
    RunnerRecipe, ToolchainRecipe, VendoredPackage,
};
use super::modules::Libraries;
use super::raw;
use super::scope::{Level, Place};
use super::{reasons, releases, scope, variant};
use crate::diagnostic::Diagnostics;
use crate::name::Minor;

/// Everything that `recipes/` says.
#[derive(Debug)]
pub struct Catalogue {
    pub cpython: BTreeMap<Minor, Cpython>,
    /// What is built when no `--python` is given; `None` only while the recipes are read.
    default_minor: Option<Minor>,
    host_defaults: raw::HostDefaults,
    matrix: raw::Matrix,
    exclusions: raw::Exclusions,
    pub hosts: BTreeMap<String, Host>,
    pub toolchains: BTreeMap<String, ToolchainRecipe>,
    pub profiles: BTreeMap<String, Profile>,
    pub build_pythons: BTreeMap<String, BuildPythonRecipe>,
    pub libraries: BTreeMap<String, LibraryRecipe>,
    pub runners: BTreeMap<String, RunnerRecipe>,
    pub baselines: BTreeMap<String, Baseline>,
    /// The programs that a build may call, with Debian's package for each.
    pub build_machine_programs: BTreeMap<String, String>,
}

impl Catalogue {
    /// Parses all recipes, then checks them against each other; reports every mistake of a step, not only the first.
    pub fn parse(texts: &Texts) -> Result<Self, Diagnostics> {
        let mut mistakes = Mistakes::new(texts);
        let mut catalogue = Self {
            cpython: BTreeMap::new(),
            default_minor: None,
            host_defaults: raw::HostDefaults::default(),
            matrix: raw::Matrix::default(),
            exclusions: raw::Exclusions::default(),
            hosts: BTreeMap::new(),
            toolchains: BTreeMap::new(),
            profiles: BTreeMap::new(),
            build_pythons: BTreeMap::new(),
            libraries: BTreeMap::new(),
            runners: BTreeMap::new(),
            baselines: BTreeMap::new(),
            build_machine_programs: BTreeMap::new(),
        };
        // A host's own file comes before the folder of its minors.
        let mut host_files: BTreeMap<&str, (&String, raw::HostFile)> = BTreeMap::new();
        let (mut host_minors, mut variant_minors) = (Vec::new(), Vec::new());
        let (mut releases, mut cpython_common) = (Vec::new(), None);
        for file in texts.keys() {
            let parts: Vec<&str> = file.trim_end_matches(".toml").split('/').skip(1).collect();
            match parts[..] {
                ["cpython", minor] => {
                    releases.extend(mistakes.of_minor(file, minor).map(|(minor, recipe)| (file, minor, recipe)));
                }
                ["cpython"] => cpython_common = mistakes.recipe(file),
                ["hosts"] => catalogue.host_defaults = mistakes.recipe(file).unwrap_or_default(),
                ["hosts", host] => {
                    let recipe = mistakes.recipe_of(file, raw::HostFile::read);
                    host_files.extend(recipe.map(|recipe| (host, (file, recipe))));
                }
                ["hosts", host, minor] => match host_files.get(host) {
                    Some((_, raw::HostFile::Own(_))) => {
                        let recipe = mistakes.of_minor(file, minor);
                        host_minors.extend(recipe.map(|(minor, recipe)| (host, minor, recipe)));
                    }
                    Some((_, raw::HostFile::Variant(_))) => {
                        let recipe = mistakes.of_minor(file, minor);
                        variant_minors.extend(recipe.map(|(minor, recipe)| (file, host, minor, recipe)));
                    }
                    None if !texts.contains_key(&format!("recipes/hosts/{host}.toml")) => {
                        let message = format!("there is no recipes/hosts/{host}.toml beside this folder");
                        mistakes.add(file, None, &message, None);
                    }
                    // The mistakes of the host's own file come first.
                    None => {}
                },
                ["toolchains", name] => catalogue.toolchains.extend(mistakes.named(file, name)),
                ["profiles", name] => catalogue.profiles.extend(mistakes.named(file, name)),
                ["build-python", name] => catalogue.build_pythons.extend(mistakes.named(file, name)),
                ["libraries", name] => catalogue.libraries.extend(mistakes.named(file, name)),
                ["runners", name] => catalogue.runners.extend(mistakes.named(file, name)),
                ["baselines", name] => catalogue.baselines.extend(mistakes.named(file, name)),
                ["modules"] => catalogue.matrix = mistakes.recipe(file).unwrap_or_default(),
                ["standard-library"] => catalogue.exclusions = mistakes.recipe(file).unwrap_or_default(),
                ["build-machine"] => {
                    if let Some(recipe) = mistakes.recipe::<raw::BuildMachine>(file) {
                        catalogue.build_machine_programs = recipe.package;
                    }
                }
                // `lock`, `expectations` and `probe` read these.
                ["lock"] | ["expectations" | "status", _] | ["probes" | "packages", "index"] => {}
                _ => mistakes.add(file, None, "no recipe has this path", Some(LAYOUT.to_owned())),
            }
        }
        let mut variants = Vec::new();
        for (name, (file, recipe)) in host_files {
            match recipe {
                raw::HostFile::Own(common) => {
                    catalogue.hosts.insert(name.to_owned(), Host::new(None, common));
                }
                raw::HostFile::Variant(recipe) => variants.push((file, name, recipe)),
            }
        }
        for (host, minor, recipe) in host_minors {
            catalogue.hosts.get_mut(host).expect("its file was read").minors.insert(minor, recipe);
        }
        // What refers to a file that cannot be read would only be said to be unknown.
        if mistakes.is_empty() {
            catalogue.add_releases(cpython_common, releases, &mut mistakes);
        }
        if mistakes.is_empty() {
            catalogue.add_variants(variants, variant_minors, &mut mistakes);
        }
        if mistakes.is_empty() {
            catalogue.check_matrix(&mut mistakes);
        }
        if mistakes.is_empty() {
            catalogue.ask_shared_files(&mut mistakes);
            catalogue.add_exclusions();
            catalogue.check(&mut mistakes);
        }
        mistakes.none_or(catalogue)
    }

    /// Completes each minor with what all minors have in common.
    fn add_releases(
        &mut self,
        common: Option<raw::CpythonCommon>,
        minors: Vec<(&String, Minor, raw::Cpython)>,
        mistakes: &mut Mistakes,
    ) {
        let Some(common) = common else {
            let help = "it has `default-minor` and [regrtest]".to_owned();
            mistakes.add(releases::FILE, None, "there is no such file", Some(help));
            return;
        };
        for (file, minor, recipe) in minors {
            self.cpython.insert(minor, releases::cpython(file, minor, recipe, &common.regrtest, mistakes));
        }
        self.default_minor = Some(*common.default_minor.get_ref());
        let default = Spanned::new(common.default_minor.span(), common.default_minor.get_ref().to_string());
        let minors: Vec<String> = self.cpython.keys().map(Minor::to_string).collect();
        mistakes.known(releases::FILE, &default, "minor", &minors.iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// The minor or the release that is meant: the default minor if the user names none.
    pub fn python(&self, named: Option<&str>) -> String {
        let default = || self.default_minor.expect("a catalogue without it is refused").to_string();
        named.map_or_else(default, str::to_owned)
    }

    /// Every extension module that `recipes/modules.toml` names.
    pub fn module_names(&self) -> impl Iterator<Item = &str> {
        self.matrix.names()
    }

    /// Where `recipes/modules.toml` has a module.
    pub fn place_of_module(&self, module: &str) -> Option<Range<usize>> {
        self.matrix.place_of(module)
    }

    /// Puts hosts together that are others with differences.
    fn add_variants(
        &mut self,
        variants: Vec<(&String, &str, raw::HostVariant)>,
        minors: Vec<(&String, &str, Minor, raw::HostVariantMinor)>,
        mistakes: &mut Mistakes,
    ) {
        let hosts: Vec<String> = self.hosts.keys().cloned().collect();
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        for (file, name, differences) in variants {
            // A variant is not among them: differences from differences are hard to read.
            mistakes.known(file, &differences.extends, "host", &hosts);
            let Some(other) = self.hosts.get(differences.extends.get_ref()) else { continue };
            let common = variant::host(&other.common, &differences);
            let extends = Some(differences.extends.into_inner());
            self.hosts.insert(name.to_owned(), Host::new(extends, common));
        }
        for (file, name, minor, differences) in minors {
            let Some(other) = self.hosts.get(name).and_then(|host| host.extends.clone()) else { continue };
            let Some(theirs) = self.hosts[&other].minors.get(&minor) else {
                mistakes.add(
                    file,
                    None,
                    &format!("there is no recipes/hosts/{other}/{minor}.toml to differ from"),
                    None,
                );
                continue;
            };
            let recipe = variant::minor(theirs, &differences);
            self.hosts.get_mut(name).expect("it was found").minors.insert(minor, recipe);
        }
    }

    fn check_matrix(&self, mistakes: &mut Mistakes) {
        let scopes = scope::valid(self.hosts.iter().map(|(name, host)| (name.as_str(), host.common.family)));
        let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        let recipes: Vec<&str> = self.libraries.keys().map(String::as_str).collect();
        self.matrix.check(&scopes, &recipes, mistakes);
        self.host_defaults.check(&scopes, mistakes);
        for scope in self.exclusions.exclude.keys() {
            mistakes.known("recipes/standard-library.toml", scope, "host", &scopes);
        }
        for (name, host) in &self.hosts {
            for (minor, recipe) in &host.minors {
                let file = format!("recipes/hosts/{name}/{minor}.toml");
                self.matrix.check_exceptions(&file, &recipe.modules, mistakes);
            }
        }
    }

    /// Asks the files that several hosts share what they have for each minor on each host: modules, presets, imports and exports.
    fn ask_shared_files(&mut self, mistakes: &mut Mistakes) {
        let recipes: Vec<&str> = self.libraries.keys().map(String::as_str).collect();
        let mut answers = Vec::new();
        for (name, host) in &self.hosts {
            let scopes = scope::of(name, host.extends.as_deref(), host.common.family);
            let libraries = self.matrix.libraries(&scopes);
            let (mut modules, mut presets, mut wasm) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
            for minor in host.minors.keys() {
                let mut levels = Vec::new();
                for scope in &scopes {
                    if let Some(recipe) = self.hosts.get(scope).and_then(|host| host.minors.get(minor)) {
                        levels.push(Level::Exceptions { host: scope, recipe });
                    }
                    levels.push(Level::Scope(scope));
                }
                let place = Place { host: name, family: host.common.family, minor: *minor, levels };
                let libraries = Libraries { built: &libraries, recipes: &recipes };
                modules.insert(*minor, self.matrix.decide(&place, &libraries, mistakes));
                presets.insert(*minor, self.host_defaults.presets(&place, mistakes));
                wasm.extend(self.host_defaults.wasm(&place, mistakes).map(|wasm| (*minor, wasm)));
            }
            answers.push((name.clone(), libraries, modules, presets, wasm));
        }
        for (name, libraries, modules, presets, wasm) in answers {
            let host = self.hosts.get_mut(&name).expect("it was asked about");
            (host.libraries, host.modules, host.presets, host.wasm) = (libraries, modules, presets, wasm);
        }
    }

    /// Adds what several hosts leave out of the standard library. A path below one that is left out is left out with it.
    fn add_exclusions(&mut self) {
        let exclude = &self.exclusions.exclude;
        for (name, host) in &mut self.hosts {
            let platform = host.common.family.platform();
            let mut all = Reasons::new();
            for scope in scope::of(name, host.extends.as_deref(), host.common.family).iter().rev() {
                let paths = exclude.get(scope.as_str()).into_iter().flatten();
                all.extend(paths.map(|(path, reason)| (path.clone(), reasons::text(reason, name, platform))));
            }
            all.extend(host.common.standard_library.exclude.clone());
            let above = |path: &str| path.match_indices('/').any(|(end, _)| all.contains_key(&path[..end]));
            let exclude = all.iter().filter(|(path, _)| !above(path));
            host.common.standard_library.exclude =
                exclude.map(|(path, reason)| (path.clone(), reason.clone())).collect();
        }
    }

    /// The names of all files that a recipe wants downloaded: what the lock must have.
    pub fn files(&self) -> BTreeSet<String> {
        let upstream = self.upstream_files().map(|(file, _)| file.to_owned());
        let debian = self.debian_packages().map(|package| package.file());
        upstream.chain(debian).chain(self.npm_packages().map(NpmPackage::file)).collect()
    }

    /// The files that come from upstream, with their URLs.
    pub fn upstream_files(&self) -> impl Iterator<Item = (&str, &[String])> {
        let micros = self.cpython.values().flat_map(|cpython| &cpython.micro);
        let sources = micros.map(|micro| (micro.source.file.as_str(), micro.source.urls.as_slice()));
        let versions = self.toolchains.values().flat_map(|toolchain| &toolchain.version);
        let archives = versions.flat_map(|version| &version.archive);
        let archives = archives.map(|archive| (archive.file.as_str(), archive.urls.as_slice()));
        let libraries = self.libraries.values().flat_map(|library| &library.source);
        let libraries = libraries.map(|source| (source.file.as_str(), source.urls.as_slice()));
        sources.chain(archives).chain(libraries)
    }

    /// The Debian packages of toolchains, runners and third-party files.
    pub fn debian_packages(&self) -> impl Iterator<Item = DebianPackage> {
        let versions = self.toolchains.values().flat_map(|toolchain| &toolchain.version);
        let toolchains = versions.flat_map(|version| &version.debian);
        let runners = self.runners.values().flat_map(|runner| &runner.packaged).map(|packaged| &packaged.debian);
        let vendored = self.vendored().filter_map(|package| match package {
            VendoredPackage::Debian(package) => Some(package),
            VendoredPackage::Npm(_) => None,
        });
        let packages = toolchains.chain(runners).flat_map(|debian| &debian.package).chain(vendored);
        packages.flat_map(|package| [vec![package.clone()], package.alternatives()].concat())
    }

    /// The Debian source packages that hold upstream's archives, each with the archive's name in the lock.
    pub fn debian_sources(&self) -> impl Iterator<Item = (&str, &DebianSource)> {
        let micros = self.cpython.values().flat_map(|cpython| &cpython.micro);
        let releases = micros.map(|micro| (micro.source.file.as_str(), &micro.source.debian_sources));
        let libraries = self.libraries.values().flat_map(|library| &library.source);
        let libraries = libraries.map(|source| (source.file.as_str(), &source.debian_sources));
        releases.chain(libraries).flat_map(|(file, sources)| sources.iter().map(move |source| (file, source)))
    }

    /// The npm packages of baselines and third-party files.
    pub fn npm_packages(&self) -> impl Iterator<Item = &NpmPackage> {
        let vendored = self.vendored().filter_map(|package| match package {
            VendoredPackage::Debian(_) => None,
            VendoredPackage::Npm(package) => Some(package),
        });
        self.baselines.values().map(|baseline| &baseline.npm_package).chain(vendored)
    }

    fn vendored(&self) -> impl Iterator<Item = &VendoredPackage> {
        self.hosts.values().flat_map(|host| &host.common.vendored).map(|vendored| &vendored.package)
    }
}

const LAYOUT: &str = "recipes lie in cpython.toml, cpython/MINOR.toml, hosts.toml, hosts/HOST.toml, hosts/HOST/MINOR.toml, toolchains/NAME.toml, \
                      libraries/NAME.toml, profiles/NAME.toml, build-python/NAME.toml, runners/NAME.toml, baselines/NAME.toml, expectations/MINOR-HOST.toml, status/SUBJECT.toml, modules.toml, standard-library.toml, build-machine.toml and \
                      lock.toml";
