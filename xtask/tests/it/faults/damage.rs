//! A store and a `dist/` in which something is broken: it is found, said, and made again.

use camino::Utf8PathBuf;
use xtask::sys::fs::remove_tree;

use crate::kit::sandbox::{PACKAGE, SOURCE_FILE, Sandbox};

/// The download of CPython's source in the store.
fn download(sandbox: &Sandbox) -> Utf8PathBuf {
    let downloads = sandbox.store().join("downloads").read_dir_utf8().unwrap();
    let mut paths = downloads.map(|entry| entry.unwrap().into_path());
    paths.find(|path| path.as_str().ends_with(SOURCE_FILE)).unwrap()
}

fn flip_a_byte(path: &Utf8PathBuf) {
    let modified = path.metadata().unwrap().modified().unwrap();
    let mut content = fs_err::read(path).unwrap();
    let middle = content.len() / 2;
    content[middle] ^= 1;
    fs_err::write(path, content).unwrap();
    std::fs::File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
}

#[test]
fn a_damaged_download_is_got_again() {
    let sandbox = Sandbox::new();
    sandbox.xtask(&["fetch", "wasi"]).succeed();
    flip_a_byte(&download(&sandbox));
    let output = sandbox.build().succeed();
    assert!(output.stderr.contains("Python-3.13.1.tar.gz is missing or damaged: getting it again\n"), "{output}");

    let whole = fs_err::read(download(&sandbox)).unwrap();
    fs_err::write(download(&sandbox), &whole[..whole.len() / 2]).unwrap();
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

#[test]
fn doctor_finds_one_wrong_byte_and_the_next_build_mends_it() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    let doctor = || {
        let output = sandbox.xtask(&["doctor", "--store"]).succeed();
        let results = output.stdout.lines().filter(|line| line.contains("[KEY]"));
        let mut words: Vec<String> =
            results.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        words.sort();
        words.join("\n")
    };
    insta::assert_snapshot!(doctor(), @"
    build-host-runner-[KEY] ok host-runner is as it was made
    package-[KEY] ok package is as it was made
    prepare-source-[KEY] ok source is as it was made
    ");
    flip_a_byte(&sandbox.result("package").join("package/lib/libpython3.13.a"));
    insta::assert_snapshot!(doctor(), @"
    build-host-runner-[KEY] ok host-runner is as it was made
    package-[KEY] damaged removed; the next build makes it again
    prepare-source-[KEY] ok source is as it was made
    ");
    let output = sandbox.build().succeed();
    assert!(output.stderr.contains("package: built in"), "{output}");
    insta::assert_snapshot!(doctor(), @"
    build-host-runner-[KEY] ok host-runner is as it was made
    package-[KEY] ok package is as it was made
    prepare-source-[KEY] ok source is as it was made
    ");
}

#[test]
fn a_record_that_cannot_be_read_is_no_result() {
    for garbage in ["", "{", "{\"schema\": 1}", "\0\0\0\0"] {
        let sandbox = Sandbox::new();
        sandbox.build().succeed();
        for stage in ["make-host", "smoke-test"] {
            fs_err::write(sandbox.result(stage).join("result.json"), garbage).unwrap();
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
