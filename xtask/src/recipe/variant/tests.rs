//! A host `moon-base` that is `moon` with differences, and which of their builds count as tried.

use crate::recipe::tests::{lock, request, texts};
use crate::recipe::{BuildRequest, Catalogue, Recipe};

const HOST: &str = r#"
    schema = 1
    extends = "moon"
    description = "a base on it"
    package-suffix = "base"
    threads = true
    configure = { arguments = ["--base"], environment = { OPT = "base", ONLY = "base" } }
"#;

const MINOR: &str = r#"
    schema = 1
    verified = { "3.13.1" = ["release"] }
    [configure]
    arguments = ["--base-minor"]
    environment = { LIBS = "base" }
    preset = { ac_cv_func_b = { value = "no", reason = "there is no b on the base" } }
    setup-local = ["*shared*", "eyes eyes.c"]
    [modules]
    builtin = ["doors"]
    shared = ["eyes"]
    missing = { legs = "nobody walks there" }
"#;

const MOON: &str = r#"
    schema = 1
    triple = "wasm32-moon"
    tier = 3
    verified = { "3.13.1" = ["release", "debug"] }
    toolchain = { published = "2" }
    toolchain-reject = { packaged = "it does not reach the moon" }
    runner.stack-size = 1
    wasm = { exports = [], imports = {} }
    [configure]
    arguments = ["--minor"]
    environment = { OPT = "minor" }
    config-site = "site"
    preset = { ac_cv_func_a = { value = "no", reason = "there is no a on the moon" } }
    [modules]
    builtin = ["arms", "eyes", "legs"]
    missing = { doors = "nobody built them" }
    not-available = { wings = "no air" }
"#;

const DEBUG: &str = r#"
    schema = 1
    description = "a profile"
    build-python = "lean"
    configure = {}
    output = { strip = false, abi-flags = "d" }
"#;

fn catalogue() -> Catalogue {
    let mut texts = texts();
    for (file, text) in [
        ("recipes/hosts/moon/3.13.toml", MOON),
        ("recipes/hosts/moon-base.toml", HOST),
        ("recipes/hosts/moon-base/3.13.toml", MINOR),
        ("recipes/profiles/debug.toml", DEBUG),
    ] {
        texts.insert(file.to_owned(), text.to_owned());
    }
    Catalogue::parse(&texts).unwrap_or_else(|mistakes| panic!("\n{mistakes}"))
}

fn resolved(host: &str, python: &str, profile: &str) -> Recipe {
    let request = BuildRequest { host: host.to_owned(), profile: profile.to_owned(), ..request(python) };
    let catalogue = catalogue();
    let (python, source) = catalogue.sources(&request, &lock()).unwrap().remove(0);
    let toolchain = catalogue.toolchains(&request, &lock()).unwrap().remove(0);
    catalogue.recipe(&request, python, source, toolchain, Vec::new(), &lock()).unwrap()
}

#[test]
fn a_variant_is_the_other_host_with_what_it_says_itself() {
    let recipe = resolved("moon-base", "3.13.1", "release");
    assert_eq!(recipe.package_name(), "python-3.13.1-wasm32-moon-base");
    assert_eq!((recipe.triple.as_str(), recipe.toolchain.title().as_str()), ("wasm32-moon", "published 2"));
    assert!(recipe.threads && !resolved("moon", "3.13.1", "release").threads);
    let configure = &recipe.configure;
    assert_eq!(configure.arguments, ["--host-wide", "--base", "--minor", "--base-minor", "--profile"]);
    // The minor of the other host comes before the host of the variant, as everywhere: the more particular has the last word.
    let environment: Vec<_> = configure.environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(environment, ["LIBS=base", "ONLY=base", "OPT=profile", "PATHS={sysroot}"]);
    assert_eq!(configure.preset.keys().collect::<Vec<_>>(), ["ac_cv_func_a", "ac_cv_func_b"]);
    assert_eq!(configure.setup_local, ["*shared*", "eyes eyes.c"]);
}

#[test]
fn a_module_is_where_the_variant_says_and_else_where_the_other_host_has_it() {
    let modules = resolved("moon-base", "3.13.1", "release").modules;
    assert_eq!(
        (modules.builtin, modules.shared),
        (vec!["arms".to_owned(), "doors".to_owned()], vec!["eyes".to_owned()])
    );
    let missing: Vec<_> = modules.missing.iter().map(|(name, reason)| format!("{name}: {reason}")).collect();
    assert_eq!(missing, ["legs: nobody walks there"]);
    assert_eq!(modules.not_available.keys().collect::<Vec<_>>(), ["wings"]);
}

#[test]
fn verified_is_given_for_each_host_release_and_profile() {
    let toolchain = "published 2 was never unpacked".to_owned();
    let unverified = |host, python, profile| {
        let mut reasons = resolved(host, python, profile).unverified;
        assert_eq!(reasons.pop(), Some(toolchain.clone()));
        reasons
    };
    assert!(unverified("moon", "3.13.1", "release").is_empty());
    assert!(unverified("moon", "3.13.1", "debug").is_empty());
    assert!(unverified("moon-base", "3.13.1", "release").is_empty());
    let debug = ["3.13.1 was never built on moon-base with the profile debug; with release it ran"];
    assert_eq!(unverified("moon-base", "3.13.1", "debug"), debug);
    assert_eq!(unverified("moon", "3.13.2", "release"), ["3.13.2 is new"]);
}

#[test]
fn a_toolchain_that_a_minor_refuses_is_not_taken() {
    let catalogue = catalogue();
    let titles: Vec<String> =
        catalogue.toolchains(&request("3.13"), &lock()).unwrap().iter().map(|toolchain| toolchain.title()).collect();
    assert_eq!(titles, ["published 2"]);
    let named = BuildRequest { toolchain: "packaged".to_owned(), ..request("3.13") };
    assert_eq!(
        catalogue.toolchains(&named, &lock()).unwrap_err().to_string(),
        "Python 3.13 for moon is not built with packaged: it does not reach the moon\nhint: omit `--toolchain`"
    );
}
