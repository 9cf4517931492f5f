"""Write a file, read it and remove it"""
import os

with open("file.txt", "w", encoding="utf-8") as file:
    file.write("größe\n")
with open("file.txt", "rb") as file:
    data = file.read()
print("data:", data)
assert data == "größe\n".encode(), f"read {data!r}"
with open("file.txt", "r+b") as file:
    file.seek(2)
    file.write(b"__")
    file.seek(-1, os.SEEK_END)
    assert file.read() == b"\n", "seek() to the end leads elsewhere"
assert os.stat("file.txt").st_size == len(data), "os.stat() gives another size"
os.remove("file.txt")
print("yes" if not os.path.exists("file.txt") else "no: the file is still there")
