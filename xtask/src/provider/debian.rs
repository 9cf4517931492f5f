//! The distribution's packages, as a road for pinned bytes: apt with a root of its own in the store.
//!
//! Nothing of the system is read but where its archive is, and nothing of it is changed; root is not needed and nothing is installed.
//! apt checks the archive's signature; that the bytes are the pinned ones is checked here all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::FetchPolicy;
use super::obtain::{Obtained, as_fetch, tally::Tally};
use crate::cancel::Cancel;
use crate::digest::Sha256;
use crate::fetch::{self, Verdict};
use crate::progress::Silent;
use crate::recipe::raw::DebianPackage;
use crate::recipe::{Artifact, Origin};
use crate::store::{Store, StoreError};
use crate::sys::{self, Command, CommandError};

/// Debian's keys, as its packages install them.
pub const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// How often the growth of a download is looked at, for the progress.
const WATCH: Duration = Duration::from_millis(200);

/// The packages could not be had.
#[derive(Debug, thiserror::Error)]
pub enum DebianError {
    #[error("this machine has no {what}, so Debian's packages cannot be used\nhint: {hint}")]
    NotDebian { what: String, hint: String },
    #[error("apt failed: {0}{tail}", tail = .0.last_lines())]
    Apt(#[from] CommandError),
    #[error(
        "Debian's {suite} does not have {missing} any more\nhint: a newer xtask may pin what it has now; \
         a mirror with the pinned file works too (XTASK_MIRROR)"
    )]
    Gone { suite: String, missing: String },
    #[error("{file} came from Debian's packages with other bytes than the pinned ones: {mismatch}")]
    Mismatch { file: String, mismatch: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{path}: {error}")]
    Io { path: Utf8PathBuf, error: std::io::Error },
}

/// What apt is asked for: one suite's packages, or its sources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Index {
    suite: String,
    kind: IndexKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum IndexKind {
    Packages,
    Sources,
}

/// Gets artifacts from packages into the store's downloads.
pub fn obtain(
    artifacts: &[&Artifact],
    store: &Store,
    policy: &FetchPolicy,
    cancel: &Cancel,
    tally: &Tally<'_>,
) -> Result<Vec<Obtained>, DebianError> {
    let mut groups: BTreeMap<Index, Vec<&Artifact>> = BTreeMap::new();
    for artifact in artifacts {
        let index = index_of(artifact).ok_or_else(|| DebianError::NotDebian {
            what: format!("package for {}", artifact.file),
            hint: "it comes from upstream or a mirror only".to_owned(),
        })?;
        groups.entry(index).or_default().push(artifact);
    }
    let mut obtained = Vec::new();
    for (index, wanted) in groups {
        let apt = Apt::open(&index, store, policy, cancel)?;
        tally.line(&format!("reading Debian's index of {}", index.suite));
        apt.update_unless_known(&wanted, cancel)?;
        let before: u64 = obtained.iter().map(|(_, size): &(Obtained, u64)| *size).sum();
        tally.line(&format!("downloading from Debian's {}", index.suite));
        apt.download(&wanted, cancel, &|bytes| tally.set("packages", before + bytes))?;
        for artifact in wanted {
            let size = apt.publish(artifact, store, policy)?;
            let from = format!("Debian's packages ({})", index.suite);
            obtained.push((Obtained { file: artifact.file.clone(), from }, size));
        }
        sys::fs::remove_tree(&apt.inbox()).map_err(|error| DebianError::Io { path: apt.inbox(), error })?;
    }
    Ok(obtained.into_iter().map(|(obtained, _)| obtained).collect())
}

/// Whether Debian's packages hold all of these artifacts now. Reads the indexes of their suites if need be.
pub fn has(artifacts: &[&Artifact], store: &Store, policy: &FetchPolicy, cancel: &Cancel) -> Result<(), DebianError> {
    let indexes: BTreeSet<Index> = artifacts.iter().filter_map(|artifact| index_of(artifact)).collect();
    for index in indexes {
        let wanted: Vec<&Artifact> =
            artifacts.iter().copied().filter(|artifact| index_of(artifact).as_ref() == Some(&index)).collect();
        Apt::open(&index, store, policy, cancel)?.update_unless_known(&wanted, cancel)?;
    }
    Ok(())
}

