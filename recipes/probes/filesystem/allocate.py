"""os.posix_fallocate(): reserve space"""
import os

with open("file", "wb") as file:
    os.posix_fallocate(file.fileno(), 0, 100_000)
size = os.stat("file").st_size
print("size:", size)
print("yes" if size == 100_000 else f"no: the size is {size}")
