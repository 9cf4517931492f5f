//! A host that is another one with differences, put together with it. Pure; how the differences are written tells `raw/variant.rs`.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::mistakes::Mistakes;
use super::raw::{Host, HostMinor, HostVariant, HostVariantMinor, ModuleDifferences, Modules, Reasons};

/// What is the same for all minors of the variant.
pub fn host(other: &Host, variant: &HostVariant) -> Host {
    let mut host = other.clone();
    host.description.clone_from(&variant.description);
    host.package_suffix = Some(variant.package_suffix.clone());
    host.threads = variant.threads;
    host.configure.arguments.extend(variant.configure.arguments.iter().cloned());
    host.configure.environment.extend(variant.configure.environment.clone());
    host
}

/// One minor on the variant. `file` is where the differences stand.
pub fn minor(other: &HostMinor, variant: &HostVariantMinor, file: &str, mistakes: &mut Mistakes) -> HostMinor {
    let mut minor = other.clone();
    minor.unverified.clone_from(&variant.unverified);
    minor.verified.clone_from(&variant.verified);
    minor.configure.arguments.extend(variant.configure.arguments.iter().cloned());
    minor.configure.environment.extend(variant.configure.environment.clone());
    minor.configure.preset.extend(variant.configure.preset.clone());
    minor.configure.setup_local.extend(variant.configure.setup_local.iter().cloned());
    if let Some(runner) = &variant.runner {
        minor.runner = runner.clone();
    }
    // CPython's own script builds another thing.
    minor.reference = None;
    minor.modules = modules(&other.modules, &variant.modules, file, mistakes);
    minor
}

/// A module that the differences name is where they say; every other is where the other host has it.
fn modules(theirs: &Modules, ours: &ModuleDifferences, file: &str, mistakes: &mut Mistakes) -> Modules {
    for (place, theirs, ours) in [("builtin", &theirs.builtin, &ours.builtin), ("shared", &theirs.shared, &ours.shared)]
    {
        for name in ours.iter().filter(|name| theirs.contains(name)) {
            let message = format!("`{name}` is no difference: the other host has it in [modules] {place}, too");
            mistakes.add(file, None, &message, Some("name only what comes out otherwise".to_owned()));
        }
    }
    let reasons = [&ours.missing, &ours.disabled, &ours.not_available, &ours.exclude];
    let named = ours.builtin.iter().chain(&ours.shared).chain(reasons.into_iter().flat_map(Reasons::keys));
    let named: BTreeSet<&String> = named.collect();
    let list = |theirs: &[String], ours: &[String]| {
        let mut names: Vec<String> = theirs.iter().filter(|name| !named.contains(name)).chain(ours).cloned().collect();
        names.sort();
        names
    };
    let table = |theirs: &Reasons, ours: &Reasons| -> Reasons {
        let keep = theirs.iter().filter(|(name, _)| !named.contains(name));
        keep.chain(ours).map(|(name, reason)| (name.clone(), reason.clone())).collect()
    };
    Modules {
        builtin: list(&theirs.builtin, &ours.builtin),
        shared: list(&theirs.shared, &ours.shared),
        missing: table(&theirs.missing, &ours.missing),
        disabled: table(&theirs.disabled, &ours.disabled),
        not_available: table(&theirs.not_available, &ours.not_available),
        exclude: table(&theirs.exclude, &ours.exclude),
    }
}
