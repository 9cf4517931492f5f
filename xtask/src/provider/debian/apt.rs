//! apt with its own root in the store: one suite, with its packages or its sources.
//!
//! The system is asked only where its Debian archive is, which key signs that, and how it is reached. Nothing is installed.
//! Locked, since apt itself would fail rather than wait for another run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::DebianError;
use super::index::{self, Listed};
use crate::cancel::Cancel;
use crate::progress::Silent;
use crate::provider::FetchPolicy;
use crate::store::Store;
use crate::sys::{self, Command, CommandError};

/// Debian's keys, as its packages install them: trusted where the machine's own sources name no keyring.
pub const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// How often the size of a download is read, for the progress.
const WATCH: Duration = Duration::from_millis(200);

/// The roots whose indexes this run has refreshed.
static REFRESHED: Mutex<BTreeSet<Utf8PathBuf>> = Mutex::new(BTreeSet::new());

/// One suite's packages, or its sources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Index {
    pub suite: String,
    pub kind: IndexKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IndexKind {
    Packages,
    Sources,
}

/// apt, set up for one index.
pub struct Apt {
    index: Index,
    /// The archive's address, without a slash at its end.
    archive: String,
    root: Utf8PathBuf,
    environment: BTreeMap<String, String>,
    _lock: crate::store::Workspace,
}

impl Apt {
    pub fn open(index: &Index, store: &Store, policy: &FetchPolicy, cancel: &Cancel) -> Result<Self, DebianError> {
        let (name, line) = match index.kind {
            IndexKind::Packages => (format!("apt-{}", index.suite), "deb"),
            IndexKind::Sources => (format!("apt-{}-sources", index.suite), "deb-src"),
        };
        let lock = store.lock(&name, cancel, &Silent)?;
        let root = lock.path().to_owned();
        let mut environment = policy.network_environment.clone();
        environment.insert("LC_ALL".to_owned(), "C".to_owned());
        environment.insert("PATH".to_owned(), "/usr/sbin:/usr/bin:/sbin:/bin".to_owned());
        for folder in ["parts", "lists/partial", "cache/archives/partial", "inbox"] {
            let path = root.join(folder);
            fs_err::create_dir_all(&path).map_err(|error| DebianError::Io { path, error })?;
        }
        let write = |name: &str, text: &str| {
            let path = root.join(name);
            // apt parses the whole index again if one of these files is newer than its cache.
            if fs_err::read_to_string(&path).is_ok_and(|written| written == text) {
                return Ok(());
            }
            sys::fs::write_atomic(&path, text.as_bytes()).map_err(|error| DebianError::Io { path, error })
        };
        write("status", "")?;
        let Archive { address, keyring } = machine_archive(&root, &environment, cancel)?;
        if !keyring.exists() {
            return Err(DebianError::NotDebian {
                what: format!("keyring {keyring}"),
                hint: "install the package debian-archive-keyring".to_owned(),
            });
        }
        write("sources.list", &format!("{line} [signed-by={keyring}] {address} {} main\n", index.suite))?;
        write("apt.conf", &configuration(&root))?;
        let archive = address.trim_end_matches('/').to_owned();
        Ok(Self { index: index.clone(), archive, root, environment, _lock: lock })
    }

    /// Where downloads are put until they were verified.
    pub fn inbox(&self) -> Utf8PathBuf {
        self.root.join("inbox")
    }

    /// The URL of a file that the index lists.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.archive)
    }

    /// What the index lists under these names. The first time in a run, the index is refreshed before: the archive may have
    /// dropped what the local copy lists. Where that fails, a local copy that is sufficient is used.
    pub fn listed(
        &self,
        names: &[&str],
        sufficient: impl Fn(&[Listed]) -> bool,
        cancel: &Cancel,
    ) -> Result<Vec<Listed>, DebianError> {
        let is_refreshed = REFRESHED.lock().expect("nothing panics with this lock").contains(&self.root);
        let refreshed = if is_refreshed { Ok(()) } else { self.refresh(cancel) };
        let listed = self.read_index(names, cancel)?;
        match refreshed {
            Err(error) if !sufficient(&listed) => Err(error),
            _ => Ok(listed),
        }
    }

    /// Brings the local copy of the index up to date.
    pub fn refresh(&self, cancel: &Cancel) -> Result<(), DebianError> {
        let update = self.command("apt-get", &["update", "--error-on=any"]);
        sys::run(&update, &self.root.join("log.txt"), None, cancel, &Silent)?;
        REFRESHED.lock().expect("nothing panics with this lock").insert(self.root.clone());
        Ok(())
    }

    fn read_index(&self, names: &[&str], cancel: &Cancel) -> Result<Vec<Listed>, DebianError> {
        let verb: &[&str] = match self.index.kind {
            IndexKind::Packages => &["show"],
            IndexKind::Sources => &["showsrc", "--only-source"],
        };
        let mut listed = match sys::output(&self.command("apt-cache", &[verb, names].concat()), cancel) {
            Ok(output) => index::parse(&String::from_utf8_lossy(&output.stdout)),
            // Its answer if it knows none of the names.
            Err(CommandError { kind: sys::Failure::Status(100), .. }) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        listed.retain(|listed| names.contains(&listed.name.as_str()));
        Ok(listed)
    }

    /// Downloads `NAME=VERSION` into the inbox, which is emptied before.
    pub fn download(&self, names: &[String], cancel: &Cancel, watch: &(dyn Fn(u64) + Sync)) -> Result<(), DebianError> {
        let inbox = self.inbox();
        let io = |error| DebianError::Io { path: inbox.clone(), error };
        sys::fs::remove_tree(&inbox).map_err(io)?;
        fs_err::create_dir_all(&inbox).map_err(io)?;
        let mut arguments = match self.index.kind {
            IndexKind::Packages => vec!["download"],
            IndexKind::Sources => vec!["source", "--download-only", "--only-source", "--tar-only"],
        };
        arguments.extend(names.iter().map(String::as_str));
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    thread::sleep(WATCH);
                    watch(sys::fs::tree_size(&inbox).unwrap_or(0));
                }
            });
            let log = self.root.join("log.txt");
            let result = sys::run(&self.command("apt-get", &arguments), &log, None, cancel, &Silent);
            done.store(true, Ordering::Relaxed);
            result
        })?;
        Ok(())
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let configuration = self.root.join("apt.conf");
        let arguments = ["--config-file", configuration.as_str()].into_iter().chain(arguments.iter().copied());
        Command {
            program: program.into(),
            args: arguments.map(str::to_owned).collect(),
            directory: self.inbox(),
            environment: self.environment.clone(),
            timeout: None,
        }
    }
}

