"""Truncate and extend a file"""
import os

with open("file", "w+b") as file:
    file.write(b"0123456789")
    file.truncate(4)
    file.seek(0)
    assert file.read() == b"0123", "the file was not truncated"
    file.truncate(8)
    file.seek(0)
    data = file.read()
os.truncate("file", 2)
print("extended:", data, "size at the end:", os.stat("file").st_size)
assert data == b"0123\0\0\0\0", f"the extended file has {data!r}"
print("yes" if os.stat("file").st_size == 2 else "no: os.truncate() left the size")
