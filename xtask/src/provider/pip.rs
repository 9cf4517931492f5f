//! PyPI as a source of packages: the machine's own pip chooses, downloads and installs wheels into a layer of the store.
//!
//! pip's settings say which index that is. What pip chose is kept, so that the same request needs no network again;
//! a layer is found by the names, versions and hashes of the wheels in it.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::cancel::Cancel;
use crate::digest::Sha256;
use crate::name::ProgramVersion;
use crate::packages::report::{self, pins};
use crate::packages::{Refusal, Request, Target, Wheel};
use crate::progress::Silent;
use crate::store::{ResultRecord, Store, StoreError, Workspace};
use crate::sys::{self, Command, CommandError, Failure};

/// Where the store keeps what pip chose.
pub const CHOSEN: &str = "chosen-packages";

/// The folder of modules inside a layer.
const SITE_PACKAGES: &str = "site-packages";

/// The wheels of a layer, as a requirements file.
const PINS: &str = "requirements.txt";

/// Changes when the same wheels would become another layer.
const LAYER_VERSION: u32 = 1;

/// The first pip with `--report`.
const MINIMUM: &str = "22.2";

/// Starts pip with the environment markers of another Python. pip has options for the tags of wheels, but evaluates
/// `sys_platform == "wasi"` with the values of the Python that it runs on.
/// The first argument is a JSON object with all of them; the others are pip's.
const PIP_FOR_HOST: &str = r#"
import json
import runpy
import sys

from pip._vendor.packaging import markers

values = {**markers.default_environment(), **json.loads(sys.argv[1])}
markers.default_environment = lambda: dict(values)
sys.argv = ["pip", *sys.argv[2:]]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"#;

/// Settings without which pip would ask, print other things, or install elsewhere.
const SETTINGS: [(&str, &str); 7] = [
    ("LC_ALL", "C.UTF-8"),
    ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
    ("PIP_NO_COLOR", "1"),
    ("PIP_NO_INPUT", "1"),
    ("PIP_REQUIRE_VIRTUALENV", "0"),
    ("PIP_ROOT_USER_ACTION", "ignore"),
    ("PIP_USER", "0"),
];

/// Packages cannot be installed.
#[derive(Debug, thiserror::Error)]
pub enum PipError {
    #[error(
        "this machine has no Python with pip, which installs {names}\nhint: on Debian, `apt-get install python3-pip`"
    )]
    Missing { names: String },
    #[error(
        "pip {found} cannot say what it would install; {MINIMUM} or newer can\nhint: `python3 -m pip install --user --upgrade pip`"
    )]
    TooOld { found: String },
    #[error("offline, and the store does not have {names}\nhint: run the command once without `--offline`")]
    Offline { names: String },
    #[error("{0}")]
    Refused(Refusal),
    #[error("pip failed: {lines}\nhint: {log} has all that it printed")]
    Failed { lines: String, log: Utf8PathBuf },
    #[error("{0}{tail}", tail = .0.last_lines())]
    Command(#[from] CommandError),
    #[error("pip's report is not understood: {0}")]
    Report(String),
    #[error("pip downloaded {file} with other bytes than the chosen ones: expected {expected}, found {found}")]
    Mismatch { file: String, expected: Sha256, found: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{path}: {error}")]
    Io { path: Utf8PathBuf, error: std::io::Error },
}

impl PipError {
    /// Something is missing on this machine or in its network.
    pub fn is_environmental(&self) -> bool {
        match self {
            Self::Missing { .. } | Self::TooOld { .. } | Self::Offline { .. } | Self::Store(_) => true,
            Self::Refused(refusal) => refusal.is_environmental(),
            Self::Failed { .. } | Self::Command(_) | Self::Report(_) | Self::Mismatch { .. } | Self::Io { .. } => false,
        }
    }
}

fn io(path: &Utf8Path) -> impl Fn(std::io::Error) -> PipError + '_ {
    |error| PipError::Io { path: path.to_owned(), error }
}

