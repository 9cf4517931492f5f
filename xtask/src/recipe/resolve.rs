//! Resolves a request ("3.13 for wasi") to recipes. Pure: it lists what could be built, in order of preference;
//! `provider` finds out which of these are available.

use std::collections::BTreeMap;

use super::catalogue::Catalogue;
use super::host::Host;
use super::model::{
    Artifact, BuildPython, DebianContents, DebianPackage, DebianToolchain, HostConfigure, HostFamily, Library,
    LibrarySource, Micro, Modules, Origin, Recipe, RunnerNeeds, Source, Toolchain, ToolchainContents, ToolchainRecipe,
    ToolchainVersion, Vendored, VendoredPackage,
};
use super::modules::Decisions;
use super::raw;
use super::runner::{NODE, Packages, Runner};
use crate::lock::Lock;
use crate::name::{Minor, PythonVersion};
use crate::suggest;

/// What a user asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildRequest {
    pub host: String,
    /// A minor (its newest available release) or one release.
    pub python: String,
    pub profile: String,
    /// `auto`, or a toolchain's name.
    pub toolchain: String,
    /// The machine that builds, such as `x86_64-linux`.
    pub build_machine: String,
}

/// No recipe matches the request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    #[error("unknown {kind} `{given}`\nhint: {valid}")]
    Unknown { kind: &'static str, given: String, valid: String },
    #[error("{message}\nhint: {hint}")]
    Impossible { message: String, hint: String },
}

impl Catalogue {
    /// The sources that match the request, newest release first.
    pub fn sources(&self, request: &BuildRequest, lock: &Lock) -> Result<Vec<(PythonVersion, Source)>, ResolveError> {
        let micros = self.micros(&request.python)?;
        micros
            .into_iter()
            .map(|micro| {
                let origin = Origin {
                    urls: micro.source.urls.clone(),
                    debian_sources: micro.source.debian_sources.clone(),
                    ..Origin::default()
                };
                let artifact = artifact(lock, &micro.source.file, &micro.source.license, origin)?;
                Ok((micro.version, Source { patches: micro.patches.clone().unwrap_or_default(), artifact }))
            })
            .collect()
    }

    /// The toolchains that match the request, in order of preference.
    pub fn toolchains(&self, request: &BuildRequest, lock: &Lock) -> Result<Vec<Toolchain>, ResolveError> {
        let (host, recipe) = self.host_minor(&request.host, &request.python)?;
        if let Some(reason) = recipe.toolchain_reject.get(&request.toolchain) {
            return Err(ResolveError::Impossible {
                message: format!(
                    "Python {} for {} is not built with {}: {reason}",
                    request.python, request.host, request.toolchain
                ),
                hint: "omit `--toolchain`".to_owned(),
            });
        }
        let candidates = host.common.toolchain.candidates.iter().map(|name| name.get_ref().as_str());
        let candidates: Vec<&str> = candidates.filter(|name| recipe.toolchain.contains_key(*name)).collect();
        let wanted: Vec<&str> = match request.toolchain.as_str() {
            "auto" => candidates.clone(),
            name => candidates.iter().copied().filter(|candidate| *candidate == name).collect(),
        };
        if wanted.is_empty() {
            let mut valid = vec!["auto", "path"];
            valid.extend(&candidates);
            return Err(unknown("toolchain", &request.toolchain, &valid));
        }
        let mut found = Vec::new();
        for name in &wanted {
            let family = &self.toolchains[*name];
            let number = recipe.toolchain[*name].get_ref();
            for version in family.version.iter().filter(|version| version.version == *number) {
                if let Some(contents) = contents(name, family, version, &request.build_machine, lock)? {
                    found.push(Toolchain {
                        name: (*name).to_owned(),
                        version: version.version.clone(),
                        sysroot: version.sysroot.clone(),
                        configure_programs: version.configure_programs.clone(),
                        build_machine_programs: version.build_machine_programs.clone(),
                        contents,
                    });
                }
            }
        }
        if found.is_empty() {
            return Err(ResolveError::Impossible {
                message: format!("no pinned toolchain for {} runs on {}", request.host, request.build_machine),
                hint: "give your own with `--toolchain path --wasi-sdk DIR`".to_owned(),
            });
        }
        Ok(found)
    }

