//! Builds a variant of a host: the other host's recipe with the variant's differences applied. Pure. `raw/variant.rs` has their syntax.

#[cfg(test)]
mod tests;

use super::raw::{Host, HostMinor, HostVariant, HostVariantMinor, Wasm};

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

/// One minor on the variant. Its exceptions from what several hosts share are its own: those of the other host are looked at there.
pub fn minor(other: &HostMinor, variant: &HostVariantMinor) -> HostMinor {
    let mut minor = other.clone();
    minor.unverified.clone_from(&variant.unverified);
    minor.verified.clone_from(&variant.verified);
    minor.configure.arguments.extend(variant.configure.arguments.iter().cloned());
    minor.configure.environment.extend(variant.configure.environment.clone());
    minor.configure.preset.clone_from(&variant.configure.preset);
    minor.configure.setup_local.extend(variant.configure.setup_local.iter().cloned());
    if let Some(runner) = &variant.runner {
        minor.runner = runner.clone();
    }
    // CPython's own script builds another thing.
    minor.reference = None;
    minor.modules.clone_from(&variant.modules);
    minor.wasm = Wasm::default();
    minor
}
