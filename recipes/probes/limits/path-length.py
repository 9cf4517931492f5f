"""Paths of 3000 characters"""
import os

path = os.path.join(*["x" * 100] * 29, "file")
os.makedirs(os.path.dirname(path))
with open(path, "w") as file:
    file.write("word")
with open(path) as file:
    text = file.read()
print("length:", len(path), "read:", text)
print("yes" if text == "word" else f"no: read {text!r}")
