"""os.fsync(), os.fdatasync() and os.sync()"""
import os

with open("file", "wb") as file:
    file.write(b"word")
    file.flush()
    os.fsync(file.fileno())
    os.fdatasync(file.fileno())
folder = os.open(".", os.O_RDONLY)
os.fsync(folder)
os.close(folder)
if not hasattr(os, "sync"):
    print("partly: no os.sync()")
else:
    print("yes")
