//! `ci reproducible`: builds twice, as differently as possible, and compares the packages.

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::context::Context;
use crate::tree::Tree;

/// A second environment: other times and locale, and variables that would break a build that uses them.
const POISON: [(&str, &str); 9] = [
    ("TZ", "Pacific/Chatham"),
    ("LC_ALL", "C.UTF-8"),
    ("CFLAGS", "-O0"),
    ("CC", "false"),
    ("CPPFLAGS", "-Dint=long"),
    ("PYTHONPATH", "/nowhere"),
    ("PYTHONHOME", "/nowhere"),
    ("CONFIG_SITE", "/nowhere"),
    ("PKG_CONFIG_PATH", "/nowhere"),
];

/// The downloads come from the store, so this needs no network.
pub fn run(context: &Context, python: Option<&str>, profile: &str) -> Result<()> {
    let scratch = context.folder("reproducible")?;
    // Compiled before the environment is poisoned.
    let xtask = context.xtask_program()?;
    let build = |folder: &str, umask: &str, jobs: &str, environment: &[(&str, &str)]| -> Result<Utf8PathBuf> {
        let folder = scratch.join(folder);
        let with_umask = format!("umask {umask}; exec \"$@\"");
        let run = |arguments: &[&str]| {
            let call = context.call(context.shell.cmd("sh").args(["-c", &with_umask, "sh"]).args(arguments));
            let call = call.env("XTASK_STORE", folder.join("store")).env("XTASK_DIST", folder.join("dist"));
            environment.iter().fold(call, |call, (name, value)| call.env(name, value)).succeed()
        };
        run(&["mkdir", "-p", folder.join("store").as_str()])?;
        context.copy_inputs(&folder.join("store"))?;
        let mut words =
            vec![xtask.as_str(), "build", "wasi", "--profile", profile, "--offline", "--quiet", "--jobs", jobs];
        words.extend(python.into_iter().flat_map(|python| ["--python", python]));
        let package = run(&words)?;
        Ok(package.into())
    };
    let one = build("one", "022", "1", &[("TZ", "UTC"), ("LC_ALL", "C")])?;
    let two = build("ein-anderer-größerer-ordner", "077", "3", &POISON)?;
    compare(&one, &two)?;
    context.checks.pass(format!("{} {profile}: {} twice", python.unwrap_or("default minor"), Tree::read(&one)?.hash()));
    Ok(())
}

fn compare(one: &Utf8Path, two: &Utf8Path) -> Result<()> {
    let (first, second) = (Tree::read(one)?, Tree::read(two)?);
    if first != second {
        bail!("the packages differ\n{}\n{one}\n{two}", first.differences(&second));
    }
    Ok(())
}
