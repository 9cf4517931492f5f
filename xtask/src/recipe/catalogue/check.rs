//! Checks that a catalogue is consistent: what single files cannot show. Pure.

use std::collections::BTreeMap;

use toml::Spanned;

use super::Catalogue;
use crate::name::Minor;
use crate::recipe::host::Host;
use crate::recipe::mistakes::Mistakes;
use crate::recipe::model::RunnerRecipe;
use crate::recipe::placeholder::Begin;
use crate::recipe::raw;
use crate::recipe::runner::Ability;
use crate::recipe::template::Placeholder as _;

impl Catalogue {
    /// Checks what involves more than one file.
    pub(super) fn check(&self, mistakes: &mut Mistakes) {
        for (name, host) in &self.hosts {
            for (minor, recipe) in &host.minors {
                let file = format!("recipes/hosts/{name}/{minor}.toml");
                self.check_tried(&file, *minor, recipe, mistakes);
            }
            // What a host takes from another is checked there.
            if host.extends.is_some() {
                continue;
            }
            let file = format!("recipes/hosts/{name}.toml");
            let toolchains: Vec<&str> = self.toolchains.keys().map(String::as_str).collect();
            for candidate in &host.common.toolchain.candidates {
                mistakes.known(&file, candidate, "toolchain", &toolchains);
            }
            for (minor, recipe) in &host.minors {
                let file = format!("recipes/hosts/{name}/{minor}.toml");
                if !self.cpython.contains_key(minor) {
                    mistakes.add(&file, None, &format!("there is no recipes/cpython/{minor}.toml"), None);
                }
                self.check_toolchains(&file, host, recipe, mistakes);
            }
        }
        for (name, runner) in &self.runners {
            check_runner(&format!("recipes/runners/{name}.toml"), runner, mistakes);
        }
        for (name, baseline) in &self.baselines {
            let (file, python) = (format!("recipes/baselines/{name}.toml"), baseline.python.get_ref());
            if !self.cpython.contains_key(&python.minor) {
                let message = format!("it has Python {python}, and there is no recipes/cpython/{}.toml", python.minor);
                mistakes.add(&file, Some(baseline.python.span()), &message, None);
            }
        }
        let flavours: Vec<&str> = self.build_pythons.keys().map(String::as_str).collect();
        for (name, profile) in &self.profiles {
            mistakes.known(&format!("recipes/profiles/{name}.toml"), &profile.build_python, "build Python", &flavours);
        }
    }

    /// Each build is verified or has the reason why not, and never both.
    fn check_tried(&self, file: &str, minor: Minor, recipe: &raw::HostMinor, mistakes: &mut Mistakes) {
        match (&recipe.unverified, recipe.verified.is_empty()) {
            (None, true) => {
                let help = "list what was built and run in [verified], or give the reason in `unverified`".to_owned();
                mistakes.add(file, None, "neither [verified] nor `unverified` is given", Some(help));
            }
            (Some(_), false) => mistakes.add(file, None, "`unverified` contradicts [verified]", None),
            _ => {}
        }
        let micros = self.cpython.get(&minor).map(|cpython| cpython.micro.as_slice()).unwrap_or_default();
        let profiles: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
        for (version, names) in &recipe.verified {
            match micros.iter().find(|micro| micro.version == *version) {
                None => {
                    let pinned: Vec<String> = micros.iter().map(|micro| micro.version.to_string()).collect();
                    let help = format!("pinned releases: {}", pinned.join(", "));
                    mistakes.add(file, None, &format!("[verified] has {version}, which is not pinned"), Some(help));
                }
                Some(micro) if micro.unverified.is_some() => {
                    let message =
                        format!("[verified] has {version}, of which recipes/cpython/{minor}.toml says `unverified`");
                    mistakes.add(file, None, &message, Some("remove `unverified` there".to_owned()));
                }
                Some(_) => names.iter().for_each(|name| mistakes.known(file, name, "profile", &profiles)),
            }
        }
    }

