//! Tests of resolving requests, with example recipes. `tests/it/recipes.rs` tests the real ones.

use super::model::{DebianContents, ToolchainContents};
use super::resolve::ResolveError;
use super::{BuildRequest, Catalogue, Recipe, Texts};
use crate::digest::Sha256;
use crate::lock::{Lock, Locked};

const FILES: [(&str, &str); 9] = [
    (
        "recipes/cpython.toml",
        r#"
        schema = 1
        default-minor = "3.13"
        regrtest = { python-arguments = ["-u"], arguments = [], resources = "", file-timeout = 1 }
        "#,
    ),
    (
        "recipes/cpython/3.13.toml",
        r#"
        schema = 1
        minor = "3.13"
        micro = [
            { version = "3.13.2", source-date-epoch = 2, unverified = "3.13.2 is new", source = { file = "Python-3.13.2.tgz", urls = [], license = "P" } },
            { version = "3.13.1", source-date-epoch = 1, patches = "cpython/3.13", source = { file = "Python-3.13.1.tgz", urls = [], license = "P" } },
        ]
        "#,
    ),
    (
        "recipes/cpython/3.12.toml",
        r#"
        schema = 1
        minor = "3.12"
        micro = [{ version = "3.12.1", source-date-epoch = 1, source = { file = "Python-3.12.1.tgz", urls = [], license = "P" } }]
        "#,
    ),
    (
        "recipes/hosts/moon.toml",
        r#"
        schema = 1
        description = "a host"
        family = "wasi"
        toolchain.candidates = ["published", "packaged"]
        configure = { arguments = ["--host-wide"], environment = { OPT = "host", LIBS = "host", PATHS = "{sysroot}" } }
        standard-library.exclude = {}
        "#,
    ),
    (
        "recipes/hosts/moon/3.13.toml",
        r#"
        schema = 1
        triple = "wasm32-moon"
        tier = 3
        unverified = "3.13 on the moon was never seen"
        toolchain = { published = "2", packaged = "9" }
        configure = { arguments = ["--minor"], environment = { OPT = "minor", LIBS = "minor" }, config-site = "site" }
        runner.stack-size = 1
        modules.builtin = []
        wasm = { exports = [], imports = {} }
        "#,
    ),
    (
        "recipes/toolchains/published.toml",
        r#"
        schema = 1
        description = "an archive for one machine"
        license = "T"
        version = [
            { version = "1", triples = [], sysroot = "one" },
            { version = "2", triples = ["wasm32-moon"], sysroot = "two", unverified = "published 2 was never unpacked", archive = [{ build-machine = "x86_64-linux", file = "sdk-2.tgz", urls = ["u"] }] },
        ]
        "#,
    ),
    (
        "recipes/toolchains/packaged.toml",
        r#"
        schema = 1
        description = "packages for two machines"
        license = "T"
        [[version]]
        version = "9"
        triples = ["wasm32-moon"]
        sysroot = "usr"
        debian = [
            { build-machine = "x86_64-linux", package = [{ name = "clang", version = "1:9", architecture = "amd64", suite = "s" }], launchers = [{ directory = "d", programs = [], library-path = [] }] },
            { build-machine = "aarch64-linux", package = [], launchers = [{ directory = "d", programs = [], library-path = [] }] },
        ]
        "#,
    ),
    (
        "recipes/profiles/release.toml",
        r#"
        schema = 1
        description = "a profile"
        build-python = "lean"
        configure = { arguments = ["--profile"], environment = { OPT = "profile" } }
        output = { strip = true, abi-flags = "" }
        "#,
    ),
    (
        "recipes/build-python/lean.toml",
        r#"
        schema = 1
        description = "a build Python"
        make-targets = ["python"]
        configure = {}
        modules = {}
        "#,
    ),
];

/// The files of these recipes.
pub(crate) fn texts() -> Texts {
    FILES.map(|(file, text)| (file.to_owned(), text.to_owned())).into()
}

/// Recipes for 3.13 and 3.12, and for a host `moon` that has 3.13 only.
pub(crate) fn catalogue() -> Catalogue {
    Catalogue::parse(&texts()).unwrap_or_else(|mistakes| panic!("\n{mistakes}"))
}

pub(crate) fn lock() -> Lock {
    let files = ["Python-3.13.2.tgz", "Python-3.13.1.tgz", "sdk-2.tgz", "clang_1%3a9_amd64.deb"];
    let locked =
        |file: &str| Locked { size: None, sha256: Sha256::of(file.as_bytes()), pinned_from: "here".to_owned() };
    Lock { artifacts: files.map(|file| (file.to_owned(), locked(file))).into() }
}

pub(crate) fn request(python: &str) -> BuildRequest {
    BuildRequest {
        host: "moon".to_owned(),
        python: python.to_owned(),
        profile: "release".to_owned(),
        toolchain: "auto".to_owned(),
        build_machine: "x86_64-linux".to_owned(),
    }
}

