//! `ci kills`: kills real builds at random moments, and lets plain re-runs repair what is left.
//!
//! Each time a build ends between two kills, its package is compared with the first one, and everything starts again.

use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use xtask::sys::fs::remove_tree;

use crate::call::{Call, signal};
use crate::context::Context;
use crate::tree::Tree;

/// Downloads come from the store, so that this needs no network.
pub fn run(context: &Context, kills: u32, seed: u64) -> Result<()> {
    let scratch = context.folder("kills")?;
    let killed_builds =
        Builds { context, xtask: context.xtask_program()?, store: scratch.join("store"), dist: scratch.join("dist") };
    let mut random = Random(seed);
    killed_builds.begin_anew()?;
    let reference = killed_builds.package()?;
    eprintln!("the package of an undisturbed build: {}", reference.hash());
    let compare = |killed: u32| -> Result<()> {
        let found = killed_builds.package()?;
        if found != reference {
            bail!("after {killed} kills the package is different\n{}", reference.differences(&found));
        }
        Ok(())
    };

    let (mut killed, mut finished) = (0, 0);
    killed_builds.begin_anew()?;
    while killed < kills {
        // Mostly short waits, some long enough for the longest stage.
        let longest = if random.below(4) == 0 { 120_000 } else { 12_000 };
        let delay = Duration::from_millis(random.below(longest));
        let log = scratch.join("build.log");
        match killed_builds.kill_after(delay, &log)? {
            Some(0) => {
                compare(killed)?;
                finished += 1;
                killed_builds.begin_anew()?;
            }
            Some(code) => {
                bail!("after {killed} kills a build failed with exit code {code}\n{}", fs_err::read_to_string(log)?)
            }
            None => {
                killed += 1;
                killed_builds.expect_nothing_running(killed)?;
                let results = killed_builds.store.join("results").read_dir_utf8()?.count();
                context
                    .checks
                    .pass(format!("kill {killed} after {:.1} s: {results} results are there", delay.as_secs_f64()));
            }
        }
    }
    compare(killed)?;
    context.checks.pass(format!("{killed} kills, {} builds finished, all with the same package", finished + 1));
    Ok(())
}

struct Builds<'a> {
    context: &'a Context,
    xtask: Utf8PathBuf,
    store: Utf8PathBuf,
    dist: Utf8PathBuf,
}

impl<'a> Builds<'a> {
    fn begin_anew(&self) -> Result<()> {
        remove_tree(&self.store)?;
        remove_tree(&self.dist)?;
        self.context.copy_inputs(&self.store)
    }

    fn build(&self) -> Call<'a> {
        let command = self.context.shell.cmd(&self.xtask).args(["build", "wasi", "--offline", "--quiet"]);
        self.context.call(command).env("XTASK_STORE", &self.store).env("XTASK_DIST", &self.dist)
    }

    fn package(&self) -> Result<Tree> {
        Tree::read(Utf8Path::new(&self.build().succeed()?))
    }

    /// The exit code of a build that ended before the time was over; `None` for one that was killed.
    fn kill_after(&self, delay: Duration, log: &Utf8Path) -> Result<Option<i32>> {
        let (mut child, _) = self.build().log_to(log)?.spawn()?;
        let end = Instant::now() + delay;
        while Instant::now() < end {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status.code().unwrap_or(-1)));
            }
            if self.context.cancel.is_cancelled() {
                signal(&child, "TERM");
                child.wait()?;
                self.context.cancel.check()?;
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(kill(&mut child)?)
    }

    /// No process may work in the store once the kernel has had time to end them.
    fn expect_nothing_running(&self, killed: u32) -> Result<()> {
        for _ in 0..10 {
            if self.working_in_store().is_empty() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(500));
        }
        bail!("still running after kill {killed}:\n  {}", self.working_in_store().join("\n  "))
    }

    fn working_in_store(&self) -> Vec<String> {
        let processes = Utf8Path::new("/proc").read_dir_utf8().into_iter().flatten().flatten();
        let folders = processes.filter_map(|entry| {
            // Most are not ours to look at, and any can end at this moment.
            let folder = entry.path().join("cwd").read_link_utf8().ok()?;
            folder.starts_with(&self.store).then(|| format!("{} in {folder}", entry.path()))
        });
        folders.collect()
    }
}

fn kill(child: &mut Child) -> std::io::Result<Option<i32>> {
    // It can have ended meanwhile.
    child.kill()?;
    Ok(child.wait()?.code())
}

/// Numbers that depend on the seed alone (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
