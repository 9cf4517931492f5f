"""Folders: make, list, walk and remove"""
import os
import shutil

os.makedirs("top/middle/bottom")
for path in ("top/a", "top/middle/b", "top/middle/bottom/c"):
    with open(path, "w"):
        pass
listed = sorted(os.listdir("top"))
kinds = {entry.name: entry.is_dir() for entry in os.scandir("top")}
walked = sorted(name for _, _, names in os.walk("top") for name in names)
print(listed, kinds, walked)
assert listed == ["a", "middle"] and kinds == {"a": False, "middle": True}, f"listed {listed}, folders {kinds}"
assert walked == ["a", "b", "c"], f"walked {walked}"
try:
    os.rmdir("top")
    print("no: a folder that is not empty was removed")
except OSError as error:
    print("rmdir of a full folder:", error)
    shutil.rmtree("top")
    print("yes" if not os.path.exists("top") else "no: rmtree left the folder")
