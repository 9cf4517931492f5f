"""Puts the bytecode below a folder's `lib/` into one archive, each module's where Python looks for it if there is no source.

Run by the build Python. The same bytes for the same bytecode: names in order, and no times.
"""

import os
import sys
import zipfile

root, bundle = sys.argv[1:]
modules = []
for folder, folders, files in os.walk(os.path.join(root, "lib")):
    # The build's makefile and setup files are for those who compile extension modules.
    folders[:] = sorted(name for name in folders if not name.startswith("config-"))
    if os.path.basename(folder) != "__pycache__":
        continue
    for name in files:
        module, _, _ = name.partition(".")
        below = os.path.relpath(os.path.dirname(folder), root)
        modules.append((f"{below}/{module}.pyc", os.path.join(folder, name)))

library = os.path.commonpath([path for path, _ in modules])
with zipfile.ZipFile(bundle, "w", zipfile.ZIP_STORED) as archive:
    # CPython warns at each start if this folder is not there.
    archive.writestr(zipfile.ZipInfo(f"{library}/lib-dynload/"), b"")
    for path, file in sorted(modules):
        with open(file, "rb") as bytecode:
            archive.writestr(zipfile.ZipInfo(path), bytecode.read())