/// File, size, hash and suite of packages, as Debian's signed index has them.
pub fn pins(
    packages: &[&DebianPackage],
    store: &Store,
    policy: &FetchPolicy,
    cancel: &Cancel,
) -> Result<Vec<(String, u64, Sha256, String)>, DebianError> {
    let mut suites: BTreeMap<&str, Vec<Artifact>> = BTreeMap::new();
    for package in packages {
        let origin = Origin { debian_package: Some((*package).clone()), ..Origin::default() };
        let file = package.file();
        // Only the origin is looked at: this is how the pins are found out.
        let artifact = Artifact { sha256: Sha256::of(b""), file, size: None, license: String::new(), origin };
        suites.entry(&package.suite).or_default().push(artifact);
    }
    let mut pins = Vec::new();
    for (suite, artifacts) in suites {
        let wanted: Vec<&Artifact> = artifacts.iter().collect();
        let index = Index { suite: suite.to_owned(), kind: IndexKind::Packages };
        let apt = Apt::open(&index, store, policy, cancel)?;
        apt.update_unless_known(&wanted, cancel)?;
        let listed = sys::output(&apt.request(&wanted, true), cancel)?;
        for line in String::from_utf8_lossy(&listed.stdout).lines() {
            // 'ADDRESS' FILE SIZE SHA256:HASH
            let words: Vec<&str> = line.split_whitespace().collect();
            let [_, file, size, hash] = words[..] else { continue };
            let hash = hash.strip_prefix("SHA256:").and_then(|hash| hash.parse().ok());
            if let (Ok(size), Some(hash)) = (size.parse(), hash) {
                pins.push((file.to_owned(), size, hash, suite.to_owned()));
            }
        }
    }
    Ok(pins)
}

fn index_of(artifact: &Artifact) -> Option<Index> {
    if let Some(package) = &artifact.origin.debian_package {
        return Some(Index { suite: package.suite.clone(), kind: IndexKind::Packages });
    }
    let source = artifact.origin.debian_source.as_ref()?;
    Some(Index { suite: source.suite.clone(), kind: IndexKind::Sources })
}

/// apt with one index. Locked, since apt itself would fail rather than wait for another run.
struct Apt {
    index: Index,
    root: Utf8PathBuf,
    environment: BTreeMap<String, String>,
    _lock: crate::store::Workspace,
}

impl Apt {
    fn open(index: &Index, store: &Store, policy: &FetchPolicy, cancel: &Cancel) -> Result<Self, DebianError> {
        let (name, line) = match index.kind {
            IndexKind::Packages => (format!("apt-{}", index.suite), "deb"),
            IndexKind::Sources => (format!("apt-{}-sources", index.suite), "deb-src"),
        };
        let lock = store.lock(&name, cancel, &Silent)?;
        let root = lock.path().to_owned();
        let mut environment = policy.network_environment.clone();
        environment.insert("LC_ALL".to_owned(), "C".to_owned());
        environment.insert("PATH".to_owned(), "/usr/sbin:/usr/bin:/sbin:/bin".to_owned());
        let archive = archive_address(&root, &environment, cancel)?;
        if !Utf8Path::new(KEYRING).exists() {
            return Err(DebianError::NotDebian {
                what: format!("keyring {KEYRING}"),
                hint: "install the package debian-archive-keyring".to_owned(),
            });
        }
        let write = |path: &Utf8Path, text: &str| {
            sys::fs::write_atomic(path, text.as_bytes())
                .map_err(|error| DebianError::Io { path: path.to_owned(), error })
        };
        for folder in ["parts", "lists/partial", "cache/archives/partial", "inbox"] {
            let path = root.join(folder);
            fs_err::create_dir_all(&path).map_err(|error| DebianError::Io { path, error })?;
        }
        write(&root.join("status"), "")?;
        write(&root.join("sources.list"), &format!("{line} [signed-by={KEYRING}] {archive} {} main\n", index.suite))?;
        write(&root.join("apt.conf"), &configuration(&root))?;
        Ok(Self { index: index.clone(), root, environment, _lock: lock })
    }

