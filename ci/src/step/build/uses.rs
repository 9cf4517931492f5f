//! Uses of a package that need no files of their own: the launcher, streams, exit codes, threads.

use std::io::Read as _;
use std::os::unix::fs::symlink;
use std::thread;
use std::time::Duration;

use anyhow::Result;

use super::Built;
use crate::call::wait;

/// The launcher works from another folder, through a link, with arguments, pipes and exit codes.
pub(super) fn launcher(built: &Built) -> Result<()> {
    let link = built.folder.join("snake");
    symlink(built.launcher(), &link)?;
    fs_err::write(built.folder.join("program.py"), "print(input() + \"!\")\n")?;
    let program = built.context.call(built.context.shell.cmd("./snake").arg("program.py"));
    program.dir(&built.folder).input("hello\n").expect(built.what("launcher"), "hello!")?;
    built.python("import sys; sys.exit(7)").expect_code(built.what("exit code"), 7)?;
    Ok(())
}

/// A run of all of configure's checks finds what is recorded, which the build used.
pub(super) fn configure_cache(built: &Built) -> Result<()> {
    let target = ["recipe", "configure-cache", &built.target.host, "--python", &built.target.python];
    built.context.xtask(target).expect_code(built.what("recorded results of configure"), 0)?;
    Ok(())
}

/// Every result in the store is unchanged, although the package was used.
pub(super) fn doctor(built: &Built) -> Result<()> {
    let outcome = built.context.xtask(["doctor", "--store"]).expect_code(built.what("doctor"), 0)?;
    let damaged: Vec<&str> = outcome.stdout.lines().filter(|line| line.contains(" damaged ")).collect();
    built.context.checks.expect(built.what("nothing in the store is damaged"), "", &*damaged.join("\n"), outcome.line)
}

/// Files, arguments and environment are the machine's.
pub(super) fn machine(built: &Built) -> Result<()> {
    fs_err::write(built.folder.join("program.py"), "")?;
    let code = "import os, sys; \
        print(os.path.samefile('program.py', os.open('program.py', 0)), sys.argv[1], os.environ['NAME'], os.isatty(1))";
    let call = built.context.call(built.context.shell.cmd(built.launcher()).args(["-c", code, "ö"]));
    call.dir(&built.folder).env("NAME", "ä").expect(built.what("the machine's own"), "True ö ä False")
}

/// A pipe that is full because its reader is slow; node makes it non-blocking.
pub(super) fn full_pipe(built: &Built) -> Result<()> {
    let (mut child, line) = built.python("print('x' * 1000000)").spawn()?;
    thread::sleep(Duration::from_secs(1));
    let mut bytes = Vec::new();
    if let Some(stdout) = &mut child.stdout {
        stdout.read_to_end(&mut bytes)?;
    }
    let code = wait(&built.context.cancel, &mut child)?;
    built.context.checks.expect(
        built.what("a full pipe"),
        "1000001 bytes, exit code 0",
        &*format!("{} bytes, exit code {code}", bytes.len()),
        line,
    )
}

/// A trap is reported: the program does not end without a word.
pub(super) fn node_trap(built: &Built) -> Result<()> {
    let outcome = built.python("import os; os.abort()").with_stderr().expect_code(built.what("a trap"), 134)?;
    let reports = |line: &&str| line.starts_with("python: fatal: RuntimeError: Aborted");
    let count = outcome.stderr.lines().filter(reports).count();
    built.context.checks.expect(
        built.what("the report of a trap"),
        1,
        count,
        format!("{}\n{}", outcome.line, outcome.stderr),
    )
}

/// In a real Chromium: streams, exit codes and traps.
pub(super) fn browser(built: &Built) -> Result<()> {
    let run = |code: &str| built.xtask("run", &["--", "-c", code]);
    run("print(input() + '!')").input("hello\n").expect(built.what("streams"), "hello!")?;
    run("import sys; sys.exit(7)").expect_code(built.what("exit code"), 7)?;
    let outcome = run("import os; os.abort()").with_stderr().expect_code(built.what("a trap"), 134)?;
    let count = outcome.stderr.lines().filter(|line| line.contains("the guest trapped: RuntimeError: Aborted")).count();
    built.context.checks.expect(
        built.what("the report of a trap"),
        1,
        count,
        format!("{}\n{}", outcome.line, outcome.stderr),
    )
}

/// Threads that wait for each other, and more of them than there are processors.
const MANY_THREADS: &str = "
import queue, threading
todo, done, lock, count = queue.Queue(), queue.Queue(), threading.Lock(), 0
def work():
    global count
    while (number := todo.get()) is not None:
        with lock:
            count += 1
        done.put(number * number)
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for number in range(1000): todo.put(number)
for _ in threads: todo.put(None)
for thread in threads: thread.join()
print(sum(done.get() for _ in range(1000)), count, threading.active_count())
";

/// Threads, and what the end of a thread or of the program means for the others.
pub(super) fn threads(built: &Built) -> Result<()> {
    built.python(MANY_THREADS).expect(built.what("threads"), "332833500 1000 1")?;
    let reader = "import threading; t = threading.Thread(target=lambda: print(input() + '!')); t.start(); t.join()";
    built.python(reader).input("hello\n").expect(built.what("streams from a thread"), "hello!")?;
    full_pipe(built)?;
    let endings = [
        (
            "_exit in a thread",
            3,
            "import os, threading, time\nthreading.Thread(target=os._exit, args=(3,)).start(); time.sleep(60)",
        ),
        (
            "a daemon thread does not keep it",
            0,
            "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        ),
        (
            "a trap in a thread",
            134,
            "import os, threading, time\nthreading.Thread(target=os.abort).start(); time.sleep(60)",
        ),
    ];
    for (what, code, program) in endings {
        built.python(program).with_stderr().expect_code(built.what(what), code)?;
    }
    Ok(())
}
