//! `cargo xtask status`: the answers of programs side by side, and the page that is made of them.

use xtask::probe::page;
use xtask::recipe::Catalogue;
use xtask::status::{Reasons, Status};

use crate::kit::sandbox::Sandbox;
use crate::recipes::{checkout, shipped_texts, texts_below};

/// What the shipped recipes say about the page.
fn with_shipped(look: impl FnOnce(&Status<'_>)) {
    let catalogue = Catalogue::parse(&shipped_texts()).unwrap_or_else(|mistakes| panic!("\n{mistakes}"));
    let mut texts = shipped_texts();
    texts.extend(texts_below("recipes/probes", &["py"]));
    look(&Status::parse(texts, &catalogue, Reasons::Required).unwrap_or_else(|mistakes| panic!("\n{mistakes}")));
}

fn shipped_file(name: &str) -> String {
    std::fs::read_to_string(checkout().join(name)).unwrap()
}

#[test]
fn the_shipped_probes_are_in_their_index() {
    with_shipped(|status| {
        let probes = &status.probes;
        assert!(probes.iter().count() > 200);
        let too_long: Vec<&str> =
            probes.iter().filter(|probe| probe.title.chars().count() > 64).map(|probe| probe.name.as_str()).collect();
        assert_eq!(too_long, [""; 0], "[title] in index.toml has shorter titles");
    });
}

/// What needs no run: each cell of the page is what is expected, with its reason, and the README has the same answers.
#[test]
fn the_shipped_page_and_the_readme_agree_with_what_is_expected() {
    with_shipped(|status| {
        let folder = camino::Utf8Path::from_path(checkout()).unwrap();
        let recorded = status.recorded(folder);
        assert!(recorded.len() >= 8, "{} columns are measured", recorded.len());
        let mut wrong = Vec::new();
        for recipe in status.columns.iter() {
            let place = recipe.place(status.catalogue);
            let Some(measured) = recorded.get(recipe.name()) else { continue };
            assert_eq!(measured.cells.len(), status.probes.iter().count(), "rows of {}", recipe.name());
            for (probe, cell) in &measured.cells {
                let expected = status.expected.of(probe, &place).verdict;
                if cell.verdict != expected {
                    wrong.push(format!("{}: {probe}: {} is expected", recipe.name(), expected.word()));
                }
            }
        }
        assert_eq!(wrong, [""; 0], "`cargo xtask status --write` makes the page anew");
        for (file, wanted) in status.files(folder, &status.contents(&[], &recorded)).unwrap() {
            assert!(shipped_file(file) == wanted, "{file} is out of date: `cargo xtask status --write` makes it anew");
        }
        assert!(page::read(&shipped_file("docs/status.md"), &status.columns) == recorded);
        assert!(shipped_file("README.md").contains("(docs/status.md)"), "the README links to the page");
    });
}

#[test]
fn answers_are_shown_for_the_columns_that_are_here() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.xtask(&["status"]).fail(1), @"
    exit code: 1
    --- stderr ---
    wasi is left out: it is not built
    machine is left out: PATH has no fake-python
    error: no Python is built
    hint: `cargo xtask build wasi` builds one
    ");
    insta::assert_snapshot!(sandbox.xtask(&["status", "wasi"]).fail(1), @"
    exit code: 1
    --- stderr ---
    error: python-3.13.2-wasm32-wasip1 is not built yet
    hint: run `cargo xtask build wasi`
    ");
    insta::assert_snapshot!(sandbox.xtask(&["status", "wasl"]).fail(2), @"
    exit code: 2
    --- stderr ---
    error: unknown column `wasl`
    hint: did you mean `wasi`?
    ");
    insta::assert_snapshot!(sandbox.xtask(&["status", "wasi", "--probe", "a/ome"]).fail(2), @"
    exit code: 2
    --- stderr ---
    error: unknown probe `a/ome`
    hint: did you mean `a/one`?
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
    machine is left out: PATH has no fake-python
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
}

#[test]
fn the_page_is_written_from_one_run_and_checked_by_another() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    sandbox.script(&["out yes: 3 levels"]);
    fs_err::create_dir_all(sandbox.path("checkout/docs")).unwrap();
    sandbox.write(
        "README.md",
        "# A\n\n<!-- status: written by `cargo xtask status --write` -->\n<!-- end of status -->\n",
    );
    insta::assert_snapshot!(sandbox.xtask(&["status", "--check"]).fail(1), @"
    exit code: 1
    --- stderr ---
    running wasi with host-runner
    machine is left out: PATH has no fake-python
    error: 1 answer is not as expected:
      wasi: a/two: expected partly (WASI has only one), got yes: 3 levels
    hint: `cargo xtask status wasi --probe a/two` shows what the program printed; if the new answers are intended, update recipes/status, or let `cargo xtask status --write` do it
    ");
    insta::assert_snapshot!(sandbox.xtask(&["status", "--write"]).succeed(), @"
    exit code: 0
    --- stderr ---
    running wasi with host-runner
    machine is left out: PATH has no fake-python
    written: recipes/status/new.toml, docs/status.md, README.md
    ");
    insta::assert_snapshot!(sandbox.read("docs/status.md"), @"
    # What works where

    Each cell is the answer of a small program in [recipes/probes](../recipes/probes/README.md), which ran on the Python of that column.
    The reasons are those of [recipes/status](../recipes/status/README.md), where every answer that is not yes is expected.
    `cargo xtask status --write` makes this page from new runs, and `cargo xtask status --check` fails if a run gives other answers.
    `cargo xtask status COLUMN --probe GROUP/NAME` shows what one program printed, and `cargo xtask status --format json` has everything: [status-json.md](status-json.md).

    ## Columns

    | column | title | Python | run by | answers |
    | --- | --- | --- | --- | --- |
    | `wasi` | WASI | 3.13.1 | host-runner | 2 yes |

    These columns were not measured, so nothing is known about them:

    | column | title | why | what would measure it |
    | --- | --- | --- | --- |
    | `machine` | This machine | it needs fake-python in PATH | `cargo xtask status machine` |

    ## Group A

    |  | WASI | why |
    | --- | --- | --- |
    | [Two things](../recipes/probes/a/two.py) | yes: 3 levels |  |
    | [One thing](../recipes/probes/a/one.py) | yes: 3 levels |  |
    ");
    insta::assert_snapshot!(sandbox.read("README.md"), @"
    # A

    <!-- status: written by `cargo xtask status --write` -->

    |  | WASI |
    | --- | --- |
    | One thing | yes |

    <!-- end of status -->
    ");
    insta::assert_snapshot!(sandbox.read("recipes/status/new.toml"), @r#"
    schema = 1

    # Written by `cargo xtask status --write`: answers that are new.
    # Give each a reason, and move it to the file of its subject; `cargo xtask recipe check` rejects an empty one.

    [[reason]]
    text = ""
    seen = "3 levels"
    yes."wasi" = ["a/two"]
    "#);
    sandbox.xtask(&["status", "--check"]).succeed();
    insta::assert_snapshot!(sandbox.xtask(&["recipe", "check"]).fail(3), @r#"
    exit code: 3
    --- stderr ---
    error:   × the reason is empty
       ╭─[recipes/status/new.toml:7:8]
     6 │ [[reason]]
     7 │ text = ""
       ·        ──
     8 │ seen = "3 levels"
       ╰────
      help: say why, in one line, and move the entry from recipes/status/new.toml to another file
      × `a/two` for `wasi` is written twice: yes and partly
       ╭─[recipes/status/answers.toml:5:16]
     4 │ text = "{platform} has only one"
     5 │ partly.wasi = ["a/two"]
       ·                ───────
       ╰────
      help: keep one of them
    "#);
    // A person explains it; the reason is kept when the file is written again.
    sandbox.edit("recipes/status/new.toml", "text = \"\"", "text = \"of this reason\"");
    sandbox.script(&["out Traceback (most recent call last):", "out OSError: gone", "exit 1"]);
    insta::assert_snapshot!(sandbox.xtask(&["status", "--check"]).fail(1), @"
    exit code: 1
    --- stderr ---
    running wasi with host-runner
    machine is left out: PATH has no fake-python
    error: 2 answers are not as expected:
      wasi: a/one: expected yes, got no: OSError: gone
      wasi: a/two: expected yes, got no: OSError: gone
    hint: `cargo xtask status wasi --probe a/one` shows what the program printed; if the new answers are intended, update recipes/status, or let `cargo xtask status --write` do it
    ");
    sandbox.xtask(&["status", "--write"]).succeed();
    insta::assert_snapshot!(sandbox.read("recipes/status/new.toml"), @r#"
    schema = 1

    # Written by `cargo xtask status --write`: answers that are new.
    # Give each a reason, and move it to the file of its subject; `cargo xtask recipe check` rejects an empty one.

    [[reason]]
    text = ""
    seen = "OSError: gone"
    no."wasi" = ["a/one", "a/two"]
    "#);
    // Edited by hand.
    sandbox.edit("docs/status.md", "| no", "| yes");
    insta::assert_snapshot!(sandbox.xtask(&["status", "--check"]).fail(1), @"
    exit code: 1
    --- stdout ---
    @@ -24 +24 @@
    -| [Two things](../recipes/probes/a/two.py) | yes |  |
    -| [One thing](../recipes/probes/a/one.py) | yes |  |
    +| [Two things](../recipes/probes/a/two.py) | no |  |
    +| [One thing](../recipes/probes/a/one.py) | no |  |
    --- stderr ---
    running wasi with host-runner
    machine is left out: PATH has no fake-python
    error: docs/status.md is out of date
    hint: `cargo xtask status --write` writes it anew
    ");
}

#[test]
fn answers_can_come_from_a_file() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    sandbox.script(&["out partly: one"]);
    let document = sandbox.xtask(&["status", "--format", "json"]).succeed().stdout;
    sandbox.write("answers.json", &document);
    sandbox.start_over();
    let file = sandbox.path("checkout/answers.json");
    insta::assert_snapshot!(sandbox.xtask(&["status", "--answers", file.as_str()]).succeed(), @"
    exit code: 0
    --- stdout ---
    probe  wasi
    a/two  partly
    a/one  partly
    wasi: 2 partly
    ");
    insta::assert_snapshot!(document, @r#"
    {
      "schema": 1,
      "columns": [
        {
          "name": "wasi",
          "title": "WASI",
          "host": "wasi",
          "python": "3.13.1",
          "runner": "host-runner",
          "totals": {
            "yes": 0,
            "partly": 2,
            "no": 0,
            "crashed": 0,
            "not-measured": 0
          }
        }
      ],
      "not-measured": [
        {
          "name": "machine",
          "title": "This machine",
          "reason": "it needs fake-python in PATH",
          "command": "cargo xtask status machine"
        }
      ],
      "groups": [
        {
          "title": "Group A",
          "rows": [
            {
              "probe": "a/two",
              "title": "Two things",
              "cells": {
                "wasi": {
                  "verdict": "partly",
                  "detail": "one",
                  "evidence": "partly: one\n{\n    \"version\": \"3.13.1\", \"platform\": \"wasi\", \"machine\": \"wasm32\", \"os\": \"posix\",\n    \"builtin\": [\"_io\", \"builtins\", \"sys\"], \"shared\": [], \"threads\": false, \"modules_in\": \"/usr/local/lib/python3.13\", \"bytecode\": true\n}\n",
                  "expected": {
                    "verdict": "partly",
                    "reason": "WASI has only one"
                  }
                }
              }
            },
            {
              "probe": "a/one",
              "title": "One thing",
              "cells": {
                "wasi": {
                  "verdict": "partly",
                  "detail": "one",
                  "evidence": "partly: one\n{\n    \"version\": \"3.13.1\", \"platform\": \"wasi\", \"machine\": \"wasm32\", \"os\": \"posix\",\n    \"builtin\": [\"_io\", \"builtins\", \"sys\"], \"shared\": [], \"threads\": false, \"modules_in\": \"/usr/local/lib/python3.13\", \"bytecode\": true\n}\n",
                  "expected": {
                    "verdict": "yes"
                  }
                }
              }
            }
          ]
        }
      ]
    }
    "#);
    sandbox.write("answers.json", &document.replacen("\"schema\": 1", "\"schema\": 2", 1));
    insta::assert_snapshot!(sandbox.xtask(&["status", "--answers", file.as_str()]).fail(1), @"
    exit code: 1
    --- stderr ---
    error: [CHECKOUT]/answers.json: schema 2 is not known: this xtask reads schema 1
    ");
}

/// A program that hangs, floods its output or kills its interpreter is a cell, and the others run.
#[test]
fn a_program_that_misbehaves_is_a_cell() {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    for (script, limit, words) in [
        (&["flood"][..], "60", "printed more than 4 MB"),
        (&["out before", "kill 9"][..], "60", "killed by signal 9"),
        (&["out yes", "exit 3"][..], "60", "exit code 3: yes"),
        (&["sleep 50"][..], "1", "did not end within [TIME] s"),
    ] {
        sandbox.script(script);
        let said = sandbox.xtask(&["status", "wasi", "--time-limit", limit, "--format", "json"]).succeed().stdout;
        let document: serde_json::Value = serde_json::from_str(&said).unwrap();
        for row in document["groups"][0]["rows"].as_array().unwrap() {
            let cell = &row["cells"]["wasi"];
            assert_eq!((&cell["verdict"], &cell["detail"]), (&"crashed".into(), &words.into()));
        }
        assert_eq!(document["columns"][0]["totals"]["crashed"], 2);
    }
}

#[test]
fn mistakes_in_expectations_are_reported() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "recipes/status/answers.toml",
        "schema = 1\n[needs]\n\"a/one\" = [\"_nothing\"]\n\n[[reason]]\ntext = \" \"\nissue = \"bpo-1\"\nno.wasl = [\"a/one\"]\nno.wasi = [\"a/tow\"]\n\
         \n[[reason]]\ntext = \"x\"\nyes.wasi = [\"a/one\"]\ncrashed.wasi = [\"a/one\"]\n",
    );
    insta::assert_snapshot!(sandbox.xtask(&["recipe", "check"]).fail(3), @r#"
    exit code: 3
    --- stderr ---
    error:   × `_nothing` is neither an extension module nor left out of any package
       ╭─[recipes/status/answers.toml:3:12]
     2 │ [needs]
     3 │ "a/one" = ["_nothing"]
       ·            ──────────
     4 │
       ╰────
      help: remove it
      × the reason is empty
       ╭─[recipes/status/answers.toml:6:8]
     5 │ [[reason]]
     6 │ text = " "
       ·        ───
     7 │ issue = "bpo-1"
       ╰────
      help: say why, in one line, and move the entry from recipes/status/new.toml to another file
      × an issue is a URL that begins with `https://`
       ╭─[recipes/status/answers.toml:7:9]
     6 │ text = " "
     7 │ issue = "bpo-1"
       ·         ───────
     8 │ no.wasl = ["a/one"]
       ╰────
      × no probe has the name `a/tow`
        ╭─[recipes/status/answers.toml:9:12]
      8 │ no.wasl = ["a/one"]
      9 │ no.wasi = ["a/tow"]
        ·            ───────
     10 │
        ╰────
      help: did you mean `a/two`?
      × unknown column `wasl`
       ╭─[recipes/status/answers.toml:8:4]
     7 │ issue = "bpo-1"
     8 │ no.wasl = ["a/one"]
       ·    ────
     9 │ no.wasi = ["a/tow"]
       ╰────
      help: valid columns: all, machine, wasi; did you mean `wasi`?
      × `a/one` for `wasi` is written twice: yes and crashed
        ╭─[recipes/status/answers.toml:14:17]
     13 │ yes.wasi = ["a/one"]
     14 │ crashed.wasi = ["a/one"]
        ·                 ───────
        ╰────
      help: keep one of them
    "#);
}

#[test]
fn the_page_for_browsers_has_the_last_answers_of_each_column() {
    let sandbox = Sandbox::new();
    sandbox.write("recipes/status/page.html", "{{document}}\n{{before}}\n");
    insta::assert_snapshot!(sandbox.xtask(&["serve", "status", "--port", "0"]).fail(1), @"
    exit code: 1
    --- stderr ---
    error: no answers are in the store yet
    hint: `cargo xtask status` asks each Python that is built
    ");
    sandbox.build().succeed();
    sandbox.script(&["out no: nothing"]);
    let before = sandbox.xtask(&["status", "--format", "json"]).succeed().stdout;
    sandbox.write("before.json", &before);
    sandbox.script(&["out partly: one"]);
    sandbox.xtask(&["status"]).succeed();
    // One probe is not the whole column.
    sandbox.script(&["out yes"]);
    sandbox.xtask(&["status", "--probe", "a/one"]).succeed();
    let last = sandbox.store().join("status.json");
    let page = ["status", "--answers", last.as_str(), "--since", "before.json", "--format", "html"];
    let page = sandbox.xtask(&page).succeed().stdout;
    let values: Vec<serde_json::Value> = page.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(values[0]["columns"][0]["totals"]["partly"], 2);
    assert_eq!(values[0]["not-measured"][0]["name"], "machine");
    assert_eq!(values[1]["title"], "before");
    assert_eq!(values[1]["verdicts"]["a/one"]["wasi"], "no");
    let wrong = ["status", "--answers", last.as_str(), "--since", "wrong.json", "--format", "html"];
    sandbox.write("wrong.json", "[]");
    insta::assert_snapshot!(sandbox.xtask(&wrong).fail(1), @"
    exit code: 1
    --- stderr ---
    error: wrong.json: invalid length 0, expected struct Earlier with 1 element at line 1 column 2
    hint: `cargo xtask status --format json` prints such a file
    ");
}
