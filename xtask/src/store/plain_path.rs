//! A second path of the store for configure, make and compilers, where its own has characters that they cannot build with.
//!
//! Makefiles and shell scripts split words at spaces and give other characters a meaning.
//! The store is then used through a link `/tmp/xtask-USER/HASH`, which has the same path in every run: the user is a number, and the hash is that of the store's own path.
//! Nothing depends on the link between runs, so that it may be removed with other temporary files.

use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};

use camino::{Utf8Path, Utf8PathBuf};

use super::StoreError;
use crate::digest::Sha256;

/// The folder for temporary files that every POSIX system has. `TMPDIR` differs between sessions of one user.
const TEMPORARY: &str = "/tmp";

/// The path to use for the store at `path`: that path, or a link to it.
pub fn plain_path(path: &Utf8Path) -> Result<Utf8PathBuf, StoreError> {
    if path.as_str().chars().all(|c| c.is_ascii_alphanumeric() || "/-_.+,@~".contains(c)) {
        return Ok(path.to_owned());
    }
    let folder = Utf8PathBuf::from(format!("{TEMPORARY}/xtask-{}", rustix::process::getuid().as_raw()));
    let link = folder.join(Sha256::of(path.as_str().as_bytes()).short());
    let unusable = |source| StoreError::NoPlainPath { path: path.to_owned(), link: link.clone(), source };
    make_private(&folder).map_err(unusable)?;
    remove_dangling(&folder);
    make_link(path, &link).map_err(unusable)?;
    Ok(link)
}

/// Makes a folder that only this user can change. One that another user made in its place is an error.
fn make_private(folder: &Utf8Path) -> io::Result<()> {
    match std::fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        result => return result,
    }
    // Not where a link leads.
    let found = fs_err::symlink_metadata(folder)?;
    let (user, open) = (rustix::process::getuid().as_raw(), found.mode() & 0o077 != 0);
    if !found.is_dir() || found.uid() != user || open {
        let message = format!("{folder} exists, and is not a folder that only this user can enter");
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    Ok(())
}

/// Makes the link, or leaves it if it is right already: another run may be using it.
fn make_link(path: &Utf8Path, link: &Utf8Path) -> io::Result<()> {
    if fs_err::read_link(link).is_ok_and(|target| target == path.as_std_path()) {
        return Ok(());
    }
    // Another run that makes the link at the same time makes the same one.
    let new = link.with_extension(format!("{}-new", std::process::id()));
    let _ = fs_err::remove_file(&new);
    fs_err::os::unix::fs::symlink(path, &new)?;
    fs_err::rename(&new, link)
}

/// Removes links to stores that are gone. A store that is only unmounted gets its link again.
fn remove_dangling(folder: &Utf8Path) {
    let Ok(entries) = folder.read_dir_utf8() else { return };
    for link in entries.flatten().filter(|entry| !entry.path().exists()) {
        let _ = fs_err::remove_file(link.path());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn temporary() -> (tempfile::TempDir, Utf8PathBuf) {
        let guard = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::try_from(guard.path().canonicalize().unwrap()).unwrap();
        (guard, path)
    }

    #[test]
    fn a_plain_path_is_used_as_it_is() {
        assert_eq!(plain_path("/home/a.user/x_y-1".into()).unwrap(), "/home/a.user/x_y-1");
    }

    #[test]
    fn any_other_path_gets_a_plain_one_that_stays_the_same() {
        let (_guard, root) = temporary();
        let mut links = Vec::new();
        for name in ["two words", "äö", "a:b", "\"quoted\"", "$HOME", "line\nbreak", "back\\slash", "it's"] {
            let store = root.join(name);
            fs_err::create_dir(&store).unwrap();
            let link = plain_path(&store).unwrap();
            assert_eq!(link.canonicalize_utf8().unwrap(), store);
            assert_eq!(plain_path(&link).unwrap(), link, "{name:?}");
            fs_err::remove_file(&link).unwrap();
            assert_eq!(plain_path(&store).unwrap(), link, "it is made again");
            links.push(link);
        }
        links.sort();
        links.dedup();
        assert_eq!(links.len(), 8);
        links.iter().for_each(|link| fs_err::remove_file(link).unwrap());
    }

    #[test]
    fn a_folder_that_others_can_change_is_not_used() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_guard, root) = temporary();
        let private = root.join("private");
        make_private(&private).unwrap();
        make_private(&private).unwrap();
        assert_eq!(fs_err::metadata(&private).unwrap().mode() & 0o777, 0o700);

        let open = root.join("open");
        fs_err::create_dir(&open).unwrap();
        fs_err::set_permissions(&open, std::fs::Permissions::from_mode(0o777)).unwrap();
        let link = root.join("link");
        std::os::unix::fs::symlink(&private, &link).unwrap();
        let file = root.join("file");
        fs_err::write(&file, "").unwrap();
        for folder in [open, link, file] {
            assert!(make_private(&folder).unwrap_err().to_string().contains("only this user"), "{folder}");
        }
    }

    #[test]
    fn a_link_to_another_place_is_replaced_and_a_dangling_one_removed() {
        let (_guard, root) = temporary();
        let (old, new, link) = (root.join("old"), root.join("new"), root.join("link"));
        fs_err::create_dir(&new).unwrap();
        std::os::unix::fs::symlink(&old, &link).unwrap();
        make_link(&new, &link).unwrap();
        assert_eq!(fs_err::read_link(&link).unwrap(), new.as_std_path());
        std::os::unix::fs::symlink(&old, root.join("dangling")).unwrap();
        remove_dangling(&root);
        assert!(link.exists() && fs_err::symlink_metadata(root.join("dangling")).is_err());
    }
}
