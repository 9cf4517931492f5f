//! `cargo xtask status`: the answers of programs side by side, and the page that is made of them.

use xtask::probe::Probes;

use crate::kit::sandbox::Sandbox;
use crate::recipes::texts_below;

#[test]
fn the_shipped_probes_are_in_their_index() {
    let probes = Probes::parse(&texts_below("recipes/probes", &["toml", "py"]))
        .unwrap_or_else(|mistakes| panic!("\n{mistakes}"));
    assert!(probes.iter().count() > 200);
    let too_long: Vec<&str> =
        probes.iter().filter(|probe| probe.title.chars().count() > 64).map(|probe| probe.name.as_str()).collect();
    assert_eq!(too_long, [""; 0], "[title] in index.toml has shorter titles");
}

#[test]
fn the_page_is_written_from_one_run_and_checked_by_another() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.xtask(&["status"]).fail(1), @"
    exit code: 1
    --- stderr ---
    wasi is left out: it is not built
    error: no Python is built
    hint: `cargo xtask build wasi` builds one
    ");
    insta::assert_snapshot!(sandbox.xtask(&["status", "wasi"]).fail(1), @"
    exit code: 1
    --- stderr ---
    error: python-3.13.2-wasm32-wasip1 is not built yet
    hint: run `cargo xtask build wasi`
    ");
    sandbox.build().succeed();
    sandbox.script(&["out value: 1", "out yes: 3 levels"]);
    insta::assert_snapshot!(sandbox.xtask(&["status"]).succeed(), @"
    exit code: 0
    --- stdout ---
    probe  wasi
    a/two  yes
    a/one  yes
    wasi: 2 yes
    --- stderr ---
    running wasi with host-runner
    ");
    insta::assert_snapshot!(sandbox.xtask(&["status", "wasi", "--probe", "a/one"]).succeed(), @r#"
    exit code: 0
    --- stdout ---
    value: 1
    yes: 3 levels
    {
        "version": "3.13.1", "platform": "wasi", "machine": "wasm32", "os": "posix",
        "builtin": ["_io", "builtins", "sys"], "shared": [], "threads": false, "modules_in": "/usr/local/lib/python3.13", "bytecode": true
    }

    a/one on wasi, Python 3.13.1, host-runner: yes: 3 levels
    --- stderr ---
    running wasi with host-runner
    "#);
    insta::assert_snapshot!(sandbox.xtask(&["status", "wasi", "--probe", "a/ome"]).fail(2), @"
    exit code: 2
    --- stderr ---
    error: unknown probe `a/ome`
    hint: did you mean `a/one`?
    ");
    fs_err::create_dir_all(sandbox.path("checkout/docs")).unwrap();
    sandbox.xtask(&["status", "--write"]).succeed();
    insta::assert_snapshot!(fs_err::read_to_string(sandbox.path("checkout/docs/status.md")).unwrap(), @"
    # What works where

    Each cell is the answer of a small program in [recipes/probes](../recipes/probes/README.md), which ran on the Python of that host.
    `cargo xtask status --write` makes this page from new runs, and `cargo xtask status --check` fails if a run gives other answers.

    - `wasi`: Python 3.13.1, run by host-runner: 2 yes.

    ## Group A

    |  | wasi |
    | --- | --- |
    | Two things | yes: 3 levels |
    | One thing | yes: 3 levels |
    ");
    sandbox.xtask(&["status", "--check"]).succeed();
    sandbox.script(&["out Traceback (most recent call last):", "out OSError: gone", "exit 1"]);
    insta::assert_snapshot!(sandbox.xtask(&["status", "--check"]).fail(1), @"
    exit code: 1
    --- stdout ---
    @@ -6 +6 @@
    -| Two things | yes: 3 levels |
    -| One thing | yes: 3 levels |
    +| Two things | no: OSError: gone |
    +| One thing | no: OSError: gone |
    --- stderr ---
    running wasi with host-runner
    error: docs/status.md differs from this run
    hint: if this is intended, `cargo xtask status --write` updates it
    ");
}
