//! Trees on the real file system. Capabilities are dropped where a test needs that a mode forbids something: root has them.

use std::time::{Duration, SystemTime};

use super::*;

struct Place {
    root: Utf8PathBuf,
    _guard: tempfile::TempDir,
}

fn place() -> Place {
    let guard = tempfile::tempdir().unwrap();
    Place { root: Utf8PathBuf::from_path_buf(guard.path().to_owned()).unwrap(), _guard: guard }
}

/// A folder with a file, a read-only program, a link to nowhere and an empty read-only folder.
fn tree(root: &Utf8Path) -> Utf8PathBuf {
    let tree = root.join("tree");
    fs::create_dir_all(tree.join("folder/empty")).unwrap();
    fs::write(tree.join("folder/file"), "file\n").unwrap();
    fs::write(tree.join("a-program"), "#!/bin/sh\n").unwrap();
    fs::os::unix::fs::symlink("no/where", tree.join("link")).unwrap();
    set_mode(&tree.join("a-program"), 0o555);
    set_mode(&tree.join("folder/empty"), 0o555);
    tree
}

fn set_mode(path: &Utf8Path, mode: u32) {
    fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Utf8Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

fn names(folder: &Utf8Path) -> Vec<String> {
    list_tree(folder).unwrap().into_iter().map(|entry| entry.path.into_string()).collect()
}

/// Runs something in a thread for which modes count even if it is root's.
fn without_capabilities(work: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let mut sets = rustix::thread::capabilities(None).unwrap();
            sets.effective = rustix::thread::CapabilitySet::empty();
            rustix::thread::set_capabilities(None, sets).unwrap();
            work();
        });
        thread.join().unwrap();
    });
}

#[test]
fn a_file_is_written_whole() {
    let place = place();
    let file = place.root.join("file");
    write_atomic(&file, b"old").unwrap();
    write_atomic(&file, b"new").unwrap();
    assert_eq!((fs::read(&file).unwrap(), mode(&file)), (b"new".to_vec(), 0o644));
    write_atomic_with_mode(&file, b"newer", 0o755).unwrap();
    assert_eq!((fs::read(&file).unwrap(), mode(&file)), (b"newer".to_vec(), 0o755));
}

#[test]
fn a_write_that_fails_changes_nothing() {
    let place = place();
    let file = place.root.join("file");
    write_atomic(&file, b"old").unwrap();
    set_mode(&place.root, 0o555);
    without_capabilities(|| {
        let error = write_atomic(&file, b"new").unwrap_err();
        assert!(error.to_string().contains(file.as_str()));
        assert!(explain_io(&error, &file).unwrap().contains(file.as_str()));
    });
    set_mode(&place.root, 0o755);
    assert_eq!(fs::read(&file).unwrap(), b"old");

    let folder = place.root.join("folder");
    fs::create_dir(&folder).unwrap();
    assert!(write_atomic(&folder, b"new").is_err());
    assert_eq!(names(&place.root), ["file", "folder"], "no temporary file is left");
}

#[test]
fn a_copy_has_modes_times_and_links() {
    let place = place();
    let from = tree(&place.root);
    let time = SystemTime::UNIX_EPOCH + Duration::new(1_600_000_000, 123_456_789);
    for name in ["folder/file", "folder/empty", "folder"] {
        std::fs::File::open(from.join(name)).unwrap().set_modified(time).unwrap();
    }
    let to = place.root.join("copy");
    without_capabilities(|| copy_tree(&from, &to, &|_| true).unwrap());

    assert_eq!(list_tree(&to).unwrap(), list_tree(&from).unwrap());
    for name in names(&from).iter().map(String::as_str).chain([""]) {
        let times = [&from, &to].map(|root| {
            let metadata = fs::symlink_metadata(root.join(name)).unwrap();
            (metadata.mtime(), metadata.mtime_nsec())
        });
        assert_eq!(times[0], times[1], "{name}");
        assert_eq!(mode(&from.join(name)) | 0o200, mode(&to.join(name)), "{name}: its owner may write");
    }
    assert_eq!(fs::metadata(to.join("folder/file")).unwrap().mtime_nsec(), 123_456_789);
    assert!(copy_tree(&from, &to, &|_| true).is_err(), "nothing is copied over something");
}

