"""sys.stdin.buffer: bytes are not changed"""
import sys

data = sys.stdin.buffer.read()
print("read:", data)
print("yes" if data == b"one\r\n\ttwo\x00three\n" else f"no: read {data}")
