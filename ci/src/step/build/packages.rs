//! Packages of PyPI that `run --with` installs.

use std::collections::BTreeMap;

use anyhow::Result;
use xtask::packages::Index;
use xtask::packages::target::INDEX;

use super::Built;

/// Uses one package, and asks another for the values of all environment markers.
const PROGRAM: &str = r#"
import json, rich
from packaging.markers import default_environment
rich.print("[bold]hi[/]")
print(json.dumps(default_environment()))
"#;

/// Packages are installed, also without the network the second time, and the markers that pip gets are those of the host.
pub(super) fn run(built: &Built) -> Result<()> {
    let with = ["--with", "rich", "--with", "packaging", "--", "-c", PROGRAM];
    let said = built.xtask("run", &with).succeed()?;
    let (hi, markers) = said.split_once('\n').unwrap_or((&said, "{}"));
    built.context.checks.expect(built.what("a package of PyPI"), "hi", hi, "run --with rich")?;
    let markers: BTreeMap<String, String> = serde_json::from_str(markers)?;
    let python = markers.get("python_full_version").map(String::as_str).unwrap_or_default().parse()?;
    let text = fs_err::read_to_string(built.context.checkout.join(INDEX))?;
    let index = Index::parse(&[(INDEX.to_owned(), text)].into())?;
    let target = index.target(&markers["sys_platform"], python).map_err(anyhow::Error::msg)?;
    let is = serde_json::to_string(&markers)?;
    built.context.checks.expect(built.what("environment markers"), target.markers(), is, INDEX)?;
    let offline = [&["--offline"][..], &with].concat();
    built.xtask("run", &offline).expect(built.what("a package of PyPI, offline"), said.trim_end())
}
