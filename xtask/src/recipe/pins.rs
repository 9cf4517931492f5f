//! Versions of Debian packages in a recipe's text, found and replaced without touching anything else of it. Pure.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// A pinned version of a package, or of a source package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pin {
    pub package: String,
    pub version: String,
    pub suite: String,
}

/// The text with another version for this pin, wherever it stands. Comments and layout stay as they are.
pub fn replace(text: &str, pin: &Pin, version: &str) -> Result<String, toml::de::Error> {
    let document = DeTable::parse(text)?;
    let mut places = Vec::new();
    search(document.get_ref(), None, pin, &mut places);
    places.sort_by_key(|place| std::cmp::Reverse(place.start));
    let mut text = text.to_owned();
    for place in places {
        text.replace_range(place, &format!("\"{version}\""));
    }
    Ok(text)
}

/// Collects where the version stands. An alternative is a table without a name in the table of its package.
fn search(table: &DeTable<'_>, outer: Option<&str>, pin: &Pin, places: &mut Vec<Range<usize>>) {
    let field = |name: &str| table.get(name).and_then(|value| value.get_ref().as_str());
    let name = field("name").or(field("package")).or(outer);
    if name == Some(&pin.package)
        && field("suite") == Some(&pin.suite)
        && field("version") == Some(&pin.version)
        && let Some(version) = table.get("version")
    {
        places.push(version.span());
    }
    for (_, value) in table.iter() {
        search_value(value.get_ref(), name, pin, places);
    }
}

fn search_value(value: &DeValue<'_>, name: Option<&str>, pin: &Pin, places: &mut Vec<Range<usize>>) {
    match value {
        DeValue::Table(table) => search(table, name, pin, places),
        DeValue::Array(items) => items.iter().for_each(|item| search_value(item.get_ref(), name, pin, places)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECIPE: &str = r#"
# tools, for a reason
version = "1-1"
[[version.debian.package]]
name = "tools"
version = "1-1" # pinned
suite = "moon"
or = [{ version = "1-1", suite = "mars" }]

[[version.debian.package]]
name = "other"
version = "1-1"
suite = "moon"

[micro.source]
debian-sources = [ { package = "tools", version = '1-1', suite = "moon" } ]
"#;

    #[test]
    fn only_the_version_of_the_pin_changes() {
        let pin = |suite: &str| Pin { package: "tools".into(), version: "1-1".into(), suite: suite.into() };
        let recipe = RECIPE.replace("version = \"1-1\"\n[[", "[[");
        let moon = recipe
            .replace("version = \"1-1\" # pinned", "version = \"1-2\" # pinned")
            .replace("version = '1-1'", "version = \"1-2\"");
        assert_eq!(replace(&recipe, &pin("moon"), "1-2").unwrap(), moon);
        let mars = recipe.replace("or = [{ version = \"1-1\"", "or = [{ version = \"1-2\"");
        assert_eq!(replace(&recipe, &pin("mars"), "1-2").unwrap(), mars);
        assert_eq!(replace(&recipe, &pin("venus"), "1-2").unwrap(), recipe);
    }
}
