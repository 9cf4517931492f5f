//! `ci build` and `ci variants`: builds Pythons and uses each as its users do.

mod compile;
mod node_cache;
mod packages;
mod runners;
mod uses;

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::call::Call;
use crate::context::Context;
use crate::matrix::{Target, Use};

/// Builds what the matrix lists, or what of it is named.
pub fn run(context: &Context, host: Option<&str>, python: Option<&str>) -> Result<()> {
    let wanted = |target: &&Target| {
        host.is_none_or(|host| target.host == host) && python.is_none_or(|python| target.python == python)
    };
    let targets: Vec<&Target> = context.matrix.build.iter().filter(wanted).collect();
    if targets.is_empty() {
        bail!("ci/matrix.toml lists no such build\nhint: {}", list(&context.matrix.build));
    }
    targets.into_iter().try_for_each(|target| build_and_use(context, target))
}

/// Builds variants: all, or those that are named.
pub fn run_variants(context: &Context, hosts: &[String]) -> Result<()> {
    if let Some(host) = hosts.iter().find(|host| context.matrix.variant.iter().all(|variant| variant.host != **host)) {
        bail!("ci/matrix.toml lists no variant `{host}`\nhint: {}", list(&context.matrix.variant));
    }
    let wanted = |variant: &&Target| hosts.is_empty() || hosts.contains(&variant.host);
    context.matrix.variant.iter().filter(wanted).try_for_each(|variant| build_and_use(context, variant))
}

fn list(targets: &[Target]) -> String {
    let names: Vec<String> = targets.iter().map(|target| format!("{} {}", target.host, target.python)).collect();
    format!("it lists {}", names.join(", "))
}

/// A Python that was built.
struct Built<'a> {
    context: &'a Context,
    target: &'a Target,
    package: Utf8PathBuf,
    /// Elsewhere: programs of users, and a link to the launcher.
    folder: Utf8PathBuf,
}

impl<'a> Built<'a> {
    /// The name of a check.
    fn what(&self, check: &str) -> String {
        format!("{} {}: {check}", self.target.host, self.target.python)
    }

    /// The launcher with `-c CODE`.
    fn python(&self, code: &str) -> Call<'a> {
        self.context.call(self.context.shell.cmd(self.launcher()).args(["-c", code]))
    }

    fn launcher(&self) -> Utf8PathBuf {
        self.package.join("bin").join(format!("python{}", self.target.minor()))
    }

    /// `cargo xtask VERB HOST --python PYTHON …`.
    fn xtask(&self, verb: &str, arguments: &[&str]) -> Call<'a> {
        let target = [verb, &self.target.host, "--python", &self.target.python];
        self.context.xtask(target.iter().chain(arguments))
    }

    /// What `cargo xtask path` says.
    fn path(&self, place: &str) -> Result<Utf8PathBuf> {
        Ok(self.xtask("path", &[place]).succeed()?.into())
    }
}

fn build_and_use(context: &Context, target: &Target) -> Result<()> {
    let folder = context.folder("elsewhere")?;
    let mut built = Built { context, target, package: Utf8PathBuf::new(), folder };
    built.package = built.xtask("build", &[]).succeed()?.into();
    if !Utf8Path::new(&built.package).is_dir() {
        bail!("`cargo xtask build` printed `{}` instead of the package's folder", built.package);
    }
    let modules: String = target.imports.iter().map(|module| format!(", {module}")).collect();
    let code = format!("import sys, os, platform{modules}; print(sys.platform, os.name, platform.machine())");
    built.xtask("run", &["--", "-c", &code]).expect(built.what("run"), &target.system)?;
    for what in &target.uses {
        match what {
            Use::Launcher => uses::launcher(&built)?,
            Use::Embed => compile::embed(&built)?,
            Use::Packages => packages::run(&built)?,
            Use::Extension => compile::extension(&built)?,
            Use::Doctor => uses::doctor(&built)?,
            Use::Machine => uses::machine(&built)?,
            Use::FullPipe => uses::full_pipe(&built)?,
            Use::NodeTrap => uses::node_trap(&built)?,
            Use::NodeCache => node_cache::run(&built)?,
            Use::Runners => runners::run(&built)?,
            Use::Browser => uses::browser(&built)?,
            Use::ConfigureCache => uses::configure_cache(&built)?,
            Use::Threads => uses::threads(&built)?,
        }
    }
    built.xtask("build", &["--offline"]).expect(built.what("a second build does nothing"), built.package.as_str())
}
