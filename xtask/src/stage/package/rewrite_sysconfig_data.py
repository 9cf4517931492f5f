"""Writes sysconfig's data anew with one path replaced: FROM TO OLD NEW. Run by the build Python.

The form is the one in which CPython's Lib/sysconfig writes it; only the values differ.
"""

import pprint
import sys

origin, destination, old, new = sys.argv[1:]

namespace = {}
with open(origin, encoding="utf-8") as file:
    exec(compile(file.read(), origin, "exec"), namespace)
variables = {
    name: value.replace(old, new) if isinstance(value, str) else value
    for name, value in namespace["build_time_vars"].items()
}
with open(destination, "w", encoding="utf-8") as file:
    file.write("# system configuration generated and used by the sysconfig module\n")
    file.write("build_time_vars = ")
    pprint.pprint(variables, stream=file)
