//! What the page reports to the server that it comes from: the query of a URL. Pure.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context as _, Result, bail};
use runner_shared::http::query_decode;

use super::programs::{self, ProgramOutput};

/// One report of the page.
#[derive(Debug, Clone, PartialEq)]
pub enum PageEvent {
    /// A visit has printed its first line, this many seconds after the page was requested.
    FirstLine { visit: u32, seconds: f64 },
    /// A program has ended.
    Program { name: String, output: ProgramOutput },
    /// It failed.
    Error(String),
}

/// The figures that the page reported, and the files that it loaded.
#[derive(Debug, Default)]
pub struct Visit {
    pub seconds: BTreeMap<u32, f64>,
    pub programs: BTreeMap<String, ProgramOutput>,
    pub loaded: Vec<String>,
}

impl PageEvent {
    /// Reads a URL. `None` when it asks for another file than `file`.
    pub fn read(url: &str, file: &str) -> Result<Option<Self>> {
        let Some(query) = url.strip_prefix('/').and_then(|url| url.strip_prefix(file)?.strip_prefix('?')) else {
            return Ok(None);
        };
        let words: BTreeMap<&str, String> = query
            .split('&')
            .filter_map(|word| word.split_once('='))
            .filter_map(|(name, value)| Some((name, query_decode(value)?)))
            .collect();
        let word = |name: &str| words.get(name).with_context(|| format!("the page did not report its `{name}`: {url}"));
        if let Some(error) = words.get("error") {
            return Ok(Some(Self::Error(error.clone())));
        }
        if let Some(name) = words.get("program") {
            let lines: Vec<String> = word("output")?.lines().map(str::to_owned).collect();
            let output = programs::parse_output(&lines).with_context(|| format!("{name} cannot be timed"))?;
            return Ok(Some(Self::Program { name: name.clone(), output }));
        }
        let milliseconds: f64 = word("milliseconds")?.parse()?;
        Ok(Some(Self::FirstLine { visit: word("visit")?.parse()?, seconds: milliseconds / 1000.0 }))
    }
}

impl fmt::Display for PageEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstLine { visit, seconds } => write!(f, "visit {visit}: the first line after {seconds:.3} s"),
            Self::Program { name, output } => write!(f, "{name}: {:.3} s", output.seconds),
            Self::Error(error) => f.write_str(error),
        }
    }
}

impl Visit {
    /// Nothing was printed yet.
    pub fn is_first(&self) -> bool {
        self.seconds.is_empty()
    }

    /// The page has run all programs, which it does last.
    pub fn is_complete(&self, programs: usize) -> bool {
        self.programs.len() == programs
    }

    /// Records a report of the page.
    pub fn take(&mut self, event: PageEvent) -> Result<()> {
        match event {
            PageEvent::FirstLine { visit, seconds } => drop(self.seconds.insert(visit, seconds)),
            PageEvent::Program { name, output } => drop(self.programs.insert(name, output)),
            PageEvent::Error(error) => bail!("the page failed: {error}"),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<Option<PageEvent>> {
        PageEvent::read(url, "report.txt")
    }

    #[test]
    fn figures_come_in_urls() {
        assert_eq!(read("/baseline/pyodide.mjs?visit=1").unwrap(), None);
        assert_eq!(read("/report.txt").unwrap(), None);
        let first = read("/report.txt?side=baseline&visit=2&milliseconds=1250.5").unwrap().unwrap();
        assert_eq!(first, PageEvent::FirstLine { visit: 2, seconds: 1.2505 });
        let program = read("/report.txt?side=ours&visit=3&program=re&output=took+0.5+7+%C3%BC%0A").unwrap().unwrap();
        let output = ProgramOutput { seconds: 0.5, result: "7 \u{fc}".to_owned() };
        assert_eq!(program, PageEvent::Program { name: "re".to_owned(), output });
        assert_eq!(program.to_string(), "re: 0.500 s");
        assert!(read("/report.txt?visit=2").unwrap_err().to_string().contains("`milliseconds`"));
        assert!(read("/report.txt?visit=2&milliseconds=soon").is_err());
        assert!(read("/report.txt?program=re&output=%4").unwrap_err().to_string().contains("`output`"));
    }

    #[test]
    fn a_page_has_reported_everything_when_all_programs_ran() {
        let mut collected = Visit::default();
        assert!(collected.is_first());
        collected.take(PageEvent::FirstLine { visit: 1, seconds: 1.0 }).unwrap();
        assert!(!collected.is_first() && !collected.is_complete(1));
        collected
            .take(PageEvent::Program {
                name: "re".to_owned(),
                output: ProgramOutput { seconds: 1.0, result: String::new() },
            })
            .unwrap();
        assert!(collected.is_complete(1));
        let error = collected.take(read("/report.txt?error=no%20such+file").unwrap().unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "the page failed: no such file");
    }
}
