"""st_ino and st_dev tell files apart"""
import os

for name in ("one", "two"):
    with open(name, "w"):
        pass
one, two = os.stat("one"), os.stat("two")
print("one:", one.st_dev, one.st_ino, "two:", two.st_dev, two.st_ino)
assert os.path.samefile("one", "./one"), "a file differs from itself"
listed = {entry.name: entry.inode() for entry in os.scandir()}
assert listed == {"one": one.st_ino, "two": two.st_ino}, "scandir() gives other numbers"
print("yes" if one.st_ino != two.st_ino else "no: two files have the same number")
