"""mmap: memory without a file"""
import mmap

with mmap.mmap(-1, 8192) as memory:
    memory[5000:5004] = b"word"
    found = memory.find(b"word")
    memory.move(0, 5000, 4)
    start = memory[:4]
print("page size:", mmap.PAGESIZE, "found at", found, start)
print("yes" if (found, start) == (5000, b"word") else f"no: found at {found}, moved {start}")