    fn inbox(&self) -> Utf8PathBuf {
        self.root.join("inbox")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        Command {
            program: "apt-get".into(),
            args: ["--config-file", self.root.join("apt.conf").as_str()]
                .iter()
                .chain(arguments)
                .map(|argument| (*argument).to_owned())
                .collect(),
            directory: self.inbox(),
            environment: self.environment.clone(),
            timeout: None,
        }
    }

    /// `--only-source` and `NAME=VERSION` for sources, `NAME=VERSION` for packages.
    fn request(&self, artifacts: &[&Artifact], question: bool) -> Command {
        let mut arguments = match self.index.kind {
            IndexKind::Packages => vec!["download"],
            IndexKind::Sources => vec!["source", "--download-only", "--only-source", "--tar-only"],
        };
        if question {
            arguments.push("--print-uris");
        }
        let names: Vec<String> = artifacts.iter().map(|artifact| name_and_version(artifact)).collect();
        arguments.extend(names.iter().map(String::as_str));
        self.command(&arguments)
    }

    /// Reads the index again only when what is wanted is not in the one that is there.
    fn update_unless_known(&self, artifacts: &[&Artifact], cancel: &Cancel) -> Result<(), DebianError> {
        let known = || sys::output(&self.request(artifacts, true), cancel);
        if known().is_ok() {
            return Ok(());
        }
        sys::run(&self.command(&["update", "--error-on=any"]), &self.root.join("log.txt"), None, cancel, &Silent)?;
        match known() {
            Ok(_) => Ok(()),
            Err(error) if cancel.is_cancelled() => Err(error.into()),
            Err(_) => {
                let names: Vec<String> = artifacts.iter().map(|artifact| name_and_version(artifact)).collect();
                Err(DebianError::Gone { suite: self.index.suite.clone(), missing: names.join(", ") })
            }
        }
    }

    fn download(
        &self,
        artifacts: &[&Artifact],
        cancel: &Cancel,
        watch: &(dyn Fn(u64) + Sync),
    ) -> Result<(), DebianError> {
        let inbox = self.inbox();
        sys::fs::remove_tree(&inbox).map_err(|error| DebianError::Io { path: inbox.clone(), error })?;
        fs_err::create_dir_all(&inbox).map_err(|error| DebianError::Io { path: inbox.clone(), error })?;
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    thread::sleep(WATCH);
                    watch(sys::fs::tree_size(&inbox).unwrap_or(0));
                }
            });
            let log = self.root.join("log.txt");
            let result = sys::run(&self.request(artifacts, false), &log, None, cancel, &Silent);
            done.store(true, Ordering::Relaxed);
            result
        })?;
        Ok(())
    }

    /// Checks one downloaded file and gives it its place among the store's downloads; says how long it is.
    fn publish(&self, artifact: &Artifact, store: &Store, policy: &FetchPolicy) -> Result<u64, DebianError> {
        let path = match &artifact.origin.debian_package {
            Some(_) => self.inbox().join(&artifact.file),
            None => self.original_archive(artifact)?,
        };
        let io = |error| DebianError::Io { path: path.clone(), error };
        let size = match fetch::verify(&path, &as_fetch(artifact, policy)).map_err(io)? {
            Verdict::Right(size) => size,
            Verdict::Wrong(mismatch) => {
                return Err(DebianError::Mismatch { file: artifact.file.clone(), mismatch: mismatch.to_string() });
            }
            Verdict::Missing => {
                let missing = name_and_version(artifact);
                return Err(DebianError::Gone { suite: self.index.suite.clone(), missing });
            }
        };
        fs_err::File::open(&path).and_then(|file| file.sync_all()).map_err(io)?;
        fs_err::rename(&path, store.download(&artifact.sha256, &artifact.file)).map_err(io)?;
        Ok(size)
    }

    /// A source package brings upstream's archive under a name of Debian's.
    fn original_archive(&self, artifact: &Artifact) -> Result<Utf8PathBuf, DebianError> {
        let inbox = self.inbox();
        let source = artifact.origin.debian_source.as_ref().map(|source| source.package.as_str()).unwrap_or_default();
        let entries = inbox.read_dir_utf8().map_err(|error| DebianError::Io { path: inbox.clone(), error })?;
        let found = entries.flatten().map(|entry| entry.into_path()).find(|path| {
            let name = path.file_name().unwrap_or_default();
            name.starts_with(source) && name.contains(".orig.tar.") && !name.ends_with(".asc")
        });
        Ok(found.unwrap_or_else(|| inbox.join(format!("{source}.orig.tar"))))
    }
}

