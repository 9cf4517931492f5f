//! A store and a `dist/` in which something is broken: it is found, said, and made again.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use camino::{Utf8Path, Utf8PathBuf};
use xtask::sys::fs::{Kind, list_tree, remove_tree};

use crate::kit::archives::source_with;
use crate::kit::sandbox::{PACKAGE, SOURCE_FILE, Sandbox};

/// The download of CPython's source in the store.
fn download(sandbox: &Sandbox) -> Utf8PathBuf {
    let downloads = sandbox.store().join("downloads").read_dir_utf8().unwrap();
    let mut paths = downloads.map(|entry| entry.unwrap().into_path());
    paths.find(|path| path.as_str().ends_with(SOURCE_FILE)).unwrap()
}

fn flip_a_byte(path: &Utf8Path) {
    let middle = path.metadata().unwrap().len() / 2;
    change(path, |content| content[usize::try_from(middle).unwrap()] ^= 1);
}

/// Changes a file of the store, which is read-only, so that mode and time stay as they were.
fn change(path: &Utf8Path, change: impl FnOnce(&mut Vec<u8>)) {
    let before = path.metadata().unwrap();
    let mut content = fs_err::read(path).unwrap();
    change(&mut content);
    fs_err::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
    fs_err::write(path, content).unwrap();
    std::fs::File::options().write(true).open(path).unwrap().set_modified(before.modified().unwrap()).unwrap();
    fs_err::set_permissions(path, before.permissions()).unwrap();
}

/// What `doctor --store` says is damaged, in order and without keys.
fn damaged(sandbox: &Sandbox) -> Vec<String> {
    let output = sandbox.xtask(&["doctor", "--store", "--format", "json"]).succeed();
    let rows: Vec<[String; 3]> = serde_json::from_str(&output.stdout).unwrap();
    let rows = rows.into_iter().filter(|[_, state, _]| state == "damaged");
    let mut lines: Vec<String> = rows.map(|[what, _, detail]| format!("{what}: {detail}")).collect();
    lines.sort();
    lines
}

#[test]
fn a_damaged_download_is_got_again() {
    let sandbox = Sandbox::new();
    sandbox.xtask(&["fetch", "wasi"]).succeed();
    flip_a_byte(&download(&sandbox));
    let output = sandbox.build().succeed();
    assert!(output.stderr.contains("Python-3.13.1.tar.gz is missing or damaged: getting it again\n"), "{output}");

    let whole = fs_err::read(download(&sandbox)).unwrap();
    change(&download(&sandbox), |content| content.truncate(whole.len() / 2));
    let output = sandbox.xtask(&["build", "wasi", "--from", "prepare-source"]).succeed();
    assert_eq!(fs_err::read(download(&sandbox)).unwrap(), whole, "{output}");
}

#[test]
fn a_package_that_was_changed_is_replaced() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    let expected = sandbox.package_hash();
    fs_err::write(sandbox.package().join("lib/python3.13/os.py"), "").unwrap();
    sandbox.calls();
    sandbox.build().succeed();
    assert_eq!(sandbox.package_hash(), expected);
    assert_eq!(sandbox.calls().len(), 0, "it is copied from the store");
}

#[test]
fn a_lost_package_folder_is_put_back() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    remove_tree(&sandbox.path("dist")).unwrap();
    assert_eq!(sandbox.build().succeed().stdout, format!("[DIST]/{PACKAGE}\n"));
}

/// All files of results and downloads, without the manifests.
fn files_of_the_store(sandbox: &Sandbox) -> Vec<Utf8PathBuf> {
    let all = list_tree(&sandbox.store()).unwrap().into_iter();
    all.filter(|entry| matches!(entry.kind, Kind::File { size, .. } if size > 0))
        .map(|entry| entry.path)
        .filter(|path| path.starts_with("results") || path.starts_with("downloads"))
        .filter(|path| path.file_name() != Some("manifest.json") && path.extension() != Some("lock"))
        .collect()
}

#[test]
fn two_hundred_wrong_bytes_are_found_and_the_next_build_repairs_them() {
    let sandbox = Sandbox::new();
    let more: Vec<(String, &str)> = (0..30).map(|number| (format!("Lib/more/m{number}.py"), "more = True\n")).collect();
    sandbox.add_input(SOURCE_FILE, &source_with(&more));
    sandbox.build().succeed();
    let package = sandbox.package_hash();
    sandbox.xtask(&["build", "wasi", "--profile", "debug"]).succeed();
    assert_eq!(damaged(&sandbox), [""; 0]);

    let mut files = files_of_the_store(&sandbox);
    assert!(files.len() >= 200, "{}", files.len());
    let mut random: usize = 1;
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let mut expected = Vec::new();
    for _ in 0..200 {
        let file = files.swap_remove(next(files.len()));
        change(&sandbox.store().join(&file), |content| {
            let at = next(content.len());
            content[at] ^= 1 << next(8);
        });
        let mut parts = file.as_str().splitn(3, '/');
        let line = match (parts.next().unwrap(), parts.next().unwrap(), parts.next()) {
            ("results", result, Some(below)) => format!("{result}: {below} has other contents"),
            (_, name, _) => format!("downloads: {name} has other contents"),
        };
        expected.push(sandbox.redact(&line));
    }
    let stages: BTreeSet<&str> =
        expected.iter().map(|line| line.split(':').next().unwrap().rsplit_once('-').map_or("", |it| it.0)).collect();
    assert!(stages.len() >= 9, "files of all kinds were changed: {stages:?}");
    expected.sort();
    assert_eq!(damaged(&sandbox), expected);
    assert_eq!(damaged(&sandbox), [""; 0]);
    sandbox.build().succeed();
    assert_eq!(sandbox.package_hash(), package);
}

