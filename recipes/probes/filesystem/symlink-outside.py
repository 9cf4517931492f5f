"""Symbolic links to /, upwards and in a circle can be examined, copied and removed"""
import os
import pathlib
import shutil

os.mkdir("tree")
targets = {"absolute": "/", "up": "../../../..", "circle": "circle", "nowhere": "nothing"}
for name, target in targets.items():
    os.symlink(target, f"tree/{name}")
for name in targets:
    print(name, "->", os.readlink(f"tree/{name}"), "exists:", pathlib.Path("tree", name).exists())
shutil.copytree("tree", "copy", symlinks=True)
assert {name: os.readlink(f"copy/{name}") for name in os.listdir("copy")} == targets, "the copies lead elsewhere"
shutil.rmtree("tree")
print("yes" if not os.path.lexists("tree") else "no: rmtree left the folder")