/// The Python that compiles bytecode, of the version that will import it.
pub struct BytecodeCompiler {
    pub python: Utf8PathBuf,
    /// The key of the stage that made it.
    pub key: Sha256,
    /// Where guests have the modules.
    pub guest: String,
}

/// Installed packages.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The folder with the modules.
    pub site_packages: Utf8PathBuf,
    pub wheels: Vec<Wheel>,
}

/// The machine's pip.
pub struct Pip<'a> {
    pub store: &'a Store,
    /// What pip gets of the user's environment.
    pub environment: BTreeMap<String, String>,
    pub offline: bool,
    /// Choose again what was chosen before.
    pub upgrade: bool,
    pub cancel: &'a Cancel,
}

impl Pip<'_> {
    /// The layer with the packages of a request, installed first if it is not there.
    pub fn layer(&self, request: &Request, compiler: Option<&BytecodeCompiler>) -> Result<Layer, PipError> {
        let wheels = self.choose(request)?;
        let inputs = inputs(&wheels, compiler);
        let key = Sha256::of(serde_json::to_string(&inputs).expect("plain data becomes JSON").as_bytes());
        let name = format!("install-packages-{}", key.short());
        let layer = || Layer { site_packages: self.store.result(&name).join(SITE_PACKAGES), wheels: wheels.clone() };
        if self.store.is_complete(&name, &key) {
            return Ok(layer());
        }
        let workspace = self.store.lock(&name, self.cancel, &Silent)?;
        // Another run may have made it meanwhile.
        if self.store.is_complete(&name, &key) {
            return Ok(layer());
        }
        workspace.clear()?;
        self.download(&wheels, &request.target, &workspace)?;
        self.install(&wheels, &request.target, compiler, &workspace)?;
        let record = ResultRecord {
            schema: 1,
            stage: "install-packages".to_owned(),
            folder: name.clone(),
            key,
            inputs,
            made_in: name.clone(),
            bound_to_path: false,
            seconds: 0.0,
        };
        workspace.commit(self.store, &record)?;
        Ok(layer())
    }

    /// The wheels that fulfil a request: those that were chosen before, or those that pip chooses now.
    pub fn choose(&self, request: &Request) -> Result<Vec<Wheel>, PipError> {
        let key = request.key().short();
        let memory = format!("{CHOSEN}/{key}.json");
        let known: Option<Vec<Wheel>> = self.store.read_json(&memory);
        match known {
            Some(known) if self.offline || !self.upgrade => return Ok(known),
            None if self.offline => return Err(PipError::Offline { names: request.names() }),
            Some(_) | None => {}
        }
        let workspace = self.store.lock(&format!("choose-packages-{key}"), self.cancel, &Silent)?;
        workspace.clear()?;
        self.check_version(&request.names())?;
        let (requirements, report) = (workspace.path().join("requirements.txt"), workspace.path().join("report.json"));
        fs_err::write(&requirements, request.file()).map_err(io(&requirements))?;
        let target = workspace.path().join("target");
        let arguments = ["install", "-vv", "--dry-run", "--ignore-installed", "--target", target.as_str(), "--report"];
        let arguments = [&arguments[..], &[report.as_str(), "--requirement", requirements.as_str()]].concat();
        let dependencies: &[&str] = if request.with_dependencies { &[] } else { &["--no-deps"] };
        self.run(&[&arguments, dependencies].concat(), &request.target, &workspace)?;
        let text = fs_err::read_to_string(&report).map_err(io(&report))?;
        let wheels = report::parse(&text).map_err(PipError::Report)?;
        let folder = self.store.file(CHOSEN);
        fs_err::create_dir_all(&folder).map_err(io(&folder))?;
        self.store.write_json(&memory, &wheels)?;
        sys::fs::remove_tree(workspace.path()).map_err(io(workspace.path()))?;
        Ok(wheels)
    }

    /// Puts the wheels that are missing among the downloads.
    fn download(&self, wheels: &[Wheel], target: &Target, workspace: &Workspace) -> Result<(), PipError> {
        let mut missing = Vec::new();
        for wheel in wheels {
            let path = self.store.download(&wheel.sha256, &wheel.file);
            if hash_of(&path)? != Some(wheel.sha256) {
                missing.push(wheel.clone());
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let names = missing.iter().map(|wheel| wheel.name.as_str()).collect::<Vec<_>>().join(", ");
        if self.offline {
            return Err(PipError::Offline { names });
        }
        self.check_version(&names)?;
        let (pinned, folder) = (workspace.path().join("missing.txt"), workspace.path().join("downloaded"));
        fs_err::write(&pinned, pins(&missing)).map_err(io(&pinned))?;
        let arguments =
            ["download", "-vv", "--no-deps", "--require-hashes", "--dest", folder.as_str(), "--requirement"];
        self.run(&[&arguments[..], &[pinned.as_str()]].concat(), target, workspace)?;
        for Wheel { file, sha256, .. } in missing {
            let path = folder.join(&file);
            let found = hash_of(&path)?;
            if found != Some(sha256) {
                let found = found.map_or("no file".to_owned(), |found| found.to_string());
                return Err(PipError::Mismatch { file, expected: sha256, found });
            }
            fs_err::File::open(&path).and_then(|file| file.sync_all()).map_err(io(&path))?;
            fs_err::rename(&path, self.store.download(&sha256, &file)).map_err(io(&path))?;
        }
        Ok(())
    }

    /// Unpacks the wheels into the workspace, and leaves nothing else there.
    fn install(
        &self,
        wheels: &[Wheel],
        target: &Target,
        compiler: Option<&BytecodeCompiler>,
        workspace: &Workspace,
    ) -> Result<(), PipError> {
        let (pinned, links) = (workspace.path().join(PINS), workspace.path().join("wheels"));
        fs_err::write(&pinned, pins(wheels)).map_err(io(&pinned))?;
        fs_err::create_dir_all(&links).map_err(io(&links))?;
        for wheel in wheels {
            // pip takes name and tags from the name of the file.
            let link = links.join(&wheel.file);
            fs_err::os::unix::fs::symlink(self.store.download(&wheel.sha256, &wheel.file), &link).map_err(io(&link))?;
        }
        let site_packages = workspace.path().join(SITE_PACKAGES);
        fs_err::create_dir_all(&site_packages).map_err(io(&site_packages))?;
        let arguments =
            ["install", "-vv", "--no-deps", "--no-index", "--no-compile", "--no-cache-dir", "--require-hashes"];
        let places =
            ["--find-links", links.as_str(), "--target", site_packages.as_str(), "--requirement", pinned.as_str()];
        self.run(&[&arguments[..], &places].concat(), target, workspace)?;
        // Their first line names the Python that pip ran on.
        let scripts = site_packages.join("bin");
        sys::fs::remove_tree(&scripts).map_err(io(&scripts))?;
        if let Some(compiler) = compiler {
            self.compile(compiler, &site_packages, workspace)?;
        }
        for entry in workspace.path().read_dir_utf8().map_err(io(workspace.path()))?.flatten() {
            if ![PINS, SITE_PACKAGES].contains(&entry.file_name()) {
                sys::fs::remove_tree(entry.path()).map_err(io(entry.path()))?;
            }
        }
        Ok(())
    }

    /// Compiles bytecode. What cannot be compiled is compiled when it is imported, and then says why.
    fn compile(&self, compiler: &BytecodeCompiler, folder: &Utf8Path, workspace: &Workspace) -> Result<(), PipError> {
        let arguments = ["-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "-s"];
        let entries = sys::fs::list_tree(folder).map_err(io(folder))?;
        let modules = entries.iter().filter(|entry| entry.path.extension() == Some("py"));
        let modules: String = modules.map(|entry| format!("{}\n", folder.join(&entry.path))).collect();
        let list = workspace.path().join("modules.txt");
        fs_err::write(&list, modules).map_err(io(&list))?;
        let places = [folder.as_str(), "-p", &compiler.guest, "-i", list.as_str()];
        let path = self.environment.get("PATH").map_or("", String::as_str);
        let environment = [("LC_ALL", "C"), ("PATH", path), ("PYTHONHASHSEED", "0"), ("PYTHONDONTWRITEBYTECODE", "1")];
        let command = Command {
            program: compiler.python.clone(),
            args: [&arguments[..], &places].concat().into_iter().map(str::to_owned).collect(),
            directory: workspace.path().to_owned(),
            environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            timeout: None,
        };
        match sys::run(&command, &workspace.log(), None, self.cancel, &Silent) {
            Err(CommandError { kind: Failure::Status(1), .. }) | Ok(_) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn check_version(&self, names: &str) -> Result<(), PipError> {
        let missing = || PipError::Missing { names: names.to_owned() };
        let command = self.command(vec!["-m".to_owned(), "pip".to_owned(), "--version".to_owned()], "/".into());
        let said = match sys::output(&command, self.cancel) {
            Ok(said) => String::from_utf8_lossy(&said.stdout).into_owned(),
            Err(CommandError { kind: Failure::NotFound | Failure::Status(_), .. }) => return Err(missing()),
            Err(error) => return Err(error.into()),
        };
        let minimum: ProgramVersion = MINIMUM.parse().expect("it is a version");
        match ProgramVersion::find(&said, "pip ") {
            Some(version) if version >= minimum => Ok(()),
            Some(version) => Err(PipError::TooOld { found: version.to_string() }),
            None => Err(missing()),
        }
    }

    fn run(&self, arguments: &[&str], target: &Target, workspace: &Workspace) -> Result<(), PipError> {
        let mut args: Vec<String> = vec!["-c".to_owned(), PIP_FOR_HOST.to_owned(), target.markers()];
        args.push(arguments[0].to_owned());
        args.extend(target.options());
        args.extend(arguments[1..].iter().map(|argument| (*argument).to_owned()));
        let log = workspace.log();
        match sys::run(&self.command(args, workspace.path().to_owned()), &log, None, self.cancel, &Silent) {
            Ok(_) => Ok(()),
            Err(CommandError { kind: Failure::Status(_), .. }) => {
                let text = fs_err::read(&log).map_err(io(&log))?;
                let text = String::from_utf8_lossy(&text);
                if let Some(refusal) = Refusal::read(&text) {
                    return Err(PipError::Refused(refusal));
                }
                let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("ERROR: ")).collect();
                let lines = if lines.is_empty() { "it says no reason".to_owned() } else { lines.join("\n  ") };
                Err(PipError::Failed { lines, log })
            }
            Err(error) => Err(error.into()),
        }
    }

    fn command(&self, args: Vec<String>, directory: Utf8PathBuf) -> Command {
        let mut environment = self.environment.clone();
        environment.extend(SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned())));
        Command { program: "python3".into(), args, directory, environment, timeout: None }
    }
}

/// What a layer is made from.
fn inputs(wheels: &[Wheel], compiler: Option<&BytecodeCompiler>) -> BTreeMap<String, String> {
    let mut inputs = BTreeMap::from([("version of the layer".to_owned(), LAYER_VERSION.to_string())]);
    let bytecode = compiler.map_or("none".to_owned(), |compiler| compiler.key.to_string());
    inputs.insert("build Python for the bytecode".to_owned(), bytecode);
    inputs.extend(wheels.iter().map(|wheel| (format!("wheel {}", wheel.file), wheel.sha256.to_string())));
    inputs
}

/// The hash of a file; `None` if there is none.
fn hash_of(path: &Utf8Path) -> Result<Option<Sha256>, PipError> {
    match fs_err::File::open(path) {
        Ok(file) => Ok(Some(Sha256::of_reader(file).map_err(io(path))?.0)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io(path)(error)),
    }
}
