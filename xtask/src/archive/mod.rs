//! Unpacks archives into a folder, and never outside it: tar (plain, gzip or xz) and Debian packages.
//!
//! The caller has verified the archive's hash before; what is here holds even if the publisher himself is hostile.
//! This is not `tar`: ownership, set-user-ID bits, devices, sparse files and extended attributes are not unpacked.
//! It does not publish either: the folder is the caller's, under a temporary name, and worthless after an error.

mod names;
mod source;
mod tree;

use std::borrow::Cow;
use std::fs::{File, Permissions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use tar::EntryType;

use crate::cancel::{Cancel, Cancelled};
use crate::digest::Sha256;
use crate::progress::Progress;
use source::{Decompressed, Meter, Source};
use tree::{Spot, Tree};

/// Where the entries go below the folder that is unpacked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Every entry lies in one top-level folder, which is left out. If a name is given, the folder must have it.
    StripTop(Option<String>),
    /// Every entry keeps its name.
    AsIs,
}

/// How much an archive may unpack to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files, folders and links together.
    pub entries: u64,
    /// The bytes of all files together.
    pub bytes: u64,
}

impl Default for Limits {
    /// Ten times what the largest toolchain needs.
    fn default() -> Self {
        Self { entries: 200_000, bytes: 8 << 30 }
    }
}

/// How an archive is to be unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where the entries go.
    pub layout: Layout,
    /// How much there may be of them.
    pub limits: Limits,
    /// Entries that are not unpacked, and all below them: paths below the folder that is unpacked into.
    pub exclude: Vec<String>,
    /// Entries below those that are unpacked anyway.
    pub keep: Vec<String>,
}

impl Default for Options {
    /// For a source archive: all of it, without its one top-level folder.
    fn default() -> Self {
        Self { layout: Layout::StripTop(None), limits: Limits::default(), exclude: Vec::new(), keep: Vec::new() }
    }
}

/// What was unpacked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    /// Files, folders and links together.
    pub entries: u64,
    /// The bytes of all files together.
    pub bytes: u64,
}

/// An archive could not be unpacked. Whatever was unpacked of it until then is still in the folder.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// The run was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The operating system said no.
    #[error("cannot {action} `{path}`{}", hint(source))]
    Io {
        /// What was tried: a verb.
        action: &'static str,
        /// On which file, folder or link.
        path: Utf8PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The archive is complete, but one of its entries violates the policy.
    #[error("`{archive}` is refused: its entry `{entry}` {reason}")]
    Refused {
        /// The archive.
        archive: Utf8PathBuf,
        /// The entry's name, with control characters escaped.
        entry: String,
        /// The problem with the entry, as a predicate.
        reason: String,
    },
    /// The archive is truncated or damaged.
    #[error("`{archive}` is damaged: {reason}; delete it and fetch it again")]
    Corrupt {
        /// The archive.
        archive: Utf8PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The archive is of a format that is not read here.
    #[error("`{archive}` is {format}: only tar, tar.gz, tar.xz and .deb can be unpacked; pin one of these instead")]
    Unsupported {
        /// The archive.
        archive: Utf8PathBuf,
        /// What it is.
        format: &'static str,
    },
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ": there is no room left; free some space and run the command again"
        }
        _ => "",
    }
}

/// Unpacks `archive` into the folder `into`, which must exist; several archives may go into the same folder.
///
/// The format is detected from the first bytes, not from the name. Of a Debian package only the data is unpacked, not the control files.
/// Files become 0644 or 0755 and folders 0755; the modification times are the archive's.
/// `progress` counts compressed bytes.
pub fn unpack(
    archive: &Utf8Path,
    into: &Utf8Path,
    options: &Options,
    cancel: &Cancel,
    progress: &dyn Progress,
) -> Result<Unpacked, UnpackError> {
    let Source { decompressed, meter, slash_is_root } = source::open(archive)?;
    let tree = Tree::new(into, slash_is_root)?;
    let mut tar = tar::Archive::new(decompressed);
    let mut job = Job { archive, options, cancel, progress, meter, tree, top: None, unpacked: Unpacked::default() };

    for entry in tar.entries().map_err(|error| source::unreadable(archive, error))? {
        cancel.check()?;
        let mut entry = entry.map_err(|error| source::unreadable(archive, error))?;
        job.entry(&mut entry).map_err(|fault| fault.of(archive, &entry.path_bytes()))?;
        job.meter.report(progress);
    }
    let corrupt = |reason: &str| Err(UnpackError::Corrupt { archive: archive.to_owned(), reason: reason.to_owned() });
    if job.meter.ended() {
        return corrupt("it stops before the end mark");
    }
    if job.unpacked.entries == 0 {
        return corrupt("there is nothing in it");
    }
    // The decompressor compares its checksum only when it is read to the end.
    io::copy(&mut tar.into_inner(), &mut io::sink()).map_err(|error| source::unreadable(archive, error))?;
    job.tree.finish()?;
    job.meter.report_all(progress);
    Ok(job.unpacked)
}

