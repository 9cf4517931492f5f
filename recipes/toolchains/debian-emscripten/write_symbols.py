"""Links programs, as a first test of the toolchain, and keeps what emcc tells the linker about Emscripten's JavaScript:
the functions that it has, without threads and with them. emcc finds that out anew for each link; the probes of `configure`
use these lists.

    write_symbols.py TOOLCHAIN NAME [ARGUMENT-OF-EMCC…]
"""
import os
import sys

root, name, *arguments = sys.argv[1:]
os.environ["EM_CONFIG"] = root + "/emscripten.config"
sys.path.insert(0, root + "/usr/share/emscripten")

from tools import building, utils

import emcc

create_stub_object = building.create_stub_object


def keep(symbols):
    path = create_stub_object(symbols)
    utils.write_file(f"{root}/libexec/{name}.so", utils.read_file(path))
    return path


building.create_stub_object = keep
utils.write_file("empty.c", "int main(void) { return 0; }\n")
sys.exit(emcc.main(["emcc", *arguments, "empty.c", "-o", "empty.js"]))