    /// The host's libraries, each as different places pack it, in order of preference.
    pub fn libraries(&self, request: &BuildRequest, lock: &Lock) -> Result<Vec<Vec<Library>>, ResolveError> {
        let (host, _) = self.host_minor(&request.host, &request.python)?;
        let packed = |name: &str| {
            let recipe = &self.libraries[name];
            let library = |source: &LibrarySource| {
                let origin = Origin {
                    urls: source.urls.clone(),
                    debian_sources: source.debian_sources.clone(),
                    ..Origin::default()
                };
                let artifact = artifact(lock, &source.file, &recipe.license, origin)?;
                let (name, version) = (name.to_owned(), recipe.version.clone());
                Ok(Library { name, version, artifact, build: recipe.build.clone() })
            };
            recipe.source.iter().map(library).collect()
        };
        host.libraries.iter().map(|name| packed(name)).collect()
    }

    /// The whole recipe, once sources and toolchain are chosen.
    pub fn recipe(
        &self,
        request: &BuildRequest,
        python: PythonVersion,
        source: Source,
        toolchain: Toolchain,
        libraries: Vec<Library>,
        lock: &Lock,
    ) -> Result<Recipe, ResolveError> {
        let (host, recipe) = self.host_minor(&request.host, &python.to_string())?;
        let names: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
        let profile =
            self.profiles.get(&request.profile).ok_or_else(|| unknown("profile", &request.profile, &names))?;
        let micro = self.micros(&request.python)?.into_iter().find(|micro| micro.version == python);
        let mut unverified = host.unverified(&request.host, python, micro, &request.profile);
        unverified.extend(self.toolchain_unverified(&toolchain));
        let mut environment = host.common.configure.environment.clone();
        for library in &libraries {
            environment.extend(self.libraries[&library.name].configure_environment.clone());
        }
        environment.extend(recipe.configure.environment.clone());
        environment.extend(profile.configure.environment.clone());
        let arguments = [&host.common.configure.arguments, &recipe.configure.arguments, &profile.configure.arguments];
        let flavour = profile.build_python.get_ref();
        let build_python = &self.build_pythons[flavour];
        let setup_local = match build_python.setup_local {
            true => self.cpython[&python.minor].build_python_setup_local.clone(),
            false => Vec::new(),
        };
        let vendored = host.common.vendored.iter().map(|vendored| vendor(vendored, lock));
        Ok(Recipe {
            python,
            host: request.host.clone(),
            family: host.common.family,
            package_suffix: host.common.package_suffix.clone().unwrap_or_default(),
            profile: request.profile.clone(),
            triple: recipe.triple.get_ref().clone(),
            tier: recipe.tier,
            unverified,
            source_date_epoch: micro.map(|micro| micro.source_date_epoch).unwrap_or_default(),
            strip: profile.output.strip,
            abi_flags: profile.output.abi_flags.clone(),
            source,
            toolchain,
            libraries,
            build_python: BuildPython {
                flavour: flavour.clone(),
                arguments: build_python.configure.arguments.clone(),
                make_targets: build_python.make_targets.clone(),
                environment: build_python.configure.environment.clone(),
                left_out_modules: build_python.modules.exclude.clone(),
                setup_local,
            },
            configure: HostConfigure {
                arguments: arguments.into_iter().flatten().cloned().collect(),
                config_site: recipe.configure.config_site.clone(),
                environment,
                preset: host.presets[&python.minor].clone(),
                setup_local: recipe.configure.setup_local.clone(),
            },
            runner: self.runner_needs(host.common.family, &recipe.runner),
            modules: Modules::of(&host.modules[&python.minor]),
            threads: host.common.threads,
            wasm: host.wasm.get(&python.minor).cloned(),
            program_files: host.common.program_files.clone(),
            standard_library_exclude: host.common.standard_library.exclude.clone(),
            vendored: vendored.collect::<Result<_, _>>()?,
            regrtest: self.cpython[&python.minor].regrtest.clone(),
        })
    }

    /// What a host's Python needs of its runner. A package for WASI has a launcher that can use Node.js, as its recipe says.
    fn runner_needs(&self, family: HostFamily, needs: &RunnerNeeds) -> RunnerNeeds {
        let node = self.runners.get(NODE).filter(|_| family == HostFamily::Wasi);
        let minimum = node.and_then(|node| node.program.version.as_ref()).map(|version| version.minimum.major());
        RunnerNeeds { minimum_node: needs.minimum_node.or(minimum), ..needs.clone() }
    }

