"""Bytecode is kept in __pycache__ and imported without its source"""
import importlib.util
import os
import py_compile
import sys

sys.path.insert(0, os.getcwd())
sys.dont_write_bytecode = False
for name, value in (("kept", 1), ("source", 2)):
    with open(f"{name}.py", "w") as file:
        file.write(f"VALUE = {value}\n")
kept = importlib.import_module("kept")
written = os.path.exists(importlib.util.cache_from_source(kept.__file__))
print("written at the import:", written)
py_compile.compile("source.py", "bare.pyc", doraise=True)
os.remove("source.py")
bare = importlib.import_module("bare")
assert bare.VALUE == 2, f"the module has the value {bare.VALUE}"
print("yes" if written else "partly: an import writes no bytecode")
