"""Nested data: repr, json, pickle, copy and comparison end in RecursionError"""
import copy
import json
import pickle

nested = []
other = []
for _ in range(100_000):
    nested = [nested]
    other = [other]
for name, use in {
    "repr": lambda: repr(nested),
    "json.dumps": lambda: json.dumps(nested),
    "json.loads": lambda: json.loads("[" * 100_000),
    "pickle": lambda: pickle.dumps(nested),
    "copy": lambda: copy.deepcopy(nested),
    "==": lambda: nested == other,
}.items():
    print(name, flush=True)
    try:
        use()
        print("no error")
    except (RecursionError, MemoryError, ValueError) as error:
        print(f"{type(error).__name__}: {error}")
print("yes")
