//! The status page as one HTML file: `recipes/status/page.html` with the JSON document of a run in it. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The template, relative to the checkout.
pub const TEMPLATE: &str = "recipes/status/page.html";

/// An earlier document, as far as it is compared with: what `--format json` printed then.
#[derive(Debug, Deserialize)]
struct Earlier {
    groups: Vec<Group>,
}

#[derive(Debug, Deserialize)]
struct Group {
    rows: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    probe: String,
    cells: BTreeMap<String, Cell>,
}

#[derive(Debug, Deserialize)]
struct Cell {
    verdict: String,
}

/// What the page marks as changed: verdicts by probe and column.
#[derive(Debug, Default, Serialize)]
pub struct Before {
    title: Option<String>,
    verdicts: BTreeMap<String, BTreeMap<String, String>>,
}

impl Before {
    /// Reads an earlier document; the page calls it by the title.
    ///
    /// # Errors
    ///
    /// If the text is not such a document.
    pub fn parse(title: &str, text: &str) -> Result<Self, serde_json::Error> {
        let earlier: Earlier = serde_json::from_str(text)?;
        let rows = earlier.groups.into_iter().flat_map(|group| group.rows);
        let verdicts = rows
            .map(|row| (row.probe, row.cells.into_iter().map(|(column, cell)| (column, cell.verdict)).collect()))
            .collect();
        Ok(Self { title: Some(title.to_owned()), verdicts })
    }
}

/// The page.
///
/// # Errors
///
/// If a value cannot be written as JSON.
pub fn html(template: &str, document: &impl Serialize, before: &Before) -> Result<String, serde_json::Error> {
    Ok(template.replace("{{before}}", &script(before)?).replace("{{document}}", &script(document)?))
}

/// JSON that cannot end the element that it is in: outside of texts, JSON has no `<`.
fn script(value: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string(value)?.replace('<', "\\u003c"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_printed_cannot_end_the_script() {
        let page = html("<script>{{document}}</script>{{before}}", &["</script><b>"], &Before::default()).unwrap();
        assert_eq!(page, r#"<script>["\u003c/script>\u003cb>"]</script>{"title":null,"verdicts":{}}"#);
    }

    #[test]
    fn an_earlier_document_is_reduced_to_its_verdicts() {
        let text = r#"{"schema":1,"groups":[{"title":"A","rows":[{"probe":"a/b","title":"B","cells":{"wasi":{"verdict":"no","detail":"x"}}}]}]}"#;
        let before = serde_json::to_string(&Before::parse("1.0", text).unwrap()).unwrap();
        assert_eq!(before, r#"{"title":"1.0","verdicts":{"a/b":{"wasi":"no"}}}"#);
        Before::parse("1.0", "[]").unwrap_err();
    }
}
