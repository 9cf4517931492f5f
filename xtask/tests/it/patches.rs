//! The patches of this repository, and headers that are refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use xtask::patch::{self, Diff, File, FileChange, Mode, Patch, Series};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/patches");
const PATCHES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../patches");

/// Everything in a folder, sorted.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().and_then(|name| name.to_str()).expect("names are UTF-8").to_owned()
}

/// Every `patches/SOURCE/VERSION` folder with its series.
fn shipped() -> Vec<(PathBuf, Series)> {
    let sources = entries(Path::new(PATCHES)).into_iter().filter(|path| path.is_dir());
    let folders: Vec<PathBuf> = sources.flat_map(|source| entries(&source)).collect();
    let parse = |folder: PathBuf| {
        let text = fs::read_to_string(folder.join("series")).expect("every folder has a series");
        match patch::parse_series(&text, |name| fs::read_to_string(folder.join(name)).ok()) {
            Ok(series) => (folder, series),
            Err(diagnostics) => panic!("{}: {diagnostics:#?}", folder.display()),
        }
    };
    folders.into_iter().map(parse).collect()
}

/// The files that a patch wants to see: each hunk's old side at its line, with filler between.
fn old_files(patch: &Patch) -> BTreeMap<String, File> {
    let mut files = BTreeMap::new();
    for diff in &patch.diff.files {
        let mut content = Vec::new();
        let mut lines = 0;
        for hunk in &diff.hunks {
            (lines..hunk.old_begin).for_each(|line| content.extend(format!("filler {line}\n").bytes()));
            content.extend(hunk.old_lines().flatten());
            lines = hunk.old_begin + hunk.old_lines().count();
        }
        let (path, mode) = match &diff.change {
            FileChange::Create { .. } => continue,
            FileChange::Delete { mode } => (&diff.path, *mode),
            FileChange::Modify { modes } => (&diff.path, modes.map_or(Mode::Regular, |(old, _)| old)),
            FileChange::Rename { from, modes, .. } => (from, modes.map_or(Mode::Regular, |(old, _)| old)),
        };
        files.insert(path.clone(), File { content, executable: mode == Mode::Executable });
    }
    files
}

#[test]
fn shipped_patches_are_in_order() {
    let shipped = shipped();
    assert!(!shipped.is_empty(), "there is at least one series");
    for (folder, series) in shipped {
        let files: Vec<String> = entries(&folder).iter().map(|path| name(path)).collect();
        assert_eq!(patch::lint(&series, &files), [], "{}", folder.display());
    }
}

#[test]
fn shipped_patches_survive_checkout_and_export() {
    for (folder, series) in shipped() {
        for shipped in &series.patches {
            let text = fs::read_to_string(folder.join(&shipped.file_name)).expect("it was read before");
            assert_eq!(shipped.to_string(), text, "parse, print");
            let message = patch::commit_message(shipped);
            let exported = patch::export(&shipped.file_name, &message, &shipped.diff.to_string());
            assert_eq!(exported.expect("the commit is right").to_string(), text, "checkout, export");
        }
    }
}

#[test]
fn shipped_patches_apply_to_what_they_expect() {
    for (_, series) in shipped() {
        for shipped in &series.patches {
            let files = old_files(shipped);
            let applied = shipped.apply(|path| files.get(path).cloned()).expect("it applies");
            assert_eq!(applied.offsets, []);
            let changed: Vec<&str> = applied.changes.iter().map(|change| change.path.as_str()).collect();
            assert_eq!(changed, shipped.touched().into_iter().collect::<Vec<_>>());

            let done: BTreeMap<_, _> = applied.changes.into_iter().map(|change| (change.path, change.file)).collect();
            let again = shipped.apply(|path| done.get(path).cloned().flatten()).expect_err("it is applied already");
            assert!(again[0].to_string().contains("looks already applied"), "{}", again[0]);
        }
    }
}

/// One bad file, one message. A new file in the folder becomes a case without a line of code.
#[test]
fn each_bad_header_is_refused_with_one_message() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("{DATA}/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    let _bound = settings.bind_to_scope();
    for path in entries(&Path::new(DATA).join("bad")) {
        let text = fs::read_to_string(&path).expect("it can be read");
        let errors = patch::parse_patch(&name(&path), &text).expect_err("the header is bad");
        assert_eq!(errors.len(), 1, "{}: {errors:#?}", path.display());
        insta::assert_snapshot!(path.file_stem().and_then(|stem| stem.to_str()).expect("names are UTF-8"), errors[0]);
    }
}

/// Whatever is cut out of a patch, the parser answers and does not panic; what it still accepts prints and parses alike.
#[test]
fn cut_patches_are_answered() {
    let mut accepted = 0;
    for (_, series) in shipped() {
        for shipped in &series.patches {
            let text = shipped.to_string();
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            for cut in 0..lines.len() {
                let without: String = [&lines[..cut], &lines[cut + 1..]].concat().concat();
                for text in [without, lines[..cut].concat()] {
                    let Ok(patch) = patch::parse_patch(&shipped.file_name, &text) else { continue };
                    let again = patch::parse_patch(&shipped.file_name, &patch.to_string()).expect("normal form parses");
                    assert_eq!((again.header, without_lines(again.diff)), (patch.header, without_lines(patch.diff)));
                    accepted += 1;
                }
            }
        }
    }
    assert!(accepted > 0, "a line of a description can go");
}

/// The diff without the places of its hunks in the file, which normal form may move.
fn without_lines(mut diff: Diff) -> Diff {
    diff.files.iter_mut().flat_map(|file| &mut file.hunks).for_each(|hunk| hunk.line = 0);
    diff
}
