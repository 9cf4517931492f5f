"""All modules of the standard library can be imported"""
import contextlib
import importlib
import io
import sys
import warnings

# Of other platforms than POSIX, and two that do something at the import.
LEFT_OUT = {"_msi", "_osx_support", "_overlapped", "_scproxy", "_winapi", "_wmi", "msilib", "msvcrt", "nt", "winreg", "winsound"}
LEFT_OUT |= {"antigravity", "this"}
warnings.simplefilter("ignore")
names = sorted(sys.stdlib_module_names - LEFT_OUT)
failed = []
for name in names:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            importlib.import_module(name)
    except ImportError as error:
        print(f"{name}: {error}")
        # A private module has a public one that fails too, or is replaced.
        if not name.startswith("_"):
            failed.append(name)
print(f"{len(names)} modules")
print("yes" if not failed else f"partly: not {', '.join(failed)}")
