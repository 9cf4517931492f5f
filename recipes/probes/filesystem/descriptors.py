"""os.dup() and os.dup2()"""
import os

with open("file", "w+b", buffering=0) as file:
    copy = os.dup(file.fileno())
    os.write(copy, b"word")
    # Both have the same position.
    position = os.lseek(file.fileno(), 0, os.SEEK_CUR)
    with open("other", "wb", buffering=0) as other:
        os.dup2(file.fileno(), other.fileno())
        other.write(b"s")
    os.close(copy)
with open("file", "rb") as file:
    data = file.read()
print("position:", position, "data:", data)
print("yes" if (position, data) == (4, b"words") else f"no: position {position}, data {data}")
