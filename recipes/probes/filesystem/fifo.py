"""os.mkfifo(): a pipe with a name"""
import os
import stat

os.mkfifo("fifo")
assert stat.S_ISFIFO(os.stat("fifo").st_mode), "os.stat() reports another kind of file"
reading = os.open("fifo", os.O_RDONLY | os.O_NONBLOCK)
writing = os.open("fifo", os.O_WRONLY)
os.write(writing, b"word")
data = os.read(reading, 10)
print("read:", data)
print("yes" if data == b"word" else f"no: read {data}")
