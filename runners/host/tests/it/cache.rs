//! The directory of precompiled modules: valid entries are used, and incomplete ones are replaced.

use std::path::PathBuf;

use super::{Ended, Scene, exits_with, names};

const FOUND: &str = "host-runner: module: found in the cache\n";
const WRITTEN: &str = "host-runner: module: compiled into the cache\n";
const IN_MEMORY: &str = "host-runner: module: compiled in memory\n";

impl Scene {
    fn compile(&self, module: &str) -> PathBuf {
        let ended = self.run(&["compile", "--cache", "cache", module]);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
        self.path(ended.stdout.strip_suffix('\n').unwrap())
    }

    fn run_cached(&self, module: &str) -> Ended {
        self.run(&["run", "--verbose", "--cache", "cache", module])
    }
}

#[test]
fn the_second_run_uses_what_the_first_one_made() {
    let scene = Scene::new();
    scene.module("m.wasm", &exits_with(7));
    for expected in [WRITTEN, FOUND, FOUND] {
        let ended = scene.run_cached("m.wasm");
        assert_eq!((ended.code, ended.stderr.as_str()), (7, expected));
    }
    assert_eq!(scene.compile("m.wasm").parent(), Some(scene.path("cache").as_path()));
    assert_eq!(names(&scene.path("cache")).len(), 1);
}

#[test]
fn the_stack_limit_does_not_need_another_entry() {
    let scene = Scene::new();
    scene.module("m.wasm", &exits_with(7));
    scene.compile("m.wasm");
    let ended = scene.run(&["run", "--verbose", "-W", "max-wasm-stack=1048576", "--cache", "cache", "m.wasm"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (7, FOUND));
}

#[test]
fn an_entry_belongs_to_the_bytes_and_not_to_the_name() {
    let scene = Scene::new();
    scene.module("m.wasm", &exits_with(7));
    assert_eq!(scene.run_cached("m.wasm").code, 7);
    scene.module("m.wasm", &exits_with(8));
    assert_eq!(scene.run_cached("m.wasm").code, 8);
}

#[test]
fn without_a_cache_nothing_is_written() {
    let scene = Scene::new();
    let ended = scene.run_text(&exits_with(7), &["--verbose"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (7, IN_MEMORY));
    assert_eq!(names(&scene.path("")), ["guest.wasm"]);
}

#[test]
fn a_damaged_entry_is_made_anew() {
    let scene = Scene::new();
    scene.module("m.wasm", &exits_with(7));
    scene.module("other.wasm", &exits_with(8));
    let entry = scene.compile("m.wasm");
    let whole = std::fs::read(&entry).unwrap();
    let foreign = std::fs::read(scene.compile("other.wasm")).unwrap();
    let flipped = |position: usize| {
        let mut bytes = whole.clone();
        bytes[position] ^= 1;
        bytes
    };
    let damages = [
        vec![],
        b"short".to_vec(),
        whole[..whole.len() - 1].to_vec(),
        whole[..whole.len() / 2].to_vec(),
        [&whole[..], b"x"].concat(),
        vec![0; whole.len()],
        flipped(0),
        flipped(whole.len() / 2),
        flipped(whole.len() - 1),
        flipped(whole.len() - 36),
        foreign,
    ];
    for (number, damaged) in damages.iter().enumerate() {
        std::fs::write(&entry, damaged).unwrap();
        for expected in [WRITTEN, FOUND] {
            let ended = scene.run_cached("m.wasm");
            assert_eq!((ended.code, ended.stderr.as_str()), (7, expected), "damage {number}");
        }
        assert_eq!(std::fs::read(&entry).unwrap(), whole, "damage {number}");
    }
}

#[test]
fn processes_may_share_a_cache() {
    let scene = Scene::new();
    scene.module("m.wasm", &exits_with(7));
    let command = || scene.command(&["run", "--cache", "cache", "m.wasm"]).spawn().unwrap();
    let children: Vec<_> = (0..8).map(|_| command()).collect();
    for mut child in children {
        assert_eq!(child.wait().unwrap().code(), Some(7));
    }
    assert_eq!(names(&scene.path("cache")), [scene.compile("m.wasm").file_name().unwrap().to_str().unwrap()]);
}

#[test]
fn a_cache_that_cannot_be_used_only_slows_down() {
    let scene = Scene::new();
    scene.module("m.wasm", &exits_with(7));
    std::fs::write(scene.path("cache"), "a file").unwrap();
    let ended = scene.run_cached("m.wasm");
    assert_eq!(ended.code, 7);
    assert!(ended.stderr.starts_with("host-runner: warning: the cache `cache` cannot be used: "), "{}", ended.stderr);
    let ended = scene.run(&["compile", "--cache", "cache", "m.wasm"]);
    assert_eq!(ended.code, 125);
    assert!(ended.stderr.contains("`cache`"), "{}", ended.stderr);
}

#[test]
fn a_file_that_is_no_module_is_the_files_fault() {
    let scene = Scene::new();
    std::fs::write(scene.path("m.wasm"), "text").unwrap();
    for arguments in [["run", "--cache", "cache", "m.wasm"], ["compile", "--cache", "cache", "m.wasm"]] {
        let ended = scene.run(&arguments);
        assert_eq!(ended.code, 125);
        assert!(
            ended.stderr.starts_with("host-runner: error: `m.wasm` is not a WebAssembly module"),
            "{}",
            ended.stderr
        );
    }
    assert_eq!(names(&scene.path("cache")), [""; 0]);
}
