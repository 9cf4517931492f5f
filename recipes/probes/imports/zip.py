"""Import from a zip file"""
import importlib
import sys
import zipfile

failed = []
for name, method in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
    try:
        with zipfile.ZipFile(f"{name}.zip", "w", method) as archive:
            archive.writestr(f"{name}_module.py", "VALUE = 1\n" * 100)
        sys.path.insert(0, f"{name}.zip")
        module = importlib.import_module(f"{name}_module")
        print(name, module.__file__, module.VALUE)
    except (ImportError, RuntimeError) as error:
        print(f"{name}: {error}")
        failed.append(name)
print("no: both kinds fail" if len(failed) == 2 else f"partly: not {failed[0]} files" if failed else "yes")
