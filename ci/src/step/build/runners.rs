//! The runners that `run` picks by itself: what a program sees and how it ends must not depend on which of them runs it.

use std::os::unix::fs::symlink;

use anyhow::Result;

use super::Built;
use crate::call::Call;

struct Runner {
    name: &'static str,
    /// It can protect directories and stop programs.
    /// `run` passes over a runner that cannot, unless the user names it.
    has_limits: bool,
}

const RUNNERS: [Runner; 3] = [
    Runner { name: "host-runner", has_limits: true },
    Runner { name: "node", has_limits: true },
    Runner { name: "wasmtime", has_limits: false },
];

/// Arguments, environment, files, time, recursion and standard input.
const PROGRAM: &str = r#"
import os, sys, time
print(sys.argv, sys.executable)
print(dict(os.environ))
print(os.getcwd(), sorted(os.listdir()), open("link").read(), os.readlink("link"))
with open("folder/written", "w") as file:
    file.write("written")
start = time.monotonic()
time.sleep(0.2)
print(time.monotonic() - start >= 0.2)
def recurse():
    recurse()
try:
    recurse()
except RecursionError:
    print("RecursionError")
print(sys.stdin.read() + "!")
"#;

/// Runs the same programs with each runner that this machine has.
pub(super) fn run(built: &Built) -> Result<()> {
    // cargo knows the alias `cargo xtask` only inside the checkout.
    let xtask = built.context.xtask_program()?;
    for Runner { name, has_limits } in RUNNERS {
        // The host runner is compiled here, and Node.js runs the packages for Emscripten.
        if name == "wasmtime" && !is_in_path(name) {
            eprintln!("skipped {}: `{name}` is not in PATH", built.what(name));
            continue;
        }
        let folder = built.context.folder("runners")?;
        fs_err::write(folder.join("program.py"), PROGRAM)?;
        fs_err::write(folder.join("file"), "text")?;
        fs_err::create_dir(folder.join("folder"))?;
        symlink("file", folder.join("link"))?;
        let what = |check: &str| built.what(&format!("{name}: {check}"));
        let start = |options: &[&str], arguments: &[&str]| -> Call<'_> {
            let target = ["run", &built.target.host, "--python", &built.target.python, "--runner", name];
            let command = built.context.shell.cmd(&xtask).args(target).args(options).arg("--").args(arguments);
            built.context.call(command).dir(&folder)
        };

        let minor = built.target.minor();
        let wanted = format!(
            "['program.py', 'a b', 'ü'] /usr/local/bin/python{minor}\n\
            {{'NAME': 'a=ä'}}\n\
            / ['file', 'folder', 'link', 'program.py'] text file\n\
            True\n\
            RecursionError\n\
            input!"
        );
        let program = start(&["--env", "NAME=a=ä"], &["program.py", "a b", "ü"]);
        program.input("input").expect(what("a program"), &wanted)?;
        let written = fs_err::read_to_string(folder.join("folder/written"))?;
        built.context.checks.expect(what("a file that it wrote"), "written", &*written, &folder)?;
        start(&[], &["-c", "raise SystemExit(7)"]).expect_code(what("exit code"), 7)?;
        start(&[], &["-c", "import os; os.abort()"]).with_stderr().expect_code(what("a trap"), 134)?;

        let read_only = start(&["--dir", "folder::/data::ro"], &["-c", "open('/data/new', 'w')"]);
        let (reason, code) = if has_limits { ("PermissionError", 1) } else { ("does not support --dir", 2) };
        let outcome = read_only.with_stderr().expect_code(what("a read-only directory"), code)?;
        let is_explained = outcome.stderr.contains(reason) && !folder.join("folder/new").exists();
        let how = format!("{}\n{}", outcome.line, outcome.stderr);
        built.context.checks.expect(what("a file in a read-only directory"), true, is_explained, how)?;
        if has_limits {
            let endless = start(&["--timeout", "1"], &["-c", "while True: pass"]);
            endless.with_stderr().expect_code(what("a timeout"), 124)?;
        }
    }
    Ok(())
}

fn is_in_path(name: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}
