"""os.devnull: reads as empty, swallows what is written"""
import os

print(os.devnull)
with open(os.devnull, "wb", buffering=0) as file:
    written = file.write(b"word")
with open(os.devnull, "rb") as file:
    data = file.read()
print("yes" if (written, data) == (4, b"") else f"no: wrote {written} bytes, read {data!r}")
