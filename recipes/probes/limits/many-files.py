"""A folder with 1000 files"""
import os

for number in range(1000):
    with open(f"file{number}", "w"):
        pass
count = len(os.listdir())
print("listed:", count, "by scandir:", sum(1 for _ in os.scandir()))
assert count == 1000, f"{count} of 1000 names are listed"
for name in os.listdir():
    os.remove(name)
print("yes" if not os.listdir() else f"no: {len(os.listdir())} files are left")
