"""shutil: copy files and trees, with times and modes"""
import os
import shutil

os.makedirs("tree/inner")
with open("tree/inner/file", "w") as file:
    file.write("word" * 10_000)
os.chmod("tree/inner/file", 0o640)
os.utime("tree/inner/file", (1_600_000_000, 1_600_000_000))
shutil.copytree("tree", "copy")
before, after = os.stat("tree/inner/file"), os.stat("copy/inner/file")
print(f"size {after.st_size}, time {after.st_mtime}, mode {after.st_mode:o}")
assert after.st_size == 40_000, f"the copy has {after.st_size} of 40000 bytes"
assert int(after.st_mtime) == 1_600_000_000, f"the copy has the time {after.st_mtime}"
print("yes" if after.st_mode == before.st_mode else "partly: the copy has another mode")
