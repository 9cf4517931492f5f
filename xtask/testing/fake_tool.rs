//! A program that does what its script says: it stands for tools in tests, as a real process.
//!
//! The script is the file `PROGRAM.script` beside it, under the name by which it was called (so copies and links of it stand for different tools),
//! or else the file that `FAKE_TOOL_SCRIPT` names, or else the arguments: one instruction a line, or an argument. See `perform` for the instructions.
//! In a script file `{-o}` is the argument that follows `-o`.

mod fake_guest;

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::exit;
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs, io, thread};

use camino::{Utf8Path, Utf8PathBuf};
use xtask::cancel::Cancel;
use xtask::progress::Silent;
use xtask::sys;

fn main() {
    let args: Vec<String> = env::args().collect();
    let script = script_file(&args[0]).map(|script| fs::read_to_string(script).expect("the script is readable"));
    let instructions = match &script {
        Some(script) => script.lines().map(|line| with_arguments(line, &args)).collect(),
        None => args[1..].to_vec(),
    };
    for instruction in instructions.iter().filter(|instruction| !instruction.is_empty()) {
        perform(instruction, &args).unwrap_or_else(|error| panic!("`{instruction}`: {error}"));
    }
}

#[expect(clippy::disallowed_methods, reason = "the test names the script in the environment")]
fn script_file(called: &str) -> Option<String> {
    let own = env::current_exe().ok()?.to_str()?.to_owned();
    let beside = [called, &own].map(|program| format!("{program}.script"));
    beside.into_iter().find(|script| fs::exists(script).unwrap_or(false)).or_else(|| env::var("FAKE_TOOL_SCRIPT").ok())
}

fn with_arguments(line: &str, args: &[String]) -> String {
    let after = args.iter().skip_while(|arg| *arg != "-o").nth(1);
    line.replace("{-o}", after.map_or("", String::as_str))
}

fn perform(instruction: &str, args: &[String]) -> io::Result<()> {
    let (verb, rest) = instruction.split_once(' ').unwrap_or((instruction, ""));
    let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
    match verb {
        // out TEXT, err TEXT: a line on a standard stream.
        "out" => writeln!(io::stdout(), "{rest}")?,
        "err" => writeln!(io::stderr(), "{rest}")?,
        // flood: lines without an end.
        "flood" => loop {
            io::stdout().write_all("more of the same\n".repeat(1000).as_bytes())?;
        },
        // exit STATUS
        "exit" => exit(first.parse().expect("a number")),
        // kill SIGNAL: itself.
        "kill" => signal_hook::low_level::raise(first.parse().expect("a number"))?,
        // ignore SIGNAL: from now on.
        "ignore" => drop(signal_hook::flag::register(first.parse().expect("a number"), Arc::default())?),
        // sleep SECONDS
        "sleep" => thread::sleep(Duration::from_secs(first.parse().expect("a number"))),
        // await FILE: until it exists.
        "await" => {
            while !fs::exists(first)? {
                thread::sleep(Duration::from_millis(5));
            }
        }
        // pid FILE: adds a line with its number.
        "pid" => append(first, &format!("{}\n", std::process::id()))?,
        // write FILE TEXT
        "write" => fs::write(first, format!("{second}\n"))?,
        // append FILE TEXT
        "append" => append(first, &format!("{second}\n"))?,
        // transcript FILE: adds a line of JSON with its arguments, directory and environment.
        "transcript" => {
            let environment: std::collections::BTreeMap<_, _> = env::vars().collect();
            let call =
                serde_json::json!({ "args": args, "directory": env::current_dir()?, "environment": environment });
            append(rest, &format!("{call}\n"))?;
        }
        // guest FILE: runs tests as the file says it.
        "guest" => fake_guest::play(first, args)?,
        // stdin: copies it to standard output.
        "stdin" => drop(io::copy(&mut io::stdin(), &mut io::stdout())?),
        // terminal: the same with the terminal, if there is one.
        "terminal" => drop(io::copy(&mut fs::File::open("/dev/tty")?, &mut io::stdout())?),
        // when ARGUMENT INSTRUCTION: if it was called with that argument.
        "when" if args.iter().any(|arg| arg == first) => perform(second, args)?,
        "when" => {}
        // spawn INSTRUCTION, INSTRUCTION…: a child of its own, which holds the standard streams and is not waited for.
        "spawn" => drop(again(rest).spawn()?),
        // stray INSTRUCTION, …: the same in a process group of its own.
        "stray" => drop(again(rest).process_group(0).spawn()?),
        // run LOG INSTRUCTION; …: a child through `sys::run`.
        "run" => {
            sys::run(&command(second), first.into(), None, &Cancel::default(), &Silent).expect("it succeeds");
        }
        // interactive INSTRUCTION; …: a child through `sys::interactive`, whose exit status becomes ours.
        "interactive" => {
            sys::signals::install(&Cancel::default())?;
            exit(sys::interactive(&command(rest)).expect("it starts"));
        }
        // cancellable FILE: from now on signals cancel; when one did, FILE is written.
        "cancellable" => {
            let cancel = Cancel::default();
            sys::signals::install(&cancel)?;
            let file = first.to_owned();
            thread::spawn(move || {
                while !cancel.is_cancelled() {
                    thread::sleep(Duration::from_millis(5));
                }
                fs::write(file, "cancelled\n")
            });
        }
        _ => panic!("no such instruction"),
    }
    Ok(())
}

fn append(file: &str, text: &str) -> io::Result<()> {
    fs::OpenOptions::new().create(true).append(true).open(file)?.write_all(text.as_bytes())
}

#[expect(clippy::disallowed_methods, reason = "not every child of a tool was started through `sys`")]
fn again(script: &str) -> std::process::Command {
    let mut command = std::process::Command::new(env::current_exe().expect("it has a path"));
    command.args(script.split(", "));
    command
}

fn command(script: &str) -> sys::Command {
    let program = Utf8PathBuf::from_path_buf(env::current_exe().expect("it has a path")).expect("it is UTF-8");
    sys::Command {
        program,
        args: script.split("; ").map(str::to_owned).collect(),
        directory: Utf8Path::new("/").to_owned(),
        environment: Default::default(),
        timeout: None,
    }
}
