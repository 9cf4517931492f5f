//! What several hosts have in common, answered for one minor on one host: `recipes/hosts.toml` and the exceptions in its own file.

use std::collections::BTreeMap;

use toml::Spanned;

use super::mistakes::Mistakes;
use super::model::{Preset, Wasm};
use super::raw::{self, HostDefaults};
use super::scope::{Level, Place};

/// The file of what hosts have in common.
pub const FILE: &str = "recipes/hosts.toml";

impl HostDefaults {
    /// What can be wrong in the file, whatever is asked of it.
    pub fn check(&self, scopes: &[&str], mistakes: &mut Mistakes) {
        for scope in self.preset.keys().chain(self.wasm.keys()) {
            mistakes.known(FILE, scope, "host", scopes);
        }
        let presets = || self.preset.values().flatten();
        for (name, preset) in presets() {
            self.reason.check(FILE, &name.span(), &preset.reason, mistakes);
        }
        self.reason.check_used(FILE, "preset", presets().map(|(_, preset)| &preset.reason), mistakes);
    }

    /// The answers that `configure` is given, by variable. An exception that says the same as a less specific entry is a mistake.
    pub fn presets(&self, place: &Place<'_>, mistakes: &mut Mistakes) -> BTreeMap<String, Preset> {
        let mut presets = BTreeMap::new();
        let preset = |value: &String, reason| {
            let reason = self.reason.text(reason, place.host, place.family.platform());
            Preset { value: value.clone(), reason }
        };
        for level in place.levels.iter().rev() {
            match level {
                Level::Scope(scope) => {
                    let entries = self.preset.get(*scope).into_iter().flatten();
                    let entries = entries.filter(|(_, entry)| entry.minors().contains(place.minor));
                    presets.extend(
                        entries.map(|(name, entry)| (name.get_ref().clone(), preset(&entry.value, &entry.reason))),
                    );
                }
                Level::Exceptions { host, recipe } => {
                    for (name, entry) in &recipe.configure.preset {
                        let is_own = *host == place.host;
                        if is_own {
                            self.reason.check(&place.file(host), &name.span(), &entry.reason, mistakes);
                        }
                        let preset = preset(&entry.value, &entry.reason);
                        let before = presets.insert(name.get_ref().clone(), preset.clone());
                        if is_own && before == Some(preset) {
                            no_exception(&place.file(host), name, name.get_ref(), mistakes);
                        }
                    }
                }
            }
        }
        presets
    }

    /// What python.wasm imports and exports; `None` for a host without an entry.
    pub fn wasm(&self, place: &Place<'_>, mistakes: &mut Mistakes) -> Option<Wasm> {
        let mut imports = BTreeMap::new();
        let mut exports = None;
        for level in place.levels.iter().rev() {
            match level {
                Level::Scope(scope) => {
                    let Some(entry) = self.wasm.get(*scope) else { continue };
                    exports = entry.exports.clone().or(exports);
                    imports.extend(entry.imports.iter().map(|(module, names)| {
                        let names = names.iter().filter(|name| name.minors().contains(place.minor));
                        (module.clone(), names.map(|name| name.name().to_owned()).collect::<Vec<_>>())
                    }));
                }
                Level::Exceptions { host, recipe: raw::HostMinor { wasm, .. } } => {
                    let is_own = *host == place.host;
                    for (module, names) in &wasm.imports {
                        let before = imports.insert(module.get_ref().clone(), names.clone());
                        if is_own && before.as_ref() == Some(names) {
                            no_exception(&place.file(host), module, module.get_ref(), mistakes);
                        }
                    }
                    if let Some(names) = &wasm.exports {
                        let before = exports.replace(names.get_ref().clone());
                        if is_own && before.as_ref() == Some(names.get_ref()) {
                            no_exception(&place.file(host), names, "exports", mistakes);
                        }
                    }
                }
            }
        }
        (exports.is_some() || !imports.is_empty()).then(|| Wasm { imports, exports: exports.unwrap_or_default() })
    }
}

fn no_exception<T>(file: &str, place: &Spanned<T>, name: &str, mistakes: &mut Mistakes) {
    let message = format!("`{name}` is no exception: {FILE} has the same");
    mistakes.add(file, Some(place.span()), &message, Some("remove it".to_owned()));
}

#[cfg(test)]
mod tests;