    /// The runners of WASI binaries that are used if they are installed and none is named, the preferred one first.
    pub fn automatic_runners(&self) -> Vec<&str> {
        let ranked = self.runners.iter().filter_map(|(name, runner)| Some((runner.automatic?, name.as_str())));
        let ranked: BTreeMap<u32, &str> = ranked.collect();
        ranked.into_values().collect()
    }

    /// A runner by name, with what is available for the build machine.
    pub fn runner(&self, name: &str, build_machine: &str, lock: &Lock) -> Result<Runner, ResolveError> {
        let names: Vec<&str> = self.runners.keys().map(String::as_str).collect();
        let recipe = self.runners.get(name).ok_or_else(|| unknown("runner", name, &names))?;
        let packaged = recipe.packaged.iter().find(|packaged| packaged.debian.build_machine == build_machine);
        let packages = packaged.map(|packaged| {
            let folder = format!("runners/{name}");
            let contents = ToolchainContents::Debian(packages(&packaged.debian, &recipe.license, folder, lock)?);
            Ok(Packages { version: packaged.version.clone(), contents })
        });
        Ok(Runner { name: name.to_owned(), recipe: recipe.clone(), packages: packages.transpose()? })
    }

    /// A baseline by name, with its package.
    pub fn baseline(&self, name: &str, lock: &Lock) -> Result<Artifact, ResolveError> {
        let names: Vec<&str> = self.baselines.keys().map(String::as_str).collect();
        let recipe = self.baselines.get(name).ok_or_else(|| unknown("baseline", name, &names))?;
        let origin = Origin { npm_package: Some(recipe.npm_package.clone()), ..Origin::default() };
        artifact(lock, &recipe.npm_package.file(), &recipe.license, origin)
    }

    /// The packages of a toolchain's version that the series of patches is for.
    pub fn patched_packages(&self, name: &str, version: &str, lock: &Lock) -> Result<DebianContents, ResolveError> {
        let family = &self.toolchains[name];
        let versions = family.version.iter().filter(|found| found.version == version);
        let patched = versions.flat_map(|version| &version.debian).find(|debian| debian.patched.is_some());
        let debian = patched.ok_or_else(|| ResolveError::Impossible {
            message: format!("{name} {version} has no patches"),
            hint: format!("name a series under `patched` in recipes/toolchains/{name}.toml"),
        })?;
        packages(debian, &family.license, format!("toolchains/{name}"), lock)
    }

    /// The minor of a request for a Python.
    pub fn minor(&self, python: &str) -> Result<Minor, ResolveError> {
        let minor = match python.parse::<PythonVersion>() {
            Ok(version) => Some(version.minor),
            Err(_) => python.parse().ok(),
        };
        minor.filter(|minor| self.cpython.contains_key(minor)).ok_or_else(|| {
            let names: Vec<String> = self.cpython.keys().map(Minor::to_string).collect();
            unknown("Python", python, &names.iter().map(String::as_str).collect::<Vec<_>>())
        })
    }

    fn micros(&self, python: &str) -> Result<Vec<&Micro>, ResolveError> {
        let micros = &self.cpython[&self.minor(python)?].micro;
        let Ok(version) = python.parse::<PythonVersion>() else { return Ok(micros.iter().collect()) };
        match micros.iter().find(|micro| micro.version == version) {
            Some(micro) => Ok(vec![micro]),
            None => {
                let names: Vec<String> = micros.iter().map(|micro| micro.version.to_string()).collect();
                Err(unknown("Python", python, &names.iter().map(String::as_str).collect::<Vec<_>>()))
            }
        }
    }

    /// What becomes of each extension module for a minor on a host.
    pub fn modules(&self, host: &str, python: &str) -> Result<&Decisions, ResolveError> {
        let (host, _) = self.host_minor(host, python)?;
        Ok(&host.modules[&self.minor(python)?])
    }

    /// A host by name.
    pub fn host(&self, name: &str) -> Result<&Host, ResolveError> {
        let hosts: Vec<&str> = self.hosts.keys().map(String::as_str).collect();
        self.hosts.get(name).ok_or_else(|| unknown("host", name, &hosts))
    }

    /// The hosts that have a recipe for a minor.
    pub fn hosts_with(&self, minor: Minor) -> Vec<&str> {
        self.hosts.iter().filter(|(_, host)| host.has(minor)).map(|(name, _)| name.as_str()).collect()
    }

