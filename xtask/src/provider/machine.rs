//! The machine that builds: its programs, and a folder of links to exactly those that a build may call.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::cancel::Cancel;
use crate::digest::{Hasher, Sha256};
use crate::progress::Silent;
use crate::store::{ResultRecord, Store, StoreError};
use crate::sys::{self, Command, CommandError};

/// Where the compiler's answer to `--version` is kept in the store.
const COMPILER: &str = "compiler.json";

/// A program that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    pub name: String,
    pub path: Utf8PathBuf,
}

/// A program that is missing, and Debian's package that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub name: String,
    pub package: String,
}

/// The machine cannot build.
#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    #[error("programs that builds need are not installed: {names}\nhint: on Debian, `apt-get install {packages}`")]
    Missing { names: String, packages: String },
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{path}: {error}")]
    Io { path: Utf8PathBuf, error: std::io::Error },
}

/// Looks for all programs of the recipe in `path` (a value of `PATH`).
pub fn look(programs: &BTreeMap<String, String>, path: &str) -> (Vec<Program>, Vec<Missing>) {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for (name, package) in programs {
        match find(name, path) {
            Some(path) => found.push(Program { name: name.clone(), path }),
            None => missing.push(Missing { name: name.clone(), package: package.clone() }),
        }
    }
    (found, missing)
}

/// All programs, or an error that names all that are missing and what to install.
pub fn require(programs: &BTreeMap<String, String>, path: &str) -> Result<Vec<Program>, MachineError> {
    let (found, missing) = look(programs, path);
    if missing.is_empty() {
        return Ok(found);
    }
    let names: Vec<&str> = missing.iter().map(|missing| missing.name.as_str()).collect();
    let mut packages: Vec<&str> = missing.iter().map(|missing| missing.package.as_str()).collect();
    packages.sort_unstable();
    packages.dedup();
    Err(MachineError::Missing { names: names.join(", "), packages: packages.join(" ") })
}

/// The first executable file of this name in `path`.
pub fn find(name: &str, path: &str) -> Option<Utf8PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    let executable = |file: &Utf8PathBuf| {
        fs_err::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    path.split(':')
        .filter(|folder| folder.starts_with('/'))
        .map(|folder| Utf8Path::new(folder).join(name))
        .find(executable)
}

/// A folder with a link to each program and nothing else: the `PATH` of everything that is built.
/// A program that happens to be installed, such as a `wasm-opt` that clang would call, changes nothing that way.
pub fn folder_of_links(programs: &[Program], store: &Store, cancel: &Cancel) -> Result<Utf8PathBuf, MachineError> {
    let mut hasher = Hasher::new();
    for program in programs {
        hasher.field(program.name.as_bytes());
        hasher.field(program.path.as_str().as_bytes());
    }
    let key = hasher.finish();
    let folder = format!("build-machine-{}", key.short());
    if store.is_complete(&folder, &key) {
        return Ok(store.result(&folder));
    }
    let workspace = store.lock(&folder, cancel, &Silent)?;
    if store.is_complete(&folder, &key) {
        return Ok(store.result(&folder));
    }
    workspace.clear()?;
    for program in programs {
        let link = workspace.path().join(&program.name);
        fs_err::os::unix::fs::symlink(&program.path, &link).map_err(|error| MachineError::Io { path: link, error })?;
    }
    let record = ResultRecord {
        schema: 1,
        stage: "build-machine".to_owned(),
        folder,
        key,
        inputs: BTreeMap::new(),
        made_in: workspace.path().to_string(),
        bound_to_path: false,
        seconds: 0.0,
    };
    Ok(workspace.commit(store, &record)?)
}

/// The compiler's answer to `--version`, with what it was asked of, so that it need not be asked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Compiler {
    path: Utf8PathBuf,
    size: u64,
    modified: i64,
    modified_nanoseconds: i64,
    version: String,
}

/// The first line of `cc --version`. Starts the compiler only when the file behind `cc` is another than last time.
pub fn compiler_version(compiler: &Utf8Path, store: &Store, cancel: &Cancel) -> Result<String, MachineError> {
    use std::os::unix::fs::MetadataExt as _;
    let io = |error| MachineError::Io { path: compiler.to_owned(), error };
    let path = compiler.canonicalize_utf8().map_err(io)?;
    let file = fs_err::metadata(&path).map_err(io)?;
    let mut now = Compiler {
        path,
        size: file.len(),
        modified: file.mtime(),
        modified_nanoseconds: file.mtime_nsec(),
        version: String::new(),
    };
    if let Some(known) = store.read_json::<Compiler>(COMPILER) {
        now.version.clone_from(&known.version);
        if now == known {
            return Ok(now.version);
        }
    }
    let command = Command {
        program: now.path.clone(),
        args: vec!["--version".to_owned()],
        directory: "/".into(),
        environment: BTreeMap::from([("LC_ALL".to_owned(), "C".to_owned())]),
        timeout: None,
    };
    let answer = sys::output(&command, cancel)?;
    now.version = String::from_utf8_lossy(&answer.stdout).lines().next().unwrap_or_default().trim().to_owned();
    store.write_json(COMPILER, &now)?;
    Ok(now.version)
}

/// Identifies the state of a user's WASI SDK without reading all of it: by its compiler and its system root.
pub fn state_of_folder(folder: &Utf8Path) -> Result<String, MachineError> {
    use std::os::unix::fs::MetadataExt as _;
    let mut state = String::new();
    for entry in ["bin/clang", "share/wasi-sysroot"] {
        let path = folder.join(entry);
        let found = fs_err::metadata(&path).map_err(|error| MachineError::Io { path, error })?;
        state.push_str(&format!("{entry} {} {}.{} ", found.len(), found.mtime(), found.mtime_nsec()));
    }
    Ok(state)
}

/// The hash of the sources that a program is compiled from: files and folders below `root`, by path and content.
pub fn hash_sources(root: &Utf8Path, paths: &[String]) -> Result<Sha256, MachineError> {
    let mut hasher = Hasher::new();
    for path in paths {
        hasher.field(path.as_bytes());
        let path = root.join(path);
        let io = |error| MachineError::Io { path: path.clone(), error };
        if path.is_dir() {
            hasher.field(sys::fs::hash_tree(&path).map_err(io)?.to_string().as_bytes());
        } else {
            hasher.field(&fs_err::read(&path).map_err(io)?);
        }
    }
    Ok(hasher.finish())
}
