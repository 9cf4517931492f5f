//! The arguments that choose what is built, as values: the request, and a source or a toolchain of the user's own.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use camino::Utf8Path;

use crate::app::App;
use crate::cli::BuildOptions;
use crate::digest::Sha256;
use crate::failure::usage;
use crate::name::PythonVersion;
use crate::provider::machine;
use crate::recipe::model::{Origin, ToolchainContents};
use crate::recipe::{Artifact, BuildRequest, Catalogue, Source, Toolchain};
use crate::stage::prepare_source::hash_folder;
use crate::sys;

/// What the user asked for; the recipes fill in the rest.
pub fn request(app: &App, options: &BuildOptions, catalogue: &Catalogue) -> BuildRequest {
    BuildRequest {
        host: options.host.clone(),
        python: catalogue.python(options.python.as_deref()),
        profile: options.profile.clone(),
        toolchain: options.toolchain.clone(),
        build_machine: app.build_machine.clone(),
    }
}

/// Rejects combinations of options that contradict each other.
pub fn check_options(options: &BuildOptions) -> Result<()> {
    if options.wasi_sdk.is_some() && options.toolchain != "path" {
        return Err(usage("--wasi-sdk needs `--toolchain path`\nhint: add `--toolchain path`, or omit --wasi-sdk"));
    }
    if options.locked && options.source.is_some() {
        return Err(usage("--source cannot be used with --locked: the lock does not pin it\nhint: omit one of them"));
    }
    if options.locked && options.toolchain == "path" {
        return Err(usage(
            "--toolchain path cannot be used with --locked: the lock does not pin it\nhint: omit one of them",
        ));
    }
    Ok(())
}

/// The WASI SDK in the folder that `--wasi-sdk` names.
pub fn own_toolchain(app: &App, options: &BuildOptions, catalogue: &Catalogue) -> Result<Toolchain> {
    let Some(folder) = &options.wasi_sdk else {
        return Err(usage("--toolchain path needs --wasi-sdk\nhint: add `--wasi-sdk DIR`"));
    };
    let path = app.current_folder()?.join(folder);
    for needed in ["bin/clang", "share/wasi-sysroot"] {
        if !path.join(needed).exists() {
            return Err(usage(format!(
                "{path} is not a WASI SDK: {needed} does not exist\nhint: --wasi-sdk takes the folder that the SDK's archive unpacks to"
            )));
        }
    }
    let path = path.canonicalize_utf8()?;
    let version = fs_err::read_to_string(path.join("VERSION")).unwrap_or_default();
    let version = version.lines().next().unwrap_or_default().trim();
    let major = version.split('.').next().unwrap_or_default();
    if let Some(reason) = catalogue.toolchains.get("wasi-sdk").and_then(|toolchain| toolchain.reject.get(major)) {
        return Err(usage(format!(
            "WASI SDK {version} in {path} is not supported: {reason}\nhint: use another version"
        )));
    }
    Ok(Toolchain {
        name: "path".to_owned(),
        version: if version.is_empty() { path.to_string() } else { format!("{version} in {path}") },
        sysroot: "share/wasi-sysroot".to_owned(),
        configure_programs: String::new(),
        build_machine_programs: BTreeMap::new(),
        contents: ToolchainContents::Folder { path: path.into_string() },
    })
}

/// The source that `--source` names.
pub struct SourceFolder {
    /// An absolute folder, or `FOLDER@TREE`.
    pub spec: String,
    pub python: PythonVersion,
    /// The hash of its contents.
    pub hash: Sha256,
}

impl SourceFolder {
    /// Reads its version and hashes it.
    pub fn open(app: &App, spec: &str) -> Result<Self> {
        let here = app.current_folder()?;
        let folder = here.join(spec);
        if folder.is_dir() {
            let folder = folder.canonicalize_utf8()?;
            let header = fs_err::read_to_string(folder.join("Include/patchlevel.h")).map_err(|error| {
                usage(format!(
                    "{folder} is not a CPython source tree: {error}\nhint: --source takes the root of the tree"
                ))
            })?;
            let hash = hash_folder(&folder)?;
            return Ok(Self { python: version(&header, &folder)?, spec: folder.into_string(), hash });
        }
        let Some((repository, tree)) = spec.rsplit_once('@') else {
            return Err(usage(format!(
                "{folder} does not exist\nhint: --source takes a folder, or FOLDER@TREE for a tree of a git repository"
            )));
        };
        let repository = here.join(repository).canonicalize_utf8()?;
        let id = git(app, &repository, &["rev-parse", "--verify", &format!("{tree}^{{tree}}")])?;
        let header = git(app, &repository, &["show", &format!("{tree}:Include/patchlevel.h")])?;
        let spec = format!("{repository}@{}", id.trim());
        Ok(Self { python: version(&header, &repository)?, hash: Sha256::of(id.trim().as_bytes()), spec })
    }

    /// The source as a recipe has it: without patches.
    pub fn as_source(&self) -> Source {
        let origin = Origin::default();
        let file = self.spec.clone();
        let artifact = Artifact { file, size: None, sha256: self.hash, license: "Python-2.0.1".to_owned(), origin };
        Source { patches: String::new(), artifact }
    }
}

/// `#define PY_VERSION "3.13.15+"`: a checkout between releases has a plus sign.
fn version(header: &str, folder: &Utf8Path) -> Result<PythonVersion> {
    let text = header.lines().find_map(|line| line.strip_prefix("#define PY_VERSION")).unwrap_or_default();
    let text = text.trim().trim_matches('"').trim_end_matches('+');
    text.parse().map_err(|_| anyhow::anyhow!("{folder}: Include/patchlevel.h has no valid PY_VERSION"))
}

fn git(app: &App, repository: &Utf8Path, arguments: &[&str]) -> Result<String> {
    let Some(program) = machine::find("git", &app.path) else {
        bail!(
            "git is not in PATH, and is needed to read a tree of {repository}\nhint: on Debian, `apt-get install git`"
        );
    };
    let mut args = vec!["-C".to_owned(), repository.to_string()];
    args.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    let command = sys::Command {
        program,
        args,
        directory: repository.to_owned(),
        environment: [("LC_ALL".to_owned(), "C".to_owned())].into(),
        timeout: None,
    };
    let answer =
        sys::output(&command, &app.cancel).map_err(|error| anyhow::anyhow!("{error}: {}", error.tail.join(" ")))?;
    Ok(String::from_utf8_lossy(&answer.stdout).into_owned())
}
