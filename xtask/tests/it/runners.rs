//! Programs that run host binaries: which is taken, how it is called, and what is said when none will do.
//!
//! The programs are scripts that write down how they are called; the real ones are tried with a real Python.

use camino::Utf8Path;

use crate::kit::archives;
use crate::kit::sandbox::Sandbox;

/// A script in the sandbox's `PATH` that prints this version, records how else it is called, and answers as the new Python.
fn install(sandbox: &Sandbox, name: &str, version: &str) {
    write_script(&sandbox.path("programs").join(name), &runner(name, version));
}

fn runner(name: &str, version: &str) -> String {
    let host_runner = include_str!("../../testing/sandbox/programs/host-runner");
    let answer = &host_runner[host_runner.find("cat <<END").unwrap()..];
    format!(
        "#!/bin/sh\ncase $1 in --version | version) echo '{version}'; exit ;; esac\nscribe {name} \"$@\" || exit\n{answer}"
    )
}

fn write_script(path: &Utf8Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs_err::write(path, text).unwrap();
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The command line of the program that was called last.
fn called(sandbox: &Sandbox) -> String {
    sandbox.redact(&sandbox.calls().last().unwrap().words().join(" "))
}

/// A sandbox with a Python.
fn built() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.build().succeed();
    sandbox.calls();
    sandbox
}

/// Adds a runner that comes from one package, which brings a loader too.
pub fn add_packed(sandbox: &Sandbox, machine: &str) {
    let recipe =
        sandbox.read("recipes/runners/wasmtime.toml").replace("names = [\"wasmtime\"]", "names = [\"packed\"]");
    let packaged = format!(
        "[[packaged]]\nversion = \"50\"\n[packaged.debian]\nbuild-machine = \"{machine}\"\n\
         launchers = [{{ directory = \"usr/bin\", programs = [\"packed\"], library-path = [\"lib\", \"usr/lib\"], loader = \"usr/bin/loader\" }}]\n\
         package = [{{ name = \"packed\", version = \"1:50-1\", architecture = \"all\", suite = \"moon\" }}]\n"
    );
    sandbox.write("recipes/runners/packed.toml", &format!("{recipe}\n{packaged}"));
    sandbox.add_input("packed_1%3a50-1_all.deb", &packed("50"));
}

/// The package of a runner that reports this version.
pub fn packed(version: &str) -> Vec<u8> {
    let loader = "#!/bin/sh\nscribe loader \"$1\" \"$2\" && shift 2 && exec \"$@\"\n";
    let program = runner("packed", &format!("wasmtime {version}"));
    archives::deb(&[("usr/bin/loader", loader), ("usr/bin/packed", &program)])
}

#[test]
fn each_runner_is_called_in_its_own_words() {
    let sandbox = built();
    install(&sandbox, "wasmtime", "wasmtime 48.0.8 (abc 2026-01-01)");
    install(&sandbox, "node", "v20.0.0");
    let run = |arguments: &[&str]| {
        sandbox.xtask(&[&["run", "wasi", "--env", "A=1", "--env", "HOME"], arguments].concat()).succeed();
        called(&sandbox)
    };
    insta::assert_snapshot!(run(&["--runner", "wasmtime", "--dir", "/x::/y", "--", "a b"]), @"wasmtime run --dir [STORE]/results/package-[KEY]/package::/usr/local --dir [CHECKOUT]::/ --dir [CHECKOUT]::[CHECKOUT] --dir /x::/y --env A=1 --env HOME=[SANDBOX]/home --argv0 /usr/local/bin/python3.13 --wasm max-wasm-stack=16777216 [STORE]/results/package-[KEY]/package/python.wasm a b");
    insta::assert_snapshot!(run(&["--runner", "node", "--dir", "/x::/y::ro", "--", "-c", "pass"]), @"node --no-warnings [CHECKOUT]/package-files/launcher/node.mjs run --dir [STORE]/results/package-[KEY]/package::/usr/local::ro --dir [CHECKOUT]::/ --dir [CHECKOUT]::[CHECKOUT] --dir /x::/y::ro --env A=1 --env HOME=[SANDBOX]/home --argv0 /usr/local/bin/python3.13 --wasm max-wasm-stack=16777216 [STORE]/results/package-[KEY]/package/python.wasm -c pass");
}