fn name_and_version(artifact: &Artifact) -> String {
    match (&artifact.origin.debian_package, &artifact.origin.debian_source) {
        (Some(package), _) => format!("{}={}", package.name, package.version),
        (None, Some(source)) => format!("{}={}", source.package, source.version),
        (None, None) => artifact.file.clone(),
    }
}

/// Where this machine's Debian archive is, as apt itself understands the machine's settings.
fn archive_address(
    root: &Utf8Path,
    environment: &BTreeMap<String, String>,
    cancel: &Cancel,
) -> Result<String, DebianError> {
    let command = Command {
        program: "apt-get".into(),
        args: ["indextargets", "--no-release-info", "--format", "$(REPO_URI) $(RELEASE)"].map(str::to_owned).into(),
        directory: "/".into(),
        environment: environment.clone(),
        timeout: None,
    };
    let nothing = |what: &str| DebianError::NotDebian {
        what: what.to_owned(),
        hint: "the packages are Debian's: use a Debian machine or container, or let upstream or a mirror be reached"
            .to_owned(),
    };
    let listed = match sys::output(&command, cancel) {
        Ok(listed) => listed,
        Err(error) if matches!(error.kind, sys::Failure::NotFound) => return Err(nothing("apt-get")),
        Err(error) => return Err(error.into()),
    };
    fs_err::create_dir_all(root).map_err(|error| DebianError::Io { path: root.to_owned(), error })?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    // Security and update suites live in other archives, or have a dash in their names.
    let main = listed.lines().filter_map(|line| line.split_once(' ')).find(|(address, suite)| {
        !suite.contains('-') && !suite.contains('/') && address.trim_end_matches('/').ends_with("/debian")
    });
    main.map(|(address, _)| address.to_owned()).ok_or_else(|| nothing("Debian archive among apt's sources"))
}

fn configuration(root: &Utf8Path) -> String {
    // The system's settings are read before this file: its proxies are welcome, its hooks are not.
    format!(
        "#clear APT::Update::Pre-Invoke;\n\
         #clear APT::Update::Post-Invoke;\n\
         #clear APT::Update::Post-Invoke-Success;\n\
         #clear DPkg::Pre-Invoke;\n\
         #clear DPkg::Post-Invoke;\n\
         Dir::Etc::sourcelist \"{root}/sources.list\";\n\
         Dir::Etc::sourceparts \"{root}/parts\";\n\
         Dir::State \"{root}\";\n\
         Dir::State::lists \"{root}/lists\";\n\
         Dir::State::status \"{root}/status\";\n\
         Dir::Cache \"{root}/cache\";\n\
         APT::Sandbox::User \"\";\n\
         Acquire::Languages \"none\";\n\
         Acquire::IndexTargets::deb::DEP-11::DefaultEnabled \"false\";\n\
         Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled \"false\";\n\
         Acquire::Retries \"3\";\n"
    )
}
