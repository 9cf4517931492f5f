"""Names that differ only in case are different files"""
import os

for name in ("name", "NAME"):
    with open(name, "w"):
        pass
print(os.listdir())
print("yes" if len(os.listdir()) == 2 else "no: they are the same file")