#[test]
fn what_is_not_wanted_is_not_copied() {
    let place = place();
    let to = place.root.join("copy");
    copy_tree(&tree(&place.root), &to, &|entry| entry.path != "folder").unwrap();
    assert_eq!(names(&to), ["a-program", "link"]);
}

#[test]
fn a_tree_with_read_only_folders_is_removed() {
    let place = place();
    let tree = tree(&place.root);
    fs::create_dir_all(tree.join("locked/deep")).unwrap();
    fs::write(tree.join("locked/deep/file"), "").unwrap();
    set_mode(&tree.join("locked/deep"), 0o555);
    set_mode(&tree.join("locked"), 0o000);
    without_capabilities(|| remove_tree(&tree).unwrap());
    remove_tree(&tree).unwrap();
    assert_eq!(names(&place.root), Vec::<String>::new());
}

#[test]
fn a_link_is_removed_and_not_what_it_names() {
    let place = place();
    let tree = tree(&place.root);
    let link = place.root.join("to-tree");
    fs::os::unix::fs::symlink(&tree, &link).unwrap();
    remove_tree(&link).unwrap();
    assert_eq!(names(&tree).len(), 5);
    assert!(fs::symlink_metadata(&link).is_err());
}

#[test]
fn trash_is_swept_and_nothing_else() {
    let place = place();
    let tree = tree(&place.root);
    fs::rename(&tree, place.root.join(".trash-1-0")).unwrap();
    fs::write(place.root.join(".trash-1-1"), "").unwrap();
    fs::write(place.root.join("kept"), "").unwrap();
    sweep_trash(&place.root).unwrap();
    assert_eq!(names(&place.root), ["kept"]);
}

#[test]
fn a_tree_is_listed_and_measured() {
    let place = place();
    let tree = tree(&place.root);
    assert_eq!(names(&tree), ["a-program", "folder", "folder/empty", "folder/file", "link"]);
    assert_eq!(tree_size(&tree).unwrap(), 15);
    fsync_tree(&tree).unwrap();
    assert!(fsync_tree(&tree.join("nothing")).is_err());
    let _socket = std::os::unix::net::UnixListener::bind(tree.join("socket")).unwrap();
    assert!(list_tree(&tree).unwrap_err().to_string().contains("socket"));
}

#[test]
fn a_hash_tells_trees_apart() {
    let place = place();
    let tree = tree(&place.root);
    let copy = place.root.join("copy");
    let fresh = || {
        remove_tree(&copy).unwrap();
        copy_tree(&tree, &copy, &|_| true).unwrap();
    };
    let original = hash_tree(&tree).unwrap();
    fresh();
    assert_eq!(hash_tree(&copy).unwrap(), original);
    std::fs::File::open(copy.join("folder/file")).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(hash_tree(&copy).unwrap(), original, "times do not count");

    type Change = fn(&Utf8Path);
    let changes: [(&str, Change); 6] = [
        ("contents", |copy| fs::write(copy.join("folder/file"), "life\n").unwrap()),
        ("an executable bit", |copy| set_mode(&copy.join("folder/file"), 0o755)),
        ("a name", |copy| fs::rename(copy.join("folder/file"), copy.join("folder/life")).unwrap()),
        ("an empty folder", |copy| fs::remove_dir(copy.join("folder/empty")).unwrap()),
        ("a link's target", |copy| {
            fs::remove_file(copy.join("link")).unwrap();
            fs::os::unix::fs::symlink("else/where", copy.join("link")).unwrap();
        }),
        ("a link that became a file", |copy| {
            fs::remove_file(copy.join("link")).unwrap();
            fs::write(copy.join("link"), "no/where").unwrap();
        }),
    ];
    for (what, change) in changes {
        fresh();
        change(&copy);
        assert_ne!(hash_tree(&copy).unwrap(), original, "{what} counts");
    }
}