#[test]
fn doctor_finds_what_was_added_removed_or_became_something_else() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    let source = sandbox.result("prepare-source");
    let name = source.file_name().unwrap().to_owned();
    let lib = source.join("source/Lib");
    fs_err::set_permissions(&lib, Permissions::from_mode(0o755)).unwrap();
    fs_err::create_dir(lib.join("__pycache__")).unwrap();
    fs_err::remove_file(lib.join("os.py")).unwrap();
    let package = sandbox.result("package");
    let wasm = package.join("package/python.wasm");
    fs_err::set_permissions(&wasm, Permissions::from_mode(0o777)).unwrap();
    change(&sandbox.result("smoke-test").join("manifest.json"), |content| content.truncate(100));
    let lines = [
        format!("{name}: source/Lib has another mode"),
        format!("{name}: source/Lib/__pycache__ was added"),
        format!("{name}: source/Lib/os.py is missing"),
        format!("{}: package/python.wasm has another mode", package.file_name().unwrap()),
        format!("{}: manifest.json is missing or damaged", sandbox.result("smoke-test").file_name().unwrap()),
    ];
    let mut lines = lines.map(|line| sandbox.redact(&line));
    lines.sort();
    assert_eq!(damaged(&sandbox), lines);
}

#[test]
fn doctor_finds_a_result_under_another_name() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    let result = sandbox.result("make-host");
    fs_err::rename(&result, result.with_file_name("make-host-0123456789ab")).unwrap();
    assert_eq!(damaged(&sandbox), ["make-host-[KEY]: result.json belongs to another result"]);
    assert!(!result.with_file_name("make-host-0123456789ab").exists());
    sandbox.build().succeed();
}

#[test]
fn doctor_does_not_check_a_store_that_another_run_uses() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    let users = std::fs::File::open(sandbox.store().join("users.lock")).unwrap();
    users.lock_shared().unwrap();
    let output = sandbox.xtask(&["doctor", "--store"]).fail(4);
    assert!(output.stderr.contains("error: another run uses the store [STORE]\nhint: let it end"), "{output}");
}

#[test]
fn a_result_cannot_be_written_to_and_a_published_copy_can() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    let mode = |path: &Utf8Path| path.metadata().unwrap().permissions().mode() & 0o222;
    for folder in sandbox.store().join("results").read_dir_utf8().unwrap() {
        let root = folder.unwrap().into_path();
        let entries = list_tree(&root).unwrap().into_iter().filter(|it| !matches!(it.kind, Kind::Symlink { .. }));
        for path in entries.map(|entry| root.join(entry.path)).chain([root.clone()]) {
            assert_eq!(mode(&path), 0, "{path}");
        }
    }
    for path in ["", "lib/python3.13/os.py", "lib/python3.13", "PYTHON.json"] {
        assert_eq!(mode(&sandbox.package().join(path)), 0o200, "{path}");
    }
}

#[test]
fn a_record_that_cannot_be_read_is_no_result() {
    for garbage in ["", "{", "{\"schema\": 1}", "\0\0\0\0"] {
        let sandbox = Sandbox::new();
        sandbox.build().succeed();
        for stage in ["make-host", "smoke-test"] {
            change(&sandbox.result(stage).join("result.json"), |content| *content = garbage.into());
        }
        let output = sandbox.build().succeed();
        assert!(output.stderr.contains("smoke-test: built in"), "{garbage:?}: {output}");
    }
}

#[test]
fn small_files_of_the_store_may_be_lost_or_broken() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    let expected = sandbox.package_hash();
    for file in ["choices.json", "durations.json", "compiler.json", "store.json"] {
        assert!(sandbox.store().join(file).is_file(), "{file}");
        fs_err::write(sandbox.store().join(file), "{\"nonsense\": [").unwrap();
        let output = sandbox.build().succeed();
        assert!(!output.stderr.contains("built in"), "{file}: {output}");
    }
    assert_eq!(sandbox.package_hash(), expected);
}