/// Why an entry was not unpacked.
enum Fault {
    /// The entry is against the policy; the archive and the entry are still to be named.
    Refused(Cow<'static, str>),
    Error(UnpackError),
}

impl Fault {
    fn of(self, archive: &Utf8Path, name: &[u8]) -> UnpackError {
        match self {
            Self::Error(error) => error,
            Self::Refused(reason) => {
                let entry = String::from_utf8_lossy(name).chars().take(200).flat_map(char::escape_debug).collect();
                UnpackError::Refused { archive: archive.to_owned(), entry, reason: reason.into_owned() }
            }
        }
    }

    /// For `map_err`: the operating system refused an action on a path.
    fn io(action: &'static str, path: &Utf8Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Error(UnpackError::Io { action, path: path.to_owned(), source })
    }
}

impl From<&'static str> for Fault {
    fn from(reason: &'static str) -> Self {
        Self::Refused(reason.into())
    }
}

impl From<String> for Fault {
    fn from(reason: String) -> Self {
        Self::Refused(reason.into())
    }
}

impl From<UnpackError> for Fault {
    fn from(error: UnpackError) -> Self {
        Self::Error(error)
    }
}

type Entry<'a> = tar::Entry<'a, Decompressed>;

struct Job<'a> {
    archive: &'a Utf8Path,
    options: &'a Options,
    cancel: &'a Cancel,
    progress: &'a dyn Progress,
    meter: Rc<Meter>,
    tree: Tree,
    /// The top-level folder that is stripped, once it is known.
    top: Option<String>,
    unpacked: Unpacked,
}

