"""mmap of a file: what is written in memory is in the file"""
import mmap

with open("file", "w+b") as file:
    file.write(bytes(8192))
    file.flush()
    with mmap.mmap(file.fileno(), 8192) as memory:
        memory[4096:4100] = b"word"
        memory.flush()
    file.seek(4096)
    data = file.read(4)
print("in the file:", data)
assert data == b"word", f"the file has {data!r}"
# Without a shared mapping, the memory is a copy.
with open("file", "r+b") as file, mmap.mmap(file.fileno(), 8192) as memory:
    file.seek(0)
    file.write(b"later")
    file.flush()
    seen = memory[:5]
print("in memory after the file was written:", seen)
print("yes" if seen == b"later" else "partly: memory does not follow the file")
