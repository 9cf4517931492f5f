"""A file that was removed while it was open can still be read"""
import os

with open("file", "w+") as file:
    file.write("word")
    os.remove("file")
    assert not os.path.exists("file"), "the file is still there"
    file.seek(0)
    text = file.read()
    file.write("s")
    file.flush()
    size = os.fstat(file.fileno()).st_size
print("read:", text, "size:", size)
print("yes" if (text, size) == ("word", 5) else f"no: read {text!r}, size {size}")
