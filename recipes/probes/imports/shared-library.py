"""Extension modules as shared libraries (dlopen)"""
import importlib.machinery
import importlib.util
import sys

print("suffixes:", importlib.machinery.EXTENSION_SUFFIXES)
# Modules of CPython's tests come first: few builds have them built in.
names = ["_testmultiphase", "_testimportmultiple", "xxlimited", *sorted(sys.stdlib_module_names)]
for name in names:
    spec = importlib.util.find_spec(name) if name not in sys.modules else None
    if spec and isinstance(spec.loader, importlib.machinery.ExtensionFileLoader):
        module = importlib.import_module(name)
        print(name, module.__file__)
        # Something of the library is used, not only found.
        print("yes" if len(vars(module)) > 5 else f"no: {name} is empty")
        break
else:
    print("no: the standard library has no shared library to load")
