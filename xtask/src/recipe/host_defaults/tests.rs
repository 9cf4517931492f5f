//! Tests of what hosts have in common, on files made up for it.

use crate::recipe::model::Wasm;
use crate::recipe::tests::texts;
use crate::recipe::{Catalogue, Texts};

const DEFAULTS: &str = r#"
schema = 1
reason = { air = "no air on {host}" }

[preset.all]
ac_cv_func_breathe = { value = "yes", reason = "most can" }
ac_cv_func_dig = { value = "yes", reason = "there is ground" }
ac_cv_func_old = { value = "no", until = "3.12", reason = "it is new there" }
ac_cv_func_walk = { value = "yes", reason = "there is ground" }

[preset.moon]
ac_cv_func_breathe = { value = "no", reason = "@air" }
ac_cv_func_fly = { value = "no", since = "3.13", reason = "@air" }

[wasm.wasi]
exports = ["memory"]
imports = { sky = ["stars", { name = "sun", until = "3.12" }], ground = ["dust"] }
"#;

const BASE: &str = r#"
schema = 1
extends = "moon"
description = "a base on it"
package-suffix = "base"
configure = {}
"#;

/// `moon` with these exceptions, and `moon-base`, which extends it and has those.
fn catalogue(preset: &str, wasm: &str, base: &str) -> Result<Catalogue, String> {
    let mut texts: Texts = texts();
    let minor = texts.get_mut("recipes/hosts/moon/3.13.toml").unwrap();
    *minor = minor
        .replace("wasm = { exports = [], imports = {} }", &format!("wasm = {{ {wasm} }}"))
        .replace("config-site = \"site\"", &format!("config-site = \"site\", preset = {{ {preset} }}"));
    let base = format!("schema = 1\nunverified = \"never seen\"\n{base}");
    for (file, text) in [
        ("recipes/hosts.toml", DEFAULTS),
        ("recipes/hosts/moon-base.toml", BASE),
        ("recipes/hosts/moon-base/3.13.toml", &base),
    ] {
        texts.insert(file.to_owned(), text.to_owned());
    }
    Catalogue::parse(&texts).map_err(|mistakes| mistakes.to_string())
}

fn presets(catalogue: &Catalogue, host: &str) -> String {
    let presets = catalogue.hosts[host].presets.values().flatten();
    presets.map(|(name, preset)| format!("{name}={}: {}\n", preset.value, preset.reason)).collect()
}

fn wasm<'a>(catalogue: &'a Catalogue, host: &str) -> &'a Wasm {
    catalogue.hosts[host].wasm.values().next().unwrap()
}

#[test]
fn the_most_specific_preset_whose_range_has_the_minor_decides() {
    let catalogue = catalogue("", "", "").unwrap();
    insta::assert_snapshot!(presets(&catalogue, "moon"), @"
    ac_cv_func_breathe=no: no air on moon
    ac_cv_func_dig=yes: there is ground
    ac_cv_func_fly=no: no air on moon
    ac_cv_func_walk=yes: there is ground
    ");
}

#[test]
fn an_exception_is_more_specific_than_its_host_and_less_than_a_host_that_extends_it() {
    let moon = "ac_cv_func_fly = { value = \"yes\", reason = \"it was tried\" }, ac_cv_func_dig = { value = \"no\", reason = \"@air\" }";
    let base = "configure.preset = { ac_cv_func_dig = { value = \"yes\", reason = \"machines on {host}\" } }";
    let catalogue = catalogue(moon, "", base).unwrap();
    insta::assert_snapshot!(presets(&catalogue, "moon"), @"
    ac_cv_func_breathe=no: no air on moon
    ac_cv_func_dig=no: no air on moon
    ac_cv_func_fly=yes: it was tried
    ac_cv_func_walk=yes: there is ground
    ");
    insta::assert_snapshot!(presets(&catalogue, "moon-base"), @"
    ac_cv_func_breathe=no: no air on moon-base
    ac_cv_func_dig=yes: machines on moon-base
    ac_cv_func_fly=yes: it was tried
    ac_cv_func_walk=yes: there is ground
    ");
}

#[test]
fn a_list_of_imports_takes_the_place_of_the_less_specific_one() {
    let catalogue = catalogue("", "imports = { ground = [\"rock\"] }", "").unwrap();
    for host in ["moon", "moon-base"] {
        let Wasm { imports, exports } = wasm(&catalogue, host);
        assert_eq!(exports, &["memory"]);
        assert_eq!(imports["sky"], ["stars"]);
        assert_eq!(imports["ground"], ["rock"]);
    }
}

#[test]
fn an_exception_that_says_what_is_so_anyway_is_a_mistake() {
    let mistakes = catalogue("", "exports = [\"memory\"]", "").unwrap_err();
    assert!(mistakes.contains("`exports` is no exception: recipes/hosts.toml has the same"), "{mistakes}");
    let base = "configure.preset = { ac_cv_func_fly = { value = \"no\", reason = \"no air on moon-base\" } }";
    let mistakes = catalogue("", "", base).unwrap_err();
    assert!(mistakes.contains("`ac_cv_func_fly` is no exception: recipes/hosts.toml has the same"), "{mistakes}");
}
