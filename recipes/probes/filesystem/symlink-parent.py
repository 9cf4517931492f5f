"""link/.. is the folder above the target of the link"""
import os

os.makedirs("deep/er")
os.mkdir("here")
os.symlink("../deep/er", "here/link")
for folder in ("deep", "here"):
    with open(f"{folder}/name", "w") as file:
        file.write(folder)
with open("here/link/../name") as file:
    opened = file.read()
print("here/link/../name is in", opened)
assert opened == "deep", f"it is {opened}/name"
print("yes" if os.path.samefile("here/link/..", "deep") else "no: os.stat() gives another folder")
