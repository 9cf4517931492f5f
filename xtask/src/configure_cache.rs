//! Recorded results of the checks of CPython's `configure`, so that a build with the same inputs need not run them again. Pure.
//!
//! `configure` for a host spends nearly all of its time on small programs that it compiles to learn what the toolchain and
//! the libraries have. With pinned inputs, the results are always the same. A file in `recipes/configure` has them,
//! together with the hashes of everything that they depend on. They are used only where all hashes are the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::digest::{Hasher, Sha256};
use crate::plan::StageId;
use crate::recipe::{Catalogue, Recipe, Texts};

/// The folder of the files, below `recipes/`.
pub const FOLDER: &str = "configure";

/// Said of files that people might be tempted to edit.
const HEADING: &str =
    "# Made by `cargo xtask recipe configure-cache --update`; do not edit. recipes/README.md says what this is for.";

/// Begins a line with the hash of an input.
const INPUT: &str = "# input ";

/// What is not recorded: paths and programs of the machine that builds, what the caller gave `configure`, and states of
/// extension modules, which follow from other results.
const NOT_RECORDED: [&str; 7] =
    ["ac_cv_build", "ac_cv_host", "ac_cv_env_", "ac_cv_path_", "ac_cv_prog_", "pkg_cv_", "py_cv_module_"];

/// What a recorded result may depend on.
pub type Inputs = BTreeMap<String, Sha256>;

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigureCache {
    pub inputs: Inputs,
    /// Each result as `configure` wrote it, quoted for a shell, by its variable.
    pub results: BTreeMap<String, String>,
}

/// The file's path below `recipes/`.
pub fn file(recipe: &Recipe) -> String {
    let Recipe { toolchain, host, python, profile, .. } = recipe;
    format!("{FOLDER}/{}/{host}-{python}-{profile}.cache", toolchain.name)
}

/// Reads all files, by their paths below the checkout.
///
/// # Errors
///
/// A malformed file, or one that no build looks for.
pub fn check(texts: &Texts, catalogue: &Catalogue) -> Result<(), String> {
    for (path, text) in texts {
        ConfigureCache::parse(text).map_err(|error| format!("{path}: {error}"))?;
        let name = path.strip_prefix(&format!("recipes/{FOLDER}/")).and_then(|name| name.strip_suffix(".cache"));
        let is_used = name.and_then(|name| name.split_once('/')).is_some_and(|(toolchain, name)| {
            let releases = catalogue.cpython.values().flat_map(|cpython| &cpython.micro).map(|micro| micro.version);
            let builds = releases.flat_map(|python| catalogue.hosts.keys().map(move |host| format!("{host}-{python}")));
            let mut names =
                builds.flat_map(|build| catalogue.profiles.keys().map(move |profile| format!("{build}-{profile}")));
            catalogue.toolchains.contains_key(toolchain) && names.any(|known| known == name)
        });
        if !is_used {
            return Err(format!(
                "{path}: no build looks for this file\nhint: its name is {FOLDER}/TOOLCHAIN/HOST-PYTHON-PROFILE.cache"
            ));
        }
    }
    Ok(())
}

/// The inputs: those of the stage, and the texts that it feeds to a shell.
///
/// Of the source, `configure` itself is the only part: its checks compile programs that it contains.
pub fn inputs(stage: &BTreeMap<String, String>, script: &[u8], config_site: &str) -> Inputs {
    let (toolchain, libraries) =
        (format!("result of {}", StageId::PrepareToolchain), format!("result of {}", StageId::BuildLibraries));
    let mut inputs = Inputs::from([
        ("configure".to_owned(), Sha256::of(script)),
        ("config.site".to_owned(), Sha256::of(config_site.as_bytes())),
    ]);
    let mut arguments = Hasher::new();
    for (name, value) in stage {
        match name.as_str() {
            // What was found, which may be recorded elsewhere, depends on none of these.
            "stage version" | "workspace" | "source-date-epoch" | "minor" => {}
            name if name.starts_with("cache.") || *name == format!("result of {}", StageId::PrepareSource) => {}
            name if name == toolchain => drop(inputs.insert("toolchain".to_owned(), Sha256::of(value.as_bytes()))),
            name if name == libraries => drop(inputs.insert("libraries".to_owned(), Sha256::of(value.as_bytes()))),
            name => {
                arguments.field(name.as_bytes());
                arguments.field(value.as_bytes());
            }
        }
    }
    inputs.insert("arguments".to_owned(), arguments.finish());
    inputs
}

