"""Symbolic links: make, read, follow, list"""
import os

with open("target", "w") as file:
    file.write("word")
os.symlink("target", "link")
os.symlink("nowhere", "dangling")
assert os.readlink("link") == "target", os.readlink("link")
with open("link") as file:
    assert file.read() == "word", "the link leads to other contents"
assert os.path.islink("link") and not os.path.islink("target"), "islink() is wrong"
assert os.lstat("link").st_size == len("target"), f"lstat gives the size {os.lstat('link').st_size}"
assert os.path.lexists("dangling") and not os.path.exists("dangling"), "exists() is wrong for a link that leads nowhere"
assert {entry.name for entry in os.scandir() if entry.is_symlink()} == {"link", "dangling"}, "scandir() does not know the links"
os.remove("link")
assert os.path.exists("target"), "the target was removed with the link"
print("yes")