/// The machine's Debian archive.
struct Archive {
    address: String,
    keyring: Utf8PathBuf,
}

/// Which Debian archive this machine uses, as apt itself reads the machine's settings.
fn machine_archive(
    root: &Utf8Path,
    environment: &BTreeMap<String, String>,
    cancel: &Cancel,
) -> Result<Archive, DebianError> {
    let format = "$(REPO_URI) $(RELEASE) $(SOURCESENTRY)";
    // The machine's sources, but not its indexes: apt would read them all first.
    let lists = format!("Dir::State::lists={root}/lists");
    let status = format!("Dir::State::status={root}/status");
    let command = Command {
        program: "apt-get".into(),
        args: ["-o", &lists, "-o", &status, "indextargets", "--no-release-info", "--format", format]
            .map(str::to_owned)
            .into(),
        directory: "/".into(),
        environment: environment.clone(),
        timeout: None,
    };
    let missing = |what: &str| DebianError::NotDebian {
        what: what.to_owned(),
        hint: "use a Debian machine or container, or set `XTASK_MIRROR` to a URL or folder that has the files"
            .to_owned(),
    };
    let listed = match sys::output(&command, cancel) {
        Ok(listed) => listed,
        Err(error) if matches!(error.kind, sys::Failure::NotFound) => return Err(missing("apt-get")),
        Err(error) => return Err(error.into()),
    };
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let words = |line: &str| {
        let mut words = line.splitn(3, ' ').map(str::to_owned);
        Some((words.next()?, words.next()?, words.next().unwrap_or_default()))
    };
    // Security and update suites are in other archives, or have a dash in their names.
    let main = listed.lines().filter_map(words).find(|(address, suite, _)| {
        !suite.contains('-') && !suite.contains('/') && address.trim_end_matches('/').ends_with("/debian")
    });
    let (address, _, entry) = main.ok_or_else(|| missing("Debian archive among apt's sources"))?;
    let file = entry.rsplit_once(':').map_or(entry.as_str(), |(file, _)| file);
    let keyring = fs_err::read_to_string(file).ok().and_then(|text| keyring_of(&text, &address));
    Ok(Archive { address, keyring: keyring.unwrap_or_else(|| KEYRING.into()) })
}

/// The keyring file that apt's sources name for an archive: `[signed-by=FILE]` in its line, or `Signed-By: FILE` in its paragraph.
fn keyring_of(sources: &str, address: &str) -> Option<Utf8PathBuf> {
    let address = address.trim_end_matches('/');
    let sources: String =
        sources.lines().filter(|line| !line.trim_start().starts_with('#')).map(|line| format!("{line}\n")).collect();
    let entries = sources.split("\n\n").flat_map(|paragraph| match paragraph.contains("URIs:") {
        true => vec![paragraph],
        false => paragraph.lines().collect(),
    });
    let mut entries =
        entries.filter(|entry| entry.split_whitespace().any(|word| word.trim_end_matches('/') == address));
    let entry = entries.next()?;
    let option = entry.to_ascii_lowercase().find("signed-by").map(|at| &entry[at + "signed-by".len()..])?;
    let value = option.trim_start_matches(['=', ':', ' ']).split([' ', ',', ']', '\n']).next()?;
    value.starts_with('/').then(|| value.into())
}

fn configuration(root: &Utf8Path) -> String {
    // The system's settings are read before this file: its proxies are used, its hooks are not.
    // Containers often switch off the cache file, without which apt parses the whole index in every call.
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
         Dir::Cache::pkgcache \"pkgcache.bin\";\n\
         APT::Sandbox::User \"\";\n\
         Acquire::Languages \"none\";\n\
         Acquire::IndexTargets::deb::DEP-11::DefaultEnabled \"false\";\n\
         Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled \"false\";\n\
         Acquire::Retries \"3\";\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyring_is_that_of_the_archives_own_entry() {
        let list = "deb [signed-by=/other.gpg] http://a.example/apt stable main\n\
                    deb [arch=amd64 signed-by=/keys/debian.gpg] http://b.example/debian bookworm main\n\
                    deb http://c.example/debian bookworm main\n";
        let found = |text: &str, address: &str| keyring_of(text, address).map(Utf8PathBuf::into_string);
        assert_eq!(found(list, "http://b.example/debian/").as_deref(), Some("/keys/debian.gpg"));
        assert_eq!(found(list, "http://c.example/debian"), None);
        let sources = "Types: deb\n# an old snapshot\nURIs: http://b.example/debian\nSuites: bookworm\n\
                       Signed-By: /keys/debian.gpg\n\nTypes: deb\nURIs: http://c.example/debian\n\
                       Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n";
        assert_eq!(found(sources, "http://b.example/debian").as_deref(), Some("/keys/debian.gpg"));
        assert_eq!(found(sources, "http://c.example/debian"), None);
    }
}
