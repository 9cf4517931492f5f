//! A sandbox with a host whose toolchain is made of packages, our own files and patches, that has a library, and whose Python runs in Node.js.

use std::os::unix::fs::PermissionsExt as _;

use xtask::sys::machine::build_machine;

use super::archives;
use super::sandbox::Sandbox;

/// Answers the question of the stage `check` for the package that it is called with.
const NODE: &str = r#"#!/bin/sh
case $1 in --version) echo v20.1.0; exit ;; esac
scribe node "$@" || exit
package=${2%/*}
cat <<END
{
    "version": "3.13.1", "platform": "emscripten", "machine": "wasm32", "os": "posix",
    "builtin": ["_io", "builtins", "sys"], "shared": [], "threads": false, "modules_in": "$package/lib/python3.13", "bytecode": true
}
END
"#;

const PATCH: &str = "Description: Open the pod bay doors\n The crew waits outside.\nOrigin: vendor\nForwarded: no\n\
                     Last-Update: 2026-11-21\n---\ndiff --git a/doors.js b/doors.js\n--- a/doors.js\n+++ b/doors.js\n\
                     @@ -1 +1 @@\n-closed\n+open\n";

fn toolchain() -> String {
    format!(
        r#"
        schema = 1
        description = "packages that are not a toolchain yet"
        license = "MIT"
        [[version]]
        version = "3"
        triples = ["wasm32-unknown-emscripten"]
        sysroot = "usr/share/system"
        configure-programs = "probe"
        build-machine-programs = {{ node = "nodejs" }}
        [[version.debian]]
        build-machine = "{machine}"
        package = [
            {{ name = "tools", version = "3-1", architecture = "all", suite = "moon" }},
            {{ name = "libc", version = "9", architecture = "all", suite = "moon", below = "newer" }},
        ]
        exclude = {{ "usr/share/doc" = "nobody reads it" }}
        launchers = [
            {{ directory = "usr/bin", programs = ["clang"], library-path = ["usr/lib"] }},
            {{ into = "libexec/deep", directory = "usr/bin", programs = ["inner"], library-path = ["newer/lib"], loader = "newer/loader" }},
        ]
        link = [{{ path = "usr/share/js/acorn", target = "../acorn" }}]
        file = [
            {{ from = "emcc", path = "bin/emcc", executable = true }},
            {{ from = "probe-emcc", path = "probe/emcc", executable = true }},
        ]
        patched = {{ series = "tools/3", folder = "usr/share/js" }}
        finish = [["libexec/deep/inner", "finish", "{{toolchain}}"]]
        "#,
        machine = build_machine()
    )
}

const HOST: &str = r#"
    schema = 1
    description = "a host that Node.js is"
    family = "emscripten-node"
    program-files = ["python.js"]
    toolchain = { candidates = ["tools"] }
    standard-library = { exclude = { tkinter = "no Tk" } }
    [configure]
    arguments = ["--prefix=/usr/local"]
    environment = { CC = "emcc", AR = "{toolchain}/bin/llvm-ar" }
"#;

const LIBRARY: &str = r#"
    schema = 1
    description = "a library of one header"
    version = "1"
    license = "MIT"
    configure-environment = { Z_CFLAGS = "-I{libraries}/include" }
    source = [
        { file = "unavailable.tar.gz", urls = ["http://127.0.0.1:1/unavailable.tar.gz"] },
        { file = "z-1.tar.gz", urls = ["http://127.0.0.1:1/z-1.tar.gz"] },
    ]
    [build]
    environment = { PREFIX = "{prefix}" }
    commands = [["mkdir", "{prefix}/include"], ["cp", "Lib/os.py", "{prefix}/include/z.h"], ["emcc", "-c", "z.c"]]
"#;

/// A sandbox that has such a host besides `wasi`.
pub fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let wasi = sandbox.read("recipes/hosts/wasi/3.13.toml");
    let minor = wasi[..wasi.find("[wasm]").unwrap()]
        .replace("wasm32-wasip1", "wasm32-unknown-emscripten")
        .replace("wasi-sdk = \"24\"", "tools = \"3\"")
        .replace("stack-size = 16777216", "stack-size = 67108864\nminimum-node = 20");
    for (file, text) in [
        ("recipes/hosts/emscripten-node.toml", HOST),
        ("recipes/hosts/emscripten-node/3.13.toml", &minor),
        ("recipes/toolchains/tools.toml", &toolchain()),
        ("recipes/toolchains/tools/emcc", "#!/bin/sh\nexec scribe emcc \"$@\"\n"),
        ("recipes/toolchains/tools/probe-emcc", "#!/bin/sh\nexec scribe probe-emcc \"$@\"\n"),
        ("recipes/libraries/z.toml", LIBRARY),
        ("recipes/modules.toml", "schema = 1\nbuiltin = []\nlibrary.z = [\"emscripten-node\"]\n"),
        ("patches/tools/3/series", "doors-let-him-in.patch\n"),
        ("patches/tools/3/doors-let-him-in.patch", PATCH),
    ] {
        sandbox.write(file, text);
    }
    let script = |name: &str| format!("#!/bin/sh\nscribe {name} \"$@\"\n");
    let tools = archives::deb(&[
        ("usr/bin/clang", &script("clang")),
        ("usr/bin/inner", &script("inner")),
        ("usr/share/acorn/acorn.js", "acorn\n"),
        ("usr/share/js/doors.js", "closed\n"),
        ("usr/share/doc/tools/README", "at length\n"),
    ]);
    sandbox.add_input("tools_3-1_all.deb", &tools);
    let loader = "#!/bin/sh\nscribe loader \"$1\" \"$2\" && shift 2 && exec \"$@\"\n";
    sandbox.add_input("libc_9_all.deb", &archives::deb(&[("loader", loader)]));
    sandbox.add_input("z-1.tar.gz", &archives::source(b""));
    sandbox.add_input("unavailable.tar.gz", b"");
    fs_err::remove_file(sandbox.path("mirror/unavailable.tar.gz")).unwrap();
    let node = sandbox.path("programs/node");
    fs_err::write(&node, NODE).unwrap();
    fs_err::set_permissions(&node, std::fs::Permissions::from_mode(0o755)).unwrap();
    sandbox
}