#[test]
fn a_runner_that_compiles_beforehand_does_so_once() {
    let sandbox = built();
    let recipe = sandbox.read("recipes/runners/wasmtime.toml").replace("names = [\"wasmtime\"]", "names = [\"ahead\"]");
    let compile = "[compile]\narguments = [\"compile\", \"{module}\", \"{compiled}\"]\nfile-name = \"python.so\"\nreason = \"it is slow\"\n";
    sandbox.write("recipes/runners/ahead.toml", &format!("{recipe}\n{compile}"));
    let script = runner("ahead", "wasmtime 48");
    write_script(&sandbox.path("programs/ahead"), &format!("{script}case $1 in compile) : > \"$3\" ;; esac\n"));
    let run = || sandbox.xtask(&["run", "wasi", "--runner", "ahead", "--", "-V"]);
    let said = run().succeed();
    assert!(said.stderr.contains("ahead 48 compiles python.wasm once: it is slow"), "{said}");
    let calls: Vec<String> = sandbox.calls().iter().map(|call| call.words().join(" ")).collect();
    assert!(calls[0].starts_with("ahead compile ") && calls[0].ends_with("/made/python.so"), "{calls:?}");
    assert!(calls[1].contains("/runner-cache/ahead-") && calls[1].ends_with("/python.so -V"), "{calls:?}");
    assert_eq!(run().succeed().stderr, "");
    assert_eq!(sandbox.calls().len(), 1);
    // What could not be compiled leaves nothing behind that is believed.
    sandbox.edit("recipes/runners/ahead.toml", "\"compile\", ", "\"compile\", \"--more\", ");
    write_script(&sandbox.path("programs/ahead"), &format!("{script}exit 3\n"));
    let said = run().fail(1);
    assert!(said.stderr.contains("exit status 3"), "{said}");
}

#[test]
fn the_runners_own_environment_is_not_the_guests() {
    let sandbox = built();
    install(&sandbox, "wasmtime", "wasmtime 48.0.8");
    sandbox.xtask(&["run", "wasi", "--runner", "wasmtime"]).env("SECRET", "x").env("TERM", "dumb").succeed();
    let call = sandbox.calls().pop().unwrap();
    // A shell adds some of its own.
    let ours = ["HOME", "PATH", "TERM", "XDG_CACHE_HOME", "SECRET"];
    let names: Vec<&String> = call.environment.keys().filter(|name| ours.contains(&name.as_str())).collect();
    assert_eq!(names, ["HOME", "PATH", "TERM", "XDG_CACHE_HOME"]);
    assert_eq!(call.environment["XDG_CACHE_HOME"], sandbox.store().join("runner-cache"));
    assert!(!call.words().contains(&"--env"), "{:?}", call.words());
}

#[test]
fn the_runners_exit_code_is_ours() {
    let sandbox = built();
    install(&sandbox, "node", "v22.1.0");
    sandbox.script(&["exit 134"]);
    let _said = sandbox.xtask(&["run", "wasi", "--runner", "node"]).fail(134);
}

#[test]
fn a_program_that_takes_too_long_is_ended_and_reported_in_the_same_way_by_all_runners() {
    let sandbox = built();
    add_packed(&sandbox, &xtask::sys::machine::build_machine());
    install(&sandbox, "wasmtime", "wasmtime 48.0.8");
    install(&sandbox, "node", "v22.1.0");
    // Ended from outside, so that it does not matter what the runner's own limit does.
    let run = |runner: &[&str], limit: &str| {
        sandbox.xtask(&[&["run", "wasi", "--timeout", limit], runner, &["--", "-c", "pass"]].concat())
    };
    run(&["--runner", "packed"], "60").succeed();
    sandbox.script(&["when -c sleep 600"]);
    sandbox.calls();
    let own = sandbox.path("programs/wasmtime");
    for runner in
        [&["--runner", "wasmtime"][..], &["--runner", "node"], &["--runner", own.as_str()], &["--runner", "packed"]]
    {
        let said = run(runner, "1").fail(124);
        assert_eq!(said.stderr, "error: Python did not end within [TIME] s, the limit of `--timeout`\n", "{runner:?}");
        assert!(!called(&sandbox).contains("timeout"), "{runner:?}");
    }
    // The host runner counts by itself, without the time in which it compiles; it reports that and ends with the same code.
    sandbox.script(&[]);
    run(&["--runner", "host-runner"], "60").succeed();
    assert!(called(&sandbox).contains(" --timeout 60 "), "{}", called(&sandbox));
    // What is in time is not touched, whatever its exit code is.
    sandbox.script(&["exit 134"]);
    assert_eq!(run(&["--runner", "wasmtime"], "60").fail(134).stderr, "");
}

