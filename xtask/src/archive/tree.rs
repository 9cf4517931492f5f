//! The folder that is unpacked into. Every path is below it, also after symbolic links are followed.
//!
//! No other process may write into the folder meanwhile: it is the caller's, under a temporary name.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Fault, UnpackError, names};

/// The folder that is unpacked into, and what one archive has put there.
pub(super) struct Tree {
    /// Canonical, as are all other paths here that are not an argument.
    root: Utf8PathBuf,
    /// An absolute link target means this root.
    slash_is_root: bool,
    /// Where the folders really are that the archive names. They stay: nothing here removes a folder.
    folders: HashMap<Utf8PathBuf, Utf8PathBuf>,
    /// The files and links of this archive.
    placed: HashSet<Utf8PathBuf>,
    /// Set last, since each file that is put into a folder changes its time.
    modified: Vec<(Utf8PathBuf, SystemTime)>,
}

/// Where a file or link belongs.
pub(super) enum Spot {
    /// Nothing is there.
    Free(Utf8PathBuf),
    /// This archive has put a file or link there before.
    Taken(Utf8PathBuf),
}

impl Tree {
    /// The tree below a folder that exists.
    pub(super) fn new(into: &Utf8Path, slash_is_root: bool) -> Result<Self, UnpackError> {
        let root = into.canonicalize_utf8().map_err(|source| UnpackError::Io {
            action: "unpack into",
            path: into.to_owned(),
            source,
        })?;
        Ok(Self { root, slash_is_root, folders: HashMap::new(), placed: HashSet::new(), modified: Vec::new() })
    }

    /// Makes the folder that an entry describes.
    pub(super) fn folder_entry(&mut self, path: &Utf8Path, modified: SystemTime) -> Result<(), Fault> {
        let place = self.place(path)?;
        if self.placed.contains(&place) {
            return Err("is a folder where a file or link is".into());
        }
        let folder = self.folder(path)?;
        self.modified.push((folder, modified));
        Ok(())
    }

    /// Where a file or link belongs. What another archive has left there, if it is no folder, is removed.
    pub(super) fn spot(&mut self, path: &Utf8Path) -> Result<Spot, Fault> {
        let place = self.place(path)?;
        if !self.placed.insert(place.clone()) {
            return Ok(Spot::Taken(place));
        }
        match place.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(Fault::io("look at", &place)(error)),
            Ok(metadata) if metadata.is_dir() => return Err("is a file or link where a folder is".into()),
            Ok(_) => {
                fs::remove_file(&place).map_err(Fault::io("replace", &place))?;
                self.folders.clear();
            }
        }
        Ok(Spot::Free(place))
    }

    /// Makes a symbolic link, which may dangle but not lead outside.
    pub(super) fn symlink(&mut self, path: &Utf8Path, target: &[u8]) -> Result<(), Fault> {
        let depth = self.place(path)?.components().count() - self.root.components().count() - 1;
        let target = names::link_target(target, depth, self.slash_is_root)?;
        match self.spot(path)? {
            Spot::Free(place) => symlink(target, &place).map_err(Fault::io("create the link", &place)),
            Spot::Taken(place) if place.read_link_utf8().is_ok_and(|old| old == target) => Ok(()),
            Spot::Taken(_) => Err("is there twice, and differs".into()),
        }
    }

    /// Gives a second name to a file of the same archive.
    pub(super) fn hard_link(&mut self, path: &Utf8Path, existing: &Utf8Path) -> Result<(), Fault> {
        let existing = self.place(existing)?;
        if !self.placed.contains(&existing) || !existing.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Err("is a hard link to no file that is before it".into());
        }
        let Spot::Free(place) = self.spot(path)? else { return Err("is there twice".into()) };
        fs::hard_link(&existing, &place).map_err(Fault::io("create the hard link", &place))
    }

    /// Gives the folders the times that the archive has for them.
    pub(super) fn finish(self) -> Result<(), UnpackError> {
        self.modified.into_iter().try_for_each(|(path, modified)| {
            let result = File::open(&path).and_then(|folder| folder.set_modified(modified));
            result.map_err(|source| UnpackError::Io { action: "set the time of", path, source })
        })
    }

    /// Where the last component of a path really is, or will be. If it is a link, it is not followed.
    fn place(&mut self, path: &Utf8Path) -> Result<Utf8PathBuf, Fault> {
        match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => Ok(self.folder(parent)?.join(name)),
            _ => Ok(self.root.clone()),
        }
    }

    /// The real place of a folder, which is made if it is not there. If it is a link, it is followed.
    fn folder(&mut self, path: &Utf8Path) -> Result<Utf8PathBuf, Fault> {
        if let Some(real) = self.folders.get(path) {
            return Ok(real.clone());
        }
        let place = self.place(path)?;
        let real = match place.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => place,
            Ok(metadata) if metadata.is_symlink() => self.follow(&place)?,
            Ok(_) => return Err(format!("lies in `{path}`, which is no folder").into()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir(&place).map_err(Fault::io("create", &place))?;
                let mode = Permissions::from_mode(0o755);
                fs::set_permissions(&place, mode).map_err(Fault::io("set the mode of", &place))?;
                place
            }
            Err(error) => return Err(Fault::io("look at", &place)(error)),
        };
        self.folders.insert(path.to_owned(), real.clone());
        Ok(real)
    }

    /// The folder below the root that a link leads to.
    fn follow(&self, link: &Utf8Path) -> Result<Utf8PathBuf, Fault> {
        let shown = link.strip_prefix(&self.root).unwrap_or(link);
        match link.canonicalize_utf8() {
            Ok(real) if !real.starts_with(&self.root) => {
                Err(format!("lies behind the link `{shown}`, which leads outside the root").into())
            }
            Ok(real) if real.is_dir() => Ok(real),
            _ => Err(format!("lies behind the link `{shown}`, which leads to no folder").into()),
        }
    }
}