fn toolchain_titles(request: &BuildRequest) -> Result<Vec<String>, ResolveError> {
    Ok(catalogue().toolchains(request, &lock())?.iter().map(|toolchain| toolchain.title()).collect())
}

#[test]
fn a_minor_means_its_releases_newest_first_and_a_release_means_itself() {
    let versions = |python| {
        let sources = catalogue().sources(&request(python), &lock()).unwrap();
        sources.iter().map(|(version, source)| (version.to_string(), source.patches.clone())).collect::<Vec<_>>()
    };
    let older = ("3.13.1".to_owned(), "cpython/3.13".to_owned());
    assert_eq!(versions("3.13"), [("3.13.2".to_owned(), String::new()), older.clone()]);
    assert_eq!(versions("3.13.1"), [older]);
}

#[test]
fn auto_lists_the_hosts_toolchains_in_order_and_only_those_for_the_build_machine() {
    assert_eq!(toolchain_titles(&request("3.13")).unwrap(), ["published 2", "packaged 9"]);
    let elsewhere = |machine: &str| BuildRequest { build_machine: machine.to_owned(), ..request("3.13") };
    assert_eq!(toolchain_titles(&elsewhere("aarch64-linux")).unwrap(), ["packaged 9"]);
    let error = toolchain_titles(&elsewhere("riscv64-linux")).unwrap_err().to_string();
    assert!(error.starts_with("no pinned toolchain for moon runs on riscv64-linux\nhint: "), "{error}");
}

#[test]
fn a_packages_file_has_the_name_that_apt_gives_it() {
    let named = BuildRequest { toolchain: "packaged".to_owned(), ..request("3.13") };
    let toolchains = catalogue().toolchains(&named, &lock()).unwrap();
    let ToolchainContents::Debian(DebianContents { artifacts, .. }) = &toolchains[0].contents else {
        panic!("{toolchains:?}")
    };
    assert_eq!(artifacts[0].file, "clang_1%3a9_amd64.deb");
    assert_eq!(artifacts[0].sha256, Sha256::of(b"clang_1%3a9_amd64.deb"));
}

fn newest() -> Recipe {
    let (catalogue, request) = (catalogue(), request("3.13"));
    let (python, source) = catalogue.sources(&request, &lock()).unwrap().remove(0);
    let toolchain = catalogue.toolchains(&request, &lock()).unwrap().remove(0);
    catalogue.recipe(&request, python, source, toolchain, Vec::new(), &lock()).unwrap()
}

#[test]
fn the_minor_and_then_the_profile_have_the_last_word_on_configure() {
    let configure = newest().configure;
    assert_eq!(configure.arguments, ["--host-wide", "--minor", "--profile"]);
    let environment: Vec<_> = configure.environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(environment, ["LIBS=minor", "OPT=profile", "PATHS={sysroot}"]);
}

#[test]
fn every_reason_to_doubt_a_build_is_kept() {
    let reasons = ["3.13 on the moon was never seen", "3.13.2 is new", "published 2 was never unpacked"];
    assert_eq!(newest().unverified, reasons);
}

#[test]
fn a_request_without_a_match_lists_what_is_valid() {
    let said =
        |request: BuildRequest| match catalogue().sources(&request, &lock()).and_then(|_| toolchain_titles(&request)) {
            Ok(toolchains) => panic!("{toolchains:?}"),
            Err(error) => error.to_string(),
        };
    let python = "unknown Python `3.31`\nhint: valid Pythons: 3.12, 3.13; did you mean `3.13`?";
    assert_eq!(said(request("3.31")), python);
    let release = "unknown Python `3.13.9`\nhint: valid Pythons: 3.13.2, 3.13.1; did you mean `3.13.2`?";
    assert_eq!(said(request("3.13.9")), release);
    let host = BuildRequest { host: "mooon".to_owned(), ..request("3.13") };
    assert_eq!(said(host), "unknown host `mooon`\nhint: valid hosts: moon; did you mean `moon`?");
    let toolchain = BuildRequest { toolchain: "gcc".to_owned(), ..request("3.13") };
    assert_eq!(said(toolchain), "unknown toolchain `gcc`\nhint: valid toolchains: auto, path, published, packaged");
    let unlocked = said(request("3.12"));
    assert!(unlocked.starts_with("`Python-3.12.1.tgz` is named by a recipe, and its hash is not in"), "{unlocked}");
}

#[test]
fn a_minor_without_a_recipe_lists_the_valid_ones() {
    let error = toolchain_titles(&request("3.12")).unwrap_err();
    assert_eq!(error.to_string(), "there is no recipe for Python 3.12 on moon\nhint: moon has recipes for: 3.13");
}