    fn host_minor(&self, name: &str, python: &str) -> Result<(&Host, &raw::HostMinor), ResolveError> {
        let host = self.host(name)?;
        let minor = self.minor(python)?;
        let recipe = host.minors.get(&minor).ok_or_else(|| {
            let minors: Vec<String> = host.minors.keys().map(Minor::to_string).collect();
            ResolveError::Impossible {
                message: format!("there is no recipe for Python {minor} on {name}"),
                hint: format!("{name} has recipes for: {}", minors.join(", ")),
            }
        })?;
        Ok((host, recipe))
    }

    fn toolchain_unverified(&self, toolchain: &Toolchain) -> Option<String> {
        let family = self.toolchains.get(&toolchain.name)?;
        family.version.iter().find(|version| version.version == toolchain.version)?.unverified.clone()
    }
}

fn contents(
    name: &str,
    family: &ToolchainRecipe,
    version: &ToolchainVersion,
    build_machine: &str,
    lock: &Lock,
) -> Result<Option<ToolchainContents>, ResolveError> {
    if let Some(archive) = version.archive.iter().find(|archive| archive.build_machine == build_machine) {
        let origin = Origin { urls: archive.urls.clone(), ..Origin::default() };
        let artifact = artifact(lock, &archive.file, &family.license, origin)?;
        return Ok(Some(ToolchainContents::Archive { artifact }));
    }
    let Some(debian) = version.debian.iter().find(|debian| debian.build_machine == build_machine) else {
        return Ok(None);
    };
    let contents = packages(debian, &family.license, format!("toolchains/{name}"), lock)?;
    Ok(Some(ToolchainContents::Debian(contents)))
}

fn packages(
    debian: &DebianToolchain,
    license: &str,
    folder: String,
    lock: &Lock,
) -> Result<DebianContents, ResolveError> {
    let artifacts = debian.package.iter().map(|package| debian_artifact(package, license, lock));
    let artifacts = artifacts.collect::<Result<_, _>>()?;
    let elsewhere = debian.package.iter().filter(|package| !package.below.is_empty());
    Ok(DebianContents {
        artifacts,
        below: elsewhere.map(|package| (package.file(), package.below.clone())).collect(),
        exclude: debian.exclude.clone(),
        keep: debian.keep.clone(),
        launchers: debian.launchers.clone(),
        links: debian.link.clone(),
        files_folder: if debian.file.is_empty() { String::new() } else { folder },
        files: debian.file.clone(),
        patched: debian.patched.clone(),
        finish: debian.finish.clone(),
    })
}

fn vendor(vendored: &raw::Vendored, lock: &Lock) -> Result<Vendored, ResolveError> {
    let (file, origin) = match vendored.package.clone() {
        VendoredPackage::Debian(package) => {
            let artifact = debian_artifact(&package, &vendored.license, lock)?;
            (artifact.file, artifact.origin)
        }
        VendoredPackage::Npm(package) => (package.file(), Origin { npm_package: Some(package), ..Origin::default() }),
    };
    Ok(Vendored {
        name: vendored.name.clone(),
        version: vendored.version.clone(),
        artifact: artifact(lock, &file, &vendored.license, origin)?,
        files: vendored.files.clone(),
    })
}

/// A binary package, with the alternatives that its recipe pins.
fn debian_artifact(package: &DebianPackage, license: &str, lock: &Lock) -> Result<Artifact, ResolveError> {
    let alternatives = package.alternatives();
    let alternatives = alternatives.iter().map(|alternative| debian_artifact(alternative, license, lock));
    let alternatives = alternatives.collect::<Result<_, _>>()?;
    let origin = Origin { debian_package: Some(package.clone()), alternatives, ..Origin::default() };
    artifact(lock, &package.file(), license, origin)
}

fn artifact(lock: &Lock, file: &str, license: &str, origin: Origin) -> Result<Artifact, ResolveError> {
    let locked = lock.artifacts.get(file).ok_or_else(|| ResolveError::Impossible {
        message: format!("`{file}` is named by a recipe, and its hash is not in {}", crate::lock::LOCK_FILE),
        hint: "`cargo xtask lock --update` adds what is missing".to_owned(),
    })?;
    Ok(Artifact {
        file: file.to_owned(),
        size: locked.size,
        sha256: locked.sha256,
        license: license.to_owned(),
        origin,
    })
}

fn unknown(kind: &'static str, given: &str, valid: &[&str]) -> ResolveError {
    let valid = suggest::valid_names(&format!("{kind}s"), given, valid);
    ResolveError::Unknown { kind, given: given.to_owned(), valid }
}
