"""Run by the new Python: says who it is, after using a little of everything that a broken build breaks."""

import dataclasses, datetime, decimal, importlib, json, os, platform, re, struct, sys, sysconfig, threading, time


def endless(_):
    return sorted([1], key=endless)


assert json.loads(json.dumps({"a": [1, 2.5, None]})) == {"a": [1, 2.5, None]}
assert re.fullmatch(r"(\w+)-(\d+)", "wasm-32").groups() == ("wasm", "32")
assert decimal.Decimal("0.1") + decimal.Decimal("0.2") == decimal.Decimal("0.3")
assert struct.calcsize("P") == 4 and time.time() > 0 and sysconfig.get_config_var("prefix")
assert datetime.date(2000, 2, 29).isoformat() == "2000-02-29"
try:
    # Through C code and back each time: a stack that is too small traps before the limit is reached.
    endless(0)
except RecursionError:
    pass
# Extension modules that are files, each of which loads and says what it is.
library = os.path.dirname(os.__file__)
suffix = sysconfig.get_config_var("EXT_SUFFIX") or ".so"
shared = sorted(name.removesuffix(suffix) for name in os.listdir(library + "/lib-dynload") if name.endswith(suffix))
for name in shared:
    module = importlib.import_module(name)
    assert module.__name__ == name and module.__file__ == f"{library}/lib-dynload/{name}{suffix}", module
started = []
try:
    thread = threading.Thread(target=started.append, args=(True,))
    thread.start()
    thread.join()
except RuntimeError:
    pass
print(json.dumps({
    "version": platform.python_version(), "platform": sys.platform, "machine": platform.machine(), "os": os.name,
    "builtin": sorted(sys.builtin_module_names), "shared": shared, "threads": bool(started), "modules_in": library,
    "bytecode": sys.modules["json"].__cached__ is not None and os.path.exists(sys.modules["json"].__cached__),
}))
