"""os.pipe(): write and read"""
import os

reading, writing = os.pipe()
os.write(writing, b"word")
os.close(writing)
assert os.read(reading, 10) == b"word", "read something else"
assert os.read(reading, 10) == b"", "no end after the other side was closed"
os.close(reading)
print("yes")