    fn check_toolchains(&self, file: &str, host: &Host, recipe: &raw::HostMinor, mistakes: &mut Mistakes) {
        for candidate in &host.common.toolchain.candidates {
            let name = candidate.get_ref();
            let Some(toolchain) = self.toolchains.get(name) else { continue };
            let versions: Vec<&str> = toolchain.version.iter().map(|version| version.version.as_str()).collect();
            let pinned = Some(format!("pinned versions: {}", versions.join(", ")));
            let (wanted, reject) = (recipe.toolchain.get(name), recipe.toolchain_reject.contains_key(name));
            let Some(wanted) = wanted else {
                if !reject {
                    let message = format!("[toolchain] has no version of {name}");
                    mistakes.add(file, None, &message, pinned);
                }
                continue;
            };
            let (number, place) = (wanted.get_ref(), Some(wanted.span()));
            if reject {
                mistakes.add(file, place, &format!("[toolchain-reject] says that {name} is not used"), None);
                continue;
            }
            if let Some(reason) = toolchain.reject.get(number) {
                mistakes.add(file, place, &format!("{name} {number} must not be used: {reason}"), pinned);
                continue;
            }
            if !versions.contains(&number.as_str()) {
                mistakes.add(file, place, &format!("no {name} {number} is pinned"), pinned);
            }
            let triple = recipe.triple.get_ref();
            for version in toolchain.version.iter().filter(|version| version.version == *number) {
                if !version.triples.contains(triple) {
                    let message = format!("{name} {} has no libraries for {triple}", version.version);
                    let help = format!("it has: {}", version.triples.join(", "));
                    mistakes.add(file, Some(recipe.triple.span()), &message, Some(help));
                }
            }
        }
    }
}

/// A runner supports each ability or gives the reason why not.
fn check_runner(file: &str, runner: &RunnerRecipe, mistakes: &mut Mistakes) {
    let places: RunnerPlaces = toml::from_str(&mistakes.texts[file]).expect("it was parsed as a whole before");
    let (program, guest) = (&runner.program, &runner.guest);
    for (key, words) in [("begin", Some(&guest.begin)), ("server", guest.server.as_ref())] {
        let (Some(words), Some(place)) = (words, places.guest.get(key)) else { continue };
        let paths = [
            (Begin::Script, "program.script", program.script.is_some()),
            (Begin::Program, "program.driver", program.driver.is_some()),
        ];
        for (placeholder, option, set) in paths {
            let name = placeholder.name();
            let message = match (words.uses(placeholder), set) {
                (true, false) => format!("`{{{name}}}` needs `{option}`, which is not set"),
                (false, true) => format!("missing placeholder `{{{name}}}`, since `{option}` is set"),
                _ => continue,
            };
            mistakes.add(file, Some(place.span()), &message, None);
        }
    }
    for ability in Ability::ALL {
        let name = ability.name();
        match (runner.can(ability), runner.cannot(ability)) {
            (true, Some(_)) => {
                let place = places.cannot.get(name).map(Spanned::span);
                mistakes.add(file, place, &format!("`{name}` is in [guest] and in [cannot]"), None);
            }
            (false, None) => {
                let help = "add it to [guest], or add the reason to [cannot]".to_owned();
                mistakes.add(file, None, &format!("`{name}` is in neither [guest] nor [cannot]"), Some(help));
            }
            _ => {}
        }
    }
    if runner.program.version.is_none() && !runner.program.names.is_empty() {
        let help = Some("without it, a version that is too old would be used".to_owned());
        mistakes.add(file, None, "[program.version] is missing for an installed program", help);
    }
}

/// Where templates are in `recipes/runners/NAME.toml`.
#[derive(serde::Deserialize)]
struct RunnerPlaces {
    guest: BTreeMap<String, Spanned<toml::Value>>,
    #[serde(default)]
    cannot: BTreeMap<String, Spanned<toml::Value>>,
}
