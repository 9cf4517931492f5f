"""Import a module and a package from files"""
import importlib
import os
import sys

os.makedirs("folder/package/inner")
for path, text in {
    "folder/plain.py": "VALUE = 1\n",
    "folder/package/__init__.py": "from .inner import VALUE\n",
    "folder/package/inner/__init__.py": "VALUE = 2\n",
}.items():
    with open(path, "w") as file:
        file.write(text)
sys.path.insert(0, os.path.abspath("folder"))
plain, package = importlib.import_module("plain"), importlib.import_module("package")
print(plain.__file__, package.__path__)
print("yes" if (plain.VALUE, package.VALUE) == (1, 2) else "no: the modules have other values")
