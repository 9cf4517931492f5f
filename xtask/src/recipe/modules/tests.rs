//! Tests of the matrix, on one made up for it.

use crate::recipe::modules::{Decisions, State};
use crate::recipe::tests::texts;
use crate::recipe::{Catalogue, Texts};

const MATRIX: &str = r#"
schema = 1
builtin = ["arms"]
library = { zlib = [], water = ["moon"] }
reason = { air = "no air on {host}", ship = "no ship to {platform}" }

[module]
ears = { not-available = "@air" }
boats = { missing.wasi = "@ship", exclude.moon = { until = "3.12", reason = "no sea" } }
doors = { shared = ["moon"], disabled.all = "no house" }
fish = { library = "water" }
gzip = { library = "zlib", note = "and time" }
old = { until = "3.12" }
new = { since = "3.13" }
"#;

fn catalogue(exceptions: &str) -> Result<Catalogue, String> {
    let mut texts: Texts = texts();
    let minor = texts.get_mut("recipes/hosts/moon/3.13.toml").unwrap();
    *minor = minor.replace("modules.builtin = []", exceptions);
    let mut insert = |file: &str, text: &str| texts.insert(file.to_owned(), text.to_owned());
    insert("recipes/modules.toml", MATRIX);
    insert(
        "recipes/libraries/water.toml",
        "schema = 1\ndescription = \"w\"\nversion = \"1\"\nlicense = \"W\"\nsource = []\nbuild.commands = []\nconfigure-environment = {}",
    );
    Catalogue::parse(&texts).map_err(|mistakes| mistakes.to_string())
}

fn decided(exceptions: &str) -> Decisions {
    let catalogue = catalogue(exceptions).unwrap_or_else(|mistakes| panic!("\n{mistakes}"));
    catalogue.modules("moon", "3.13").unwrap().clone()
}

fn printed(decisions: &Decisions) -> String {
    let line = |(name, decision): (&String, &super::Decision)| {
        format!("{name}: {} {}", decision.state.name(), decision.reason)
    };
    decisions.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_most_specific_entry_whose_range_has_the_minor_decides() {
    insta::assert_snapshot!(printed(&decided("")), @"
    arms: builtin 
    boats: missing no ship to WASI
    doors: shared 
    ears: not-available no air on moon
    fish: builtin 
    gzip: missing needs zlib, which has no recipe; and time
    new: builtin
    ");
}

#[test]
fn an_exception_of_the_host_and_minor_has_the_last_word_and_its_line_is_named() {
    let decisions = decided("modules = { shared = [\"fish\"], missing = { arms = \"@air\" } }");
    assert_eq!((decisions["fish"].state, decisions["arms"].state), (State::Shared, State::Missing));
    assert_eq!(decisions["arms"].reason, "no air on moon");
    assert_eq!(decisions["arms"].file, "recipes/hosts/moon/3.13.toml");
    assert_eq!(decisions["gzip"].file, "recipes/modules.toml");
    assert_eq!(&MATRIX[decisions["gzip"].span.clone()], "\"zlib\"");
}

#[test]
fn an_exception_that_says_what_is_so_anyway_is_a_mistake() {
    let mistakes = catalogue("modules = { shared = [\"doors\"] }").unwrap_err();
    assert!(mistakes.contains("`doors` is no exception: it is `shared` anyway"), "{mistakes}");
}