impl ConfigureCache {
    /// Takes the results from the `config.log` of a run in `workspace` that was given `config_site`.
    pub fn from_config_log(log: &str, inputs: Inputs, config_site: &str, workspace: &str) -> Self {
        let given: BTreeSet<&str> = config_site.lines().filter_map(assignment).map(|(name, _)| name).collect();
        let recorded = |name: &str, value: &str| {
            !NOT_RECORDED.iter().any(|prefix| name.starts_with(prefix))
                && !given.contains(name)
                && !value.contains(workspace)
                && is_quoted(value)
        };
        let variables = log.lines().skip_while(|line| *line != "## Cache variables. ##");
        let variables = variables.take_while(|line| *line != "## Output variables. ##").filter_map(assignment);
        let results = variables
            .filter(|(name, value)| recorded(name, value))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self { inputs, results }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// A line that is neither a comment nor an assignment of a quoted value; a malformed hash.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut cache = Self { inputs: Inputs::new(), results: BTreeMap::new() };
        for (number, line) in text.lines().enumerate() {
            let malformed = || format!("line {}: `{line}` is no recorded result", number + 1);
            if let Some((name, hash)) = line.strip_prefix(INPUT).and_then(|input| input.split_once(": ")) {
                cache.inputs.insert(name.to_owned(), hash.parse().map_err(|_| malformed())?);
            } else if !line.starts_with('#') && !line.is_empty() {
                let (name, value) = assignment(line).filter(|(_, value)| is_quoted(value)).ok_or_else(malformed)?;
                cache.results.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(cache)
    }

    /// The file.
    pub fn print(&self) -> String {
        let mut text = format!("{HEADING}\n");
        for (name, hash) in &self.inputs {
            writeln!(text, "{INPUT}{name}: {hash}").expect("writing to a string does not fail");
        }
        text + &self.assignments()
    }

    /// The results as lines of a `config.site`.
    pub fn assignments(&self) -> String {
        self.results.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
    }

    /// The names of the inputs that are others than when the results were recorded.
    pub fn other_inputs(&self, inputs: &Inputs) -> Vec<String> {
        let names: BTreeSet<&String> = self.inputs.keys().chain(inputs.keys()).collect();
        names.into_iter().filter(|name| self.inputs.get(*name) != inputs.get(*name)).cloned().collect()
    }
}

/// A shell's assignment: the variable, and the value as it stands there.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then_some((name, value))
}

/// Whether a shell takes the value as it stands, without expanding anything.
fn is_quoted(value: &str) -> bool {
    let inner = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
    match inner {
        Some(inner) => !inner.contains('\''),
        None => value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./+-:,".contains(&byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "ac_cv_func_before=yes\n## ---------------- ##\n## Cache variables. ##\n## ---------------- ##\n\n\
        ac_cv_build=x86_64-pc-linux-gnu\nac_cv_env_CC_value='cc -x'\nac_cv_func_fork=no\nac_cv_func_given=no\n\
        ac_cv_lib_m='-L/work/lib -lm'\nac_cv_path_GREP=/usr/bin/grep\nac_cv_search_opendir='none required'\n\
        ac_cv_odd=$(rm)\npy_cv_module_zlib=yes\n\n## Output variables. ##\nac_cv_func_after=yes\n";

    fn cache() -> ConfigureCache {
        let inputs = inputs(&BTreeMap::new(), b"script", "");
        ConfigureCache::from_config_log(LOG, inputs, "# a comment\nac_cv_func_given=no\n", "/work")
    }

    #[test]
    fn only_what_configure_found_is_recorded() {
        assert_eq!(cache().assignments(), "ac_cv_func_fork=no\nac_cv_search_opendir='none required'\n");
    }

    #[test]
    fn a_file_is_read_as_it_was_written() {
        assert_eq!(ConfigureCache::parse(&cache().print()), Ok(cache()));
    }

    #[test]
    fn a_file_that_a_shell_would_run_is_rejected() {
        for line in
            ["ac_cv_x=$(rm)", "ac_cv_x=`rm`", "ac_cv_x=a;rm", "ac_cv_x='a'rm'b'", "rm", "=a", "# input configure: x"]
        {
            let error = ConfigureCache::parse(&format!("# ok\n{line}\n")).unwrap_err();
            assert_eq!(error, format!("line 2: `{line}` is no recorded result"));
        }
    }

    #[test]
    fn each_input_is_compared() {
        let stage = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let same = stage("configure.arguments.0", "--a");
        let recorded = ConfigureCache { inputs: inputs(&same, b"script", "site"), results: BTreeMap::new() };
        let other = |stage: &BTreeMap<String, String>, script: &[u8], site: &str| {
            recorded.other_inputs(&inputs(stage, script, site)).join(" ")
        };
        assert_eq!(other(&same, b"script", "site"), "");
        assert_eq!(other(&same, b"changed", "site"), "configure");
        assert_eq!(other(&same, b"script", "changed"), "config.site");
        assert_eq!(other(&stage("configure.arguments.0", "--b"), b"script", "site"), "arguments");
        assert_eq!(other(&stage("configure.arguments.1", "--a"), b"script", "site"), "arguments");
        let with = |name: &str| same.clone().into_iter().chain(stage(name, "x")).collect();
        assert_eq!(other(&with("result of prepare-toolchain"), b"script", "site"), "toolchain");
        assert_eq!(other(&with("result of build-libraries"), b"script", "site"), "libraries");
        assert_eq!(other(&with("a new field of the work"), b"script", "site"), "arguments");
        assert_eq!(other(&with("result of prepare-source"), b"script", "site"), "");
        assert_eq!(other(&with("workspace"), b"script", "site"), "");
        assert_eq!(other(&with("cache.sha256"), b"script", "site"), "");
    }
}