impl Job<'_> {
    fn entry(&mut self, entry: &mut Entry<'_>) -> Result<(), Fault> {
        let kind = entry.header().entry_type();
        self.count(kind, entry.size())?;
        self.check_extensions(entry)?;
        match kind {
            EntryType::XGlobalHeader => return Ok(()),
            EntryType::Regular | EntryType::Directory | EntryType::Symlink | EntryType::Link => {}
            EntryType::Char | EntryType::Block => return Err("is a device node".into()),
            EntryType::Fifo => return Err("is a fifo".into()),
            EntryType::GNUSparse => return Err("is a sparse file".into()),
            other => return Err(format!("is of the unknown kind {}", other.as_byte().escape_ascii()).into()),
        }
        if entry.header().entry_size().map_err(|error| self.unreadable(error))? != entry.size() {
            return Err("has one size in its header and another in its PAX record".into());
        }
        let name = entry.path_bytes().into_owned();
        let path = self.strip(names::components(&name)?)?;
        let is_below_one_of = |folders: &[String]| folders.iter().any(|folder| path.starts_with(folder));
        if is_below_one_of(&self.options.exclude) && !is_below_one_of(&self.options.keep) {
            return Ok(());
        }
        if path.as_str().is_empty() && kind != EntryType::Directory {
            return Err("would replace the folder that is unpacked into".into());
        }
        if kind == EntryType::Regular {
            return if name.ends_with(b"/") {
                Err("is a file named like a folder".into())
            } else {
                self.file(entry, &path)
            };
        }
        if entry.size() > 0 {
            return Err("has data, but is no file".into());
        }
        if kind == EntryType::Directory {
            return self.tree.folder_entry(&path, self.modified(entry)?);
        }
        let target = entry.link_name_bytes().unwrap_or_default();
        if kind == EntryType::Symlink {
            return self.tree.symlink(&path, &target);
        }
        let existing = names::components(&target).map_err(|reason| format!("is a hard link to what {reason}"))?;
        let existing = self.strip(existing)?;
        self.tree.hard_link(&path, &existing)
    }

    /// Holds the archive to its limits before anything of the entry is read.
    fn count(&mut self, kind: EntryType, size: u64) -> Result<(), Fault> {
        let Limits { entries, bytes } = self.options.limits;
        if kind == EntryType::XGlobalHeader {
            return Ok(());
        }
        self.unpacked.entries += 1;
        self.unpacked.bytes = self.unpacked.bytes.saturating_add(size);
        if self.unpacked.entries > entries {
            return Err(format!("is one too many: {entries} entries are allowed").into());
        }
        if self.unpacked.bytes > bytes {
            return Err(format!("is too large: {bytes} bytes in all are allowed").into());
        }
        self.meter.allow(size);
        Ok(())
    }

    /// Refuses PAX records that would change what the entry is, and that the tar reader does not know.
    fn check_extensions(&self, entry: &mut Entry<'_>) -> Result<(), Fault> {
        let global = entry.header().entry_type() == EntryType::XGlobalHeader;
        let Some(extensions) = entry.pax_extensions().map_err(|error| self.unreadable(error))? else { return Ok(()) };
        for extension in extensions {
            let key = extension.map_err(|error| self.unreadable(error))?.key_bytes();
            if key.starts_with(b"GNU.sparse.") {
                return Err("is a sparse file".into());
            }
            if global && matches!(key, b"path" | b"linkpath" | b"size") {
                return Err("names or measures all the entries after it".into());
            }
        }
        Ok(())
    }

    /// The path below the root, by the layout.
    fn strip(&mut self, components: Vec<&str>) -> Result<Utf8PathBuf, Fault> {
        let Layout::StripTop(expected) = &self.options.layout else { return Ok(components.iter().collect()) };
        // `./` names the folder that is unpacked into, before anything is stripped.
        let Some((&top, rest)) = components.split_first() else { return Ok(Utf8PathBuf::new()) };
        let expected = expected.as_deref().unwrap_or(self.top.get_or_insert_with(|| top.to_owned()));
        if top != expected {
            return Err(format!("is not in the top-level folder `{expected}`").into());
        }
        Ok(rest.iter().collect())
    }

    fn file(&mut self, entry: &mut Entry<'_>, path: &Utf8Path) -> Result<(), Fault> {
        let mode = entry.header().mode().map_err(|error| self.unreadable(error))?;
        let mode = if mode & 0o111 == 0 { 0o644 } else { 0o755 };
        let modified = self.modified(entry)?;
        let place = match self.tree.spot(path)? {
            Spot::Free(place) => place,
            Spot::Taken(place) => return self.same_file(entry, &place),
        };
        // Never through a link: this fails if anything is there.
        let mut file = File::create_new(&place).map_err(Fault::io("create", &place))?;
        self.copy(entry, &mut file, &place)?;
        file.set_permissions(Permissions::from_mode(mode)).map_err(Fault::io("set the mode of", &place))?;
        file.set_modified(modified).map_err(Fault::io("set the time of", &place))
    }

    fn copy(&self, entry: &mut Entry<'_>, file: &mut File, place: &Utf8Path) -> Result<(), Fault> {
        let mut left = entry.size();
        let mut buffer = [0; 64 << 10];
        while left > 0 {
            self.cancel.check().map_err(UnpackError::from)?;
            let length = entry.read(&mut buffer).map_err(|error| self.unreadable(error))?;
            if length == 0 {
                return Err(self.unreadable(io::ErrorKind::UnexpectedEof.into()));
            }
            file.write_all(&buffer[..length]).map_err(Fault::io("write", place))?;
            left -= length as u64;
            self.meter.report(self.progress);
        }
        Ok(())
    }

    /// Accepts a file that the archive has twice only if both have the same bytes.
    fn same_file(&self, entry: &mut Entry<'_>, place: &Utf8Path) -> Result<(), Fault> {
        let metadata = place.symlink_metadata().map_err(Fault::io("look at", place))?;
        let new = Sha256::of_reader(entry).map_err(|error| self.unreadable(error))?;
        if metadata.is_file() {
            let old = File::open(place).and_then(Sha256::of_reader).map_err(Fault::io("read", place))?;
            if old == new {
                return Ok(());
            }
        }
        Err("is there twice, and differs".into())
    }

    fn modified(&self, entry: &Entry<'_>) -> Result<SystemTime, Fault> {
        let seconds = entry.header().mtime().map_err(|error| self.unreadable(error))?;
        let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
        time.ok_or_else(|| "has an impossible modification time".into())
    }

    fn unreadable(&self, error: io::Error) -> Fault {
        source::unreadable(self.archive, error).into()
    }
}
