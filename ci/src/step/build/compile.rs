//! C that users compile against a package: a program with a Python inside, and an extension module.

use anyhow::Result;
use camino::Utf8Path;

use super::Built;

/// What `pkg-config` says of a package. Its files find the package themselves.
fn pkg_config(built: &Built, arguments: &[&str]) -> Result<Vec<String>> {
    let call = built.context.call(built.context.shell.cmd("pkg-config").args(arguments));
    let flags = call.env("PKG_CONFIG_LIBDIR", built.package.join("lib/pkgconfig")).succeed()?;
    Ok(flags.split_whitespace().map(str::to_owned).collect())
}

fn fixture(built: &Built, name: &str) -> String {
    built.context.checkout.join("ci/fixtures").join(name).into_string()
}

/// Compiles, links and runs a program with the package's libpython.
pub(super) fn embed(built: &Built) -> Result<()> {
    let toolchain = built.path("toolchain")?;
    let runner = built.context.host_runner(&built.target.host, Some(&built.target.python))?;
    let package = &built.package;
    let facts: serde_json::Value = serde_json::from_slice(&fs_err::read(package.join("PYTHON.json"))?)?;
    let triple = facts["triple"].as_str().unwrap_or_default();
    let flags = pkg_config(built, &["--cflags", "--libs", &format!("python-{}-embed", built.target.minor())])?;
    let program = built.folder.join("embed.wasm");
    let clang = built.context.shell.cmd(toolchain.join("bin/clang"));
    let clang = clang.arg(format!("--target={triple}")).arg(format!("--sysroot={toolchain}/usr"));
    let emulated = ["SIGNAL", "GETPID", "PROCESS_CLOCKS"].map(|name| format!("-D_WASI_EMULATED_{name}"));
    let clang = clang.args(emulated).arg("-Wl,-z,stack-size=1048576");
    let clang = clang.args(["-o", program.as_str(), &fixture(built, "embed.c")]).args(flags);
    built.context.call(clang).succeed()?;
    let run = built.context.shell.cmd(runner).args(["run", "--dir", &format!("{package}::/usr/local::ro")]);
    built.context.call(run.arg(program)).expect(built.what("a program that embeds it"), r#"{"embedded": "wasi"}"#)
}

/// The module that was compiled, and some of CPython's own: of the standard library, and for its tests.
const USE_EXTENSION: &str = r#"
import extension, sys
print(extension.twice("ab"), extension.twice(2**70), extension.apply(lambda x: x + 1, 41), extension.compiled_for == sys.version.split()[0])
try:
    extension.apply(lambda x: 1 / x, 0)
except ZeroDivisionError as error:
    print(error)
import _codecs_jp, _testmultiphase
print("蛇".encode("euc_jp"), _testmultiphase.foo(1, 2), _codecs_jp.__file__.rsplit("/", 1)[-1].split(".")[0])
"#;

const SAID_BY_EXTENSION: &str = r"abab 2361183241434822606848 42 True
division by zero
b'\xbc\xd8' 3 _codecs_jp";

/// Compiles an extension module, and loads it.
pub(super) fn extension(built: &Built) -> Result<()> {
    let emcc = built.path("toolchain")?.join("bin/emcc");
    // The package's flags for its extension modules work for other modules, too.
    let suffix = built.python("import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))").succeed()?;
    let flags = pkg_config(built, &["--cflags", &format!("python-{}", built.target.minor())])?;
    let folder = Utf8Path::new(&built.folder);
    let module = folder.join(format!("extension{suffix}"));
    let emcc = built.context.shell.cmd(emcc).args(["-O2", "-fPIC", "-shared", "-sSIDE_MODULE=1", "-sWASM_BIGINT"]);
    let emcc = emcc.args(flags).args(["-o", module.as_str(), &fixture(built, "extension.c")]);
    built.context.call(emcc).succeed()?;
    let call = built.python(USE_EXTENSION).dir(folder).env("PYTHONPATH", ".");
    call.expect(built.what("an extension module"), SAID_BY_EXTENSION)
}