#[test]
fn a_missing_or_old_runner_has_a_hint() {
    let sandbox = built();
    let path = sandbox.programs_without(&[]);
    let run = |name: &str| sandbox.xtask(&["run", "wasi", "--runner", name]).env("PATH", path.as_str()).fail(4);
    insta::assert_snapshot!(run("wasmtime"), @"
    exit code: 4
    --- stderr ---
    error: wasmtime cannot be used: `wasmtime` is not in PATH
    hint: `cargo install wasmtime-cli --locked`, or an official release of wasmtime; add it to PATH, or give its path to `--runner`
    ");
    write_script(&path.join("wasmtime"), &runner("wasmtime", "wasmtime 23.0.3"));
    insta::assert_snapshot!(run("wasmtime"), @"
    exit code: 4
    --- stderr ---
    error: wasmtime cannot be used: [SANDBOX]/fewer-programs/wasmtime is 23.0.3; 24 or newer is needed (the first with --argv0)
    hint: `cargo install wasmtime-cli --locked`, or an official release of wasmtime; add it to PATH, or give its path to `--runner`
    ");
    write_script(&path.join("node"), &runner("node", "v18.20.4"));
    write_script(&path.join("nodejs"), "#!/bin/sh\necho no such luck >&2\nexit 3\n");
    insta::assert_snapshot!(run("node"), @"
    exit code: 4
    --- stderr ---
    error: node cannot be used: [SANDBOX]/fewer-programs/node is 18.20.4; [SANDBOX]/fewer-programs/nodejs failed to print its version: `[SANDBOX]/fewer-programs/nodejs` failed with exit status 3; 20 or newer is needed (the first long-term release whose node:wasi needs no flag)
    hint: install Node.js 20 or newer, on Debian 13 and later with `apt-get install nodejs`; PATH must have it
    ");
    write_script(&path.join("nodejs"), &runner("nodejs", "nightly"));
    insta::assert_snapshot!(run("node"), @"
    exit code: 4
    --- stderr ---
    error: node cannot be used: [SANDBOX]/fewer-programs/node is 18.20.4; [SANDBOX]/fewer-programs/nodejs printed `nightly` instead of its version; 20 or newer is needed (the first long-term release whose node:wasi needs no flag)
    hint: install Node.js 20 or newer, on Debian 13 and later with `apt-get install nodejs`; PATH must have it
    ");
    write_script(&path.join("nodejs"), &runner("nodejs", "v20.1.0"));
    let _second = sandbox.xtask(&["run", "wasi", "--runner", "node"]).env("PATH", path.as_str()).succeed();
}

#[test]
fn wrong_runners_and_what_they_cannot_do() {
    let sandbox = built();
    install(&sandbox, "wasmtime", "wasmtime 48.0.8");
    let run = |arguments: &[&str]| sandbox.xtask(&[&["run", "wasi"], arguments].concat()).fail(2);
    insta::assert_snapshot!(run(&["--runner", "wasmtim"]), @"
    exit code: 2
    --- stderr ---
    error: unknown runner `wasmtim`
    hint: valid runners: host-runner, node, wasmtime; did you mean `wasmtime`?
    ");
    insta::assert_snapshot!(run(&["--runner", "./wasmtime"]), @"
    exit code: 2
    --- stderr ---
    error: [CHECKOUT]/./wasmtime does not exist
    hint: --runner takes a runner's name or a path
    ");
    insta::assert_snapshot!(run(&["--dir", "/x::"]), @"
    exit code: 2
    --- stderr ---
    error: invalid --dir `/x::`
    hint: use HOST, HOST::GUEST or HOST::GUEST::ro
    ");
    insta::assert_snapshot!(run(&["--env", "=x"]), @"
    exit code: 2
    --- stderr ---
    error: invalid --env `=x`
    hint: use NAME=VALUE or NAME
    ");
    insta::assert_snapshot!(run(&["--runner", "wasmtime", "--dir", "/a::b::/c"]), @"
    exit code: 2
    --- stderr ---
    error: the path `b::/c` has `::` in it, which separates the names of a directory for this runner
    hint: use another folder, or another `--runner`
    ");
    insta::assert_snapshot!(run(&["--runner", "wasmtime", "--dir", "/x::/y::ro"]), @"
    exit code: 2
    --- stderr ---
    error: wasmtime does not support --dir …::ro: --dir always lets the guest write
    hint: omit `--runner`
    ");
}

#[test]
fn a_path_is_called_as_the_runner_that_it_is_named_like() {
    let sandbox = built();
    for name in ["nodejs", "mine"] {
        write_script(&sandbox.path(name), &runner(name, "?"));
        sandbox.xtask(&["run", "wasi", "--runner", sandbox.path(name).as_str(), "--", "-V"]).succeed();
        let called = called(&sandbox);
        assert!(called.starts_with(&format!("{name} ")) && called.ends_with("/python.wasm -V"), "{called}");
        assert_eq!(called.contains("node.mjs"), name == "nodejs", "{called}");
    }
}

#[test]
fn a_packaged_runner_is_unpacked_once_and_started_by_its_own_loader() {
    let sandbox = built();
    add_packed(&sandbox, &xtask::sys::machine::build_machine());
    let run = || sandbox.xtask(&["run", "wasi", "--runner", "packed", "--", "-V"]).succeed();
    insta::assert_snapshot!(run(), @r#"
    exit code: 0
    --- stdout ---
    {
        "version": "3.13.1", "platform": "wasi", "machine": "wasm32", "os": "posix",
        "builtin": ["_io", "builtins", "sys"], "shared": [], "threads": false, "modules_in": "/usr/local/lib/python3.13", "bytecode": true
    }
    --- stderr ---
    [1/2] fetch-runner: started
    fetch-runner: got packed 50 from [MIRROR]/packed_1%3a50-1_all.deb
    [1/2] fetch-runner: built in [TIME] s
    [2/2] prepare-runner: started
    [2/2] prepare-runner: built in [TIME] s
    done in [TIME] s
    "#);
    let calls: Vec<String> = sandbox.calls().iter().map(|call| sandbox.redact(&call.words().join(" "))).collect();
    insta::assert_snapshot!(calls.join("\n"), @"
    loader --library-path [STORE]/results/prepare-runner-[KEY]/root/bin/../lib:[STORE]/results/prepare-runner-[KEY]/root/bin/../usr/lib
    packed run --dir [STORE]/results/package-[KEY]/package::/usr/local --dir [CHECKOUT]::/ --dir [CHECKOUT]::[CHECKOUT] --argv0 /usr/local/bin/python3.13 --wasm max-wasm-stack=16777216 [STORE]/results/package-[KEY]/package/python.wasm -V
    ");
    assert_eq!(run().stderr, "");
    // The machine's own comes first, if it is new enough.
    install(&sandbox, "packed", "wasmtime 24.0.0");
    sandbox.calls();
    run();
    assert_eq!(sandbox.calls().len(), 1);
    install(&sandbox, "packed", "wasmtime 23.9.9");
    run();
    assert!(sandbox.calls()[0].words().contains(&"--library-path"));
}

#[test]
fn a_packaged_runner_can_be_fetched_beforehand() {
    let sandbox = built();
    add_packed(&sandbox, &xtask::sys::machine::build_machine());
    let offline = || sandbox.xtask(&["run", "wasi", "--offline", "--runner", "packed"]).without_env("XTASK_MIRROR");
    insta::assert_snapshot!(offline().fail(4), @"
    exit code: 4
    --- stderr ---
    [1/2] fetch-runner: started
    [1/2] fetch-runner: failed after [TIME] s: offline, and not in [STORE]/downloads:
    [2/2] prepare-runner: skipped: fetch-runner failed
    failed after [TIME] s
    error: fetch-runner failed: offline, and not in [STORE]/downloads:
        packed_1%3a50-1_all.deb (3264 bytes, sha256 [HASH])
    hint: run `cargo xtask fetch` once with network access, or set XTASK_MIRROR to a folder that has the files
    hint: `cargo xtask fetch wasi --runner packed` resumes from here
    ");
    let fetched = sandbox.xtask(&["fetch", "wasi", "--runner", "packed", "--runner", "node"]).succeed();
    assert!(fetched.stdout.contains("packed_1%3a50-1_all.deb"), "{fetched}");
    offline().succeed();
}

#[test]
fn a_runner_that_is_packaged_for_other_machines_is_not_had() {
    let sandbox = built();
    add_packed(&sandbox, "riscv64-linux");
    insta::assert_snapshot!(sandbox.xtask(&["run", "wasi", "--runner", "packed"]).fail(4), @"
    exit code: 4
    --- stderr ---
    error: packed cannot be used: `packed` is not in PATH; no package of it is pinned for [MACHINE]
    hint: `cargo install wasmtime-cli --locked`, or an official release of wasmtime; add it to PATH, or give its path to `--runner`
    ");
}

#[test]
fn recipes_of_runners_can_be_looked_at() {
    let sandbox = Sandbox::new();
    let shown = sandbox.xtask(&["recipe", "show", "wasi", "--runner", "node"]).succeed();
    assert_eq!(shown.stdout, format!("# recipes/runners/node.toml\n{}", sandbox.read("recipes/runners/node.toml")));
    let _unknown = sandbox.xtask(&["recipe", "show", "wasi", "--runner", "nod"]).fail(2);
}

#[test]
fn an_installed_runner_is_used_until_the_host_runner_is_compiled() {
    let sandbox = Sandbox::new();
    sandbox.use_installed_runners();
    install(&sandbox, "node", "v22.1.0");
    let calls = |sandbox: &Sandbox| sandbox.calls().iter().map(|call| call.words()[0].to_owned()).collect::<Vec<_>>();
    let said = sandbox.build().succeed();
    assert!(said.stderr.contains("the smoke test runs on node 22.1.0: the host runner is not compiled\n"), "{said}");
    assert!(!calls(&sandbox).contains(&"cargo".to_owned()), "nothing is compiled with cargo");
    insta::assert_snapshot!(sandbox.xtask(&["path", "wasi", "host-runner"]).fail(1), @"
    exit code: 1
    --- stderr ---
    error: the host runner is not compiled
    hint: run `cargo xtask build wasi --runner host-runner`
    ");
    // The next build starts nothing, and `run` says nothing of its own.
    let again = sandbox.build().succeed();
    assert!(again.stderr.contains("is up to date"), "{again}");
    assert_eq!(calls(&sandbox), [""; 0]);
    let said = sandbox.xtask(&["run", "wasi", "--", "-V"]).succeed();
    assert_eq!((said.stderr.as_str(), calls(&sandbox)), ("", vec!["node".to_owned()]));
    // Another version is another smoke test, and nothing else.
    install(&sandbox, "node", "v24.0.0");
    let said = sandbox.xtask(&["explain", "wasi"]).succeed();
    assert!(said.stdout.contains("    runs-on.version: 22.1.0 -> 24.0.0\n"), "{said}");
    // Once it is compiled, the host runner is preferred: the smoke test runs once more, on it, and nothing else does.
    sandbox.build().succeed();
    sandbox.xtask(&["run", "wasi", "--runner", "host-runner", "--", "-V"]).succeed();
    sandbox.calls();
    let said = sandbox.build().succeed();
    let line = "the smoke test runs on host-runner: it is compiled, and preferred to other runners\n";
    assert!(said.stderr.contains(line), "{said}");
    assert_eq!(calls(&sandbox), ["host-runner"]);
    sandbox.xtask(&["build", "wasi", "--runner", "host-runner"]).succeed();
    assert!(sandbox.path("dist/host-runner/bin/host-runner").is_file());
    sandbox.calls();
    sandbox.xtask(&["run", "wasi", "--", "-V"]).succeed();
    assert_eq!(calls(&sandbox), ["host-runner"]);
    sandbox.xtask(&["path", "wasi", "host-runner"]).succeed();
    let said = sandbox.xtask(&["build", "wasi"]).succeed();
    assert!(said.stderr.contains("is up to date"), "{said}");
}

#[test]
fn a_runner_that_is_too_old_or_broken_is_passed_over() {
    let sandbox = Sandbox::new();
    sandbox.use_installed_runners();
    let path = sandbox.programs_without(&[]);
    let explain = || {
        let said = sandbox.xtask(&["build", "wasi"]).env("PATH", path.as_str()).run();
        let lines = said.stderr.lines().filter(|line| line.contains("smoke test runs") || line.contains("instead"));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    write_script(&path.join("node"), &runner("node", "v18.20.4"));
    write_script(&path.join("wasmtime"), "#!/bin/sh\nexit 3\n");
    insta::assert_snapshot!(explain(), @"
    node: [SANDBOX]/fewer-programs/node is 18.20.4; `nodejs` is not in PATH; 20 or newer is needed (the first long-term release whose node:wasi needs no flag); using host-runner instead
    wasmtime: [SANDBOX]/fewer-programs/wasmtime failed to print its version: `[SANDBOX]/fewer-programs/wasmtime` failed with exit status 3; 24 or newer is needed (the first with --argv0); using host-runner instead
    the smoke test runs on host-runner: PATH has no usable node or wasmtime
    ");
    sandbox.start_over();
    write_script(&path.join("wasmtime"), &runner("wasmtime", "wasmtime 49.0.3 (f96eabaa1 2026-10-14)"));
    insta::assert_snapshot!(explain(), @"
    node: [SANDBOX]/fewer-programs/node is 18.20.4; `nodejs` is not in PATH; 20 or newer is needed (the first long-term release whose node:wasi needs no flag); using wasmtime 49.0.3 instead
    the smoke test runs on wasmtime 49.0.3: the host runner is not compiled
    ");
}

#[test]
fn a_runner_that_cannot_do_what_a_run_needs_is_passed_over() {
    let sandbox = built();
    sandbox.use_installed_runners();
    install(&sandbox, "wasmtime", "wasmtime 49.0.3");
    let path = sandbox.programs_without(&[]);
    fs_err::os::unix::fs::symlink(sandbox.path("programs/wasmtime"), path.join("wasmtime")).unwrap();
    let host_runner = sandbox.result("build-host-runner");
    fs_err::rename(&host_runner, sandbox.path("elsewhere")).unwrap();
    let run = |arguments: &[&str]| {
        let arguments = [&["run", "wasi"], arguments].concat();
        let said =
            sandbox.xtask(&arguments).env("PATH", path.as_str()).env("CARGO", sandbox.path("programs/cargo")).succeed();
        (said.stderr, sandbox.calls().last().unwrap().words()[0].to_owned())
    };
    assert_eq!(run(&["--dir", "/x"]), (String::new(), "wasmtime".to_owned()));
    let (said, program) = run(&["--dir", "/x::/y::ro"]);
    assert!(said.contains("wasmtime does not support read-only-directory; using host-runner instead\n"), "{said}");
    assert_eq!(program, "host-runner");
}

#[test]
fn the_smoke_test_runs_on_the_runner_that_is_named() {
    let sandbox = Sandbox::new();
    sandbox.use_installed_runners();
    install(&sandbox, "wasmtime", "wasmtime 49.0.3");
    let said = sandbox.xtask(&["build", "wasi", "--runner", "wasmtime"]).succeed();
    assert!(said.stderr.contains("the smoke test runs on wasmtime 49.0.3: as requested\n"), "{said}");
    add_packed(&sandbox, &xtask::sys::machine::build_machine());
    let packed = sandbox.xtask(&["build", "wasi", "--runner", "packed"]).fail(2).stderr;
    assert_eq!(packed, "error: the smoke test cannot run on packed\nhint: use host-runner, node or wasmtime\n");
    fs_err::remove_file(sandbox.checkout().join("recipes/runners/packed.toml")).unwrap();
    insta::assert_snapshot!(sandbox.xtask(&["build", "wasi", "--runner", "chromium"]).fail(2), @"
    exit code: 2
    --- stderr ---
    error: unknown runner `chromium`
    hint: valid runners: host-runner, node, wasmtime
    ");
}
