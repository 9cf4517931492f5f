//! The part of the status page that the README has, between two comments. Pure.

use super::columns::Summary;
use super::page::Contents;

/// The file, relative to the checkout.
pub const FILE: &str = "README.md";

const BEGIN: &str = "<!-- status: written by `cargo xtask status --write` -->\n";
const END: &str = "<!-- end of status -->\n";

/// The table: some rows and some columns of the page.
pub fn table(contents: &Contents<'_>, summary: &Summary) -> String {
    let shown: Vec<usize> = summary
        .columns
        .iter()
        .filter_map(|name| contents.columns.iter().position(|(recipe, ..)| recipe.name() == name.get_ref()))
        .collect();
    let titles = shown.iter().map(|number| contents.columns[*number].0.title.clone());
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(std::iter::once(String::new()).chain(titles).collect());
    text.push_str(&line(vec!["---".to_owned(); shown.len() + 1]));
    for name in &summary.probes {
        let Some(probe) = contents.probes.iter().find(|probe| probe.name == *name.get_ref()) else { continue };
        let words = shown.iter().map(|number| {
            let cell = contents.columns[*number].2.cells.get(&probe.name);
            cell.map_or("–", |cell| cell.verdict.word()).to_owned()
        });
        text.push_str(&line(std::iter::once(super::page::escape(&probe.title)).chain(words).collect()));
    }
    text
}

/// A text with another table between the comments; `None` if it has no such place.
pub fn replace(readme: &str, table: &str) -> Option<String> {
    let start = readme.find(BEGIN)? + BEGIN.len();
    let end = start + readme[start..].find(END)?;
    Some(format!("{}\n{table}\n{}", &readme[..start], &readme[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_between_the_comments() {
        let readme = format!("# A\n\n{BEGIN}\nold\n\n{END}\nrest\n");
        let new = replace(&readme, "| new |\n").unwrap();
        assert_eq!(new, format!("# A\n\n{BEGIN}\n| new |\n\n{END}\nrest\n"));
        assert_eq!(replace(&new, "| new |\n").unwrap(), new);
        assert_eq!(replace("# A\n", ""), None);
    }
}
